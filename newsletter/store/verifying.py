"""Whether a database says what it must: its version, the books of every campaign, states that can be.

What SQLite itself finds wrong in a file is in `backups`. Nothing is changed.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, create_engine, func, inspect, select

from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.model.subscriber import Status
from newsletter.store.campaigns import books_of
from newsletter.store.schema import campaigns, deliveries, metadata, subscriptions
from newsletter.store.upgrade import HEAD, version_of


def faults(connection: Connection) -> tuple[str, ...]:
    """What is wrong, told one by one."""
    version = version_of(connection)
    if version != HEAD:
        told = f"its schema is {version or 'none'}, this program's is {HEAD}"
        return (f"{told}: any command brings an older one up to date",)
    return (*_tables(connection), *_books(connection), *_states(connection))


def faults_of_copy(path: Path) -> tuple[str, ...]:
    """The same of an SQLite file, opened for reading only."""
    engine = create_engine(f"sqlite:///{path.resolve().as_uri()}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            return faults(connection)
    finally:
        engine.dispose()


def _tables(connection: Connection) -> list[str]:
    there = set(inspect(connection).get_table_names())
    return [f"the table {name} is missing" for name in metadata.tables if name not in there]


def _books(connection: Connection) -> list[str]:
    told = []
    rows = connection.execute(
        select(campaigns.c.id, campaigns.c.slug, campaigns.c.status).order_by(campaigns.c.id)
    ).all()
    for number, slug, status in rows:
        books = books_of(connection, number)
        named = f"campaign {number} ({slug})"
        if not books.balanced:
            excluded = sum(books.excluded.values())
            told.append(
                f"{named}: the books do not balance: {books.candidates} candidates, "
                f"{books.prepared} prepared, {excluded} excluded"
            )
        if status == CampaignStatus.FINISHED and books.remaining:
            told.append(f"{named} is finished, but {books.remaining} deliveries have not ended")
    return told


def _states(connection: Connection) -> list[str]:
    told = []
    for column, known, named in (
        (deliveries.c.status, DeliveryStatus, "deliveries"),
        (campaigns.c.status, CampaignStatus, "campaigns"),
        (subscriptions.c.status, Status, "subscriptions"),
    ):
        rows = connection.execute(
            select(column, func.count())
            .where(column.not_in([str(one) for one in known]))
            .group_by(column)
        )
        told += [f"{count} {named} are {status!r}, which nothing can be" for status, count in rows]
    return told
