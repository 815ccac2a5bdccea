"""What a failure means decides between losing data, refusing it and trying again."""

import asyncpg
import pytest
from opentelemetry.exporter.postgres.faults import Fault, fault_of, reason_of

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
    "08006": Fault.DOWN,
    "25006": Fault.DOWN,  # a standby
    "42501": Fault.DOWN,
    "42703": Fault.DOWN,
    "53100": Fault.DOWN,  # the disk is full
    "53300": Fault.DOWN,
    "57014": Fault.DOWN,
    "57P01": Fault.DOWN,
    "57P03": Fault.DOWN,
    "58030": Fault.DOWN,
    "XX000": Fault.DOWN,
}


def error_of(state: str, **fields: str) -> asyncpg.PostgresError:
    """As asyncpg makes one of what the server says. M is the message, n a constraint's name."""
    made: asyncpg.PostgresError = asyncpg.PostgresError.new({"C": state, "M": "said", **fields})
    return made


@pytest.mark.parametrize(("state", "fault"), FAULTS.items())
def test_states(state: str, fault: Fault) -> None:
    assert fault_of(error_of(state)) is fault


def test_a_row_beside_its_partition_is_stale_and_one_against_a_constraint_is_bad() -> None:
    assert fault_of(error_of("23514")) is Fault.STALE
    assert fault_of(error_of("23514", n="no_seven")) is Fault.DATA


@pytest.mark.parametrize(
    "error", [OSError("gone"), TimeoutError(), ConnectionResetError(), asyncpg.InterfaceError("closed")], ids=repr
)
def test_a_lost_connection_says_nothing_about_the_data(error: Exception) -> None:
    assert fault_of(error) is Fault.DOWN


def test_reasons_are_one_line_without_the_data() -> None:
    error = error_of("23514", M="new row violates", D="Failing row contains (secret).", n="no_seven")
    assert reason_of(error) == "new row violates (SQLSTATE 23514)"
    assert reason_of(OSError("gone")) == "gone"
    assert reason_of(TimeoutError()) == "TimeoutError"
