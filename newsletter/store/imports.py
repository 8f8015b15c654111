"""Importing rows into a list: chunk by chunk in one transaction that the caller keeps or throws away.

The same code runs dry and for good; a dry run is a transaction that is rolled back, so what it tells is
what will happen.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from newsletter.model.subscriber import Address, Consent, MailingList, Status
from newsletter.store.events import event, now
from newsletter.store.schema import events, subscribers, subscriptions, suppressions
from newsletter.store.subscribers import consent_row, subscriber_row

CHUNK = 500
"""Addresses looked up at a time; well under every database's limit of parameters."""


class Effect(StrEnum):
    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One line for the list. `status` is what the file says, or what it means when it says nothing."""

    line: int
    address: Address
    status: Status
    name: str = ""
    language: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    consent: Consent | None = None
    created: datetime.datetime | None = None


Decide = Callable[[Status | None, Status], Status]
"""From a subscription's status (None: there is none) and the file's to the one that follows."""

Report = Callable[[Incoming, Effect, str], None]
"""Told of each line: what it does, and why it is blocked."""


def import_rows(
    connection: Connection,
    rows: Iterable[Incoming],
    to: MailingList,
    decide: Decide,
    report: Report,
    actor: str,
) -> None:
    """Brings the rows into the list. An address that occurs twice in a file is met twice, in order."""
    chunk: dict[str, Incoming] = {}
    for row in rows:
        if len(chunk) >= CHUNK or row.address.key in chunk:
            _Chunk(connection, to, decide, report, actor).bring_in(list(chunk.values()))
            chunk = {}
        chunk[row.address.key] = row
    if chunk:
        _Chunk(connection, to, decide, report, actor).bring_in(list(chunk.values()))


@dataclass
class _Chunk:
    connection: Connection
    to: MailingList
    decide: Decide
    report: Report
    actor: str
    made: list[Incoming] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    joined: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)

    def bring_in(self, rows: Sequence[Incoming]) -> None:
        known = self._known(rows)
        suppressed = self._suppressed(rows)
        for row in rows:
            reason = suppressed.get(row.address.key) or suppressed.get(row.address.domain, "")
            self._meet(row, known.get(row.address.key), reason)
        self._write()

    def _meet(self, row: Incoming, person: Any, suppressed: str) -> None:
        """Decides what one line does."""
        before = Status(person.status) if person is not None and person.status else None
        after = self.decide(before, row.status)
        wants_mail = row.status in (Status.CONFIRMED, Status.PENDING)
        if suppressed and wants_mail:
            return self.report(row, Effect.BLOCKED, f"suppressed: {suppressed}")
        stays = after is before and before is not row.status
        if wants_mail and stays and before is not Status.CONFIRMED:
            return self.report(row, Effect.BLOCKED, f"is {before} on this list")
        if person is None:
            self.made.append(row)
            return self.report(row, Effect.NEW, "")
        details = self._changed_details(row, person)
        if details:
            self.changed.append({"person": person.id, **details})
        if before is None:
            self._join(person.id, row, after)
            return self.report(row, Effect.NEW, "")
        if after is not before:
            self.moved.append({"person": person.id, "to": str(after), "at": now()})
            self._tell(person.id, before, after)
        effect = Effect.UPDATED if details or after is not before else Effect.UNCHANGED
        return self.report(row, effect, "")

    def _changed_details(self, row: Incoming, person: Any) -> dict[str, Any]:
        """What the file knows otherwise of a person; what it does not say stays."""
        known = person.attributes or {}
        new = {
            "name": row.name or person.name,
            "language": row.language or person.language,
            "attributes": {**known, **row.attributes},
        }
        same = (person.name, person.language, known)
        return {} if tuple(new.values()) == same else new

    def _join(self, person: int, row: Incoming, status: Status) -> None:
        consent = row.consent if status is Status.CONFIRMED else None
        ids = {"list_id": self.to.id, "subscriber_id": person}
        self.joined.append({**ids, "status": str(status), "changed": now(), **consent_row(consent)})
        self._tell(person, None, status)

    def _tell(self, person: int, before: Status | None, after: Status) -> None:
        self.told.append(
            event(
                "imported",
                self.actor,
                subscriber=person,
                list_id=self.to.id,
                before=str(before or ""),
                after=str(after),
            )
        )

    def _write(self) -> None:
        if self.made:
            people = [
                subscriber_row(
                    row.address, row.name, row.language, dict(row.attributes), row.created
                )
                for row in self.made
            ]
            self.connection.execute(insert(subscribers), people)
            ids = self._ids([row.address.key for row in self.made])
            for row in self.made:
                self._join(ids[row.address.key], row, self.decide(None, row.status))
        if self.changed:
            self.connection.execute(
                update(subscribers).where(subscribers.c.id == bindparam("person")), self.changed
            )
        if self.joined:
            self.connection.execute(insert(subscriptions), self.joined)
        if self.moved:
            self.connection.execute(
                update(subscriptions)
                .where(
                    subscriptions.c.list_id == self.to.id,
                    subscriptions.c.subscriber_id == bindparam("person"),
                )
                .values(status=bindparam("to"), changed=bindparam("at")),
                self.moved,
            )
        if self.told:
            self.connection.execute(insert(events), self.told)

    def _known(self, rows: Sequence[Incoming]) -> dict[str, Any]:
        """The people of these rows who are known, with their status on this list."""
        found = self.connection.execute(
            select(subscribers, subscriptions.c.status)
            .outerjoin(
                subscriptions,
                (subscriptions.c.subscriber_id == subscribers.c.id)
                & (subscriptions.c.list_id == self.to.id),
            )
            .where(subscribers.c.email_key.in_([row.address.key for row in rows]))
        )
        return {row.email_key: row for row in found}

    def _ids(self, keys: Sequence[str]) -> dict[str, int]:
        found = self.connection.execute(
            select(subscribers.c.email_key, subscribers.c.id).where(
                subscribers.c.email_key.in_(keys)
            )
        )
        return {row.email_key: row.id for row in found}

    def _suppressed(self, rows: Sequence[Incoming]) -> dict[str, str]:
        values = {row.address.key for row in rows} | {row.address.domain for row in rows}
        found = self.connection.execute(
            select(suppressions.c.value, suppressions.c.reason).where(
                suppressions.c.value.in_(values)
            )
        )
        return {row.value: row.reason for row in found}
