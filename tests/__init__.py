import os

# gRPC's fork handlers break programs that a test starts while it has a channel open.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
