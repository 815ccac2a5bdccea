"""Attacks from many sides, at most three of a kind: each is refused."""

from collections import Counter

import httpx
import pytest

from tests.attacks import on_content, on_identity, on_provider, on_sessions, on_transport
from tests.attacks.stage import ATTACKS, Attack, Stage

MODULES = (on_content, on_identity, on_provider, on_sessions, on_transport)


@pytest.fixture
def stage(nobody: httpx.Client, people_database: str) -> Stage:
    return Stage(people_database, nobody.base_url)


def test_the_attacks_are_many_and_of_many_kinds() -> None:
    kinds = Counter(attack.kind for attack in ATTACKS)
    assert sum(kinds.values()) >= 30
    assert len(kinds) >= 15
    assert max(kinds.values()) <= 3
    assert {attack.run.__module__ for attack in ATTACKS} == {module.__name__ for module in MODULES}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.kind}: {attack.name}")
def test_it_is_refused(stage: Stage, attack: Attack) -> None:
    attack.run(stage)
