"""Importing rows into lists: chunk by chunk in one transaction that the caller keeps or throws away.

The same code runs dry and for good; a dry run is a transaction that is rolled back, so what it tells is
what will happen. A chunk is laid in a temporary table. Whoever is not known comes in by three statements
for all of them; whoever is known, or suppressed, is met one by one. Every change is written down under the
batch, so that the import can be undone (see `import_batches`).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from newsletter.model.subscriber import Address, Consent, MailingList, Status
from newsletter.store.events import now
from newsletter.store.schema import import_changes, subscribers, subscriptions, suppressions
from newsletter.store.staging import staging
from newsletter.store.subscribers import consent_row, subscriber_row, suppress

CHUNK = 5_000
"""Rows that are looked up at a time."""


class Effect(StrEnum):
    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One line for a list. `status` is what the file says and proves. `suppress` is the reason and kind of a
    suppression that the line brings along."""

    line: int
    address: Address
    to: MailingList
    status: Status
    name: str = ""
    language: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    consent: Consent | None = None
    created: datetime.datetime | None = None
    suppress: tuple[str, str] | None = None
    file: str = ""


Decide = Callable[[Status | None, Status], Status]
"""From a subscription's status (None: there is none) and the file's to the one that follows."""

Report = Callable[[Incoming, Effect, str], None]
"""Told of each line: what it does, and why it is blocked."""


def import_rows(
    connection: Connection, rows: Iterable[Incoming], batch: int, decide: Decide, report: Report
) -> None:
    """Brings the rows in. An address that occurs twice is met twice, in order; a line that is said again
    word for word is told as unchanged (or blocked) without being looked up again."""
    staging.create(connection)
    waiting: list[Incoming] = []
    chunk = _Chunk(connection, batch, decide, report)
    for row in rows:
        if not chunk.takes(row):
            waiting.append(row)
        if len(chunk.rows) + len(waiting) >= CHUNK:
            chunk.bring_in()
            chunk, waiting = _next(chunk, waiting)
    while chunk.rows:
        chunk.bring_in()
        chunk, waiting = _next(chunk, waiting)
    staging.drop(connection)


def _next(chunk: _Chunk, waiting: list[Incoming]) -> tuple[_Chunk, list[Incoming]]:
    """The chunk after this one: the lines that had to wait for an earlier one of the same person."""
    after = _Chunk(chunk.connection, chunk.batch, chunk.decide, chunk.report)
    return after, [row for row in waiting if not after.takes(row)]


