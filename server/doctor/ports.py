"""The ports of the settings: free, ours, or somebody else's."""

import psutil

from server import ports
from server.doctor.finding import Finding, ok, problem
from server.errors import OtelgresError
from server.settings import Settings, variable

FIELDS = ("port", "otlp_grpc_port", "otlp_http_port")


def claims(settings: Settings) -> list[Finding]:
    return [_claim(settings.host, variable(field), getattr(settings, field)) for field in FIELDS]


def _claim(host: str, setting: str, port: int) -> Finding:
    holder = ports.holder_of(port)
    if holder is not None:
        return ok(f"port {port} is served by Otelgres (pid {holder})")
    try:
        is_free = ports.is_free(host, setting, port)
    except OtelgresError as error:
        return problem(str(error), f"choose another by {setting}; below 1024 a program needs the right to")
    except OSError as error:
        return problem(f"OTELGRES_HOST={host} is no address of this machine: {error.strerror}", "correct OTELGRES_HOST")
    if is_free:
        return ok(f"port {port} is free")
    return problem(f"port {port} is in use by {_listener(port)}", f"stop it, or choose another by {setting}")


def _listener(port: int) -> str:
    """Who listens, as far as this user may know."""
    try:
        pids = [
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid
        ]
        return f"{psutil.Process(pids[0]).name()} (pid {pids[0]})" if pids else "another user's program"
    except psutil.Error:
        return "another program"
