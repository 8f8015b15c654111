"""A segment's condition as SQL on `subscribers`: every value is a bound parameter, every name one of our columns.

Texts of `=` and `in` are compared letter by letter, addresses, domains, languages, lists and tags without case;
`contains`, `starts` and `ends` never look at case. What is not known is no match, and `not` turns that around:
`attributes.city != Berlin` holds for whoever has no city. The expression of an attribute is the same wherever
it is asked, so that an index on it (`attribute_indexes`) is used.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    type_coerce,
)

from newsletter.model.campaign import DeliveryStatus
from newsletter.model.identity import PLAIN, IdentityRules
from newsletter.model.segment import (
    All,
    AnyOf,
    Condition,
    Field,
    Not,
    Operator,
    Test,
    list_names,
    tests_in,
)
from newsletter.model.subscriber import Status
from newsletter.store.events import now
from newsletter.store.identities import rules_in_force
from newsletter.store.schema import (
    campaigns,
    deliveries,
    lists,
    subscribers,
    subscriptions,
    suppressions,
)
from newsletter.store.schema_clicks import clicks

_YES = frozenset({"yes", "true", "1", "是"})
_UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_LIKE = str.maketrans({"%": "/%", "_": "/_", "/": "//"})
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Clock:
    """What dates of a condition are counted from: a day is a day of this zone."""

    now: datetime.datetime
    zone: datetime.tzinfo = datetime.UTC

    @classmethod
    def of(cls, zone: str) -> Clock:
        return cls(now(), ZoneInfo(zone))


def matches(
    connection: Connection, condition: Condition, clock: Clock | None = None
) -> ColumnElement[bool]:
    """The condition that the tests hold for the subscriber at hand. It holds for erased people too."""
    return asked_of(connection, condition, clock).condition(condition)


def asked_of(
    connection: Connection,
    condition: Condition,
    clock: Clock | None = None,
    *,
    as_sets: bool = False,
) -> Asked:
    """What turns tests into SQL, with the lists of this database that the condition names."""
    dialect = connection.dialect.name
    ids = _list_ids(connection, condition)
    by_address = any(test.field is Field.EMAIL for test in tests_in(condition))
    rules = rules_in_force(connection) if by_address else PLAIN
    return Asked(dialect, clock or Clock(now()), ids, rules, as_sets)


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition as it is turned into SQL: for which database, on which day, with which lists."""

    dialect: str
    clock: Clock
    list_ids: Mapping[str, tuple[int, ...]]
    rules: IdentityRules = PLAIN
    as_sets: bool = False
    """Whether tests of other tables are asked as sets of people: fast where those are small."""

    def condition(self, condition: Condition) -> ColumnElement[bool]:
        match condition:
            case Test():
                return self.test(condition)
            case Not():
                return not_(func.coalesce(self.condition(condition.part), false()))
            case All():
                return and_(true(), *map(self.condition, condition.parts))
            case AnyOf():
                return or_(false(), *map(self.condition, condition.parts))

    def test(self, test: Test) -> ColumnElement[bool]:
        match test.field:
            case Field.EMAIL:
                return self._email(test)
            case Field.DOMAIN:
                return self._folded(subscribers.c.domain, test)
            case Field.NAME:
                return self.text(subscribers.c.name, test)
            case Field.LANGUAGE:
                return self._folded(func.lower(subscribers.c.language), test)
            case Field.CREATED:
                return self._time(subscribers.c.created, test)
            case Field.TAG:
                return self._tag(test)
            case Field.SUPPRESSED:
                return _suppressed()
            case Field.RECEIVED:
                return self._received(test)
            case Field.CLICKED:
                return self._clicked(test)
            case Field.ATTRIBUTE:
                return self._attribute(test)
            case Field.LIST | Field.STATUS | Field.JOINED | Field.SOURCE:
                return self._has_subscription(test)

    def text(self, column: ColumnElement[Any], test: Test) -> ColumnElement[bool]:
        """A test of a text."""
        match test.operator:
            case Operator.EXISTS:
                return column > ""
            case Operator.EQUAL | Operator.IN:
                # SQLite looks at the rows themselves where an expression is `in` something, and not where it is equal.
                alone = len(test.values) == 1
                return column == test.values[0] if alone else column.in_(test.values)
        # SQLite's LIKE knows no case, and has half the work without `lower`.
        lowered = column if self.dialect == "sqlite" else func.lower(column)
        ways = spellings(test.values[0])
        match test.operator:
            case Operator.CONTAINS:
                return or_(*(lowered.contains(one, autoescape=True) for one in ways))
            case Operator.STARTS:
                return or_(*(lowered.startswith(one, autoescape=True) for one in ways))
            case _:
                return or_(*(lowered.endswith(one, autoescape=True) for one in ways))

    def _folded(self, column: ColumnElement[Any], test: Test) -> ColumnElement[bool]:
        """A test of a column that is kept in small letters."""
        small = tuple(value.lower() for value in test.values)
        return self.text(column, dataclasses.replace(test, values=small))

    def _email(self, test: Test) -> ColumnElement[bool]:
        """Whole addresses are compared by their identity, parts of them as they are written."""
        if self.rules.plain:
            return self._folded(subscribers.c.email_key, test)
        if test.operator in (Operator.EQUAL, Operator.IN):
            keys = tuple(self.rules.fold(value.lower()) for value in test.values)
            return subscribers.c.email_key.in_(keys)
        return self._folded(func.lower(subscribers.c.email), test)

    def _has_subscription(self, test: Test) -> ColumnElement[bool]:
        who, conditions = subscriptions.c.subscriber_id, self.subscription(test)
        if self.as_sets:
            return subscribers.c.id.in_(select(who).where(*conditions))
        found: Select[Any] = select(literal_column("1")).where(who == subscribers.c.id, *conditions)
        return found.correlate(subscribers).exists()

    def _received(self, test: Test) -> ColumnElement[bool]:
        who, conditions = deliveries.c.subscriber_id, received(test)
        mails = deliveries.join(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        if self.as_sets:
            return subscribers.c.id.in_(select(who).select_from(mails).where(*conditions))
        found: Select[Any] = select(literal_column("1")).select_from(mails)
        return found.where(who == subscribers.c.id, *conditions).correlate(subscribers).exists()

    def _clicked(self, test: Test) -> ColumnElement[bool]:
        who, conditions = clicks.c.subscriber_id, self.clicked(test)
        if self.as_sets:
            query = select(who).select_from(_CLICKS).where(who.is_not(None), *conditions)
            return subscribers.c.id.in_(query)
        found: Select[Any] = select(literal_column("1")).select_from(_CLICKS)
        return found.where(who == subscribers.c.id, *conditions).correlate(subscribers).exists()

    def clicked(self, test: Test) -> list[ColumnElement[bool]]:
        """A test of a click: that a person has followed a link of an issue, or in a time. Machines do not count."""
        by_a_person = clicks.c.automated == ""
        if test.operator in ORDERING:
            return [by_a_person, self._time(clicks.c.at, test)]
        return [by_a_person, *([campaigns.c.slug.in_(test.values)] if test.values else [])]

    def subscription(self, test: Test) -> list[ColumnElement[bool]]:
        """A test of a subscription: of any one, or of that on the list that it is `of`."""
        confirmed = subscriptions.c.status == str(Status.CONFIRMED)
        match test.field:
            case Field.LIST:
                return [confirmed, *self._on_lists(test)]
            case Field.STATUS:
                return [self.text(subscriptions.c.status, test), *self._on_lists(test)]
            case Field.JOINED:
                return [confirmed, self._time(joined(), test), *self._on_lists(test)]
            case _:
                return [self.text(subscriptions.c.consent_source, test)]

    def _on_lists(self, test: Test) -> list[ColumnElement[bool]]:
        names = list_names(test)
        if not names:
            return []
        ids = [number for name in names for number in self.list_ids[name]]
        return [subscriptions.c.list_id.in_(ids)]

    def _time(self, column: ColumnElement[Any], test: Test) -> ColumnElement[bool]:
        """A day is compared as a whole: `> 2026-01-01` is what comes after its end."""
        start, end = self._moments(test.values[0])
        match test.operator:
            case Operator.LESS:
                return column < start
            case Operator.AT_LEAST:
                return column >= start
            case Operator.MORE:
                return column >= end
            case Operator.AT_MOST:
                return column < end
            case _:
                return and_(column >= start, column < end)

    def _moments(self, value: str) -> tuple[datetime.datetime, datetime.datetime]:
        """From when, and before when, it is what the value says."""
        words = value.split(" ")
        if words[-1] == "ago":
            days = int(words[0]) * _UNIT_DAYS[words[1].removesuffix("s")]
            today = self.clock.now.astimezone(self.clock.zone)
            value = (today.date() - datetime.timedelta(days=days)).isoformat()
        start = datetime.datetime.fromisoformat(value)
        if start.tzinfo is None:
            start = start.replace(tzinfo=self.clock.zone)
        whole_day = len(value) <= len("2026-01-01")
        span = datetime.timedelta(days=1) if whole_day else datetime.timedelta(microseconds=1)
        return start, start + span

    def _attribute(self, test: Test) -> ColumnElement[bool]:
        value = attribute(test.of, self.dialect)
        if test.operator not in ORDERING:
            return self.text(value, test)
        wanted = test.values[0]
        if wanted.endswith(" ago"):
            wanted = self._moments(wanted)[0].date().isoformat()
        compare, number = ORDERING[test.operator], number_of(wanted)
        if number is None:
            return and_(value != "", compare(value, wanted))
        return compare(as_number(value, self.dialect), literal(number))

    def _tag(self, test: Test) -> ColumnElement[bool]:
        """Tags stand in the attribute `tags`, parted by semicolons or commas."""
        value = attribute("tags", self.dialect)
        if test.operator is Operator.EXISTS:
            return value != ""
        return or_(*(has_tag(tag, self.dialect) for tag in test.values))


def spellings(text: str) -> tuple[str, ...]:
    """How a text without case may stand in what `lower` of a database gives: some know no letter beyond ASCII, so
    those are asked for as they were typed, small, and as names and headings have them."""
    return tuple(dict.fromkeys(map(_ascii_small, (text.lower(), text, text.title(), text.upper()))))


def _ascii_small(text: str) -> str:
    return text.translate(_ASCII_LOWER)


def _list_ids(connection: Connection, condition: Condition) -> dict[str, tuple[int, ...]]:
    """The lists that a condition names; names are compared without case."""
    names = {name for test in tests_in(condition) for name in list_names(test)}
    if not names:
        return {}
    known: dict[str, list[int]] = {}
    for row in connection.execute(select(lists.c.id, lists.c.name)):
        known.setdefault(row.name.casefold(), []).append(row.id)
    return {name: tuple(known.get(name.casefold(), ())) for name in names}


ORDERING: dict[Operator, Callable[[Any, Any], ColumnElement[bool]]] = {
    Operator.LESS: lambda column, value: column < value,
    Operator.MORE: lambda column, value: column > value,
    Operator.AT_MOST: lambda column, value: column <= value,
    Operator.AT_LEAST: lambda column, value: column >= value,
}


def attribute(
    name: str, dialect: str, kept: ColumnElement[Any] = subscribers.c.attributes
) -> ColumnElement[str]:
    """The text of an attribute, NULL where there is none."""
    if dialect == "sqlite":
        # As SQLAlchemy writes the key of the object: SQLite compares the two as they stand.
        return type_coerce(func.json_extract(kept, _constant(f"$.{json.dumps(name)}")), String)
    return type_coerce(kept.op("->>")(_constant(name)), String)


def joined(of: FromClause = subscriptions) -> ColumnElement[Any]:
    """When somebody said yes to a list: what their consent says, else since when it stands."""
    return func.coalesce(of.c.consent_when, of.c.changed)


def has_tag(
    tag: str, dialect: str, kept: ColumnElement[Any] = subscribers.c.attributes
) -> ColumnElement[bool]:
    """Whether a tag, without case, is one of those in the attribute `tags`. The tag is a literal of the
    statement too, since an index of exactly these rows makes asking fast."""
    plain: ColumnElement[str] = func.lower(attribute("tags", dialect, kept))
    for parted in ("; ", ", ", ","):
        plain = func.replace(plain, _constant(parted), _constant(";"))
    hemmed = _constant(";") + plain + _constant(";")
    wanted = (one.translate(_LIKE) for one in dict.fromkeys((_ascii_small(tag), tag.lower())))
    return or_(*(hemmed.like(_constant(f"%;{one};%"), escape="/") for one in wanted))


def as_number(value: ColumnElement[str], dialect: str) -> ColumnElement[float]:
    """The number that a text is, NULL where it is none: a minus at most, digits, a point at most."""
    if dialect == "sqlite":
        glob = value.bool_op("GLOB")
        looks = and_(
            glob(_constant("*[0-9]*")),
            *(not_(glob(_constant(pattern))) for pattern in ("*[^0-9.-]*", "?*-*", "*.*.*")),
        )
    else:
        looks = value.regexp_match(_constant(r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)$"))
    return cast(case((looks, value), else_=None), Float)


def number_of(text: str) -> float | None:
    """The number that a value of a condition is, if it is one."""
    return float(text) if _NUMBER.fullmatch(text) else None


def _constant(text: str) -> ColumnElement[str]:
    """A parameter that the statement holds as a literal, quoted by SQLAlchemy: an index knows an expression
    only by its very words."""
    return bindparam(None, text, String, unique=True, literal_execute=True)


def _suppressed() -> ColumnElement[bool]:
    """As `subscribers.suppressed`, in the form that begins with the suppressions, which are few."""
    addresses = select(suppressions.c.value).where(suppressions.c.is_domain.is_(False))
    domains = select(suppressions.c.value).where(suppressions.c.is_domain.is_(True))
    return or_(subscribers.c.email_key.in_(addresses), subscribers.c.domain.in_(domains))


_CLICKS = clicks.join(campaigns, campaigns.c.id == clicks.c.campaign_id)


def received(test: Test) -> list[ColumnElement[bool]]:
    """That a server has taken the issue for the person; of a delivery and its campaign."""
    named = [campaigns.c.slug.in_(test.values)] if test.values else []
    return [deliveries.c.status == str(DeliveryStatus.ACCEPTED), *named]
