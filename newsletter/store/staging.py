"""The temporary tables that an import lays its lines in before it touches anything, on a connection of its own.

Laying them down holds nobody up, however long the file is. Lines are read back in the order of their addresses, so
that all lines of one person stand together, in the order of the file.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    tuple_,
)

from newsletter.model.subscriber import Address, Consent, Status
from newsletter.store.columns import Id, UtcTime
from newsletter.store.schema import subscribers, subscriptions, suppressions
from newsletter.store.subscribers import consent_row, subscriber_row, suppressed

PAGE = 5_000
"""Lines that are read back at a time."""
_CACHE = 64_000
"""Kilobytes of SQLite's cache while an import has its own connection."""
_temporary = MetaData()
staging = Table(
    "staging",
    _temporary,
    Column("position", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("place", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("consent_when", UtcTime),
    Column("consent_source", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("consent_ip", Text, nullable=False),
    Column("suppress_reason", Text, nullable=False),
    Column("suppress_kind", Text, nullable=False),
    prefixes=["TEMPORARY"],
)
"""`place` is the number of the list in `staged_lists`."""
staged_lists = Table(
    "staged_lists",
    _temporary,
    Column("place", Integer, primary_key=True),
    Column("list_id", Id),
    prefixes=["TEMPORARY"],
)
"""Which list a place is; none before it is made."""
twice = Table(
    "staged_twice",
    _temporary,
    Column("email_key", Text, primary_key=True),
    prefixes=["TEMPORARY"],
)
"""Addresses that several lines are about."""
known = Table(
    "staged_known",
    _temporary,
    Column("position", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    prefixes=["TEMPORARY"],
)
"""Lines that say nothing new."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One line for the list of a name. `status` is what the file says and proves. `suppress` is the reason and kind of
    a suppression that the line brings along."""

    line: int
    address: Address
    to: str
    status: Status
    name: str = ""
    language: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    consent: Consent | None = None
    created: datetime.datetime | None = None
    suppress: tuple[str, str] | None = None
    file: str = ""


def make_tables(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA cache_size=-{_CACHE}"))
    for table in (staging, staged_lists, twice, known):
        table.create(connection)


def lay(
    connection: Connection,
    rows: Sequence[Incoming],
    first: int,
    places: Mapping[str, int],
    moment: datetime.datetime,
) -> None:
    """Lays lines down, the first of which has the position `first`."""
    connection.execute(
        insert(staging),
        [_staged(row, first + at, places[row.to], moment) for at, row in enumerate(rows)],
    )


def lay_lists(connection: Connection, ids: Mapping[int, int | None]) -> None:
    connection.execute(delete(staged_lists))
    if ids:
        rows = [{"place": place, "list_id": number} for place, number in ids.items()]
        connection.execute(insert(staged_lists), rows)


def put_in_order(connection: Connection) -> None:
    """To be called when every line lies there."""
    connection.execute(text("CREATE INDEX ix_staging ON staging (email_key, position)"))
    several = select(staging.c.email_key).group_by(staging.c.email_key).having(func.count() > 1)
    connection.execute(insert(twice).from_select(["email_key"], several))
    if connection.dialect.name == "postgresql":
        for table in (staging, twice, staged_lists):
            connection.execute(text(f"ANALYZE {table.name}"))


def take_away(connection: Connection, positions: Sequence[int]) -> None:
    if positions:
        connection.execute(
            delete(staging).where(staging.c.position == bindparam("at")),
            [{"at": one} for one in positions],
        )


def any_left(connection: Connection) -> bool:
    return connection.execute(select(staging.c.position).limit(1)).first() is not None


def take_away_people(connection: Connection, gone: Callable[[str], bool]) -> list[Any]:
    """Takes the lines of some addresses away, and returns them."""
    short = select(
        staging.c.position,
        staging.c.line,
        staging.c.file,
        staging.c.email,
        staging.c.email_key,
        staging.c.status,
    )
    found = [row for row in connection.execute(short) if gone(row.email_key)]
    take_away(connection, [row.position for row in found])
    return found


def take_away_known(connection: Connection, statuses: Sequence[str]) -> dict[str, int]:
    """Takes away the lines that say nothing new of somebody who has one of these statuses on that list and is not
    suppressed; returns how many had each status. Most lines of a file that is imported again are so."""
    connection.execute(insert(known).from_select(["position", "status"], _nothing_new(statuses)))
    counts = connection.execute(select(known.c.status, func.count()).group_by(known.c.status)).all()
    if counts:
        done = staging.c.position.in_(select(known.c.position))
        connection.execute(delete(staging).where(done))
    return {str(status): int(count) for status, count in counts}


def _nothing_new(statuses: Sequence[str]) -> Any:
    def same(name: str, nothing: str) -> Any:
        said, kept = cast(staging.c[name], Text), cast(subscribers.c[name], Text)
        return or_(said == nothing, said == kept)

    return (
        select(staging.c.position, staging.c.status)
        .select_from(staging)
        .join(staged_lists, staged_lists.c.place == staging.c.place)
        .join(subscribers, subscribers.c.email_key == staging.c.email_key)
        .join(
            subscriptions,
            and_(
                subscriptions.c.subscriber_id == subscribers.c.id,
                subscriptions.c.list_id == staged_lists.c.list_id,
            ),
        )
        .where(
            staging.c.suppress_kind == "",
            subscriptions.c.status == staging.c.status,
            staging.c.status.in_(statuses),
            same("name", ""),
            same("language", ""),
            same("attributes", "{}"),
            not_(suppressed()),
            staging.c.email_key.not_in(select(twice.c.email_key)),
        )
    )


def lines_to_look_at(connection: Connection) -> Iterator[Any]:
    """The lines about people who are known, whose address or domain is suppressed, or whom several lines are about, by
    address, with what is known. All others are about new people. Each page is read whole before it is given."""
    last: tuple[str, int] | None = None
    while True:
        query = _LOOK.order_by(staging.c.email_key, staging.c.position).limit(PAGE)
        if last is not None:
            query = query.where(tuple_(staging.c.email_key, staging.c.position) > last)
        page = connection.execute(query).all()
        yield from page
        if len(page) < PAGE:
            return
        last = (page[-1].email_key, page[-1].position)


def _look() -> Any:
    by_address, by_domain = suppressions.alias("by_address"), suppressions.alias("by_domain")
    return (
        select(
            staging,
            subscribers.c.id.label("person"),
            subscribers.c.name.label("known_name"),
            subscribers.c.language.label("known_language"),
            subscribers.c.attributes.label("known_attributes"),
            subscriptions.c.status.label("known_status"),
            by_address.c.reason.label("held"),
            by_domain.c.reason.label("domain_held"),
        )
        .select_from(staging)
        .join(staged_lists, staged_lists.c.place == staging.c.place)
        .outerjoin(subscribers, subscribers.c.email_key == staging.c.email_key)
        .outerjoin(
            subscriptions,
            and_(
                subscriptions.c.subscriber_id == subscribers.c.id,
                subscriptions.c.list_id == staged_lists.c.list_id,
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
                staging.c.email_key.in_(select(twice.c.email_key)),
            )
        )
    )


_LOOK = _look()


def _staged(row: Incoming, position: int, place: int, moment: datetime.datetime) -> dict[str, Any]:
    person = subscriber_row(
        row.address, row.name, row.language, row.attributes, row.created or moment
    )
    reason, kind = row.suppress or ("", "")
    return {
        **person,
        **consent_row(row.consent),
        "position": position,
        "line": row.line,
        "file": row.file,
        "place": place,
        "status": str(row.status),
        "suppress_reason": reason,
        "suppress_kind": kind,
    }
