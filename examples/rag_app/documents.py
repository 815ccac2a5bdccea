"""The corpus, and what the two processes say to each other about it."""

from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter

CORPUS_NAME = "running-services"
_CORPUS_FILE = Path(__file__).with_name("corpus.json")


class Document(BaseModel):
    """One short text; small enough to be a chunk as it is."""

    id: str
    title: str
    text: str


class Chunk(Document):
    """A document that answers a query, with its BM25 score (higher is better, no upper bound)."""

    score: float


class SearchRequest(BaseModel):
    query: str = Field(min_length=1, max_length=2000)
    top_k: int = Field(default=4, ge=1, le=20)


class SearchResponse(BaseModel):
    """The best chunks first; empty when no document shares a word with the query."""

    chunks: list[Chunk]


def load_corpus() -> list[Document]:
    return TypeAdapter(list[Document]).validate_json(_CORPUS_FILE.read_bytes())
