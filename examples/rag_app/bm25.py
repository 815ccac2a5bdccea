"""Okapi BM25 over documents that fit into memory."""

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from examples.rag_app.documents import Chunk, Document

_K1 = 1.5
_B = 0.75
_WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


class BM25Index:
    """Ranks documents by the words they share with a query; rare words weigh more."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        counts = [Counter(words(f"{document.title} {document.text}")) for document in documents]
        lengths = [counter.total() for counter in counts]
        average = sum(lengths) / len(lengths)
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for position, counter in enumerate(counts):
            norm = _K1 * (1 - _B + _B * lengths[position] / average)
            for word, count in counter.items():
                self._postings[word].append((position, count * (_K1 + 1) / (count + norm)))

    def search(self, query: str, top_k: int) -> list[Chunk]:
        """Up to top_k chunks with a score above zero, best first."""
        scores: defaultdict[int, float] = defaultdict(float)
        for word in set(words(query)):
            postings = self._postings.get(word, [])
            rarity = math.log(1 + (len(self._documents) - len(postings) + 0.5) / (len(postings) + 0.5))
            for position, weight in postings:
                scores[position] += rarity * weight
        best = heapq.nlargest(top_k, scores.items(), key=lambda item: (item[1], -item[0]))
        return [Chunk(**self._documents[position].model_dump(), score=round(score, 4)) for position, score in best]
