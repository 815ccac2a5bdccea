"""Two copies of the decoder in one process: the compiled one, which runs in production, and the same files as plain
Python with atheris's instruments in them, which guide the fuzzer."""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import opentelemetry.exporter.postgres as package

PACKAGE = "opentelemetry.exporter.postgres"
_TRANSLATION = {
    "": ("attributes", "fields", "ids"),
    "zipkin.": ("annotations", "encodings", "endpoints", "spans", "tags", "times"),
    "loki.": ("encodings", "labels", "levels", "streams"),
}
RECEIVERS_OWN = (
    "receiver.json_document",
    "receiver.json_values",
    "receiver.json_messages",
    "receiver.otlp_json",
    "receiver.inflate",
    *(f"receiver.translation.{folder}{name}" for folder, names in _TRANSLATION.items() for name in names),
)
_SOURCES = Path(str(package.__file__)).parent


class _Instrumented(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        import atheris

        code = self.source_to_code(self.get_data(self.path), self.path)
        patched: CodeType = atheris.patch_code(code, trace_dataflow=False)
        return patched


class _Plain(SourceFileLoader):
    pass


class _Finder(MetaPathFinder):
    def __init__(self, loader: type[SourceFileLoader]) -> None:
        self._loader = loader

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == f"{PACKAGE}.native":
            raise ImportError("plain Python was asked for")
        if fullname.startswith(f"{PACKAGE}."):
            file = _SOURCES / f"{fullname.removeprefix(PACKAGE + '.')}.py"
        elif fullname in RECEIVERS_OWN:
            file = Path(__file__).parents[2] / f"{fullname.replace('.', '/')}.py"
        else:
            return None
        return spec_from_file_location(fullname, file, loader=self._loader(fullname, str(file)))


def compiled_and_plain(name: str, *, instrumented: bool) -> tuple[ModuleType, ModuleType]:
    """A module of the exporter, compiled and as plain Python. From then on all its modules are the plain ones."""
    compiled = importlib.import_module(f"{PACKAGE}.{name}")
    for known in [key for key in sys.modules if key.startswith(f"{PACKAGE}.") or key in RECEIVERS_OWN]:
        del sys.modules[known]
    sys.meta_path.insert(0, _Finder(_Instrumented if instrumented else _Plain))
    return compiled, importlib.import_module(f"{PACKAGE}.{name}")
