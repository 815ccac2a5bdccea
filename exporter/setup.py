"""Compiles the decoder where a C compiler is at hand; without one the same file runs as plain Python."""

from Cython.Build import cythonize
from setuptools import Extension, setup

PACKAGE = "src/opentelemetry/exporter/postgres"

modules = [
    Extension(
        "opentelemetry.exporter.postgres.wire",
        [f"{PACKAGE}/wire.py"],
        optional=True,
        extra_compile_args=["-O2"],
    )
]
setup(ext_modules=cythonize(modules, build_dir="build", language_level="3"))
