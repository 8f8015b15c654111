"""What a database that is put back must learn from the one it replaces: who is not to be written to any more.

Only what lowers is carried over, and only by address: a subscription that has ended stays ended, a suppression and a
forgotten person stay. Somebody who came back since by their own word has to say so again; that is the safe side.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from newsletter.model.subscriber import Status
from newsletter.store.events import log, now
from newsletter.store.identities import rules_in_force
from newsletter.store.schema import forgotten, lists, subscribers, subscriptions, suppressions

_ENDED = (str(Status.UNSUBSCRIBED), str(Status.BOUNCED), str(Status.COMPLAINED))
_SUPPRESSIONS = "SELECT value, is_domain, reason, kind, typed FROM suppressions"
_OLDER_SUPPRESSIONS = "SELECT value, is_domain, reason, kind, '[]' FROM suppressions"
_OPEN = (str(Status.CONFIRMED), str(Status.PENDING))


def carry_over(connection: Connection, former: Path) -> int:
    """Lets the database at hand know who has left by a copy of another; how many subscriptions and addresses that
    were. A copy of another version is read as far as it goes."""
    with closing(sqlite3.connect(f"{former.resolve().as_uri()}?mode=ro", uri=True)) as old:
        count = _subscriptions(connection, old) + _suppressions(connection, old)
        _forgotten(connection, old)
    if count:
        log(connection, "carried over", "restore", count=count)
    return count


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
