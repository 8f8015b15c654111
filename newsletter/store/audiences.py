"""Who gets an issue, as SQL: every person on the lists once, with the reason why not, else an empty one.

One query serves showing and freezing, so that what was shown is what is frozen. A person on two lists
goes by the first of them on which they are confirmed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    case,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)

from newsletter.model.campaign import Audience, DeliveryStatus
from newsletter.model.subscriber import MailingList, Status
from newsletter.store.schema import campaigns, deliveries, exclusions, subscribers, subscriptions
from newsletter.store.subscribers import suppressed

SUPPRESSED = "suppressed"
HAS_IT = "already has this issue"
UNKNOWN = "may have this issue (unknown)"
IN_ANOTHER = "in another campaign of this issue"

_HELD = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.DEFERRED)


def people(lists: Sequence[MailingList], slug: str, *, again: bool) -> Subquery:
    """The candidates: subscriber_id, email, list_id, reason."""
    position = case(
        {mailing_list.id: at for at, mailing_list in enumerate(lists)},
        value=subscriptions.c.list_id,
    )
    confirmed = subscriptions.c.status == str(Status.CONFIRMED)
    ranked = (
        select(
            subscriptions.c.subscriber_id,
            subscriptions.c.list_id,
            subscriptions.c.status,
            func.row_number()
            .over(
                partition_by=subscriptions.c.subscriber_id,
                order_by=(case((confirmed, 0), else_=1), position),
            )
            .label("rank"),
        )
        .where(subscriptions.c.list_id.in_([mailing_list.id for mailing_list in lists]))
        .subquery("ranked")
    )
    reasons: list[tuple[ColumnElement[bool], ColumnElement[str]]] = [
        (ranked.c.status != str(Status.CONFIRMED), ranked.c.status),
        (suppressed(), literal(SUPPRESSED)),
    ]
    if not again:
        reasons += [
            (_has(slug, DeliveryStatus.ACCEPTED), literal(HAS_IT)),
            (_has(slug, DeliveryStatus.UNKNOWN), literal(UNKNOWN)),
        ]
    reasons.append((_has(slug, *_HELD), literal(IN_ANOTHER)))
    return (
        select(
            subscribers.c.id.label("subscriber_id"),
            subscribers.c.email,
            ranked.c.list_id,
            case(*reasons, else_=literal("")).label("reason"),
        )
        .join(ranked, ranked.c.subscriber_id == subscribers.c.id)
        .where(ranked.c.rank == 1)
        .subquery("people")
    )


def audience_of(
    connection: Connection, lists: Sequence[MailingList], slug: str, *, again: bool
) -> Audience:
    """The audience, counted; its fingerprint is over each person, address, list and reason."""
    found = people(lists, slug, again=again)
    rows = connection.execute(
        select(found.c.subscriber_id, found.c.email, found.c.list_id, found.c.reason).order_by(
            found.c.subscriber_id
        )
    )
    by_list: dict[int, int] = {}
    excluded: dict[str, int] = {}
    fingerprint = hashlib.sha256()
    for subscriber_id, email, list_id, reason in rows:
        fingerprint.update(f"{subscriber_id}\t{email}\t{list_id}\t{reason}\n".encode())
        if reason:
            excluded[reason] = excluded.get(reason, 0) + 1
        else:
            by_list[list_id] = by_list.get(list_id, 0) + 1
    return Audience(
        tuple((mailing_list, by_list.get(mailing_list.id, 0)) for mailing_list in lists),
        dict(sorted(excluded.items())),
        fingerprint.hexdigest(),
    )


def freeze_audience(
    connection: Connection, campaign: int, lists: Sequence[MailingList], slug: str, *, again: bool
) -> None:
    """Writes the audience of a campaign down: a delivery for each who gets it, an exclusion for each other."""
    found = people(lists, slug, again=again)
    excluded = select(literal(campaign), found.c.subscriber_id, found.c.reason).where(
        found.c.reason != ""
    )
    prepared = (
        select(
            literal(campaign),
            found.c.subscriber_id,
            found.c.list_id,
            found.c.email,
            literal(str(DeliveryStatus.QUEUED)),
        )
        .where(found.c.reason == "")
        .order_by(found.c.subscriber_id)
    )
    # Both are read before either is written: a queued delivery would exclude its own person.
    connection.execute(
        insert(exclusions).from_select(["campaign_id", "subscriber_id", "reason"], excluded)
    )
    connection.execute(
        insert(deliveries).from_select(
            ["campaign_id", "subscriber_id", "list_id", "address", "status"],
            prepared,
        )
    )
    candidates = select(func.count()).select_from(found).scalar_subquery()
    connection.execute(
        update(campaigns).where(campaigns.c.id == campaign).values(candidates=candidates)
    )


def has_issue_elsewhere(slug: str, campaign: int) -> ColumnElement[bool]:
    """The condition that another campaign has mailed this issue to the person of the delivery at hand, or
    may have."""
    other, its_campaign = deliveries.alias("other"), campaigns.alias("its_campaign")
    may_have = (DeliveryStatus.SENDING, DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN)
    return (
        select(literal_column("1"))
        .select_from(other.join(its_campaign, its_campaign.c.id == other.c.campaign_id))
        .where(
            other.c.subscriber_id == deliveries.c.subscriber_id,
            its_campaign.c.slug == slug,
            its_campaign.c.id != campaign,
            other.c.status.in_([str(status) for status in may_have]),
        )
        .correlate(deliveries)
        .exists()
    )


def _has(slug: str, *statuses: DeliveryStatus) -> ColumnElement[bool]:
    """The condition that the person at hand has this issue in one of these states, in any campaign."""
    return (
        select(literal_column("1"))
        .select_from(deliveries.join(campaigns, campaigns.c.id == deliveries.c.campaign_id))
        .where(
            and_(
                deliveries.c.subscriber_id == subscribers.c.id,
                campaigns.c.slug == slug,
                deliveries.c.status.in_([str(status) for status in statuses]),
            )
        )
        .correlate(subscribers)
        .exists()
    )
