"""What a database that is put back must learn from the one it replaces: who is not to be written to any more, and who
was mailed (`carrying_campaigns`).

Only what lowers is carried over, and only by address: a subscription that has ended stays ended, a suppression and a
forgotten person stay. Somebody who came back since by their own word has to say so again; that is the safe side.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from newsletter.model.subscriber import Status
from newsletter.problems import NewsletterError
from newsletter.store.carrying_campaigns import carry_campaigns
from newsletter.store.events import log, now
from newsletter.store.finding import rub_out
from newsletter.store.forgotten import TOMBSTONE, forget
from newsletter.store.former import reading_file
from newsletter.store.identities import rules_in_force
from newsletter.store.schema import forgotten, lists, subscribers, subscriptions, suppressions

_ENDED = (str(Status.UNSUBSCRIBED), str(Status.BOUNCED), str(Status.COMPLAINED))
_SUPPRESSIONS = "SELECT value, is_domain, reason, kind, typed FROM suppressions"
_OLDER_SUPPRESSIONS = "SELECT value, is_domain, reason, kind, '[]' FROM suppressions"
_OPEN = (str(Status.CONFIRMED), str(Status.PENDING))


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """`left` are subscriptions and addresses that have ended, `deliveries` mails in campaigns that both
    databases have, `campaigns` those that came whole."""

    left: int = 0
    deliveries: int = 0
    campaigns: tuple[int, ...] = ()
    known: frozenset[int] = frozenset()
    """The campaigns of which the other database knows too."""

    def __add__(self, more: CarriedOver) -> CarriedOver:
        together = self.deliveries + more.deliveries
        came = self.campaigns + more.campaigns
        return CarriedOver(self.left + more.left, together, came, self.known | more.known)


def carry_over(connection: Connection, former: Path) -> CarriedOver:
    """Lets the database at hand know who has left, and who was mailed, by the file of another of this version. Raises
    NewsletterError where that cannot be read; whoever calls rolls back."""
    try:
        with closing(sqlite3.connect(f"{former.resolve().as_uri()}?mode=ro", uri=True)) as old:
            left = _subscriptions(connection, old) + _suppressions(connection, old)
            _forgotten(connection, old)
    except sqlite3.Error as caught:
        raise NewsletterError(f"{former} cannot be read: {caught}") from caught
    if left:
        log(connection, "carried over", "restore", count=left)
    with reading_file(former) as opened:
        _erase_forgotten(connection, opened)
        carried = carry_campaigns(connection, opened)
    came, known = tuple(carried.campaigns), frozenset(carried.known)
    return CarriedOver(left, carried.deliveries, came, known)


def _subscriptions(connection: Connection, old: sqlite3.Connection) -> int:
    rows = old.execute(
        "SELECT p.email_key, p.email, l.name, s.status FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id"
        " JOIN lists l ON l.id = s.list_id WHERE s.status IN (?, ?, ?)",
        _ENDED,
    )
    person = select(subscribers.c.id).where(subscribers.c.email_key == bindparam("key"))
    to = select(lists.c.id).where(lists.c.name == bindparam("list"))
    lower = (
        update(subscriptions)
        .where(
            subscriptions.c.subscriber_id == person.scalar_subquery(),
            subscriptions.c.list_id == to.scalar_subquery(),
            or_(
                *(subscriptions.c.status == one for one in _OPEN)
            ),  # IN cannot run for many at once
        )
        .values(status=bindparam("ended"), changed=now())
    )
    rules = rules_in_force(connection)
    count = 0
    while group := rows.fetchmany(1000):
        given = [
            {"key": one, "list": name, "ended": status}
            for key, email, name, status in group
            for one in {rules.fold(key), rules.fold(email.casefold())}
        ]
        count += connection.execute(lower, given).rowcount
    return count


def _suppressions(connection: Connection, old: sqlite3.Connection) -> int:
    known = set(connection.execute(select(suppressions.c.value)).scalars())
    rules = rules_in_force(connection)
    rows: dict[str, dict[str, object]] = {}
    columns = {row[1] for row in old.execute("PRAGMA table_info(suppressions)")}
    query = _SUPPRESSIONS if "typed" in columns else _OLDER_SUPPRESSIONS
    for value, whole, reason, kind, others in old.execute(query):
        for one in (value, *json.loads(others)):
            key = one if whole else rules.fold(one)
            if key not in known:
                rows.setdefault(
                    key,
                    {"value": key, "is_domain": bool(whole), "reason": reason}
                    | {"since": now(), "kind": kind, "typed": [one] if key != one else []},
                )
    if rows:
        connection.execute(insert(suppressions), list(rows.values()))
    return len(rows)


def _forgotten(connection: Connection, old: sqlite3.Connection) -> None:
    known = set(connection.execute(select(forgotten.c.hash)).scalars())
    rows = [
        {"hash": hash, "since": now(), "final": bool(final)}
        for hash, final in old.execute("SELECT hash, final FROM forgotten")
        if hash not in known
    ]
    if rows:
        connection.execute(insert(forgotten), rows)


def _erase_forgotten(connection: Connection, old: Connection) -> None:
    """Whoever was erased there is erased here: their row says who they are, and only a hash is left of their address."""
    same = select(subscribers.c.id, subscribers.c.created)
    erased = same.where(subscribers.c.email_key.startswith(TOMBSTONE, autoescape=True))
    known = select(subscribers.c.email_key).where(
        subscribers.c.id == bindparam("number"),
        subscribers.c.created == bindparam("made"),
        subscribers.c.email != "",
    )
    found = False
    for number, made in old.execute(erased):
        key = connection.scalar(known, {"number": number, "made": made})
        if key is not None:
            forget(connection, number, key, "", "restore", of_many=True)
            found = True
    if found:
        rub_out(connection)
