"""What a database that is put back must learn from the one it replaces of campaigns: who was mailed.

A campaign is the same in both where its issue, the moment it was made and the moment its audience was frozen are:
then its deliveries are the same rows, and what the former database knows to have ended has ended. One that had not
begun in the copy, or that the copy has never heard of, comes whole: content, books and deliveries, under its own
numbers where these are free, since Message-IDs are made of them. Nothing is ever queued by this, and what the copy
knows better stays: it may be the newer of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.store.carrying_people import People
from newsletter.store.events import log
from newsletter.store.schema import (
    campaign_lists,
    campaign_pictures,
    campaign_progress,
    campaigns,
    deliveries,
    exclusions,
    lists,
    revisions,
    senders,
    subscribers,
)
from newsletter.store.schema_clicks import campaign_links
from newsletter.store.sweeping import LOST

_GROUP = 1000
_BEGUN = (CampaignStatus.SENDING, CampaignStatus.PAUSED)
_OVER = (CampaignStatus.FINISHED, CampaignStatus.CANCELLED)
_WAITING = (DeliveryStatus.QUEUED, DeliveryStatus.DEFERRED, DeliveryStatus.SENDING)
_LEARNT: Mapping[DeliveryStatus, Sequence[DeliveryStatus]] = {
    DeliveryStatus.ACCEPTED: (*_WAITING, DeliveryStatus.UNKNOWN),
    DeliveryStatus.REFUSED: (*_WAITING, DeliveryStatus.UNKNOWN),
    DeliveryStatus.FAILED: _WAITING,
    DeliveryStatus.SKIPPED: _WAITING,
    DeliveryStatus.UNKNOWN: _WAITING,
    DeliveryStatus.SENDING: _WAITING,
    DeliveryStatus.DEFERRED: (DeliveryStatus.QUEUED,),
}
"""What the former database says of a delivery, and the states of the copy in which that is news."""
_TOLD = ("attempts", "next_attempt", "code", "reply", "server", "reason", "marked", "ended")
_OF_A_CAMPAIGN = (campaign_pictures, campaign_links)
PAUSED = "the database was put back while it was being sent"


@dataclass(slots=True)
class Carried:
    """`deliveries` are known to have ended in campaigns that both databases have; `campaigns` came whole."""

    deliveries: int = 0
    campaigns: list[int] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    """Those of which both know now, sent or not."""


def carry_campaigns(connection: Connection, old: Connection) -> Carried:
    """Lets the database at hand know what became of the mails of another, which has this version's tables."""
    people, carried = People(connection, old), Carried()
    has_deliveries = (
        select(deliveries.c.id).where(deliveries.c.campaign_id == campaigns.c.id).exists()
    )
    begun = campaigns.c.status.in_([str(one) for one in (*_BEGUN, *_OVER)])
    for theirs in old.execute(select(campaigns).where(begun, has_deliveries).order_by("id")).all():
        mine = _same_audience(connection, theirs)
        if mine is not None:
            carried.deliveries += _learn(connection, old, mine, theirs, people)
            carried.known.add(mine.id)
            continue
        _drop_unbegun(connection, theirs)
        carried.campaigns.append(_bring(connection, old, theirs, people))
    carried.known |= {*carried.campaigns, *_unbegun(connection, old)}
    if carried.deliveries or carried.campaigns:
        log(
            connection,
            "carried over",
            "restore",
            deliveries=carried.deliveries,
            campaigns=carried.campaigns,
        )
    _count_on(connection, old)
    return carried


def _unbegun(connection: Connection, old: Connection) -> set[int]:
    """Campaigns that have begun in neither database."""
    query = select(campaigns.c.id, campaigns.c.slug, campaigns.c.created, campaigns.c.status)
    theirs = {row[:3] for row in old.execute(query) if not _rank(row.status)}
    return {
        row.id for row in connection.execute(query) if not _rank(row.status) and row[:3] in theirs
    }


def _same_audience(connection: Connection, theirs: Row[Any]) -> Row[Any] | None:
    """The campaign with the same frozen deliveries; its number is another where it was brought before."""
    rows = connection.execute(
        select(campaigns)
        .where(campaigns.c.slug == theirs.slug, campaigns.c.created == theirs.created)
        .order_by(campaigns.c.id != theirs.id)
    )
    for row in rows:
        if row.frozen == theirs.frozen and (row.frozen is not None or _rank(row.status)):
            return row
    return None


