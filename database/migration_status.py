"""How a database compares with what this version expects, in words for people."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """How a database differs from what this version expects; all empty when it does not.

    pending, newer and drifted hold versions: not applied here, unknown to this program, applied from another
    text than this program has.
    foreign_views are relations of somebody else under the name of one of our views.
    """

    pending: tuple[int, ...]
    newer: tuple[int, ...]
    drifted: tuple[int, ...]
    missing_roles: tuple[str, ...]
    foreign_views: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """True when this program MAY work on the database; drift, roles and foreign views are but told."""
        return not self.pending and not self.newer

    def problems(self) -> list[str]:
        """One line for each difference, gravest first."""
        lines = []
        if self.newer:
            lines.append(newer_line(self.newer))
        if self.pending:
            lines.append(f"migrations {_list(self.pending)} are pending: run `otelgres migrate`")
        if self.drifted:
            lines.append(f"migrations {_list(self.drifted)} were applied from a text unlike this version's")
        if self.missing_roles:
            lines.append(f"roles {', '.join(self.missing_roles)} are missing: `otelgres roles` says how to create them")
        lines.extend(
            f"enterprise.{view} exists and is not the view of Otelgres: it was left alone"
            for view in self.foreign_views
        )
        return lines


def newer_line(versions: Sequence[int]) -> str:
    """What to tell people when a database holds these migrations, unknown to this program."""
    return f"this database belongs to a newer Otelgres (migrations {_list(versions)}): upgrade this program"


def _list(versions: Sequence[int]) -> str:
    return ", ".join(f"{version:03}" for version in versions)
