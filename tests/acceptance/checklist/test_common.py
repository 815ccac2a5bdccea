"""Values, attributes, resources and scopes, which all signals share."""

from tests.acceptance.checklist.cases import (
    EVERY_WAY,
    ON_THE_WIRE,
    Case,
    Mark,
    Message,
    a_record,
    a_span,
    pair,
    span,
    spans,
    table,
    verify,
)
from tests.otelgres_process import OtelgresProcess

MIXED = [
    pair("text", stringValue="t"),
    pair("none", stringValue=""),
    pair("zero", intValue="0"),
    pair("int", intValue="-9223372036854775808"),
    pair("double", doubleValue=0.5),
    pair("no", boolValue=False),
    pair("bytes", bytesValue="AP8="),
    pair("empty"),
    pair("nothing", arrayValue={}),
    pair("mixed", arrayValue={"values": [{"intValue": "1"}, {"stringValue": "a"}, {}, {"arrayValue": {}}]}),
    pair("map", kvlistValue={"values": [pair("in", kvlistValue={"values": [pair("most", boolValue=True)]})]}),
    pair("nan", doubleValue="NaN"),
    pair("endless", arrayValue={"values": [{"doubleValue": "Infinity"}, {"doubleValue": "-Infinity"}]}),
]
STORED = {
    "text": "t",
    "none": "",
    "zero": 0,
    "int": -(2**63),
    "double": 0.5,
    "no": False,
    "bytes": "AP8=",
    "empty": None,
    "nothing": [],
    "mixed": [1, "a", None, []],
    "map": {"in": {"most": True}},
    "nan": "NaN",
    "endless": ["Infinity", "-Infinity"],
}
SHOWN = {
    "t": {"stringValue": "t"},
    "true": {"boolValue": True},
    "-3": {"intValue": "-3"},
    "2.5": {"doubleValue": 2.5},
    "AP8=": {"bytesValue": "AP8="},
    "": {},
    '[1,"NaN"]': {"arrayValue": {"values": [{"intValue": "1"}, {"doubleValue": "NaN"}]}},
    '{"k":"v"}': {"kvlistValue": {"values": [pair("k", stringValue="v")]}},
}
TWICE = [pair("k", stringValue="first"), pair("other", intValue="1"), pair("k", stringValue="last")]


def unidentified(mark: Mark, **resource: Message) -> Message:
    return {"resourceSpans": [resource | {"scopeSpans": [{"spans": [span(mark)]}]}]}


def everywhere(mark: Mark) -> Message:
    link = {"traceId": mark.trace_id, "spanId": "ab" * 8, "attributes": MIXED}
    one = span(mark, attributes=MIXED, events=[{"name": "e", "attributes": MIXED}], links=[link])
    resource = {"attributes": [*mark.resource["attributes"], *MIXED]}
    return spans(mark, one, resource=resource, scope={"name": "n", "attributes": MIXED})


def described(mark: Mark) -> Message:
    resource = dict(mark.resource) | {"droppedAttributesCount": 3}
    scope = {"name": "n", "version": "1", "attributes": [pair("k", intValue="1")], "droppedAttributesCount": 4}
    event = {"name": "e", "droppedAttributesCount": 5}
    link = {"traceId": mark.trace_id, "spanId": "ab" * 8, "droppedAttributesCount": 6}
    counts = {"droppedAttributesCount": 7, "droppedEventsCount": 8, "droppedLinksCount": 9}
    one = span(mark, events=[event], links=[link], **counts)
    scopes = {"scope": scope, "spans": [one], "schemaUrl": "of the scope"}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scopes], "schemaUrl": "of the resource"}]}


def with_entity(mark: Mark) -> Message:
    resource = dict(mark.resource) | {"entityRefs": [{"type": "service", "idKeys": ["service.name"]}]}
    return spans(mark, span(mark), resource=resource)


MANY = [pair(f"key {number:03}", stringValue="v" * 3000) for number in range(200)]

CASES = table(
    Case(60, "every kind of value", a_span(attributes=MIXED), [{"tags": STORED}]),
    Case(60, "every kind everywhere", everywhere, [{"scope_attributes": STORED, "tags": STORED}]),
    *(
        Case(61, f"shown as {shown!r}", a_record(body=value), [{"message": shown}], signal="logs")
        for shown, value in SHOWN.items()
    ),
    Case(62, "key twice", a_span(attributes=TWICE), [{"tags": {"k": "last", "other": 1}}]),
    Case(62, "key twice in a log", a_record(attributes=TWICE), [{"extra": {"k": "last", "other": 1}}], signal="logs"),
    Case(
        63,
        "empty key, capitals, dots",
        a_span(attributes=[pair("", intValue="1"), pair("A.b", intValue="2"), pair("a.b", intValue="3")]),
        [{"tags": {"": 1, "A.b": 2, "a.b": 3}}],
    ),
    Case(
        64,
        "string as index",
        a_span(attributes=[pair("k", stringValueStrindex=4)]),
        [{"tags": {"k": None}}],
        ways=ON_THE_WIRE,
        message="index into a table",
    ),
    Case(
        64,
        "key as index",
        a_span(attributes=[{"keyStrindex": 4, "value": {"stringValue": "v"}}]),
        [{"tags": {"": "v"}}],
    ),
    Case(65, "no resource", unidentified, [{"service_name": "unknown_service", "scope": ""}]),
    Case(65, "empty resource", lambda mark: unidentified(mark, resource={}), [{"service_name": "unknown_service"}]),
    *(
        Case(
            65,
            f"service.name as {value}",
            lambda mark, value=value: unidentified(mark, resource={"attributes": [pair("service.name", **value)]}),
            [{"service_name": "unknown_service"}],
        )
        for value in ({"intValue": "7"}, {"stringValue": ""}, {})
    ),
    Case(
        66,
        "counts and schemas",
        described,
        [
            {
                "resource_dropped": 3,
                "scope": "n",
                "scope_version": "1",
                "scope_attributes": {"k": 1},
                "scope_dropped": 4,
                "resource_schema_url": "of the resource",
                "scope_schema_url": "of the scope",
                "dropped_attributes_count": 7,
                "dropped_events_count": 8,
                "dropped_links_count": 9,
            }
        ],
    ),
    Case(
        67,
        "entity",
        with_entity,
        [{"entity_refs": [{"type": "service", "id_keys": ["service.name"], "description_keys": []}]}],
    ),
    Case(
        68,
        "order of elements",
        a_span(attributes=[pair("k", arrayValue={"values": [{"intValue": str(n)} for n in (3, 1, 2)]})]),
        [{"tags": {"k": [3, 1, 2]}}],
    ),
    Case(
        69,
        "more than SDKs send",
        a_span(attributes=MANY, events=[{"name": str(number)} for number in range(200)]),
        [{"tags": {each["key"]: "v" * 3000 for each in MANY}}],
        ways=EVERY_WAY,
    ),
)


@CASES
def test_common(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)
