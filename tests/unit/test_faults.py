"""What a failure means decides between losing data, refusing it and trying again."""

import asyncpg
import pytest
from opentelemetry.exporter.postgres.faults import Fault, advice_on, fault_of, reason_of

FAULTS = {
    "22P05": Fault.DATA,  # U+0000 in jsonb
    "22021": Fault.DATA,
    "22003": Fault.DATA,
    "23502": Fault.DATA,
    "23505": Fault.DATA,
    "54000": Fault.DATA,
    "42P01": Fault.STALE,  # the partition was renamed
    "40001": Fault.AGAIN,
    "40P01": Fault.AGAIN,
    "55P03": Fault.AGAIN,
    "08003": Fault.DOWN,
    "08006": Fault.DOWN,
    "25006": Fault.DOWN,  # a standby
    "53100": Fault.DOWN,  # the disk is full
    "53200": Fault.DOWN,
    "53300": Fault.DOWN,
    "57P01": Fault.DOWN,
    "57P02": Fault.DOWN,
    "57P03": Fault.DOWN,
    "58030": Fault.DOWN,
    "28000": Fault.SETUP,
    "28P01": Fault.SETUP,
    "3D000": Fault.SETUP,
    "3F000": Fault.SETUP,
    "42501": Fault.SETUP,
    "42703": Fault.SETUP,
    "0A000": Fault.UNKNOWN,
    "55000": Fault.UNKNOWN,
    "57014": Fault.UNKNOWN,  # may be the server's load, or what it was asked
    "XX000": Fault.UNKNOWN,
    "P0001": Fault.UNKNOWN,
}
WITHOUT_TABLES = {"42P01": Fault.SETUP, "22023": Fault.UNKNOWN, "57P03": Fault.DOWN, "28P01": Fault.SETUP}


def error_of(state: str, **fields: str) -> asyncpg.PostgresError:
    """As asyncpg makes one of what the server says. M is the message, n a constraint's name."""
    made: asyncpg.PostgresError = asyncpg.PostgresError.new({"C": state, "M": "said", **fields})
    return made


@pytest.mark.parametrize(("state", "fault"), FAULTS.items())
def test_states(state: str, fault: Fault) -> None:
    assert fault_of(error_of(state)) is fault


@pytest.mark.parametrize(("state", "fault"), WITHOUT_TABLES.items())
def test_what_fails_while_connecting_is_never_the_data(state: str, fault: Fault) -> None:
    assert fault_of(error_of(state), connected=False) is fault


@pytest.mark.parametrize("state", [state for state, fault in FAULTS.items() if fault is Fault.SETUP])
def test_what_a_person_must_change_comes_with_advice(state: str) -> None:
    assert advice_on(error_of(state))


@pytest.mark.parametrize("state", [state for state, fault in FAULTS.items() if fault is Fault.DOWN])
def test_there_is_no_advice_on_what_passes(state: str) -> None:
    assert not advice_on(error_of(state))


def test_a_row_beside_its_partition_is_stale_and_one_against_a_constraint_is_bad() -> None:
    assert fault_of(error_of("23514")) is Fault.STALE
    assert fault_of(error_of("23514", n="no_seven")) is Fault.DATA


@pytest.mark.parametrize(
    "error",
    [
        OSError("gone"),
        TimeoutError(),
        ConnectionResetError(),
        asyncpg.InterfaceError("closed"),
        asyncpg.InternalClientError("state"),
        asyncpg.TargetServerAttributeNotMatched("none"),
    ],
    ids=repr,
)
def test_a_lost_connection_says_nothing_about_the_data(error: Exception) -> None:
    assert fault_of(error) is Fault.DOWN


def test_reasons_are_one_line_without_the_data() -> None:
    error = error_of("23514", M="new row violates", D="Failing row contains (secret).", n="no_seven")
    assert reason_of(error) == "new row violates (SQLSTATE 23514)"
    assert reason_of(OSError("gone")) == "gone"
    assert reason_of(OSError("gone\naway")) == "gone away"
    assert reason_of(TimeoutError()) == "TimeoutError"
    assert reason_of(asyncpg.TargetServerAttributeNotMatched("read-write")) == "no host of the DSN takes writes"
