"""One statement that changes very many rows, each by values of its own; compiled once for a database.

SQLAlchemy looks at every value of every row each time, and a driver that is given the rows one by one hands every one
of them to the database apart, while other threads wait for Python's lock, or do not give it back. A campaign changes
thousands of rows a second; so SQLite gets them as one table of values, in one statement. What a value becomes in this
database (a moment, say) is still asked of its type; only that is done once for what all rows share, and not at all
for types that leave a value as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Update, bindparam, column, table
from sqlalchemy.types import TypeEngine

Given = Mapping[str, ColumnElement[Any]]
"""What a row brings, by name."""
_Processor = Callable[[Any], Any]
_GIVEN = "given"
_FROM = f" FROM {_GIVEN} "
_ROWS_AT_ONCE = 1000
"""In one statement: SQLite takes 32,766 values."""


class ManyRows:
    """`make` gets what each row brings, of the types in `brought`, and returns the statement; what all rows share are
    its bound parameters."""

    def __init__(
        self, brought: Mapping[str, TypeEngine[Any]], make: Callable[[Given], Update]
    ) -> None:
        self._brought = brought
        self._make = make
        self._known: dict[str, _OneByOne | _AtOnce] = {}

    def execute(
        self,
        connection: Connection,
        rows: Mapping[str, Sequence[Any]],
        shared: Mapping[str, Any],
    ) -> int:
        """`rows` holds a value for each row under each name, `shared` what is the same for all of them. Returns how
        many rows were changed."""
        dialect = connection.dialect
        known = self._known.get(dialect.name)
        if known is None:
            make = _at_once if dialect.name == "sqlite" else _one_by_one
            known = self._known[dialect.name] = make(dialect, self._brought, self._make)
        return known.execute(connection, rows, shared)


@dataclass(frozen=True, slots=True)
class _OneByOne:
    text: str
    names: tuple[str, ...]
    processors: Mapping[str, _Processor | None]

    def execute(
        self,
        connection: Connection,
        rows: Mapping[str, Sequence[Any]],
        shared: Mapping[str, Any],
    ) -> int:
        count = len(next(iter(rows.values())))
        values = [
            _processed(self.processors[name], rows[name])
            if name in rows
            else repeat(_one(self.processors[name], shared[name]), count)
            for name in self.names
        ]
        given = [dict(zip(self.names, row, strict=True)) for row in zip(*values, strict=True)]
        return connection.exec_driver_sql(self.text, given).rowcount


@dataclass(frozen=True, slots=True)
class _AtOnce:
    before: str
    """The statement up to the table of values."""
    after: str
    names_before: tuple[str, ...]
    names_after: tuple[str, ...]
    brought: tuple[str, ...]
    processors: Mapping[str, _Processor | None]

    def execute(
        self,
        connection: Connection,
        rows: Mapping[str, Sequence[Any]],
        shared: Mapping[str, Any],
    ) -> int:
        given = list(
            zip(
                *(_processed(self.processors[name], rows[name]) for name in self.brought),
                strict=True,
            )
        )
        first = [_one(self.processors[name], shared[name]) for name in self.names_before]
        last = [_one(self.processors[name], shared[name]) for name in self.names_after]
        row = f"({','.join('?' * len(self.brought))})"
        changed = 0
        for start in range(0, len(given), _ROWS_AT_ONCE):
            group = given[start : start + _ROWS_AT_ONCE]
            values = ",".join([row] * len(group))
            text = f"{self.before} FROM (VALUES {values}) AS {_GIVEN} {self.after}"
            changed += connection.exec_driver_sql(
                text, (*first, *chain.from_iterable(group), *last)
            ).rowcount
        return changed


def _one_by_one(
    dialect: Dialect, brought: Mapping[str, TypeEngine[Any]], make: Callable[[Given], Update]
) -> _OneByOne:
    """For drivers that know values by name, and send many rows on without waiting for each (psycopg)."""
    statement = make({name: bindparam(name, type_=kind) for name, kind in brought.items()})
    compiled = statement.compile(dialect=dialect)
    return _OneByOne(str(compiled), tuple(compiled.binds), _processors(dialect, compiled.binds))


def _at_once(
    dialect: Dialect, brought: Mapping[str, TypeEngine[Any]], make: Callable[[Given], Update]
) -> _AtOnce:
    columns = [
        column(f"column{number}", kind) for number, kind in enumerate(brought.values(), start=1)
    ]
    given = table(_GIVEN, *columns)
    compiled = make(dict(zip(brought, given.c, strict=True))).compile(dialect=dialect)
    before, _, after = str(compiled).partition(_FROM)
    names = tuple(compiled.positiontup or ())
    processors = {
        name: kind.dialect_impl(dialect).bind_processor(dialect) for name, kind in brought.items()
    }
    processors |= _processors(dialect, compiled.binds)
    middle = before.count("?")
    return _AtOnce(before, after, names[:middle], names[middle:], tuple(brought), processors)


def _processors(dialect: Dialect, binds: Mapping[str, Any]) -> dict[str, _Processor | None]:
    return {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for name, bind in binds.items()
    }


def _processed(process: _Processor | None, values: Sequence[Any]) -> Iterable[Any]:
    return map(process, values) if process else values


def _one(process: _Processor | None, value: Any) -> Any:
    return process(value) if process else value
