"""The writing part of an import: changes of people who are known in groups, and everybody new by a few statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, literal, select, update

from newsletter.store.events import now
from newsletter.store.meeting import Known, Met
from newsletter.store.schema import import_changes, subscribers, subscriptions, suppressions
from newsletter.store.staging import staged_lists, staging

AT_ONCE = 50_000
"""New people who come in by one statement."""
_LOOKED_UP = 500
_CONSENT = ("consent_when", "consent_source", "consent_text", "consent_ip")
_PERSON = ("email", "email_key", "domain", "name", "language", "attributes", "created")


class Writing:
    """Collects what lines change, and writes it some thousand at a time."""

    def __init__(self, connection: Connection, batch: int, lists: Mapping[int, int | None]) -> None:
        self._connection = connection
        self._batch = batch
        self._lists = lists
        self._clear()

    def _clear(self) -> None:
        self._made: list[dict[str, Any]] = []
        self._ids: dict[str, int] = {}
        self._details: list[dict[str, Any]] = []
        self._joined: list[tuple[str, dict[str, Any]]] = []
        self._moved: list[dict[str, Any]] = []
        self._changes: list[tuple[str, dict[str, Any]]] = []
        self._suppressed: list[dict[str, Any]] = []

    def add(self, rows: Sequence[Any], met: Sequence[Met], known: Known) -> None:
        """The lines of one person, what they do, and what is known of the person after them."""
        key, first = rows[0].email_key, rows[0]
        if first.person is not None:
            self._ids[key] = first.person
        joined: dict[int, dict[str, Any]] = {}
        moved: set[int] = set()
        changed = False
        for row, one in zip(rows, met, strict=True):
            change = one.change
            if change is None:
                continue
            if change.made:
                person = {name: getattr(row, name) for name in _PERSON}
                self._made.append(person | known.details)
            changed = changed or bool(change.details)
            if change.before is None:
                joined[row.place] = {name: getattr(row, name) for name in _CONSENT}
            elif change.after is not change.before and row.place not in joined:
                moved.add(row.place)
            if change.suppressed:
                self._suppressed.append(
                    {
                        "value": key,
                        "is_domain": False,
                        "reason": row.suppress_reason,
                        "since": now(),
                        "kind": row.suppress_kind,
                    }
                )
            self._changes.append(
                (
                    key,
                    {
                        "batch_id": self._batch,
                        "list_id": self._lists[row.place],
                        "before": str(change.before or ""),
                        "after": str(change.after),
                        "made": change.made,
                        "suppressed": change.suppressed,
                        "details": dict(change.details) if change.details else None,
                    },
                )
            )
        if changed and first.person is not None:
            self._details.append({"person": first.person, **known.details})
        for place, consent in joined.items():
            self._joined.append((key, self._row(place, known) | consent))
        for place in moved:
            row = self._row(place, known)
            self._moved.append(
                {
                    "person": first.person,
                    "list": row["list_id"],
                    "to": row["status"],
                    "at": row["changed"],
                }
            )

    def _row(self, place: int, known: Known) -> dict[str, Any]:
        return {
            "list_id": self._lists[place],
            "status": str(known.statuses[place]),
            "changed": now(),
        }

    def flush(self) -> None:
        connection = self._connection
        if self._made:
            connection.execute(insert(subscribers), self._made)
            self._find([person["email_key"] for person in self._made])
        if self._details:
            connection.execute(
                update(subscribers).where(subscribers.c.id == bindparam("person")), self._details
            )
        if self._joined:
            connection.execute(insert(subscriptions), self._of_people(self._joined))
        if self._moved:
            connection.execute(
                update(subscriptions)
                .where(
                    subscriptions.c.list_id == bindparam("list"),
                    subscriptions.c.subscriber_id == bindparam("person"),
                )
                .values(status=bindparam("to"), changed=bindparam("at")),
                self._moved,
            )
        if self._suppressed:
            connection.execute(insert(suppressions), self._suppressed)
        if self._changes:
            connection.execute(insert(import_changes), self._of_people(self._changes))
        self._clear()

    def _of_people(self, rows: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        return [{**row, "subscriber_id": self._ids[key]} for key, row in rows]

    def _find(self, keys: Sequence[str]) -> None:
        for at in range(0, len(keys), _LOOKED_UP):
            some = subscribers.c.email_key.in_(keys[at : at + _LOOKED_UP])
            found = self._connection.execute(
                select(subscribers.c.email_key, subscribers.c.id).where(some)
            )
            self._ids.update((row.email_key, row.id) for row in found)


def bring_in_new(
    connection: Connection, batch: int, count: int, progress: Callable[[], None]
) -> None:
    """Whoever is left in the temporary table becomes a person, a subscription, and a change."""
    for first in range(0, count, AT_ONCE):
        here = and_(staging.c.position >= first, staging.c.position < first + AT_ONCE)
        _bring_in(connection, batch, here)
        progress()


def _bring_in(connection: Connection, batch: int, here: Any) -> None:
    moment = literal(now(), subscribers.c.created.type)
    people = select(*(staging.c[name] for name in _PERSON)).where(here).order_by(staging.c.position)
    connection.execute(insert(subscribers).from_select(_PERSON, people))
    held = (
        select(
            staging.c.email_key,
            literal(False),
            staging.c.suppress_reason,
            moment,
            staging.c.suppress_kind,
        )
        .where(here, staging.c.suppress_kind != "")
        .order_by(staging.c.position)
    )
    connection.execute(
        insert(suppressions).from_select(["value", "is_domain", "reason", "since", "kind"], held)
    )
    source = staging.join(subscribers, subscribers.c.email_key == staging.c.email_key).join(
        staged_lists, staged_lists.c.place == staging.c.place
    )
    consent = [staging.c[name] for name in _CONSENT]
    connection.execute(
        insert(subscriptions).from_select(
            ["list_id", "subscriber_id", "status", "changed", *_CONSENT],
            select(staged_lists.c.list_id, subscribers.c.id, staging.c.status, moment, *consent)
            .select_from(source)
            .where(here),
        )
    )
    connection.execute(
        insert(import_changes).from_select(
            ["batch_id", "subscriber_id", "list_id", "before", "after", "made", "suppressed"],
            select(
                literal(batch),
                subscribers.c.id,
                staged_lists.c.list_id,
                literal(""),
                staging.c.status,
                literal(True),
                staging.c.suppress_kind != "",
            )
            .select_from(source)
            .where(here)
            .order_by(staging.c.position),
            include_defaults=False,
        )
    )
