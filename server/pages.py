"""The pages: one at / that shows what arrives, one at /api/docs that reads the OpenAPI description."""

from html import escape
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from access.guards import needs
from access.principals import Role
from server.access import takes_keys
from server.settings import Settings

FOLDER = Path(__file__).with_name("static")


def add(app: FastAPI, settings: Settings) -> None:
    """Adds both pages and their files under /static. They ask no other origin for anything."""
    home = _filled("page.html", settings)
    docs = _filled("docs.html", settings)

    @app.get("/", include_in_schema=False, dependencies=[needs(Role.VIEWER)])
    async def page() -> HTMLResponse:
        return HTMLResponse(home)

    @app.get("/api/docs", include_in_schema=False, dependencies=[needs(Role.VIEWER)])
    async def api_docs() -> HTMLResponse:
        return HTMLResponse(docs)

    app.mount("/static", StaticFiles(directory=FOLDER), name="static")


def _filled(name: str, settings: Settings) -> str:
    values = {
        "grpc_port": str(settings.otlp_grpc_port),
        "http_port": str(settings.otlp_http_port),
        "otlp_scheme": "http" if settings.tls_cert is None else "https",
        "needs_token": "yes" if takes_keys(settings) else "no",
    }
    text = (FOLDER / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", escape(value))
    return text
