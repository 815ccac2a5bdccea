"""What `otelgres serve` says when it is ready."""

from collections.abc import Mapping

from server.masking import mask_dsn
from server.process_roles import Role
from server.settings import Settings


def banner(settings: Settings, role: Role, dsn: str, missing: Mapping[str, str]) -> str:
    """A few lines: where the pages are, where to send, where the data is, how to stop; and what is missing, by whom."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "http" if settings.tls_cert is None else "https"
    lines = ["", "  Otelgres is ready."]
    if role.runs_api:
        lines.append(f"  pages      {scheme}://{host}:{settings.port}/")
        lines.append(f"  API        {scheme}://{host}:{settings.port}/api/docs")
    if role.runs_receivers:
        lines.append(f"  OTLP/gRPC  {scheme}://{host}:{settings.otlp_grpc_port}")
        lines.append(f"  OTLP/HTTP  {scheme}://{host}:{settings.otlp_http_port}")
    if settings.dsn is None:
        lines.append(f"  data       {settings.data_dir}")
    lines.append(f"  database   {mask_dsn(dsn)}")
    lines += [f"  {who:<10} {hint}" for who, hint in missing.items()]
    lines.append("  stop       Ctrl-C")
    return "\n".join([*lines, ""])
