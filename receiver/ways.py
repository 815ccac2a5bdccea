"""What is received at which path of the HTTP port, in which content types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from opentelemetry.exporter.postgres.batch import Signal

from receiver.http_answers import JSON, Answers, OtlpAnswers, PlainAnswers
from receiver.inflate import inflate
from receiver.intake import Translate
from receiver.otlp_json import Transcoded, transcode
from receiver.refusals import UnsupportedMedia
from receiver.translation.loki import encodings as loki
from receiver.translation.snappy import unsnapped
from receiver.translation.zipkin import encodings as zipkin

PROTOBUF = "application/x-protobuf"
_OTHER_PROTOBUF = "application/protobuf"
OTLP = OtlpAnswers()
Inflate = Callable[[bytes, int], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """translate: makes OTLP of a body; None where it is. snappy: each body is a block of it, named or not."""

    translate: Translate | None = None
    snappy: bool = False

    def inflating(self, encoding: str) -> list[Inflate]:
        """What makes the content of a body that came with this Content-Encoding, one after the other."""
        named = encoding.strip().lower()
        own: list[Inflate] = [unsnapped] if self.snappy else []
        return own if not named or (self.snappy and named == "snappy") else [_inflate(encoding), *own]


def _inflate(encoding: str) -> Inflate:
    def run(body: bytes, limit: int) -> bytes:
        return inflate(body, encoding, limit)

    return run


@dataclass(frozen=True, slots=True)
class Way:
    """formats: by content type. unnamed: the content type of requests that name none; None where they MUST."""

    signal: Signal
    formats: Mapping[str, Format]
    answers: Answers = field(default=OTLP)
    unnamed: str | None = None

    def media(self, content_type: str) -> str | None:
        """The content type without parameters; None where it is not taken here."""
        media = _media(content_type) or self.unnamed
        return media if media in self.formats else None

    def format(self, content_type: str) -> Format:
        """Raises UnsupportedMedia."""
        media = self.media(content_type)
        if media is None:
            named = _media(content_type)[:100]
            raise UnsupportedMedia(f"Content-Type {named!r} is not supported; send {PROTOBUF} or {JSON}")
        return self.formats[media]


def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _otlp(signal: Signal) -> Way:
    def translate(body: bytes, received_ns: int) -> Transcoded:
        return transcode(signal.name.lower(), body)

    return Way(signal, _formats(Format(), Format(translate)))


def _formats(protobuf: Format, json: Format) -> dict[str, Format]:
    return {PROTOBUF: protobuf, _OTHER_PROTOBUF: protobuf, JSON: json}


ANY = _otlp(Signal.TRACES)
"""By which requests to any other path are refused."""
WAYS = {
    "/v1/traces": _otlp(Signal.TRACES),
    "/v1/logs": _otlp(Signal.LOGS),
    "/v1/metrics": _otlp(Signal.METRICS),
    "/api/v2/spans": Way(
        Signal.TRACES,
        _formats(Format(zipkin.from_protobuf), Format(zipkin.from_json)),
        PlainAnswers(202),
        unnamed=JSON,
    ),
    "/loki/api/v1/push": Way(
        Signal.LOGS,
        _formats(Format(loki.from_protobuf, snappy=True), Format(loki.from_json)),
        PlainAnswers(204),
        unnamed=PROTOBUF,
    ),
}
"""By path."""
