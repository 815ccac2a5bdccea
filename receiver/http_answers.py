"""How requests over HTTP are answered: OTLP's way, and that of protocols which know no partial success."""

from typing import NamedTuple, Protocol

from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Outcome

from receiver import answers
from receiver.refusals import Invalid, Refused

JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """content_type: empty where there is nothing to say."""

    status: int
    content: bytes = b""
    content_type: str = ""


class Answers(Protocol):
    """media: the content type of the request; None where it is none that the path takes."""

    def success(self, signal: Signal, outcome: Outcome, media: str | None) -> Answer: ...

    def refusal(self, refused: Refused, media: str | None) -> Answer: ...


class OtlpAnswers:
    """In the request's own encoding. A refusal is a google.rpc.Status."""

    def success(self, signal: Signal, outcome: Outcome, media: str | None) -> Answer:
        told = answers.success_json(signal, outcome) if media == JSON else answers.success(outcome)
        return Answer(200, told, media or JSON)

    def refusal(self, refused: Refused, media: str | None) -> Answer:
        # The Collector and Go compare the content type with what they sent, to the letter.
        media = media or JSON
        told = answers.refusal_json(refused) if media == JSON else answers.refusal(refused)
        return Answer(refused.http_status, told, media)


class PlainAnswers:
    """Nothing but a status on success, else text.

    Where items were rejected and the rest is stored the sender is told 400, as by Loki: nothing else would reach a
    person, and no sender tries again after it.
    """

    def __init__(self, success: int) -> None:
        self._success = success

    def success(self, signal: Signal, outcome: Outcome, media: str | None) -> Answer:
        if not outcome.rejected:
            return Answer(self._success)
        told = f"{outcome.rejected} items were rejected, all others are stored: {outcome.message or ''}"
        return Answer(Invalid.http_status, told.encode(errors="replace"), _TEXT)

    def refusal(self, refused: Refused, media: str | None) -> Answer:
        return Answer(refused.http_status, str(refused).encode(errors="replace"), _TEXT)