def _learn(
    connection: Connection, old: Connection, mine: Row[Any], theirs: Row[Any], people: People
) -> int:
    count = 0
    for status, before in _LEARNT.items():
        here = deliveries.c.id == bindparam("row")
        if mine.id != theirs.id:
            here = deliveries.c.subscriber_id == bindparam("row")
        learn = (
            update(deliveries)
            .where(
                here,
                deliveries.c.campaign_id == mine.id,
                or_(*(deliveries.c.status == str(one) for one in before)),
            )
            .values(status=bindparam("to"), **{name: bindparam(f"its_{name}") for name in _TOLD})
        )
        for group in _groups(old, theirs.id, status):
            given = []
            for row in group:
                told = _told(row)
                values = {f"its_{name}": told[name] for name in _TOLD}
                number = row.id if mine.id == theirs.id else people.known(row.subscriber_id)
                given.append(values | {"to": told["status"], "row": number})
            changed = connection.execute(learn, given).rowcount
            count += changed if status is not DeliveryStatus.DEFERRED else 0
    if _rank(theirs.status) > _rank(mine.status) and not (
        theirs.status in _OVER and _waits(connection, mine.id)
    ):
        values = _row_of(connection, old, theirs)
        connection.execute(update(campaigns).where(campaigns.c.id == mine.id).values(values))
    elif theirs.fence > mine.fence:
        fence = {"fence": theirs.fence}
        connection.execute(update(campaigns).where(campaigns.c.id == mine.id).values(fence))
    return count


def _drop_unbegun(connection: Connection, theirs: Row[Any]) -> None:
    """A campaign that had not begun in the copy makes room for what became of it."""
    mine = connection.execute(select(campaigns).where(campaigns.c.id == theirs.id)).one_or_none()
    if mine is None or (mine.slug, mine.created) != (theirs.slug, theirs.created):
        return
    if _rank(mine.status):
        return
    others = (campaign_lists, campaign_progress, senders, deliveries, exclusions)
    for table in (*_OF_A_CAMPAIGN, *others):
        connection.execute(delete(table).where(table.c.campaign_id == mine.id))
    connection.execute(delete(campaigns).where(campaigns.c.id == mine.id))


def _bring(connection: Connection, old: Connection, theirs: Row[Any], people: People) -> int:
    """A campaign with everything that is its own; its number here."""
    numbered = _is_free(connection, old, theirs.id)
    values = _row_of(connection, old, theirs) | ({"id": theirs.id} if numbered else {})
    made = connection.execute(insert(campaigns).values(values).returning(campaigns.c.id))
    campaign = int(made.scalar_one())
    to = {}
    used = select(campaign_lists.c.list_id).where(campaign_lists.c.campaign_id == theirs.id)
    more = select(deliveries.c.list_id).where(deliveries.c.campaign_id == theirs.id).distinct()
    for number in old.execute(used.union(more)).scalars():
        to[number] = _list(connection, old, number)
    for row in old.execute(select(campaign_lists).where(campaign_lists.c.campaign_id == theirs.id)):
        place = {"list_id": to[row.list_id], "position": row.position, "campaign_id": campaign}
        connection.execute(insert(campaign_lists).values(place))
    for table in _OF_A_CAMPAIGN:
        for row in old.execute(select(table).where(table.c.campaign_id == theirs.id)):
            given = dict(row._mapping) | {"campaign_id": campaign}
            connection.execute(insert(table).values(given))
    taken: set[int] = set()
    for group in _groups(old, theirs.id):
        people.look_up([row.subscriber_id for row in group])
        rows = []
        for row in group:
            person = people.bring(row.subscriber_id, taken)
            given = dict(row._mapping) | _told(row) | {"campaign_id": campaign, "sender": 0}
            given |= {"subscriber_id": person, "list_id": to[row.list_id]}
            if person != people.known(row.subscriber_id):
                given |= {"address": "", "reply": ""}  # erasing the one person would not find it
            if not numbered:
                del given["id"]
            rows.append(given)
        connection.execute(insert(deliveries), rows)
    mine = exclusions.c.campaign_id == theirs.id
    for group in old.execute(select(exclusions).where(mine)).partitions(_GROUP):
        people.look_up([row.subscriber_id for row in group])
        rows = [
            {"campaign_id": campaign, "reason": row.reason}
            | {"subscriber_id": people.bring(row.subscriber_id, taken)}
            for row in group
        ]
        connection.execute(insert(exclusions), rows)
    return campaign


