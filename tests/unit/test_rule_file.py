"""Rules are read whole, or refused by one line that says where and why."""

import sys
from pathlib import Path

import pytest
from opentelemetry.exporter.postgres.redaction import Action
from opentelemetry.exporter.postgres.rule_file import BadRules, read_rules

PAGE = Path(__file__).parents[2] / "docs" / "attribute-rules.md"
KEY = "sixteen or more characters"
RULE = '[[rule]]\nkey = "a"\naction = "drop"\n'


def read(directory: Path, text: str, hash_key: str | None = KEY) -> tuple[tuple[object, ...], ...]:
    path = directory / "rules.toml"
    path.write_text(text)
    return tuple(
        (rule.key, rule.action, rule.value and rule.value.pattern, rule.service)
        for rule in read_rules(path, hash_key, "THE_KEY").rules
    )


def test_rules_in_their_order(tmp_path: Path) -> None:
    text = """
    [[rule]]
    key = "http.request.header.*"
    action = "drop"
    [[rule]]
    key = "user.email"
    action = "hash"
    service = "shop-*"
    [[rule]]
    key = "*"
    value = '\\d{16}'
    action = "mask"
    """
    assert read(tmp_path, text) == (
        ("http.request.header.*", Action.DROP, None, None),
        ("user.email", Action.HASH, None, "shop-*"),
        ("*", Action.MASK, rb"\d{16}", None),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "must hold [[rule]] tables and nothing else"),
        ("rule = 5", "must hold [[rule]] tables and nothing else"),
        ("rule = [5]", "rule 1: must be a table"),
        ('[rule]\nkey = "a"', "must hold [[rule]] tables and nothing else"),
        (RULE + "[other]\n", "must hold [[rule]] tables and nothing else"),
        ("[[rule]\n", "is no TOML"),
        (RULE + '[[rule]]\naction = "drop"', "rule 2, key: is missing"),
        ('[[rule]]\nkey = ""\naction = "drop"', "rule 1, key: must be a text that is not empty"),
        ('[[rule]]\nkey = 5\naction = "drop"', "rule 1, key: must be a text that is not empty"),
        (RULE + RULE + '[[rule]]\nkey = "a"', "rule 3, action: must be drop, hash, mask"),
        ('[[rule]]\nkey = "a"\naction = "hide"', "rule 1, action: must be drop, hash, mask"),
        (RULE + "service = true", "rule 1, service: must be a text that is not empty"),
        (RULE + 'vlaue = "x"', "rule 1, vlaue: is no field of a rule; there are key, action, value, service"),
        (RULE + 'value = "(a"', "rule 1, value: is no regular expression of RE2: missing ): (a"),
        (RULE + "value = '(?=a)'", "rule 1, value: is no regular expression of RE2"),
        (RULE + 'value = "a*"', "rule 1, value: must not match an empty text"),
        ('[[rule]]\nkey = "Service.Name"\naction = "mask"', "rule 1, key: service.name tells whose data it is"),
    ],
)
def test_a_mistake_is_one_line_that_says_where(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadRules) as refusal:
        read(tmp_path, text)
    assert str(refusal.value).startswith(f"{tmp_path}/rules.toml")
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match=r"none\.toml cannot be read: No such file or directory"):
        read_rules(tmp_path / "none.toml", None, "THE_KEY")


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_bytes(b'[[rule]]\nkey = "\xff"')
    with pytest.raises(BadRules, match=r"rules\.toml is no TOML"):
        read_rules(tmp_path / "rules.toml", None, "THE_KEY")


def test_a_hash_needs_a_key(tmp_path: Path) -> None:
    text = RULE + '[[rule]]\nkey = "b"\naction = "hash"'
    with pytest.raises(BadRules, match="rule 2, action: hash needs a key: set THE_KEY"):
        read(tmp_path, text, None)
    with pytest.raises(BadRules, match="THE_KEY must have at least 16 characters") as refusal:
        read(tmp_path, text, "guessable")
    assert "guessable" not in str(refusal.value)
    assert len(read(tmp_path, RULE, None)) == 1


def test_only_patterns_need_re2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    assert len(read(tmp_path, RULE)) == 1
    with pytest.raises(BadRules, match=r"rule 1, value: needs google-re2: pip install"):
        read(tmp_path, RULE + 'value = "x"')


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    _, _, rest = PAGE.read_text().partition("```toml\n")
    example, _, _ = rest.partition("```")
    found = read(tmp_path, example)
    assert [(rule[1], rule[2] is not None, rule[3]) for rule in found] == [
        (Action.DROP, False, None),
        (Action.MASK, False, "chat-*"),
        (Action.MASK, False, None),
        (Action.HASH, False, None),
        (Action.MASK, True, None),
    ]
    (path,) = tmp_path.iterdir()
    card = read_rules(path, KEY, "THE_KEY").rules[-1].value
    assert card is not None
    assert card.sub(b"***", b"paid 4111 1111-11111111, order 1234567890") == b"paid ***, order 1234567890"
