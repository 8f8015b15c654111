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
    false,
    func,
    insert,
    literal,
    literal_column,
    not_,
    select,
    update,
)

from newsletter.model.campaign import (
    EVERYBODY,
    Audience,
    CampaignStatus,
    DeliveryStatus,
    Selection,
)
from newsletter.model.subscriber import MailingList, Status
from newsletter.store.events import now
from newsletter.store.finding import in_segment
from newsletter.store.pauses import PAUSED, paused
from newsletter.store.schema import (
    campaign_lists,
    campaigns,
    deliveries,
    exclusions,
    subscribers,
    subscriptions,
)
from newsletter.store.subscribers import suppressed

SUPPRESSED = "suppressed"
HAS_IT = "already has this issue"
UNKNOWN = "may have this issue (unknown)"
IN_ANOTHER = "in another campaign of this issue"
REFUSED = "refused or failed before"
LATER = "joined since it was sent"
OUTSIDE = "not in the segment"
GONE = "no longer on the list"

_HELD = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.DEFERRED)
_Reasons = list[tuple[ColumnElement[bool], ColumnElement[str]]]


def people(
    lists: Sequence[MailingList],
    slug: str,
    selection: Selection = EVERYBODY,
    *,
    was_sent: bool = True,
    inside: ColumnElement[bool] | None = None,
) -> Subquery:
    """The candidates: subscriber_id, email, list_id, reason. `was_sent`: whether any campaign of the issue has an
    audience; without one nobody is looked for in it. `inside` is the condition of the segment, if there is one."""
    if selection.correction:
        return _receivers(lists, slug, selection, inside)
    ranked = _first_of_each(lists)
    reasons: _Reasons = [
        (ranked.c.status != str(Status.CONFIRMED), ranked.c.status),
        (suppressed(), literal(SUPPRESSED)),
        (paused(), literal(PAUSED)),
        *_outside(inside),
    ]
    if was_sent:
        reasons += _shares_in_it(slug, selection, ranked.c.list_id)
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


def _first_of_each(lists: Sequence[MailingList]) -> Subquery:
    """Everybody on the lists, by the first of them on which they are confirmed. One list needs no ranking, and is
    read in the order of its people."""
    confirmed = subscriptions.c.status == str(Status.CONFIRMED)
    rank: ColumnElement[int] = literal(1)
    if len(lists) > 1:
        position = case(
            {mailing_list.id: at for at, mailing_list in enumerate(lists)},
            value=subscriptions.c.list_id,
        )
        rank = func.row_number().over(
            partition_by=subscriptions.c.subscriber_id,
            order_by=(case((confirmed, 0), else_=1), position),
        )
    return (
        select(
            subscriptions.c.subscriber_id,
            subscriptions.c.list_id,
            subscriptions.c.status,
            rank.label("rank"),
        )
        .where(subscriptions.c.list_id.in_([mailing_list.id for mailing_list in lists]))
        .subquery("ranked")
    )


def _shares_in_it(slug: str, selection: Selection, list_id: ColumnElement[int]) -> _Reasons:
    """Why somebody is left out who has, or may have, had a part in an earlier campaign of the issue."""
    reasons: _Reasons = []
    if not selection.again:
        reasons += [
            (_has(slug, DeliveryStatus.ACCEPTED), literal(HAS_IT)),
            (_has(slug, DeliveryStatus.UNKNOWN), literal(UNKNOWN)),
        ]
    reasons.append((_has(slug, *_HELD), literal(IN_ANOTHER)))
    if not (selection.again or selection.retry):
        # Whom somebody has settled as not having it has a reason in their row, and is mailed.
        by_server = (deliveries.c.reason == "",)
        reasons += [
            (_has(slug, DeliveryStatus.REFUSED, more=by_server), literal(REFUSED)),
            (_has(slug, DeliveryStatus.FAILED), literal(REFUSED)),
        ]
    if not (selection.again or selection.newcomers):
        newcomer = and_(_was_sent_to(slug, list_id), not_(_has(slug)))
        reasons.append((newcomer, literal(LATER)))
    return reasons


def _outside(inside: ColumnElement[bool] | None) -> _Reasons:
    """Why somebody is left out whom the segment does not hold."""
    if inside is None:
        return []
    return [(not_(func.coalesce(inside, false())), literal(OUTSIDE))]


