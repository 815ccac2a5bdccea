"""From messages to their patterns."""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.patterns.allowance import Allowance
from query_api.patterns.clustering import Clusters, Tokens
from query_api.patterns.masking import masked


@dataclass(frozen=True)
class Pattern:
    """A template and the places of the messages that it was found in, in their order."""

    template: str
    places: list[int]


def patterns(messages: Sequence[str], allowance: Allowance) -> list[Pattern]:
    """The most frequent first; the same whatever order the messages come in.

    A message is in one pattern, or, where there are too many kinds of messages, in none. Raises TimeoutError.
    """
    alike = _alike(messages, allowance)
    clusters = Clusters()
    # What comes often comes first, so that of too many kinds the rare ones are left out.
    for tokens in sorted(alike, key=lambda tokens: (-len(alike[tokens]), tokens)):
        allowance.check()
        clusters.place(tokens)
    places: dict[str, list[int]] = {}
    for cluster in clusters:
        places.setdefault(cluster.template, []).extend(place for member in cluster.members for place in alike[member])
    found = [Pattern(template, sorted(of_it)) for template, of_it in places.items()]
    return sorted(found, key=lambda pattern: (-len(pattern.places), pattern.template))


def _alike(messages: Sequence[str], allowance: Allowance) -> dict[Tokens, list[int]]:
    known: dict[str, list[int]] = {}
    for place, message in enumerate(messages):
        known.setdefault(message, []).append(place)
    alike: dict[Tokens, list[int]] = {}
    for message, places in known.items():
        allowance.check()
        alike.setdefault(masked(message), []).extend(places)
    return alike
