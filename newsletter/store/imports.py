"""Importing rows into lists: laid down and looked at first, then brought in by one short transaction, whole or not at all.

    lay        every line goes into a temporary table; nobody is held up
    look       against a snapshot: what each line will do. A dry run ends here
    bring in   the only transaction that writes. Whoever is not known comes in by a few statements for all of them;
               lines about people who are known are looked at again, since others wrote meanwhile

Lines that changed nothing when they were looked at are done with. Every change is written down under the batch, so that
the import can be undone (see `import_batches`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from newsletter.model.subscriber import Status
from newsletter.store import staging
from newsletter.store.bringing import Writing, bring_in_new
from newsletter.store.engine import Apart
from newsletter.store.events import now
from newsletter.store.meeting import Decide, Effect, Known, Met, known_of, meet
from newsletter.store.staging import Incoming

FORGOTTEN = "asked to be forgotten"
CHUNK = 5_000
"""Lines that are laid down at a time."""


@dataclass(frozen=True, slots=True)
class Effected:
    """What a line does, and why it is blocked. `position` is its place among all lines of the file."""

    position: int
    line: int
    file: str
    email: str
    status: Status
    effect: Effect
    reason: str


@dataclass
class Lines:
    """The lines of one import, on a connection of their own."""

    apart: Apart
    decide: Decide
    report: Callable[[Effected], None]
    report_many: Callable[[Status, Effect, int], None]
    """Told of lines that are many and need no word each: how many of a status do the same."""
    count: int = 0
    places: dict[str, int] = field(default_factory=dict)
    statuses: Counter[Status] = field(default_factory=Counter)
    """Of the lines that have not been told of yet, how many have each status."""

    def lay(self, rows: Iterable[Incoming]) -> None:
        with self.apart.staging() as connection:
            staging.make_tables(connection)
        waiting: list[Incoming] = []
        for row in rows:
            self.places.setdefault(row.to, len(self.places))
            waiting.append(row)
            if len(waiting) >= CHUNK:
                self._lay(waiting)
                waiting = []
        self._lay(waiting)
        with self.apart.staging() as connection:
            staging.put_in_order(connection)

    def look(self, ids: Callable[[Connection, str], int | None], *, dry: bool) -> bool:
        """Tells what the lines will do; unless it is `dry`, only of those that change nothing, which are done with.
        `ids` finds the list of a name. Returns whether anything is left to bring in, be it a list that is not there."""
        with self.apart.reading() as connection:
            self._lay_lists(connection, ids)
            self._know(connection)
            done: list[int] = []
            for rows in _by_person(connection):
                met = self._meet(rows)
                if dry or not any(one.change for one in met):
                    done += self._tell(rows, met)
                    if len(done) >= CHUNK and not dry:
                        staging.take_away(connection, done)
                        done = []
            if dry:
                self._tell_of_new()
                return False
            staging.take_away(connection, done)
            missing = None in self._list_ids(connection, ids).values()
            return missing or staging.any_left(connection)

    def bring_in(
        self,
        connection: Connection,
        batch: int,
        ids: Callable[[Connection, str], int | None],
        progress: Callable[[], None],
        gone: Callable[[str], bool] | None = None,
    ) -> None:
        """Does what is left to do; `connection` is that of `apart`, which writes. `ids` makes lists that are not there,
        `gone` knows who asked to be forgotten since the lines were laid down."""
        for row in staging.take_away_people(connection, gone) if gone else ():
            self._tell_one(row, Effect.BLOCKED, FORGOTTEN)
        self._lay_lists(connection, ids)
        writing = Writing(connection, batch, self._list_ids(connection, ids))
        done: list[int] = []
        for rows in _by_person(connection):
            known = _known(rows)
            met = self._meet(rows, known)
            done += self._tell(rows, met)
            writing.add(rows, met, known)
            if len(done) >= CHUNK:
                writing.flush()
                staging.take_away(connection, done)
                done = []
                progress()
        writing.flush()
        staging.take_away(connection, done)
        bring_in_new(connection, batch, self.count, progress)
        self._tell_of_new()

    def _lay(self, rows: list[Incoming]) -> None:
        if not rows:
            return
        with self.apart.staging() as connection:
            staging.lay(connection, rows, self.count, self.places, now())
        self.count += len(rows)
        self.statuses.update(row.status for row in rows)

    def _lay_lists(
        self, connection: Connection, ids: Callable[[Connection, str], int | None]
    ) -> None:
        staging.lay_lists(connection, self._list_ids(connection, ids))

    def _list_ids(
        self, connection: Connection, ids: Callable[[Connection, str], int | None]
    ) -> dict[int, int | None]:
        return {place: ids(connection, name) for name, place in self.places.items()}

    def _know(self, connection: Connection) -> None:
        """Lines that say again what is so are done with, all at once."""
        steady = [str(one) for one in Status if self.decide(one, one) is one]
        for text, count in staging.take_away_known(connection, steady).items():
            self.statuses[Status(text)] -= count
            self.report_many(Status(text), Effect.UNCHANGED, count)

    def _meet(self, rows: list[Any], known: Known | None = None) -> list[Met]:
        known = known or _known(rows)
        return [meet(known, row, self.decide) for row in rows]

    def _tell(self, rows: list[Any], met: list[Met]) -> list[int]:
        for row, one in zip(rows, met, strict=True):
            self._tell_one(row, one.effect, one.reason)
        return [row.position for row in rows]

    def _tell_one(self, row: Any, effect: Effect, reason: str) -> None:
        status = Status(row.status)
        self.statuses[status] -= 1
        self.report(Effected(row.position, row.line, row.file, row.email, status, effect, reason))

    def _tell_of_new(self) -> None:
        """All lines that nobody told of are about new people."""
        for status, count in self.statuses.items():
            self.report_many(status, Effect.NEW, count)
        self.statuses.clear()


def _by_person(connection: Connection) -> Iterator[list[Any]]:
    for _, rows in groupby(staging.lines_to_look_at(connection), attrgetter("email_key")):
        yield list(rows)


def _known(rows: list[Any]) -> Known:
    known = known_of(rows[0])
    for row in rows:
        known.statuses[row.place] = Status(row.known_status) if row.known_status else None
    return known
