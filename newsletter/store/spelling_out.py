"""Parts of attributes, asked as whole values: few values of an attribute are told apart by many people.

`attributes.city contains "burg"` would look at everybody. Where the attribute has an index and no more than `MOST` different
values, those are read from the index (each is one step, however many people have it), and whoever has one that holds the
part is found by `in`. Of an attribute with more values everybody is looked at.
"""

from __future__ import annotations

import dataclasses
import hashlib

from sqlalchemy import Connection, String, column, func, select, table
from sqlalchemy.sql.expression import ColumnElement

from newsletter.model.segment import All, AnyOf, Condition, Field, Not, Operator, Test
from newsletter.store.conditions import ORDERING, asked_of, attribute, number_of

MOST = 2_000
"""Different values up to which they are read; that takes some thousandths of a second."""
_INDEX = "ix_subscribers_attribute_"
PARTS = frozenset({Operator.CONTAINS, Operator.STARTS, Operator.ENDS})
_NOBODYS = "\x01"
"""A value that nobody has: texts hold no control characters."""


def spelled_out(connection: Connection, condition: Condition) -> Condition:
    """The same condition, with whole values in place of parts where that reads less."""
    match condition:
        case Not():
            return Not(spelled_out(connection, condition.part))
        case All():
            return All(tuple(spelled_out(connection, one) for one in condition.parts))
        case AnyOf():
            return AnyOf(tuple(spelled_out(connection, one) for one in condition.parts))
        case Test() if condition.field is Field.ATTRIBUTE and condition.operator in PARTS:
            return _whole(connection, condition)
        case _:
            return condition


def attribute_indexes(connection: Connection) -> set[str]:
    """The names of the indexes of attributes. SQLAlchemy's inspector leaves out those of expressions."""
    if connection.dialect.name == "sqlite":
        names = select(column("name", String)).select_from(table("sqlite_master"))
    else:
        names = select(column("indexname", String)).select_from(table("pg_indexes"))
        names = names.where(column("schemaname", String) == func.current_schema())
    return {name for name in connection.execute(names).scalars() if name.startswith(_INDEX)}


def index_name(attribute: str, kind: str) -> str:
    digest = hashlib.sha256(attribute.encode()).hexdigest()[:16]
    return f"{_INDEX}{kind}_{digest}"


def indexed(connection: Connection, test: Test) -> bool:
    """Whether the indexes that a test of an attribute or a tag wants are there."""
    if test.field is Field.TAG:
        wanted = {index_name(tag, "tag") for tag in test.values}
    else:
        by_number = test.operator in ORDERING and number_of(test.values[0]) is not None
        wanted = {index_name(test.of, "number" if by_number else "text")}
    return wanted <= attribute_indexes(connection)


def _whole(connection: Connection, test: Test) -> Test:
    if index_name(test.of, "text") not in attribute_indexes(connection):
        return test
    dialect = connection.dialect.name
    value = attribute(test.of, dialect)
    first = select(func.min(value).label("value"))
    walk = first.cte("walk", recursive=True)
    after: ColumnElement[str] = (
        select(func.min(value)).where(value > walk.c.value).correlate(walk).scalar_subquery()
    )
    walk = walk.union_all(select(after).where(walk.c.value.is_not(None)))
    several = select(walk.c.value).limit(MOST + 1).subquery()
    holds = asked_of(connection, test).text(several.c.value, test)
    found = connection.execute(
        select(several.c.value, holds.label("holds")).where(several.c.value.is_not(None))
    ).all()
    if len(found) > MOST:
        return test
    values = tuple(row.value for row in found if row.holds) or (_NOBODYS,)
    return dataclasses.replace(test, operator=Operator.IN, values=values)
