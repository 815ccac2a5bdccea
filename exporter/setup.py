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

modules = [
    Extension(f"{PACKAGE}.{Path(name).stem}", [f"src/{PACKAGE.replace('.', '/')}/{name}"], optional=True)
    for name in COMPILED
]
setup(
    ext_modules=cythonize(
        modules,
        build_dir="build",
        language_level="3",
        # The package lies in a namespace: without this the .pxd files are not found, and silently left out.
        include_path=["src"],
        compiler_directives={"annotation_typing": False},
    )
)
