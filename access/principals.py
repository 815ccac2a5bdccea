"""Who is behind a request, and how far they may go."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class Role(IntEnum):
    """What somebody may do; each role may do what those below it may."""

    VIEWER = 1
    EDITOR = 2
    ADMIN = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> "Role":
        """The role that is stored and shown as `name`; ValueError for any other text."""
        for role in cls:
            if str(role) == name:
                return role
        raise ValueError(f"{name!r} is no role; there are viewer, editor and admin")


Kind = Literal["open", "person", "key", "token", "proxy"]


@dataclass(frozen=True, slots=True)
class Principal:
    """name: the e-mail address of a person, `key:<name>`, `admin token`; None where nobody has to say who they are."""

    name: str | None
    role: Role
    kind: Kind

    @property
    def signed_in(self) -> bool:
        """Whether this is a person whose name is proved, not claimed."""
        return self.kind in ("person", "proxy")
