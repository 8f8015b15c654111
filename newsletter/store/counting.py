"""How many people a condition holds for, asked in the way that reads the least.

Few who may have the words of a search are looked up (`finding`), parts of attributes as whole values (`spelling_out`). Else
these make it fast on a million: whom `not` leaves out is subtracted from the others, since an index knows who has something
and not who has it not; a test of subscriptions or deliveries walks their index, and not everybody, unless a narrower test
is there; lists, statuses and languages are walked through side by side; and erased people are counted apart, and not looked
for in every row.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, intersect, select

from newsletter.model.segment import (
    ALWAYS,
    All,
    Condition,
    Field,
    Not,
    Operator,
    Segment,
    Test,
    list_names,
    tests_in,
)
from newsletter.store.conditions import ORDERING, Asked, Clock, asked_of, received
from newsletter.store.finding import FEW, narrowed
from newsletter.store.schema import campaigns, deliveries, lists, subscribers, subscriptions
from newsletter.store.schema_clicks import clicks
from newsletter.store.spelling_out import PARTS, indexed, spelled_out

MOST_SUBTRACTED = 3
"""Each `not` is a further count; with more of them every row is looked at instead."""

_SUBSCRIPTION = frozenset({Field.LIST, Field.STATUS, Field.JOINED, Field.SOURCE})
_OTHER_TABLES = _SUBSCRIPTION | {Field.RECEIVED, Field.CLICKED}
_EXACT = frozenset({Operator.EQUAL, Operator.IN})


def count_in(connection: Connection, segment: Segment) -> int:
    """How many subscribers are in a segment today."""
    tree, asked = _ready(connection, segment)
    found = _looked_up(connection, asked, tree)
    return _count(connection, asked, _parts(tree)) if found is None else found


def counted_fast(connection: Connection, segment: Segment) -> int | None:
    """The same where few have to be looked at for it; else None."""
    tree, asked = _ready(connection, segment)
    found = _looked_up(connection, asked, tree)
    if found is not None:
        return found
    parts = _parts(tree)
    few = any(_few_have(connection, asked, one) for one in parts)
    if asked.dialect == "sqlite":
        fast = few or _alone(parts) or all(map(_in_order, parts))
    else:  # its planner joins several tests, and tables, in ways of its own
        suppressed = any(test.field is Field.SUPPRESSED for test in tests_in(tree))
        fast = few and len(parts) == 1 and not suppressed
    return _count(connection, asked, parts) if fast else None


def count_up_to(connection: Connection, segment: Segment, most: int) -> int:
    """How many there are, or `most` and one where there are more: of words that many have, not everybody is looked at."""
    tree, asked = _ready(connection, segment)
    few = narrowed(connection, tree)
    query = select(subscribers.c.id).where(subscribers.c.email != "", asked.condition(tree))
    query = query.limit(most + 1) if few is None else query.where(few)
    found = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return min(int(found), most + 1)


def _ready(connection: Connection, segment: Segment) -> tuple[Condition, Asked]:
    _give_room(connection)
    tree = spelled_out(connection, segment.tree)
    return tree, asked_of(connection, tree, Clock.of(segment.zone))


def _looked_up(connection: Connection, asked: Asked, tree: Condition) -> int | None:
    """How many of the few who may have the words of a condition it holds for."""
    few = narrowed(connection, tree)
    if few is None:
        return None
    query = select(func.count()).select_from(subscribers)
    query = query.where(few, subscribers.c.email != "", asked.condition(tree))
    return int(connection.execute(query).scalar_one())


def _parts(tree: Condition) -> tuple[Condition, ...]:
    return tree.parts if isinstance(tree, All) else (tree,)


def _alone(parts: tuple[Condition, ...]) -> bool:
    """Whether there is one test and no other, for which one index is read from end to end at most."""
    if len(parts) != 1:
        return not parts
    only = parts[0].part if isinstance(parts[0], Not) else parts[0]
    if not isinstance(only, Test) or only.field in (Field.SOURCE, Field.RECEIVED, Field.CLICKED):
        return False
    return only.field is not Field.ATTRIBUTE or only.operator not in PARTS


def _few_have(connection: Connection, asked: Asked, condition: Condition) -> bool:
    """Whether an index finds those whom a test holds for, and they are few."""
    if not isinstance(condition, Test) or not _narrow(condition):
        return False
    if condition.field in (Field.ATTRIBUTE, Field.TAG) and not indexed(connection, condition):
        return False
    query = select(subscribers.c.id).where(asked.test(condition)).limit(FEW + 1)
    return (
        connection.execute(select(func.count()).select_from(query.subquery())).scalar_one() <= FEW
    )


def _give_room(connection: Connection) -> None:
    """PostgreSQL joins a million people in memory where it may, and by way of the disk else."""
    if connection.dialect.name == "postgresql":
        room = func.set_config("work_mem", "64MB", True)  # in this transaction alone
        connection.execute(select(room)).scalar_one()


def _count(connection: Connection, asked: Asked, parts: tuple[Condition, ...]) -> int:
    negated = [one for one in parts if isinstance(one, Not)]
    if 0 < len(negated) <= MOST_SUBTRACTED:
        others = tuple(one for one in parts if one is not negated[0])
        inner = negated[0].part
        inner_parts = inner.parts if isinstance(inner, All) else (inner,)
        with_it = _count(connection, asked, (*others, *inner_parts))
        return _count(connection, asked, others) - with_it
    if not any(_narrow(one) for one in parts):
        if asked.dialect == "sqlite" and len(parts) > 1 and all(_in_order(one) for one in parts):
            return _count_met(connection, asked, parts)
        for one in parts:
            if isinstance(one, Test) and one.field in _OTHER_TABLES:
                rest = tuple(other for other in parts if other is not one)
                return _count_from(connection, asked, one, rest)
    return _count_people(connection, asked, parts)


def _in_order(condition: Condition) -> bool:
    """Whether an index has those whom a test holds for, in the order of their numbers."""
    if not isinstance(condition, Test) or len(condition.values) != 1:
        return False
    if condition.operator not in _EXACT:
        return False
    return condition.field in (Field.LIST, Field.LANGUAGE) or (
        condition.field is Field.STATUS and bool(condition.of)
    )


def _count_met(connection: Connection, asked: Asked, parts: tuple[Condition, ...]) -> int:
    """Who is in several indexes is found by walking through them side by side."""
    number = subscribers.c.id.label("number")
    sets: list[Select[Any]] = []
    for one in parts:
        assert isinstance(one, Test)
        if one.field is Field.LANGUAGE:
            sets.append(select(number).where(asked.test(one)))
        else:
            who = subscriptions.c.subscriber_id.label("number")
            sets.append(select(who).where(*asked.subscription(one)))
    both = intersect(*sets).order_by("number").subquery()
    return int(connection.execute(select(func.count()).select_from(both)).scalar_one())


def _count_people(connection: Connection, asked: Asked, parts: tuple[Condition, ...]) -> int:
    query = select(func.count()).select_from(subscribers)
    if parts:
        query = query.where(asked.condition(All(parts)))
    number = int(connection.execute(query).scalar_one())
    erased = (subscribers.c.domain == "", subscribers.c.email == "")
    if connection.execute(select(subscribers.c.id).where(*erased).limit(1)).first() is None:
        return number
    return number - int(connection.execute(query.where(*erased)).scalar_one())


def _count_from(
    connection: Connection, asked: Asked, lead: Test, rest: tuple[Condition, ...]
) -> int:
    """People of the subscriptions, or deliveries, that a test holds for; erased ones have no subscription."""
    if lead.field is Field.RECEIVED:
        who = deliveries.c.subscriber_id
        query = select(func.count(who.distinct()))
        query = query.join(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        query = query.where(*received(lead))
        rest = rest or (ALWAYS,)
    elif lead.field is Field.CLICKED:
        who = clicks.c.subscriber_id
        query = select(func.count(who.distinct()))
        query = query.join(campaigns, campaigns.c.id == clicks.c.campaign_id)
        query = query.where(who.is_not(None), *asked.clicked(lead))
        rest = rest or (ALWAYS,)
    else:
        who = subscriptions.c.subscriber_id
        once = _lists_of(connection, asked, lead) == 1
        query = select(func.count() if once else func.count(who.distinct()))
        query = query.select_from(subscriptions).where(*asked.subscription(lead))
    if rest:
        query = query.join(subscribers, subscribers.c.id == who)
        query = query.where(subscribers.c.email != "", asked.condition(All(rest)))
    return int(connection.execute(query).scalar_one())


def _lists_of(connection: Connection, asked: Asked, lead: Test) -> int:
    """How many lists a test speaks of: a person has one subscription to each."""
    if names := list_names(lead):
        return len({number for name in names for number in asked.list_ids[name]})
    return int(connection.execute(select(func.count()).select_from(lists)).scalar_one())


def _narrow(condition: Condition) -> bool:
    """Whether an index finds the few people that a test holds for."""
    if not isinstance(condition, Test):
        return False
    match condition.field:
        case Field.ATTRIBUTE:
            return condition.operator in _EXACT or condition.operator in ORDERING
        case Field.EMAIL | Field.DOMAIN:
            return condition.operator in _EXACT
        case Field.TAG:
            return condition.operator in _EXACT
        case Field.SUPPRESSED:
            return True
        case _:
            return False
