"""Compiles the decoder where a C compiler is at hand; without one the same files run as plain Python."""

from Cython.Build import cythonize
from setuptools import Extension, setup

PACKAGE = "opentelemetry.exporter.postgres"
COMPILED = ("wire", "envelope", "rows", "rollup", "parts", "sources", "spans", "logs")

modules = [
    Extension(
        f"{PACKAGE}.{name}",
        [f"src/{PACKAGE.replace('.', '/')}/{name}.py"],
        optional=True,
        extra_compile_args=["-O2"],
    )
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
