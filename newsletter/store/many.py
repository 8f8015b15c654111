"""One statement for very many rows, compiled once for a database and handed to its driver.

SQLAlchemy looks at every value of every row each time; a campaign writes two rows a message, thousands a second.
What a value becomes in this database (a moment, say) is still asked of its type; only that is done once for what all
rows share, and not at all for types that leave a value as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Dialect, Update

_Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    names: tuple[str, ...]
    """Of the values that a row brings, in the order of their places."""
    processors: Mapping[str, _Processor | None]
    by_place: bool
    """The driver counts places (SQLite), else it knows values by name (PostgreSQL)."""


class ManyRows:
    """Executes one statement for each row. All its values are bound parameters of their own."""

    def __init__(self, statement: Update) -> None:
        self._statement = statement
        self._known: dict[str, _Compiled] = {}

    def execute(
        self,
        connection: Connection,
        columns: Mapping[str, Sequence[Any]],
        shared: Mapping[str, Any],
    ) -> int:
        """`columns` holds a value for each row under each parameter's name, `shared` what is the same for all of
        them. Returns how many rows were changed."""
        known = self._compiled(connection.dialect)
        count = len(next(iter(columns.values())))
        values = [_processed(name, known, columns, shared) for name in known.names]
        rows: list[Any] = list(zip(*values, strict=False))[:count]
        if not known.by_place:
            rows = [dict(zip(known.names, row, strict=True)) for row in rows]
        return connection.exec_driver_sql(known.text, rows).rowcount

    def _compiled(self, dialect: Dialect) -> _Compiled:
        found = self._known.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(dialect=dialect)
            places = compiled.positiontup
            found = self._known[dialect.name] = _Compiled(
                str(compiled),
                tuple(places if places is not None else compiled.binds),
                {
                    name: bind.type.dialect_impl(dialect).bind_processor(dialect)
                    for name, bind in compiled.binds.items()
                },
                places is not None,
            )
        return found


def _processed(
    name: str,
    known: _Compiled,
    columns: Mapping[str, Sequence[Any]],
    shared: Mapping[str, Any],
) -> Iterable[Any]:
    process = known.processors[name]
    if name in shared:
        return repeat(process(shared[name]) if process else shared[name])
    return map(process, columns[name]) if process else columns[name]
