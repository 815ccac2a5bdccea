"""Refusals are told once, summed up each minute, and told to be over."""

import logging

import pytest

from receiver.refusal_log import RefusalLog


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> RefusalLog:
    caplog.set_level(logging.WARNING, logger="receiver.refusal_log")
    return RefusalLog()


def test_a_spell_of_refusals_is_a_handful_of_lines(log: RefusalLog, caplog: pytest.LogCaptureFixture) -> None:
    for tenth in range(1500):
        log.refused("deferred (Unavailable)", "the database\nis away", tenth / 10)
        if tenth % 50 == 0:
            log.tick(tenth / 10)
    for second in range(150, 300, 5):
        log.tick(second)
    assert caplog.messages == [
        "requests are deferred (Unavailable): the database is away",
        "requests are deferred (Unavailable): 600 more, 601 so far",
        "requests are deferred (Unavailable): 600 more, 1201 so far",
        "requests are deferred (Unavailable): 299 more, 1500 so far",
        "no more requests are deferred (Unavailable); there were 1500",
    ]


def test_kinds_have_spells_of_their_own(log: RefusalLog, caplog: pytest.LogCaptureFixture) -> None:
    log.refused("refused (Invalid)", "no JSON", 0)
    log.refused("refused (TooLarge)", "too large", 1)
    log.refused("refused (Invalid)", "no JSON", 2)
    assert caplog.messages == ["requests are refused (Invalid): no JSON", "requests are refused (TooLarge): too large"]


def test_after_its_end_a_kind_is_told_anew(log: RefusalLog, caplog: pytest.LogCaptureFixture) -> None:
    log.refused("refused (Invalid)", "no JSON", 0)
    log.tick(59.9)
    log.tick(60)
    log.refused("refused (Invalid)", "no JSON", 61)
    assert [message.split()[0] for message in caplog.messages] == ["requests", "no", "requests"]


def test_a_defect_shows_its_traceback_once(log: RefusalLog, caplog: pytest.LogCaptureFixture) -> None:
    error = ZeroDivisionError("division by zero")
    for second in range(3):
        log.refused("deferred (Unforeseen)", "internal error", second, error)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is error
