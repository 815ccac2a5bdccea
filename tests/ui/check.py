"""`python -m tests.ui.check`: types, lint and style of the pages' sources."""

import sys

from tests.ui.node import node

CHECKS = (
    ("@sveltejs/kit/svelte-kit.js", "sync"),
    ("svelte-check/bin/svelte-check", "--tsconfig", "./tsconfig.json", "--fail-on-warnings", "--output", "human"),
    ("eslint/bin/eslint.js", "."),
    ("prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."),
)


def main() -> int:
    """0 when all is well; else what is wrong is printed."""
    for script, *arguments in CHECKS:
        done = node(script, *arguments)
        if done.returncode:
            print(done.stdout + done.stderr, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
