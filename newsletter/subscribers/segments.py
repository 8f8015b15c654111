"""How a segment's condition is written: `list = weekly and attributes.city in (Berlin, "New York")`.

    condition  := test, `and`, `or`, `not`, ( … )          and binds tighter than or
    test       := field operator value | field `in` (value, …) | field `exists`
    operator   := =  !=  <  >  <=  >=  contains  starts  ends
    value      := a word, or a text in quotes, in which \\ is put before a quote

The parser makes the tree of `model/segment.py` and looks at every value that has to be a date, a status or a yes.
A mistake is a `BadCondition`: where it is, and what to write. What is asked of a database is none of its business.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from newsletter.model.segment import All, AnyOf, Condition, Field, Not, Operator, Test
from newsletter.model.subscriber import Status
from newsletter.problems import UsageError
from newsletter.subscribers.addresses import BadAddress, domain_of, parse_address

MOST_CHARACTERS = 4_000
MOST_TESTS = 100
MOST_DEEP = 50
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | “[^”]*” | ‘[^’]*’)
      | (?P<operator><=|>=|!=|<>|==|=|<|>|≤|≥|≠)
      | (?P<mark>[(),，（）])
      | (?P<word>[^\s"'“”‘’()<>=!,，（）≤≥≠]+)
      | (?P<bad>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_SPELLED = {"<>": "!=", "==": "=", "≤": "<=", "≥": ">=", "≠": "!="}
_MARKS = {"，": ",", "（": "(", "）": ")"}
_RESERVED = frozenset({"and", "or", "not", "in"})
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}
AGO = re.compile(r"(\d{1,5}) (day|week|month|year)s? ago")
_TEXT = frozenset(Operator) - {
    Operator.LESS,
    Operator.MORE,
    Operator.AT_MOST,
    Operator.AT_LEAST,
}
_NAMED = frozenset({Operator.EQUAL, Operator.UNEQUAL, Operator.IN})
_ORDERED = _NAMED - {Operator.IN} | {
    Operator.LESS,
    Operator.MORE,
    Operator.AT_MOST,
    Operator.AT_LEAST,
}
_FITTING: dict[Field, frozenset[Operator]] = {
    Field.EMAIL: _TEXT,
    Field.NAME: _TEXT,
    Field.LANGUAGE: _TEXT,
    Field.DOMAIN: _TEXT,
    Field.SOURCE: _TEXT,
    Field.TAG: _NAMED | {Operator.EXISTS},
    Field.LIST: _NAMED | {Operator.EXISTS},
    Field.STATUS: _NAMED | {Operator.EXISTS},
    Field.RECEIVED: _NAMED | {Operator.EXISTS},
    Field.CLICKED: frozenset(Operator) - {Operator.CONTAINS, Operator.STARTS, Operator.ENDS},
    Field.SUPPRESSED: frozenset({Operator.EQUAL, Operator.UNEQUAL, Operator.EXISTS}),
    Field.CREATED: _ORDERED,
    Field.JOINED: _ORDERED,
    Field.ATTRIBUTE: frozenset(Operator),
}
_OF = frozenset({Field.ATTRIBUTE, Field.STATUS, Field.JOINED})
_DATES = frozenset({Field.CREATED, Field.JOINED})
_COMPARING = _ORDERED - _NAMED
YES = frozenset({"yes", "true", "1", "是"})
NO = frozenset({"no", "false", "0", "否"})


class BadCondition(UsageError):
    """The condition cannot be read; `position` counts characters from 1."""

    def __init__(self, what: str, position: int, hint: str) -> None:
        super().__init__(f"{what} (at character {position} of the condition)", hint)
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Condition:
    """The condition that a text means. Raises BadCondition."""
    if len(text) > MOST_CHARACTERS:
        raise BadCondition(
            "the condition is too long", MOST_CHARACTERS, "Make two segments of it, or use a tag."
        )
    return _Parser(text).whole()


def days_ago(value: str) -> int | None:
    """How many days back `30 days ago` is; None for what is a date."""
    found = AGO.fullmatch(value)
    return int(found[1]) * _UNITS[found[2]] if found else None


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._end = len(text) + 1
        self._tests = 0
        self._depth = 0

    def whole(self) -> Condition:
        if not self._tokens:
            raise BadCondition(
                "there is no condition", 1, "Write one: list = weekly and language = de"
            )
        found = self._any()
        if (rest := self._next()) is not None:
            hint = (
                "Take it away, or open a bracket before."
                if rest.text == ")"
                else "Put `and` or `or` between two tests, and quotes around a text with spaces."
            )
            raise BadCondition(f"{_shown(rest)} is not expected here", rest.at, hint)
        return found

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._takes("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Condition:
        at = self._here()
        self._depth += 1
        if self._depth > MOST_DEEP:
            raise BadCondition("the brackets are nested too deeply", at, "Make it simpler.")
        try:
            if self._takes("not"):
                return Not(self._one())
            if self._takes_mark("("):
                inner = self._any()
                self._wants(")", "Close the bracket.")
                return inner
            return self._test()
        finally:
            self._depth -= 1

    def _test(self) -> Condition:
        self._tests += 1
        token = self._next()
        if token is None or token.kind != "word" or token.text.lower() in _RESERVED:
            what = "the condition ends" if token is None else f"{_shown(token)} stands"
            raise BadCondition(
                f"{what} where a field is expected",
                token.at if token else self._end,
                f"Fields: {_fields()}. Texts that are no field stand after an operator.",
            )
        if self._tests > MOST_TESTS:
            raise BadCondition("there are too many tests", token.at, "List values: field in (…).")
        field, of = self._field(token)
        operator, at = self._operator(field)
        if operator is Operator.EXISTS:
            return Test(field, of, operator)
        if operator is Operator.IN:
            values = self._values(field)
        else:
            values = (self._value(field, of, operator),)
        found = Test(field, of, operator, values)
        if field is Field.SUPPRESSED:
            suppressed = Test(field, of, Operator.EXISTS)
            wanted = (values[0].lower() in YES) is (operator is Operator.EQUAL)
            return suppressed if wanted is (at > 0) else Not(suppressed)
        if operator is Operator.UNEQUAL:
            return Not(Test(field, of, Operator.EQUAL, values))
        return Not(found) if at < 0 else found

    def _field(self, token: _Token) -> tuple[Field, str]:
        name, dot, of = token.text.partition(".")
        name = {"attribute": "attributes", "tags": "tag"}.get(name.lower(), name.lower())
        if name not in {str(field) for field in Field}:
            near = difflib.get_close_matches(name, [str(field) for field in Field], n=1)
            raise BadCondition(
                f"there is no field {token.text}",
                token.at,
                f"Did you mean {near[0]}?" if near else f"Fields: {_fields()}. {_ABOUT_OWN}",
            )
        field = Field(name)
        if dot and not of:
            of = self._quoted(token)
        if of and field not in _OF:
            raise BadCondition(f"{name} has no parts", token.at, f"Write {name} alone.")
        if field is Field.ATTRIBUTE and not of:
            raise BadCondition("which attribute?", token.at, _ABOUT_OWN)
        return field, of

    def _quoted(self, before: _Token) -> str:
        """The name in quotes right behind a point: attributes."home town"."""
        token = self._next()
        if token is None or token.kind != "text" or not token.text:
            raise BadCondition("a name is expected behind the point", before.at, _ABOUT_OWN)
        return token.text

    def _operator(self, field: Field) -> tuple[Operator, int]:
        """The operator, and where it is; at -1 where `not` stands before it."""
        token = self._next()
        negated = token is not None and token.kind == "word" and token.text.lower() == "not"
        if negated:
            token = self._next()
        spelled = token.text.lower() if token and token.kind in ("operator", "word") else ""
        try:
            operator = Operator(_SPELLED.get(spelled, spelled))
        except ValueError:
            self._no_operator(field, token)
        assert token is not None
        if operator not in _FITTING[field]:
            fitting = "  ".join(one for one in Operator if one in _FITTING[field])
            raise BadCondition(
                f"{field} cannot be asked with {operator}", token.at, f"It takes: {fitting}"
            )
        return operator, -1 if negated else token.at

    def _no_operator(self, field: Field, token: _Token | None) -> NoReturn:
        fitting = "  ".join(one for one in Operator if one in _FITTING[field])
        what = f"{_shown(token)} stands" if token else "the condition ends"
        raise BadCondition(
            f"{what} where an operator is expected", token.at if token else self._end, fitting
        )

    def _values(self, field: Field) -> tuple[str, ...]:
        self._wants("(", "List the values: in (a, b).")
        values = [self._value(field, "", Operator.IN)]
        while self._takes_mark(","):
            values.append(self._value(field, "", Operator.IN))
        self._wants(")", "Close the list, and put commas between its values.")
        return tuple(values)

    def _value(self, field: Field, of: str, operator: Operator) -> str:
        token = self._next()
        if (
            token is None
            or token.kind not in ("word", "text")
            or (token.kind == "word" and token.text.lower() in _RESERVED)
        ):
            what = f"{_shown(token)} stands" if token else "the condition ends"
            raise BadCondition(
                f"{what} where a value is expected",
                token.at if token else self._end,
                "Write a word, or a text in quotes.",
            )
        value = token.text
        dated = field in _DATES or (field is Field.CLICKED and operator in _COMPARING)
        if dated or (field is Field.ATTRIBUTE and value.isdecimal()):
            value = self._with_unit(value)
        if dated:
            return _date(value, token.at)
        if field is Field.STATUS and value not in set(Status):
            raise BadCondition(
                f"there is no status {value}", token.at, f"There are: {', '.join(Status)}"
            )
        if operator in _NAMED:
            value = _normal(field, value)
        if field is Field.SUPPRESSED and value.lower() not in YES | NO:
            raise BadCondition("suppressed is yes or no", token.at, "Write: suppressed = yes")
        return value

    def _with_unit(self, value: str) -> str:
        """`30 days ago` is three words and one value."""
        words = [one.text.lower() for one in self._tokens[self._at : self._at + 2]]
        whole = " ".join([value, *words])
        if not AGO.fullmatch(whole):
            return value
        self._at += 2
        return whole

    def _takes(self, word: str) -> bool:
        token = self._peek()
        if token is None or token.kind != "word" or token.text.lower() != word:
            return False
        self._at += 1
        return True

    def _takes_mark(self, mark: str) -> bool:
        token = self._peek()
        if token is None or token.kind != "mark" or token.text != mark:
            return False
        self._at += 1
        return True

    def _wants(self, mark: str, hint: str) -> None:
        if not self._takes_mark(mark):
            raise BadCondition(f"{mark} is expected here", self._here(), hint)

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> _Token | None:
        token = self._peek()
        self._at += token is not None
        return token

    def _here(self) -> int:
        token = self._peek()
        return token.at if token else self._end


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None
        kind = str(found.lastgroup)
        start = found.start(kind)
        value = found[kind]
        if kind == "bad":
            raise BadCondition(
                f"{value} cannot be read",
                start + 1,
                "Close the quote." if value in "\"'“‘" else "Put quotes around it.",
            )
        if kind == "text":
            value = re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] in "\"'" else value[1:-1]
        yield _Token(kind, _MARKS.get(value, value) if kind == "mark" else value, start + 1)
        at = found.end()


def _date(value: str, at: int) -> str:
    if days_ago(value) is not None:
        return value
    try:
        datetime.datetime.fromisoformat(value)
    except ValueError:
        raise BadCondition(
            f"{value} is no date", at, 'Write 2026-01-31, "2026-01-31 09:00" or 30 days ago.'
        ) from None
    return value


def _normal(field: Field, value: str) -> str:
    """An address or a domain as it is kept; anything else, and what is none, stays as it was written."""
    try:
        if field is Field.EMAIL:
            return parse_address(value).key
        if field is Field.DOMAIN:
            return domain_of(value.lstrip("@"))
    except BadAddress:
        pass
    return value


def _shown(token: _Token) -> str:
    return f'"{token.text}"' if token.kind == "text" else f"`{token.text}`"


def _fields() -> str:
    return ", ".join(field for field in Field if field is not Field.ATTRIBUTE) + ", attributes.NAME"


_ABOUT_OWN = 'Attributes of your own are attributes.NAME, or attributes."a name".'
