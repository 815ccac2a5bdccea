"""What is an e-mail address, and what a password."""

import pytest

from access.people.accounts import read_email
from access.people.passwords import Unfit, checked
from access.people.returning import own_path
from access.principals import Role


@pytest.mark.parametrize(
    "text", ["ann@example.com", " Ann@Example.COM\n", "o'brien+otel@sub.example.co", "root@localhost"]
)
def test_an_address_is_read_in_lower_case(text: str) -> None:
    assert read_email(text) == text.strip().lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@",
        "a@",
        "@b",
        "a b@c",
        "a@b c",
        "a@b@c",
        "а@example.com",
        "a@exämple.com",
        "a@b\0",
        "a\n@b",
        f"{'a' * 250}@b.example",
    ],
)
def test_what_is_no_address_or_looks_like_anothers_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="must be an e-mail address"):
        read_email(text)


@pytest.mark.parametrize("password", ["short", "x" * 257, "ann@example.com", "aaaaaaaaaaaaaaaa", "abcabcabcabcabc"])
def test_passwords_that_are_short_endless_or_guessed_at_once_are_not_taken(password: str) -> None:
    with pytest.raises(Unfit):
        checked(password, "ann@example.com")
    assert checked("a quiet path through woods", "ann@example.com")


@pytest.mark.parametrize("path", ["/", "/admin/traces?hours=3#x", "/%2F/x"])
def test_a_path_of_ours_is_gone_on_to(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path", [None, "", "x", "//x", "/\\x", "\\/x", "https://x", "/a\\b", "/a b", "/a\nb", "/" + "a" * 3000]
)
def test_any_other_address_is_not(path: str | None) -> None:
    assert own_path(path) == "/"


def test_roles_are_stored_and_read_by_their_names_and_each_may_what_those_below_may() -> None:
    assert [Role.named(str(role)) for role in Role] == [Role.VIEWER, Role.EDITOR, Role.ADMIN]
    assert Role.VIEWER < Role.EDITOR < Role.ADMIN
    with pytest.raises(ValueError, match="'owner' is no role"):
        Role.named("owner")
