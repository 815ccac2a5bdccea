"""A file of alerts is read whole, or refused with the line and field of every mistake."""

from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from alerting.provisioning.reading import BadFile, Source, read_file

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
RULE = """\
rules:
  - name: Errors
    metric_type: error_count
    condition: gt
    threshold: 10
"""
SILENCE = """\
silences:
  - matchers: [{name: service, value: shop}]
    starts_at: 2026-11-23T22:00:00+00:00
    ends_at: 2026-11-24T02:00:00Z
    created_by: ann
    reason: The database moves
"""


def read(directory: Path, text: str) -> Source:
    path = directory / "alerts.yaml"
    path.write_text(dedent(text))
    return read_file(path, NOW)


def refused(directory: Path, text: str) -> list[str]:
    with pytest.raises(BadFile) as refusal:
        read(directory, text)
    return list(refusal.value.mistakes)


def test_everything_that_a_file_may_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER_KEY", "from the environment")
    (tmp_path / "hook").write_text("https://hooks.slack.example/x\n")
    text = """\
        channels:
          on call:
            kind: pagerduty
            secrets: {routing_key: env:PAGER_KEY}
          team:
            kind: slack
            secrets: {webhook_url: file:hook}
          mail: {kind: email, settings: {to: [ops@example.com], from: o@example.com}}
        routes:
          - name: critical
            matchers: [{name: severity, value: critical}]
            channels: [on call]
            group_by: []
          - name: rest
        inhibitions:
          host down:
            source_matchers: [{name: alertname, value: HostDown}]
            target_matchers: [{name: host, op: =~, value: .+}]
            equal_labels: [host]
    """
    content = read(tmp_path, dedent(text) + SILENCE + RULE).content
    secrets = {name: channel.secrets.model_dump(exclude_unset=True) for name, channel in content.channels.items()}
    assert secrets == {
        "on call": {"routing_key": "from the environment"},
        "team": {"webhook_url": "https://hooks.slack.example/x"},
        "mail": {},
    }
    assert [route.name for route in content.routes] == ["critical", "rest"]
    assert content.inhibitions["host down"].equal_labels == ["host"]
    (silence,) = content.silences
    assert silence.starts_at == datetime(2026, 11, 23, 22, tzinfo=UTC)
    (rule,) = content.rules
    assert (rule.name, rule.threshold, rule.severity) == ("Errors", 10.0, "warning")


def test_an_empty_file_keeps_nothing(tmp_path: Path) -> None:
    for text in ("", "# nothing\n", "{}"):
        assert read(tmp_path, text).content.model_dump() == {
            "channels": {},
            "routes": [],
            "inhibitions": {},
            "silences": [],
            "rules": [],
        }


def test_words_that_older_yaml_takes_for_truth_are_words(tmp_path: Path) -> None:
    rule = RULE + "    labels: {country: no, switch: on}\n"
    assert read(tmp_path, rule).content.rules[0].labels == {"country": "no", "switch": "on"}


def test_a_silence_is_known_by_what_it_says(tmp_path: Path) -> None:
    one, same = (read(tmp_path, SILENCE).content.silences[0].known_by for _ in range(2))
    other = read(tmp_path, SILENCE.replace("shop", "cart")).content.silences[0].known_by
    assert one == same != other


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rules: [", "alerts.yaml:1: is no YAML: "),
        ("rules:\n  - name: a\n   name: b", "alerts.yaml:3: is no YAML: "),
        ("a: &a [*a]", "alerts.yaml: holds itself, or is nested too deeply"),
        ("- rules", "alerts.yaml:1: Input should be"),
        ("rule: []", "alerts.yaml:1: rule: Extra inputs are not permitted"),
        ("routes: []\nroutes: []", "alerts.yaml:2: has routes twice"),
        ("[a]: b", "alerts.yaml:1: has a key that is no text"),
        (
            RULE.replace("threshold: 10", "threshold: high"),
            "alerts.yaml:5: rules[0].threshold: Input should be a valid",
        ),
        (RULE.replace("    threshold: 10\n", ""), "alerts.yaml:2: rules[0].threshold: Field required"),
        (RULE.replace("gt", "above"), "alerts.yaml:4: rules[0].condition: Input should be"),
        (RULE.replace("error_count", "errors"), "alerts.yaml:3: rules[0].metric_type: must be one of"),
        (RULE + "    windows_needed: 3\n", "alerts.yaml:6: rules[0].windows_needed: must not be more"),
        (RULE + "    colour: red\n", "alerts.yaml:6: rules[0].colour: Extra inputs"),
        (RULE + RULE.removeprefix("rules:\n"), "alerts.yaml:1: rules: has the name Errors twice"),
        (SILENCE.replace("value: shop", "value: ''"), "alerts.yaml:2: silences[0].matchers: one of them at least"),
        (SILENCE.replace("value: shop", "op: =~, value: ("), "alerts.yaml:2: silences[0].matchers[0]: '(' is no reg"),
        (SILENCE.replace("2026-11-24T02", "2026-11-22T02"), "alerts.yaml:2: silences[0]: ends_at must be later"),
        (SILENCE.replace("T22:00:00+00:00", "T22:00:00"), "alerts.yaml:3: silences[0].starts_at: Input should have"),
        ("routes: [{name: a}, {name: a}]", "alerts.yaml:1: routes: has the name a twice"),
        ("routes:\n  - name: a\n    escalate_to: [b]", "alerts.yaml:2: routes[0]: escalate_after_minutes and"),
        ("inhibitions: {a: {}}", "alerts.yaml:1: inhibitions.a.source_matchers: Field required"),
        ("channels:\n  a:\n    kind: pigeon", "alerts.yaml:2: channels.a: Input tag 'pigeon'"),
        ("channels:\n  a:\n    kind: slack", "alerts.yaml:2: channels.a.secrets.webhook_url: is needed"),
        ("channels:\n  é:\n    kind: slack", "alerts.yaml:2: channels.é"),
        (
            "channels:\n  a:\n    kind: email\n    settings:\n      to: []",
            "alerts.yaml:5: channels.a.settings.to: List",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(tmp_path: Path, text: str, told: str) -> None:
    mistakes = refused(tmp_path, text)
    assert any(mistake.startswith(told) for mistake in mistakes), mistakes


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("https://hooks.slack.example/hunter2", "must be env:NAME or file:PATH, not the secret itself"),
        ("env:NOT_THERE", "the environment has no NOT_THERE"),
        ("file:not_there", "cannot read "),
        ("file:empty", "is empty"),
        ("5", "must be env:NAME or file:PATH"),
    ],
)
def test_a_secret_is_told_by_where_it_is(tmp_path: Path, secret: str, told: str) -> None:
    (tmp_path / "empty").write_text("\n")
    text = f"channels:\n  team:\n    kind: slack\n    secrets:\n      webhook_url: {secret}\n"
    (mistake, *_) = refused(tmp_path, text)
    assert mistake.startswith("alerts.yaml:5: channels.team.secrets.webhook_url: ")
    assert told in mistake
    assert "hunter2" not in mistake


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = RULE.replace("gt", "above").replace("10", "high") + SILENCE.replace("created_by: ann", "created_by: ''")
    assert [mistake.split(":")[1] for mistake in refused(tmp_path, text)] == ["10", "4", "5"]


def test_what_is_no_file_of_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    with pytest.raises(BadFile, match=r"alerts\.yaml: cannot be read: No such file"):
        read_file(path, NOW)
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadFile, match=r"alerts\.yaml: is no UTF-8"):
        read_file(path, NOW)
