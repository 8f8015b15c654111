"""What a person may do to a campaign that was begun: pause it, cancel it, settle what is unknown.

A process that sends it asks about once a second how its campaign stands, and stops by itself.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.model.transitions import CampaignEvent, DeliveryEvent, delivery_after
from newsletter.store import leases
from newsletter.store.campaigns import campaign_by_id, change_campaign
from newsletter.store.events import log, now
from newsletter.store.schema import campaigns, deliveries
from newsletter.store.snapshots import release
from newsletter.store.sweeping import skip_waiting


def exists(connection: Connection, campaign: int) -> bool:
    return connection.scalar(select(campaigns.c.id).where(campaigns.c.id == campaign)) is not None


def is_held(connection: Connection, campaign: int) -> bool:
    """Whether a process sends the campaign just now."""
    return leases.is_held(connection, campaign)


def pause(connection: Connection, campaign: int, actor: str, reason: str) -> CampaignStatus:
    """Raises ImpossibleEvent when it is not being sent."""
    return change_campaign(connection, campaign, CampaignEvent.PAUSE, actor, reason)


def cancel(connection: Connection, campaign: int, actor: str, reason: str) -> CampaignStatus:
    """What waits is skipped. What a living process has in hand still gets its answer; what a dead one had
    becomes unknown. Of one that has not begun, content and audience are released in the same transaction.
    Raises ImpossibleEvent when it has ended."""
    begun = campaign_by_id(connection, campaign).begun
    after = change_campaign(connection, campaign, CampaignEvent.CANCEL, actor, reason)
    if not begun:
        release(connection, campaign)
        return after
    skip_waiting(connection, campaign)
    leases.sweep(connection, campaign)
    return after


def wake(connection: Connection, campaign: int, actor: str) -> None:
    """Lets a server go on with it at once; its state changes when one does."""
    connection.execute(
        update(campaigns).where(campaigns.c.id == campaign).values(served=True, wake=now())
    )
    log(connection, "campaign woken", actor, campaign=campaign)


def settle(
    connection: Connection,
    campaign: int,
    subscriber: int,
    event: DeliveryEvent,
    reason: str,
    actor: str,
) -> bool:
    """Lets an unknown delivery become accepted or refused, as somebody has found out; False when it is not
    unknown any more."""
    after = delivery_after(DeliveryStatus.UNKNOWN, event)
    changed = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.campaign_id == campaign,
            deliveries.c.subscriber_id == subscriber,
            deliveries.c.status == str(DeliveryStatus.UNKNOWN),
        )
        .values(status=str(after), reason=reason, ended=now())
    )
    if changed.rowcount:
        log(
            connection,
            "delivery settled",
            actor,
            subscriber=subscriber,
            campaign=campaign,
            after=str(after),
        )
    return bool(changed.rowcount)
