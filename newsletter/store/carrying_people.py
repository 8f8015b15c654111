"""Who somebody of another database is in this one: the same row, the same address, or brought along on no list.

Whoever was mailed and is not known here comes with their row, but with no subscription: they are mailed nothing, and
it stays known that they were. Their number stays theirs where it is free, since links in their mails are made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from newsletter.store.forgotten import TOMBSTONE
from newsletter.store.identities import rules_in_force
from newsletter.store.schema import subscribers


class People:
    """People of `old` as they are in `connection`'s database; each is looked for once."""

    def __init__(self, connection: Connection, old: Connection) -> None:
        self._connection = connection
        self._old = old
        self._rules = rules_in_force(connection)
        self._known: dict[int, int | None] = {}

    def look_up(self, numbers: Sequence[int]) -> None:
        """Looks for many at once, of whom most are the same rows."""
        asked = select(subscribers.c.id, subscribers.c.created).where(
            subscribers.c.id.in_([one for one in numbers if one not in self._known])
        )
        theirs = {tuple(row) for row in self._old.execute(asked)}
        same = (row for row in self._connection.execute(asked) if tuple(row) in theirs)
        self._known.update({row.id: row.id for row in same})

    def known(self, number: int) -> int | None:
        """The number of a person here; None for one who is not known."""
        if number not in self._known:
            self._known[number] = self._find(self._row(number))
        return self._known[number]

    def bring(self, number: int, taken: set[int]) -> int:
        """The number of a person here, who is brought along where they are not known. Two who have become one keep
        two rows in the books: the second says nothing, as that of somebody who is forgotten."""
        person = self.known(number)
        if person is None:
            person = self._known[number] = self._make(dict(self._row(number)._mapping))
        elif person in taken:
            person = self._make(self._nobody(self._row(number)))
        taken.add(person)
        return person

    def _row(self, number: int) -> Row[Any]:
        return self._old.execute(select(subscribers).where(subscribers.c.id == number)).one()

    def _find(self, theirs: Row[Any]) -> int | None:
        same = subscribers.c.id == theirs.id, subscribers.c.created == theirs.created
        found = self._connection.scalar(select(subscribers.c.id).where(*same))
        if found is None and theirs.email:
            keys = {self._rules.fold(theirs.email_key), self._rules.fold(theirs.email.casefold())}
            named = select(subscribers.c.id).where(subscribers.c.email_key.in_(sorted(keys)))
            found = self._connection.scalar(named.limit(1))
        return found

    def _make(self, values: dict[str, Any]) -> int:
        number = values.pop("id")
        used = select(subscribers.c.id).where(subscribers.c.id == number)
        if self._connection.scalar(used) is None:
            values["id"] = number
        if not values["email"]:
            values["email_key"] = f"{TOMBSTONE}{number}-{values['created'].timestamp()}"
        else:
            values["email_key"] = self._rules.fold(values["email_key"])
        made = insert(subscribers).values(values).returning(subscribers.c.id)
        return int(self._connection.execute(made).scalar_one())

    def _nobody(self, theirs: Row[Any]) -> dict[str, Any]:
        blank = {"email": "", "domain": "", "name": "", "language": "", "attributes": {}}
        return dict(theirs._mapping) | blank
