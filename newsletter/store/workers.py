"""Servers that wake campaigns: each says now and then that it is awake, so that others can tell."""

from __future__ import annotations

import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from newsletter.store import leases
from newsletter.store.events import now
from newsletter.store.schema import workers

AWAKE = datetime.timedelta(seconds=60)
_FORGOTTEN = datetime.timedelta(days=1)


def beat(connection: Connection) -> None:
    """Says that this process is awake."""
    mine = update(workers).where(workers.c.owner == leases.owner()).values(seen=now())
    if not connection.execute(mine).rowcount:
        connection.execute(insert(workers).values(owner=leases.owner(), seen=now()))
    connection.execute(delete(workers).where(workers.c.seen < now() - _FORGOTTEN))


def leave(connection: Connection) -> None:
    """Says that this process ends."""
    connection.execute(delete(workers).where(workers.c.owner == leases.owner()))


def awake(connection: Connection) -> int:
    """How many servers are awake."""
    found = select(func.count()).select_from(workers).where(workers.c.seen >= now() - AWAKE)
    return int(connection.execute(found).scalar_one())
