"""Compiles the decoder where a C compiler is at hand. Without one the same files run as plain Python, and
PlainAttributes and PlainRow take the place of native.pyx."""

import os
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
    "batch.py",
    "sources.py",
    "span_fields.py",
    "span_json.py",
    "spans.py",
    "log_fields.py",
    "logs.py",
    "metric_fields.py",
    "point_fields.py",
    "distributions.py",
    "metrics.py",
    "attribute_keys.py",
    "attribute_places.py",
    "attribute_rules.py",
    "native.pyx",
)

modules = cythonize(
    [Extension(f"{PACKAGE}.{Path(name).stem}", [f"src/{PACKAGE.replace('.', '/')}/{name}"]) for name in COMPILED],
    build_dir="build",
    language_level="3",
    # A module that takes another one's types must be compiled again with it, which is not noticed for .py files.
    force=True,
    # The package lies in a namespace: without this the .pxd files are not found, and silently left out.
    include_path=["src"],
    compiler_directives={"annotation_typing": False},
)
for module in modules:
    # cythonize() forgets this when it is given before. A machine without a compiler must not fail here.
    module.optional = True
setup(ext_modules=modules, options={"build_ext": {"parallel": os.cpu_count(), "force": True}})
