"""Messages of one kind, found as the algorithm Drain finds them (He et al., 2017).

Messages are compared with the templates that have as many tokens and the same first one, and join the most similar, if
more than half of the tokens are equal. Wildcards in both say nothing. Where they differ the template gets a wildcard.
"""

from collections.abc import Iterator
from operator import eq

from query_api.search.templates import TEXT, WORD

# Per number of tokens; templates with further first tokens are kept together.
MOST_FIRST_TOKENS = 100
# Of those that are kept together. A message that is like none of them is left out then.
MOST_TOGETHER = 100

Tokens = tuple[str, ...]


class Cluster:
    """Messages by their tokens, and what describes them all. wildcards: at which places it has nothing else."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.wildcards = _wildcards(tokens)
        self.members = [tokens]

    def add(self, tokens: Tokens) -> None:
        self.members.append(tokens)
        self.tokens = tuple(map(_general, self.tokens, tokens))
        self.wildcards = _wildcards(self.tokens)

    @property
    def template(self) -> str:
        return " ".join(self.tokens)


class Clusters:
    """Clusters by the number of their tokens and the first of them."""

    def __init__(self) -> None:
        self._together: dict[tuple[int, str | None], list[Cluster]] = {}
        self._first_tokens: dict[int, int] = {}

    def __iter__(self) -> Iterator[Cluster]:
        for clusters in self._together.values():
            yield from clusters

    def place(self, tokens: Tokens) -> bool:
        """Whether there is a cluster for it. The same tokens MUST come once only."""
        alike = self._alike(tokens)
        wildcards = _wildcards(tokens)
        best, most = None, 0.5
        for cluster in alike:
            silent = len(wildcards & cluster.wildcards)
            equal = (sum(map(eq, cluster.tokens, tokens)) - silent) / (len(tokens) - silent)
            if equal > most:
                best, most = cluster, equal
        if best is not None:
            best.add(tokens)
        elif len(alike) < MOST_TOGETHER:
            alike.append(Cluster(tokens))
        else:
            return False
        return True

    def _alike(self, tokens: Tokens) -> list[Cluster]:
        count = len(tokens)
        first = tokens[0] if tokens and _is_constant(tokens[0]) else None
        known = self._together.get((count, first))
        if known is not None:
            return known
        if first is not None:
            if self._first_tokens.get(count, 0) >= MOST_FIRST_TOKENS:
                first = None
            else:
                self._first_tokens[count] = self._first_tokens.get(count, 0) + 1
        return self._together.setdefault((count, first), [])


def _wildcards(tokens: Tokens) -> frozenset[int]:
    return frozenset(place for place, token in enumerate(tokens) if token in (WORD, TEXT))


def _is_constant(token: str) -> bool:
    return WORD not in token and TEXT not in token and not any(map(str.isdigit, token))


def _general(one: str, other: str) -> str:
    if one == other:
        return one
    return TEXT if TEXT in one or TEXT in other else WORD
