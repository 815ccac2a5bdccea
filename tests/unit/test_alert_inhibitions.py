"""Inhibitions: which alerts keep people from being told of others."""

import pytest

from alerting.policy.inhibitions import Inhibition
from tests.telling_stories import inhibition

DOWN = {"alertname": "Down", "severity": "critical", "cluster": "a"}
SLOW = {"alertname": "Slow", "severity": "warning", "cluster": "a"}
BY_SEVERITY = inhibition("severity = critical", "severity =~ warning|info")
IN_ONE_CLUSTER = inhibition("severity = critical", "severity = warning", "cluster")
ANY = inhibition("alertname =~ .+", "alertname =~ .+")
HALF = inhibition("alertname =~ .+", "severity = warning")


@pytest.mark.parametrize(
    ("rule", "target", "firing", "expected"),
    [
        (BY_SEVERITY, SLOW, [DOWN], True),
        (BY_SEVERITY, SLOW, [DOWN, SLOW], True),
        (BY_SEVERITY, DOWN, [DOWN, SLOW], False),
        (BY_SEVERITY, SLOW, [SLOW], False),
        (BY_SEVERITY, SLOW, [], False),
        (IN_ONE_CLUSTER, SLOW, [DOWN], True),
        (IN_ONE_CLUSTER, SLOW, [{**DOWN, "cluster": "b"}], False),
        (IN_ONE_CLUSTER, SLOW, [{**DOWN, "cluster": "b"}, DOWN], True),
        (IN_ONE_CLUSTER, {"severity": "warning"}, [{"severity": "critical"}], True),
        (IN_ONE_CLUSTER, {"severity": "warning"}, [DOWN], False),
        (ANY, SLOW, [SLOW], False),
        (ANY, SLOW, [SLOW, DOWN], False),
        (HALF, SLOW, [SLOW], False),
        (HALF, SLOW, [SLOW, SLOW], False),
        (HALF, SLOW, [SLOW, DOWN], True),
    ],
)
def test_it_inhibits(rule: Inhibition, target: dict[str, str], firing: list[dict[str, str]], expected: bool) -> None:
    assert rule.inhibits(target, firing) is expected
