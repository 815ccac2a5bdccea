"""enterprise.message_patterns: no message is hidden in which full text finds the words.

Patterns are made of each lexeme alone, so a message that passes its own passes those of all words that it matches.
"""

import re
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import copied
from tests.served_api import sql

STEMS = re.findall(
    r"\S+",
    """
ability abil able act add agree alt ancien arch bang base beauty begin bias bl cactus cat cater certif cit class
commun conform connect consist cr crash cred critic cry day deb decis defens depend die differ dig digit disk dog dy
east econom egg elect emptied end entit equ eval even exce exit expl fail fals fan fancy fast fee feud fil fix flow
fluen form free fr gas gener gent gl good grav gyrosc hesit hid hop hope host humb id idl im inning int inter just k
kind know l label late leg li lie logic luxur man marin mat mix mob motor mult mur nat need news nob obj oblig off onl
oper organ out pai pass past pay pin plan plast point poss pred prob proc prox quer quick rat react real recover red
refus rel repl reset retr rev rob rock roll run s sav sec sens serv sing siz sk skies skis sky sol spell stab stat
stop stud succ syn synchron t tabl tan temp terr tie time timeout token tot tr trac trad trap try ugl univers up val
vari vis vy wid work y yell yes z
""",
)
ENDINGS = [
    "",
    *re.findall(
        r"\S+",
        """
's s es ss sses ie ies ied y ying ed eed eedly edly ing ings ingly er ers est e le ble bly bility bilities able ably
ability abilities ible ibly ibility al ally ality ate ates ated ating ation ations ational ator ators ative atives
alism alisms aliti alize alized alizing alization ance ances ancy anci ence ency encies enci ent ently entli ents ful
fully fulness fulli ion ions sion tion tional tionally ic ics ical ically icate icated iciti icity ism ist ists iti
ity ities ive ively iveness iviti ivity ize ized izer izers izing ization izations less lessli lessly ll lly li liness
ly ment ments ement emental ness nesses ogi ogies ogist ogists ology our ous ously ousness ousli us tied tying rring
pped pping sing zes zing
""",
    ),
]
TEXTS = """
user@mail.example.com
Kate.O'Neil+tag@Example.CO.UK
https://example.com/a/b.html?x=1&y=a%20b#Top
http://user:pass@host-1.example.org:8080/health_check
/var/log/My_App/error-2026-11-23.log
C:\\Program Files\\App\\run.exe
10.0.0.1:5432 ::1 fe80::1%eth0
1.2.3 v1.2.3-rc.1+build.5 1e10 -17 +4.5E-3 .5 0x1F
550e8400-e29b-41d4-a716-446655440000
up-to-date well-KNOWN x-request-id-1 foo-bar-42 re--try -a- self-dying non-Übung
user_id=42;tags=[Dying,lying];{"key":"Values"}
<b>Bold</b> &amp; &nbsp; <!-- hidden --> <a href="x_y">links</a>
100% of a_b\\c done \\% \\_ %% __
\u212aILLING İSTANBUL \u212aelvin \u212a İ ı IN DIS\u212a ſtop ﬁnding ΣΊΣΥΦΟΣ ǅ
Straße gesperrt: ÜBERGRÖSSE, naïve cafés façade's résumés
データベース 接続 エラー 连接 重置 연결 오류 соединение сброшено اتصال ١٢٣ חיבור
can't won't it's O’Reilly's rock'n'roll
TimeoutError: org.example.FooBar$1.run(FooBar.java:42)
""".strip().splitlines()


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def hidden(database: str, messages: list[str]) -> list[tuple[str, list[str]]]:
    """Messages that do not pass the patterns of their own words, with those."""
    rows = sql(
        database,
        "SELECT message, enterprise.message_patterns(message) FROM unnest($1::text[]) AS message "
        'WHERE NOT message COLLATE "C" ILIKE ALL (enterprise.message_patterns(message))',
        messages,
    )
    return [tuple(row) for row in rows]


def patterns(database: str, words: str) -> list[str]:
    found: list[str] = sql(database, "SELECT enterprise.message_patterns($1)", words)[0][0]
    return found


def test_no_form_of_a_word_is_hidden(database: str) -> None:
    words = {stem + ending for stem, ending in product(STEMS, ENDINGS)}
    twice = {stem + first + second for stem, first, second in product(STEMS[::20], ENDINGS, ENDINGS)}
    everything = sorted(words | twice)
    assert len(everything) > 100_000
    assert hidden(database, everything) == []
    assert hidden(database, [word.upper() for word in sorted(words)]) == []


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_of_this_kind_is_hidden(database: str, text: str) -> None:
    forms = [text, text.upper(), text.lower(), text.title(), text.swapcase(), text[::-1], f"({text})", f"x{text}y"]
    assert hidden(database, forms) == []


pieces = st.one_of(
    st.builds(str.__add__, st.sampled_from(STEMS), st.sampled_from(ENDINGS)),
    st.sampled_from([word for text in TEXTS for word in text.split()]),
    st.text(st.sampled_from("aeiouybcdklst\u212aİßé0-9._/@:%\\'"), max_size=10),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)
cases = st.sampled_from([str, str.upper, str.lower, str.title, str.swapcase])
messages = st.lists(
    st.builds(lambda piece, case, gap: case(piece) + gap, pieces, cases, st.sampled_from([" ", "", "-", "_", "."])),
    max_size=12,
).map("".join)


@given(some=st.lists(messages, min_size=20, max_size=20))
@settings(max_examples=100, deadline=None)
def test_no_message_is_hidden(database: str, some: list[str]) -> None:
    assert hidden(database, some) == []


@given(words=messages)
@example("up-to-date x-request-id-1 user@mail.example.com http://a.b/c?d=e -17 can't")
@settings(max_examples=100, deadline=None)
def test_words_have_the_lexemes_of_their_queries(database: str, words: str) -> None:
    """The patterns are made from a tsvector, the condition is a tsquery."""
    vector, plain, phrase = sql(
        database,
        "SELECT tsvector_to_array(to_tsvector('english', $1)), plainto_tsquery('english', $1)::text, "
        "phraseto_tsquery('english', $1)::text",
        words,
    )[0]
    for query in (plain, phrase):
        quoted = re.findall(r"'((?:[^'\\]|''|\\.)*)'", query, re.DOTALL)
        assert {re.sub(r"''|\\(.)", lambda found: found[1] or "'", each, flags=re.DOTALL) for each in quoted} == set(
            vector
        )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", []),
        ("the", []),
        ("connection reset", ["%connect%", "%reset%"]),
        ("Probability skies dying", ["%probab%"]),
        ("cries", ["%cr_%"]),
        ("4711", ["%4711%"]),
        ("disk", ["%d_s_%"]),
        ("kick", []),
        ("/var/my_disk", ["%/var/my_d_s_%"]),
        ("Übergröße", ["%%bergr%%"]),
        ("接続", []),
    ],
)
def test_patterns_are(database: str, words: str, expected: list[str]) -> None:
    assert patterns(database, words) == expected
