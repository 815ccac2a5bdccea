"""No point of the checklist is forgotten."""

import importlib
from itertools import chain
from pathlib import Path

from tests.acceptance.checklist.cases import CHECKED

ROOT = Path(__file__).parents[3]
LAST = 109
MODULES = (
    "http",
    "grpc",
    "protobuf",
    "json",
    "examples",
    "common",
    "time",
    "traces",
    "logs",
    "metrics",
    "profiles",
    "postgres",
)

ELSEWHERE = {
    14: ("tests/acceptance/test_outage.py::test_without_a_spool_a_short_absence_is_waited_for",),
    15: ("tests/acceptance/test_receiver.py::test_while_the_database_is_away_senders_are_told_to_retry",),
    16: (
        "tests/acceptance/test_receiver.py::test_while_the_database_is_away_senders_are_told_to_retry",
        "tests/acceptance/test_outage.py::test_a_full_spool_puts_senders_off_until_there_is_room",
        "tests/acceptance/test_outage.py::test_nothing_is_taken_before_the_databases_disk_is_full",
        "tests/integration/test_http_bounds.py::test_a_body_that_takes_too_long_is_let_go_however_steadily_it_comes",
        "tests/integration/test_http_bounds.py::test_a_request_that_outlasts_a_stop_is_not_answered_as_a_defect",
    ),
    23: ("tests/acceptance/test_connections.py::test_senders_that_trickle_are_let_go_while_others_are_served",),
    25: ("tests/acceptance/test_receiver.py::test_without_the_token_nothing_is_taken",),
    27: ("tests/unit/test_refusals.py::test_both_transports_agree_on_what_is_retryable",),
    28: ("tests/acceptance/test_receiver.py::test_while_the_database_is_away_senders_are_told_to_retry",),
    31: ("tests/acceptance/test_receiver.py::test_a_grpc_refusal_is_trailers_only",),
    33: ("tests/acceptance/test_outage.py::test_a_deadline_that_leaves_no_time_is_refused_at_once",),
    35: ("tests/acceptance/test_connections.py::test_grpc_senders_move_from_old_connections_without_a_failed_call",),
    36: (
        "tests/integration/test_serve.py::test_a_port_in_use_is_one_line_that_names_it",
        "tests/integration/test_serve.py::test_a_second_otelgres_on_the_same_ports_is_refused",
    ),
    38: ("tests/acceptance/test_shutdown.py::test_a_stop_in_mid_load_stores_exactly_what_was_acknowledged",),
    83: ("tests/acceptance/test_extremes.py::test_a_trace_of_very_many_spans",),
    109: ("tests/acceptance/test_exactly_once.py::test_a_bad_item_costs_itself_alone",),
}
"""Points that tests outside this package stand for."""

DECIDED_OTHERWISE = {
    36: "0012-two-receivers-at-least.md",
    **dict.fromkeys((24, 32, 39, 40, 41, 46, 53, 62, 64), "0019-what-senders-are-warned-of.md"),
}
"""Points of which a part is decided otherwise, by the record that says so."""


def test_every_point_is_tested_or_decided() -> None:
    for module in MODULES:
        importlib.import_module(f"tests.acceptance.checklist.test_{module}")
    known = CHECKED | ELSEWHERE.keys() | DECIDED_OTHERWISE.keys()
    assert sorted(known) == list(range(1, LAST + 1))


def test_what_stands_elsewhere_is_there() -> None:
    for test in chain.from_iterable(ELSEWHERE.values()):
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(), test
    for record in DECIDED_OTHERWISE.values():
        assert (ROOT / "docs" / "adr" / record).is_file()