@dataclass
class _Chunk:
    connection: Connection
    batch: int
    decide: Decide
    report: Report
    rows: dict[str, Incoming] = field(default_factory=dict)
    again: list[Incoming] = field(default_factory=list)
    later: set[str] = field(default_factory=set)
    told: dict[str, tuple[Effect, str]] = field(default_factory=dict)
    changed: list[dict[str, Any]] = field(default_factory=list)
    joined: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    written: list[dict[str, Any]] = field(default_factory=list)

    def takes(self, row: Incoming) -> bool:
        """Whether the row can be met with these: once for each person, or in the same words again."""
        first = self.rows.setdefault(row.address.key, row)
        if first is row:
            return True
        if row.address.key in self.later or _said(first) != _said(row):
            self.later.add(row.address.key)
            return False
        self.again.append(row)
        return True

    def bring_in(self) -> None:
        if not self.rows:
            return
        rows = list(self.rows.values())
        at_once = now()
        staged = [_staged(row, at, at_once) for at, row in enumerate(rows)]
        self.connection.execute(insert(staging), staged)
        known = self._known()
        apart: list[int] = []
        for at, row in enumerate(rows):
            found = known.get(at)
            if found is None:
                self._tell(row, Effect.NEW)
                self._suppress(row)
            else:
                apart.append(at)
                self._meet(row, found)
        if len(apart) < len(rows):
            if apart:
                self.connection.execute(
                    delete(staging).where(staging.c.position == bindparam("at")),
                    [{"at": at} for at in apart],
                )
            self._bring_in_new()
        self._write()
        self.connection.execute(delete(staging))
        for row in self.again:
            effect, reason = self.told[row.address.key]
            blocked = effect is Effect.BLOCKED
            self.report(row, effect if blocked else Effect.UNCHANGED, reason)

    def _known(self) -> dict[int, Any]:
        """The rows whose person is known or whose address or domain is suppressed, with what is known."""
        by_address, by_domain = suppressions.alias("by_address"), suppressions.alias("by_domain")
        query = (
            select(
                staging.c.position,
                subscribers.c.id,
                subscribers.c.name,
                subscribers.c.language,
                subscribers.c.attributes,
                subscriptions.c.status,
                func.coalesce(by_address.c.reason, by_domain.c.reason, "").label("suppressed"),
            )
            .select_from(staging)
            .outerjoin(subscribers, subscribers.c.email_key == staging.c.email_key)
            .outerjoin(
                subscriptions,
                and_(
                    subscriptions.c.subscriber_id == subscribers.c.id,
                    subscriptions.c.list_id == staging.c.list_id,
                ),
            )
            .outerjoin(
                by_address,
                and_(by_address.c.value == staging.c.email_key, by_address.c.is_domain.is_(False)),
            )
            .outerjoin(
                by_domain,
                and_(by_domain.c.value == staging.c.domain, by_domain.c.is_domain.is_(True)),
            )
            .where(
                or_(
                    subscribers.c.id.is_not(None),
                    by_address.c.id.is_not(None),
                    by_domain.c.id.is_not(None),
                )
            )
        )
        return {row.position: row for row in self.connection.execute(query)}

    def _meet(self, row: Incoming, person: Any) -> None:
        """Decides what a line does to somebody known, or to somebody who is suppressed."""
        before = Status(person.status) if person.status else None
        after = self.decide(before, row.status)
        wants_mail = row.status in (Status.CONFIRMED, Status.PENDING) and row.suppress is None
        stays = after is before and before is not row.status
        if wants_mail and stays and before is not Status.CONFIRMED:
            return self._tell(row, Effect.BLOCKED, f"is {before} on this list")
        if person.suppressed and wants_mail:
            return self._tell(row, Effect.BLOCKED, f"suppressed: {person.suppressed}")
        suppressed = self._suppress(row)
        if person.id is None:
            return self._bring_in_one(row, suppressed)
        details = _changed_details(row, person)
        if details:
            self.changed.append({"person": person.id, **details["after"]})
        if before is None:
            consent = consent_row(row.consent)
            ids = {"list_id": row.to.id, "subscriber_id": person.id}
            self.joined.append({**ids, "status": str(after), "changed": now(), **consent})
        elif after is not before:
            self.moved.append(
                {"person": person.id, "list": row.to.id, "to": str(after), "at": now()}
            )
        effect = Effect.NEW if before is None else Effect.UPDATED
        if before is after and not details and not suppressed:
            return self._tell(row, Effect.UNCHANGED)
        self.written.append(self._change(person.id, row, before, after, suppressed, details))
        return self._tell(row, effect)

    def _bring_in_one(self, row: Incoming, suppressed: bool) -> None:
        """Somebody unknown whose address is suppressed, and who is brought in as such."""
        person = subscriber_row(
            row.address, row.name, row.language, dict(row.attributes), row.created
        )
        made = self.connection.execute(
            insert(subscribers).values(person).returning(subscribers.c.id)
        )
        ids = {"list_id": row.to.id, "subscriber_id": made.scalar_one()}
        self.joined.append(
            {**ids, "status": str(row.status), "changed": now(), **consent_row(row.consent)}
        )
        change = self._change(ids["subscriber_id"], row, None, row.status, suppressed, None)
        self.written.append({**change, "made": True})
        self._tell(row, Effect.NEW)

    def _change(
        self,
        person: int,
        row: Incoming,
        before: Status | None,
        after: Status,
        suppressed: bool,
        details: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        return {
            "batch_id": self.batch,
            "subscriber_id": person,
            "list_id": row.to.id,
            "before": str(before or ""),
            "after": str(after),
            "made": False,
            "suppressed": suppressed,
            "details": details or None,
        }

    def _suppress(self, row: Incoming) -> bool:
        if row.suppress is None:
            return False
        return suppress(self.connection, row.address.key, *row.suppress)

    def _tell(self, row: Incoming, effect: Effect, reason: str = "") -> None:
        self.told[row.address.key] = (effect, reason)
        self.report(row, effect, reason)

    def _bring_in_new(self) -> None:
        """Whoever is left in the temporary table becomes a person, a subscription, and a change."""
        moment = literal(now(), subscribers.c.created.type)
        columns = ("email", "email_key", "domain", "name", "language", "attributes", "created")
        self.connection.execute(
            insert(subscribers).from_select(
                columns,
                select(*(staging.c[name] for name in columns)).order_by(staging.c.position),
            )
        )
        people = subscribers.join(staging, subscribers.c.email_key == staging.c.email_key)
        consent = ("consent_when", "consent_source", "consent_text", "consent_ip")
        self.connection.execute(
            insert(subscriptions).from_select(
                ["list_id", "subscriber_id", "status", "changed", *consent],
                select(
                    staging.c.list_id,
                    subscribers.c.id,
                    staging.c.status,
                    moment,
                    *(staging.c[name] for name in consent),
                ).select_from(people),
            )
        )
        self.connection.execute(
            insert(import_changes).from_select(
                ["batch_id", "subscriber_id", "list_id", "before", "after", "made", "suppressed"],
                select(
                    literal(self.batch),
                    subscribers.c.id,
                    staging.c.list_id,
                    literal(""),
                    staging.c.status,
                    literal(True),
                    staging.c.suppressed,
                ).select_from(people),
                include_defaults=False,
            )
        )

    def _write(self) -> None:
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
                    subscriptions.c.list_id == bindparam("list"),
                    subscriptions.c.subscriber_id == bindparam("person"),
                )
                .values(status=bindparam("to"), changed=bindparam("at")),
                self.moved,
            )
        if self.written:
            self.connection.execute(insert(import_changes), self.written)


def _said(row: Incoming) -> tuple[Any, ...]:
    return (row.to.id, row.status, row.name, row.language, row.attributes, row.suppress)


def _staged(row: Incoming, position: int, moment: datetime.datetime) -> dict[str, Any]:
    created = row.created or moment
    person = subscriber_row(row.address, row.name, row.language, row.attributes, created)
    return {
        **person,
        **consent_row(row.consent),
        "position": position,
        "list_id": row.to.id,
        "status": str(row.status),
        "suppressed": row.suppress is not None,
    }


def _changed_details(row: Incoming, person: Any) -> dict[str, Any]:
    """What the file knows otherwise of a person; what it does not say stays."""
    known = person.attributes or {}
    before = {"name": person.name, "language": person.language, "attributes": known}
    after = {
        "name": row.name or person.name,
        "language": row.language or person.language,
        "attributes": {**known, **row.attributes},
    }
    return {} if before == after else {"before": before, "after": after}
