"""The files of the built pages: compressed when they were built, not when they are asked for."""

from pathlib import Path
from stat import S_ISREG

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
# Names below it hold a hash of what is in the file.
HASHED = "immutable/"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


class WebFiles(StaticFiles):
    """Files with their compressed copies beside them; those with hashed names are kept by browsers for ever."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await self._compressed(path, scope) or await super().get_response(path, scope)
        response.headers["vary"] = "Accept-Encoding"
        hashed = path.replace("\\", "/").startswith(HASHED)
        response.headers["cache-control"] = FOR_EVER if hashed and response.status_code < 400 else "no-cache"
        return response

    async def _compressed(self, path: str, scope: Scope) -> Response | None:
        accepted = _accepted(Headers(scope=scope).get("accept-encoding", ""))
        for encoding, ending in ENCODINGS:
            if encoding not in accepted or scope["method"] not in ("GET", "HEAD"):
                continue
            full_path, status = await run_in_threadpool(self.lookup_path, path + ending)
            if status is not None and S_ISREG(status.st_mode):
                response = self.file_response(full_path, status, scope)
                response.headers["content-encoding"] = encoding
                return response
        return None


def _accepted(header: str) -> set[str]:
    """The encodings of an Accept-Encoding header, without those of quality 0."""
    offers = (offer.partition(";") for offer in header.lower().split(","))
    return {name.strip() for name, _, quality in offers if quality.replace(" ", "") not in ("q=0", "q=0.0")}
