"""Compiles the decoder where a C compiler is at hand. Without one the same files run as plain Python, and
attributes.PlainAttributes takes the place of native.pyx."""

from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

PACKAGE = "opentelemetry.exporter.postgres"
COMPILED = (
    "wire.py",
    "envelope.py",
    "rows.py",
    "rollup.py",
    "parts.py",
    "sources.py",
    "spans.py",
    "logs.py",
    "native.pyx",
)

modules = cythonize(
    [Extension(f"{PACKAGE}.{Path(name).stem}", [f"src/{PACKAGE.replace('.', '/')}/{name}"]) for name in COMPILED],
    build_dir="build",
    language_level="3",
    # The package lies in a namespace: without this the .pxd files are not found, and silently left out.
    include_path=["src"],
    compiler_directives={"annotation_typing": False},
)
for module in modules:
    # cythonize() forgets this when it is given before. A machine without a compiler must not fail here.
    module.optional = True
setup(ext_modules=modules)
