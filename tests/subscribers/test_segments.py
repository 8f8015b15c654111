"""How a condition is written: what it means, and what is said of a mistake, with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model.segment import (
    All,
    AnyOf,
    Condition,
    Field,
    Not,
    Operator,
    Test,
    from_json,
    to_json,
)
from newsletter.subscribers.segments import BadCondition, parse


def _attribute(name: str, operator: Operator, *values: str) -> Test:
    return Test(Field.ATTRIBUTE, name, operator, values)


WEEKLY = Test(Field.LIST, "", Operator.EQUAL, ("weekly",))
GERMAN = Test(Field.LANGUAGE, "", Operator.EQUAL, ("de",))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("list = weekly", WEEKLY),
        ("list = weekly and not language = de", All((WEEKLY, Not(GERMAN)))),
        ("list = weekly or language = de and list = weekly", AnyOf((WEEKLY, All((GERMAN, WEEKLY))))),
        ("(list = weekly or language = de) AND list=weekly", All((AnyOf((WEEKLY, GERMAN)), WEEKLY))),
        ('attributes.city in ("Berlin", 上海)', _attribute("city", Operator.IN, "Berlin", "上海")),
        ("attributes.city in （柏林，上海）", _attribute("city", Operator.IN, "柏林", "上海")),
        ('attributes."home town" exists', _attribute("home town", Operator.EXISTS)),
        ("attributes.note = 'say \\'yes\\''", _attribute("note", Operator.EQUAL, "say 'yes'")),
        ("attributes.city != Berlin", Not(_attribute("city", Operator.EQUAL, "Berlin"))),
        ("language not in (de)", Not(Test(Field.LANGUAGE, "", Operator.IN, ("de",)))),
        ("joined.weekly >= 30 days ago", Test(Field.JOINED, "weekly", Operator.AT_LEAST, ("30 days ago",))),
        ("status.weekly = unsubscribed", Test(Field.STATUS, "weekly", Operator.EQUAL, ("unsubscribed",))),
        ("suppressed = no", Not(Test(Field.SUPPRESSED, "", Operator.EXISTS))),
        ("suppressed != no", Test(Field.SUPPRESSED, "", Operator.EXISTS)),
        ("domain = München.DE", Test(Field.DOMAIN, "", Operator.EQUAL, ("xn--mnchen-3ya.de",))),
        ("email = Anna@Example.COM", Test(Field.EMAIL, "", Operator.EQUAL, ("anna@example.com",))),
    ],
)  # fmt: skip
def test_a_condition_means(text: str, tree: Condition) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("", 1, "there is no condition"),
        ("list", 5, "an operator is expected"),
        ("list =", 7, "a value is expected"),
        ("list = a b", 10, "`b` is not expected here"),
        ("lst = weekly", 1, "there is no field lst"),
        ("list = weekly and (language = de", 33, ") is expected here"),
        ("list = weekly)", 14, "`)` is not expected here"),
        ("name > Anna", 6, "name cannot be asked with >"),
        ("created = yesterday", 11, "yesterday is no date"),
        ("status = gone", 10, "there is no status gone"),
        ('name = "Anna', 8, "cannot be read"),
        ("attributes = 3", 1, "which attribute?"),
        ("name.first = 3", 1, "name has no parts"),
        ("list in weekly", 9, "( is expected here"),
        ("list = and", 8, "a value is expected"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, position: int, told: str) -> None:
    with pytest.raises(BadCondition) as caught:
        parse(text)
    assert caught.value.position == position
    assert told in caught.value.message
    assert caught.value.hint


def test_a_field_that_is_nearly_right_is_named() -> None:
    with pytest.raises(BadCondition) as caught:
        parse("languag = de")
    assert caught.value.hint == "Did you mean language?"


def test_nothing_that_is_typed_breaks_the_parser_otherwise() -> None:
    for text in ("(" * 10_000, "not " * 10_000, "list = a or " * 400, "x" * 5_000):
        with pytest.raises(BadCondition):
            parse(text)


@given(st.text(alphabet="()ab =<>!\"'.,and or not in list 上\\", max_size=60))
def test_any_text_is_a_condition_or_a_mistake_with_a_place_in_it(text: str) -> None:
    tree, position = _read(text)
    assert position == 0 or 1 <= position <= len(text) + 1
    assert tree is None or from_json(to_json(tree)) == tree


def _read(text: str) -> tuple[Condition | None, int]:
    try:
        return parse(text), 0
    except BadCondition as caught:
        return None, caught.position
