"""`python -m tests.ui.api_types`: the types of the API for the pages, from our OpenAPI description."""

import json
import sys

from server.app import create_app
from server.settings import Settings
from tests.node.install import UI
from tests.ui.node import node

TYPES = UI / "src" / "lib" / "api" / "schema.d.ts"


def generated() -> str:
    """What the file of types has to be."""
    description = create_app(Settings(), "postgresql://nowhere/none").openapi()
    made = node(
        "openapi-typescript/bin/cli.js",
        "--root-types",
        "--root-types-no-schema-prefix",
        "--default-non-nullable=false",
        stdin=json.dumps(description),
    )
    if made.returncode:
        sys.exit(made.stderr)
    return made.stdout


if __name__ == "__main__":
    TYPES.write_text(generated())