def _is_free(connection: Connection, old: Connection, campaign: int) -> bool:
    """Whether neither the campaign's number nor one of its deliveries' is somebody else's here."""
    if connection.scalar(select(campaigns.c.id).where(campaigns.c.id == campaign)) is not None:
        return False
    for group in _groups(old, campaign):
        numbers = [row.id for row in group]
        used = select(deliveries.c.id).where(deliveries.c.id.in_(numbers)).limit(1)
        if connection.scalar(used) is not None:
            return False
    return True


def _row_of(connection: Connection, old: Connection, theirs: Row[Any]) -> dict[str, Any]:
    """The campaign's own row, as it may stand here: nobody sends it."""
    values = dict(theirs._mapping)
    del values["id"]
    if theirs.status == CampaignStatus.SENDING:
        values |= {"status": str(CampaignStatus.PAUSED), "reason": PAUSED, "wake": None}
    return values | {"revision_id": _revision(connection, old, theirs.revision_id)}


def _revision(connection: Connection, old: Connection, number: int) -> int:
    theirs = old.execute(select(revisions).where(revisions.c.id == number)).one()
    same = revisions.c.slug == theirs.slug, revisions.c.number == theirs.number
    return _found_or_made(connection, revisions, same, theirs)


def _list(connection: Connection, old: Connection, number: int) -> int:
    """The list of the same name; one without people where there is none."""
    theirs = old.execute(select(lists).where(lists.c.id == number)).one()
    return _found_or_made(connection, lists, (lists.c.name == theirs.name,), theirs)


def _found_or_made(connection: Connection, table: Table, same: Any, theirs: Row[Any]) -> int:
    found = connection.scalar(select(table.c.id).where(*same))
    if found is not None:
        return int(found)
    values = {name: value for name, value in theirs._mapping.items() if name != "id"}
    return int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def _told(row: Row[Any]) -> dict[str, Any]:
    """What a delivery of the former database is here: whoever had it in hand does not tell us any more."""
    told = dict(row._mapping)
    if row.status == DeliveryStatus.SENDING:
        told |= {"status": str(DeliveryStatus.UNKNOWN), "reason": LOST, "ended": row.marked}
    return {name: told[name] for name in ("status", *_TOLD)}


def _groups(
    old: Connection, campaign: int, status: DeliveryStatus | None = None
) -> Iterable[Sequence[Row[Any]]]:
    """Its deliveries; first those of people who have the issue, or may have it: of two who are one person here, that
    counts."""
    has = [
        str(one)
        for one in (DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN, DeliveryStatus.SENDING)
    ]
    query = select(deliveries).where(deliveries.c.campaign_id == campaign)
    if status is not None:
        query = query.where(deliveries.c.status == str(status))
    first = case((deliveries.c.status.in_(has), 0), else_=1)
    return old.execute(query.order_by(first, deliveries.c.id)).partitions(_GROUP)


def _waits(connection: Connection, campaign: int) -> bool:
    waiting = deliveries.c.status.in_([str(one) for one in _WAITING])
    query = select(deliveries.c.id).where(deliveries.c.campaign_id == campaign, waiting)
    return connection.scalar(query.limit(1)) is not None


def _rank(status: str) -> int:
    return 2 if status in _OVER else 1 if status in _BEGUN else 0


def _count_on(connection: Connection, old: Connection) -> None:
    """No number that either database has ever given is given again: a link in somebody's mail names a person by theirs."""
    for table in (campaigns, deliveries, subscribers):
        used = {"name": table.name}
        given = old.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), used) or 0
        most = max(given, connection.scalar(select(func.max(table.c.id))) or 0)
        if connection.dialect.name == "postgresql":
            sequence = func.pg_get_serial_sequence(table.name, "id")
            connection.execute(select(func.setval(sequence, max(most, 1), most > 0)))
            continue
        raised = "UPDATE sqlite_sequence SET seq = max(seq, :most) WHERE name = :name"
        if not connection.execute(text(raised), used | {"most": most}).rowcount:
            begun = "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :most)"
            connection.execute(text(begun), used | {"most": most})