def _receivers(
    lists: Sequence[MailingList],
    slug: str,
    selection: Selection,
    inside: ColumnElement[bool] | None,
) -> Subquery:
    """The candidates of a correction: who has, or may have, the issue; by way of the list they got it from."""
    got = (DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN)
    ranked = (
        select(
            deliveries.c.subscriber_id,
            deliveries.c.list_id,
            deliveries.c.status,
            func.row_number()
            .over(partition_by=deliveries.c.subscriber_id, order_by=deliveries.c.campaign_id.desc())
            .label("rank"),
        )
        .join(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        .where(
            campaigns.c.slug == slug,
            deliveries.c.status.in_([str(status) for status in got]),
            deliveries.c.list_id.in_([mailing_list.id for mailing_list in lists]),
        )
        .subquery("ranked")
    )
    here = and_(
        subscriptions.c.list_id == ranked.c.list_id,
        subscriptions.c.subscriber_id == ranked.c.subscriber_id,
    )
    this = (campaigns.c.correction == selection.correction,)
    reasons: _Reasons = [
        (subscriptions.c.status.is_(None), literal(GONE)),
        (subscriptions.c.status != str(Status.CONFIRMED), subscriptions.c.status),
        (suppressed(), literal(SUPPRESSED)),
        (paused(), literal(PAUSED)),
        *_outside(inside),
        (_has(slug, *got, more=this), literal(HAS_IT)),
        (_has(slug, *_HELD), literal(IN_ANOTHER)),
        (ranked.c.status == str(DeliveryStatus.UNKNOWN), literal(UNKNOWN)),
    ]
    return (
        select(
            subscribers.c.id.label("subscriber_id"),
            subscribers.c.email,
            ranked.c.list_id,
            case(*reasons, else_=literal("")).label("reason"),
        )
        .join(ranked, ranked.c.subscriber_id == subscribers.c.id)
        .outerjoin(subscriptions, here)
        .where(ranked.c.rank == 1)
        .subquery("people")
    )


def audience_of(
    connection: Connection,
    lists: Sequence[MailingList],
    slug: str,
    selection: Selection = EVERYBODY,
) -> Audience:
    """The audience, counted; its fingerprint is over each person, address, list and reason."""
    found = _asked(connection, lists, slug, selection)
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


def _asked(
    connection: Connection, lists: Sequence[MailingList], slug: str, selection: Selection
) -> Subquery:
    """The candidates, as the database stands now."""
    segment = selection.segment
    inside = in_segment(connection, segment) if segment is not None else None
    return people(lists, slug, selection, was_sent=_was_sent(connection, slug), inside=inside)


def freeze_audience(
    connection: Connection,
    campaign: int,
    lists: Sequence[MailingList],
    slug: str,
    selection: Selection = EVERYBODY,
) -> None:
    """Writes the audience of a campaign down: a delivery for each who gets it, an exclusion for each other."""
    found = _asked(connection, lists, slug, selection)
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
    # The excluded come first: a queued delivery would exclude its own person.
    connection.execute(
        insert(exclusions).from_select(["campaign_id", "subscriber_id", "reason"], excluded)
    )
    connection.execute(
        insert(deliveries).from_select(
            ["campaign_id", "subscriber_id", "list_id", "address", "status"],
            prepared,
        )
    )
    candidates = sum(
        connection.execute(
            select(func.count()).select_from(table).where(table.c.campaign_id == campaign)
        ).scalar_one()
        for table in (deliveries, exclusions)
    )
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(candidates=candidates, frozen=now())
    )


def lists_sent_to(connection: Connection, slug: str) -> tuple[int, ...]:
    """The lists by way of which somebody has an issue, or may have it."""
    got = (str(DeliveryStatus.ACCEPTED), str(DeliveryStatus.UNKNOWN))
    rows = connection.execute(
        select(deliveries.c.list_id)
        .join(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        .where(campaigns.c.slug == slug, deliveries.c.status.in_(got))
        .distinct()
        .order_by(deliveries.c.list_id)
    )
    return tuple(int(row.list_id) for row in rows)


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


def _has(
    slug: str, *statuses: DeliveryStatus, more: Sequence[ColumnElement[bool]] = ()
) -> ColumnElement[bool]:
    """The condition that the person at hand has a delivery of this issue in one of these states, or in any, in
    any campaign; `more` are further conditions on both."""
    conditions = [
        deliveries.c.subscriber_id == subscribers.c.id,
        campaigns.c.slug == slug,
        *more,
    ]
    if statuses:
        conditions.append(deliveries.c.status.in_([str(status) for status in statuses]))
    return (
        select(literal_column("1"))
        .select_from(deliveries.join(campaigns, campaigns.c.id == deliveries.c.campaign_id))
        .where(and_(*conditions))
        .correlate(subscribers)
        .exists()
    )


def _was_sent(connection: Connection, slug: str) -> bool:
    found = select(campaigns.c.id).where(campaigns.c.slug == slug, campaigns.c.frozen.is_not(None))
    return connection.execute(found.limit(1)).first() is not None


def _was_sent_to(slug: str, list_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that the issue was sent to a whole list, to the end."""
    return (
        select(literal_column("1"))
        .select_from(campaign_lists.join(campaigns, campaigns.c.id == campaign_lists.c.campaign_id))
        .where(
            campaign_lists.c.list_id == list_id,
            campaigns.c.slug == slug,
            campaigns.c.status == str(CampaignStatus.FINISHED),
            campaigns.c.correction == "",
            campaigns.c.segment.is_(None),
        )
        .exists()
    )
