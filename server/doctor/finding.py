"""What a check finds."""

from dataclasses import dataclass
from enum import StrEnum


class Rank(StrEnum):
    """Gravest first. PROBLEM: data is not taken, not kept or not seen, or will not be. WARNING: it will become that, or
    something is not done. NOTE: good to know."""

    PROBLEM = "problem"
    WARNING = "warning"
    NOTE = "note"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Finding:
    """text: what it is, in one line. remedy: what to do, in one line; empty where nothing is to be done."""

    rank: Rank
    text: str
    remedy: str = ""


def ok(text: str) -> Finding:
    return Finding(Rank.OK, text)


def note(text: str, remedy: str) -> Finding:
    return Finding(Rank.NOTE, text, remedy)


def warning(text: str, remedy: str) -> Finding:
    return Finding(Rank.WARNING, text, remedy)


def problem(text: str, remedy: str) -> Finding:
    return Finding(Rank.PROBLEM, text, remedy)
