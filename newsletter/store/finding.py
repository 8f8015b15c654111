"""Finding people by parts of their names and addresses without looking at everybody.

SQLite has an index of every three letters in a row (`subscribers_text`, FTS5), kept up to date by triggers. It tells who
may have a word, never exactly who has: a condition is always asked of them as well. Two letters in a row are found by
what three-letter terms begin with them, where letters have no case, as in Chinese. PostgreSQL uses its own index (pg_trgm)
for the conditions as they stand.

What is left of an erased person in that index is rubbed out by `rub_out`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, and_, bindparam, text

from newsletter.model.segment import (
    All,
    AnyOf,
    Condition,
    Field,
    Operator,
    Segment,
    Test,
    tests_in,
)
from newsletter.store.conditions import Clock, matches, spellings
from newsletter.store.connecting import ERASED
from newsletter.store.identities import rules_in_force
from newsletter.store.schema import subscribers
from newsletter.store.spelling_out import spelled_out

FEW = 20_000
"""People up to whom all are looked up, who may have the words."""
_MOST_TERMS = 300
_GRAM = 3
_NOBODYS = "\x01" * _GRAM
"""A term that nobody has: texts hold no control characters."""
_WHERE = frozenset({Field.EMAIL, Field.NAME})
_MATCH = "SELECT rowid FROM subscribers_text WHERE subscribers_text MATCH :words"
_BOUNDED = (
    "SELECT count(*) FROM "
    "(SELECT rowid FROM subscribers_text WHERE subscribers_text MATCH :words LIMIT :most)"
)


def in_segment(connection: Connection, segment: Segment) -> ColumnElement[bool]:
    """The condition that the subscriber at hand is in the segment, today. Nobody who is erased is."""
    inside = matches(connection, spelled_out(connection, segment.tree), Clock.of(segment.zone))
    narrow = narrowed(connection, segment.tree)
    parts = (subscribers.c.email != "", inside)
    return and_(*parts) if narrow is None else and_(narrow, *parts)


def narrowed(connection: Connection, condition: Condition) -> ColumnElement[bool] | None:
    """That somebody is one of the few who may have the words of a condition; None where it has no words, or where many
    have them. Whoever the condition holds for is one of them."""
    if not has_index(connection):
        return None
    by_address = any(test.field is Field.EMAIL for test in tests_in(condition))
    if by_address and not rules_in_force(connection).plain:
        return None  # addresses are in the index by their identity, not as they are written
    asked = [one for part in _conjuncts(condition) if (one := _match_of(connection, part))]
    if not asked:
        return None
    words = " AND ".join(f"({one})" for one in asked)
    if connection.execute(text(_BOUNDED), {"words": words, "most": FEW + 1}).scalar_one() > FEW:
        return None
    found = text(_MATCH).bindparams(bindparam("words", words, unique=True))
    return subscribers.c.id.in_(found)


def has_index(connection: Connection) -> bool:
    """Whether words are looked up in an index of ours; PostgreSQL's own needs no word from us."""
    if connection.dialect.name != "sqlite":
        return False
    made = text("SELECT 1 FROM sqlite_master WHERE name = 'subscribers_terms'")
    return connection.execute(made).first() is not None


def rub_out(connection: Connection) -> None:
    """Writes the index anew where something was taken out of it, so that nothing of an erased person is left in it. Takes
    a second for a million people. The log of the database is emptied once this is committed (`Store.writing`)."""
    connection.info[ERASED] = True
    if has_index(connection):
        connection.execute(
            text("INSERT INTO subscribers_text (subscribers_text) VALUES ('optimize')")
        )


def _conjuncts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _conjuncts(part)
    else:
        yield condition


def _match_of(connection: Connection, condition: Condition) -> str:
    """What the index is asked for everybody whom a condition may hold for; empty where it is of no use."""
    if isinstance(condition, AnyOf) and condition.parts:
        ways = {_match_of(connection, part) for part in condition.parts}
        return "" if "" in ways else " OR ".join(f"({one})" for one in sorted(ways))
    if not isinstance(condition, Test) or condition.field not in _WHERE:
        return ""
    looked_up = condition.operator in (Operator.CONTAINS, Operator.STARTS, Operator.ENDS)
    return _word(connection, condition.values[0]) if looked_up else ""


def _word(connection: Connection, word: str) -> str:
    found = {_spelled(connection, one) for one in spellings(word)}
    return "" if "" in found or not found else " OR ".join(f"({one})" for one in sorted(found))


def _spelled(connection: Connection, word: str) -> str:
    if "\0" in word:
        return ""
    if len(word) >= _GRAM:
        grams = dict.fromkeys(word[at : at + _GRAM] for at in range(len(word) - _GRAM + 1))
        return " AND ".join(map(_quoted, grams))
    return _begun(connection, word)


def _begun(connection: Connection, word: str) -> str:
    """Every term that begins with a word of two letters. Of letters beyond ASCII only those that have no case: the index
    has a way of its own to make them small."""
    if len(word) != _GRAM - 1 or not (word.isascii() or word.lower() == word.upper()):
        return ""
    word = word.lower()
    query = text(
        "SELECT term FROM subscribers_terms WHERE term >= :first AND term < :last LIMIT :most"
    )
    last = word[:-1] + chr(min(ord(word[-1]) + 1, 0x10FFFF))
    asked = {"first": word, "last": last, "most": _MOST_TERMS + 1}
    terms = connection.execute(query, asked).scalars().all()
    if not terms:
        return _quoted(_NOBODYS)
    return "" if len(terms) > _MOST_TERMS else " OR ".join(map(_quoted, terms))


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
