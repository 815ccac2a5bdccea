"""What axe finds wrong with a page."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.node.install import UI

GRAVE = ("serious", "critical")


@cache
def _axe() -> str:
    return (UI / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """Serious and critical faults, contrast for AA among them, with the elements that have them."""
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
