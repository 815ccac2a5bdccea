"""Log records: ids, times, severities, bodies."""

from tests.acceptance.checklist.cases import NOW, Case, a_record, at, pair, table, verify
from tests.otelgres_process import OtelgresProcess

LEVELS = ("DEBUG", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
OF_TEXT = {
    "trace": "DEBUG", "Verbose": "DEBUG", "DEBUG": "DEBUG", "info": "INFO", "Information": "INFO", "notice": "INFO",
    "WARN": "WARNING", "warning": "WARNING", "err": "ERROR", "Error": "ERROR", "crit": "CRITICAL",
    "critical": "CRITICAL", "alert": "CRITICAL", "emerg": "CRITICAL", "emergency": "CRITICAL", "fatal": "CRITICAL",
    "panic": "CRITICAL", "whatever": "INFO", "": "INFO",
}  # fmt: skip
MAP = {"kvlistValue": {"values": [pair("a", intValue="1")]}}
LIST = {"arrayValue": {"values": [{"stringValue": "a"}, {"boolValue": True}]}}
RAISED = [
    pair("exception.type", stringValue="ValueError"),
    pair("exception.message", stringValue="no"),
    pair("exception.stacktrace", stringValue="Traceback"),
    pair("message", stringValue="an attribute of this name"),
    pair("level", intValue="3"),
]


def log(number: int, name: str, stored: dict[str, object], **fields: object) -> Case:
    return Case(number, name, a_record(**fields), [stored], signal="logs")


CASES = table(
    log(84, "ids", {"trace_id": "ab" * 16, "span_id": "cd" * 8}, traceId="ab" * 16, spanId="cd" * 8),
    *(
        log(84, f"ids {name}", {"trace_id": None, "span_id": None, "message": "m"}, traceId=trace, spanId=span)
        for name, trace, span in (
            ("of zeros", "00" * 16, "00" * 8),
            ("too short", "ab", "cd"),
            ("too long", "ab" * 17, "cd" * 9),
            ("empty", "", ""),
        )
    ),
    log(
        85,
        "both times",
        {"timestamp": at(NOW), "observed_time": at(NOW + 10**9)},
        observedTimeUnixNano=str(NOW + 10**9),
    ),
    log(
        85,
        "observed alone",
        {"timestamp": at(NOW), "observed_time": at(NOW), "timestamp_nanos": None},
        timeUnixNano=None,
        observedTimeUnixNano=str(NOW),
    ),
    log(85, "no time", {"observed_time": None, "timestamp_nanos": None}, timeUnixNano="0"),
    *(
        log(
            86,
            f"severity {number}",
            {"severity_number": number, "level": LEVELS[(number - 1) // 4]},
            severityNumber=number,
        )
        for number in range(1, 25)
    ),
    *(
        log(86, f"severity by text {text!r}", {"severity_number": 0, "level": level}, severityText=text)
        for text, level in OF_TEXT.items()
    ),
    log(86, "severity 99", {"severity_number": 99, "level": "CRITICAL"}, severityNumber=99),
    log(86, "severity -1", {"severity_number": -1, "level": "DEBUG"}, severityNumber=-1),
    log(87, "text as sent", {"severity_text": " Info ", "level": "ERROR"}, severityText=" Info ", severityNumber=17),
    log(88, "body of a map", {"body": {"a": 1}, "message": '{"a":1}'}, body=MAP),
    log(88, "body of a list", {"body": ["a", True], "message": '["a",true]'}, body=LIST),
    log(88, "body of a number", {"body": 7, "message": "7"}, body={"intValue": "7"}),
    log(88, "body of bytes", {"body": "AP8=", "message": "AP8="}, body={"bytesValue": "AP8="}),
    log(88, "empty text", {"message": ""}, body={"stringValue": ""}),
    log(88, "no body", {"message": ""}, body=None),
    log(88, "event", {"event_name": "login", "message": "login"}, body=None, eventName="login"),
    *(log(89, f"flags {flags:#x}", {"flags": flags}, flags=flags) for flags in (0, 1, 0xFFFFFF01)),
    log(
        90,
        "exception",
        {
            "exception_type": "ValueError",
            "exception_message": "no",
            "exception_traceback": "Traceback",
            "message": "m",
            "extra": {"message": "an attribute of this name", "level": 3},
        },
        attributes=RAISED,
    ),
)


@CASES
def test_logs(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)
