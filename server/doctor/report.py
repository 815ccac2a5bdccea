"""What was found, for people and for programs."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import version

from server.doctor.finding import Rank
from server.doctor.looking import Looked
from server.doctor.wording import count


def as_text(found: Sequence[Looked], database: str) -> str:
    """Gravest first, what is to be done below each, and a last line that counts."""
    widest = max(len(looked.check) for looked in found)
    lines = [f"Otelgres {version('otelgres')}, database {database}", ""]
    for rank in Rank:
        for check, finding in found:
            if finding.rank is rank:
                lines.append(f"{rank:<8}  {check:<{widest}}  {finding.text}")
                if finding.remedy:
                    lines.append(f"{'':<{widest + 12}}→ {finding.remedy}")
    return "\n".join([*lines, "", ", ".join(_counts(found))])


def as_json(found: Sequence[Looked], database: str, now: datetime) -> str:
    """One object: worst is a rank, and findings are in the order of the checks."""
    findings = [
        {"check": check, "rank": finding.rank, "text": finding.text, "remedy": finding.remedy}
        for check, finding in found
    ]
    head = {"version": version("otelgres"), "database": database, "looked_at": now.isoformat(), "worst": worst(found)}
    return json.dumps(head | {"findings": findings}, ensure_ascii=False, indent=2)


def worst(found: Sequence[Looked]) -> Rank:
    return next(rank for rank in Rank if any(looked.finding.rank is rank for looked in found))


def _counts(found: Sequence[Looked]) -> Iterator[str]:
    counted = Counter(looked.finding.rank for looked in found)
    for rank in Rank:
        if counted[rank]:
            yield f"{counted[rank]} ok" if rank is Rank.OK else count(counted[rank], rank)
