"""What follows when many mails of a kind came back: an address that nothing reaches, a campaign that must pause.

Counted from the rows, in the transaction that brings the newest of them, so that the same mails always lead to
the same end, in whatever order they come.
"""

from __future__ import annotations

import datetime
from dataclasses import replace

from newsletter.delivery.replies import classify, enhanced_code
from newsletter.model.campaign import DeliveryStatus
from newsletter.model.incoming import EventType, Incoming, RejectReason
from newsletter.model.transitions import ImpossibleEvent
from newsletter.settings import Settings
from newsletter.store import incoming as kept
from newsletter.store import steering
from newsletter.store import subscribers as people
from newsletter.store.engine import Connection
from newsletter.store.incoming import Sent
from newsletter.subscribers.consent import Event, after

ACTOR = "mail"
FEWEST_COMPLAINTS = 3
"""Complaints that there must be before their share says anything."""
SUPPRESSED = "suppressed"
_OURS = (RejectReason.BLOCKED, RejectReason.SPAM)


def consequences(connection: Connection, settings: Settings, one: Incoming) -> Incoming:
    """The mail, which has been written down, with the effects that the ones before it have prepared."""
    if not one.subscriber or one.event not in (EventType.BOUNCED, EventType.COMPLAINED):
        return one
    effects = one.effects
    if one.event is EventType.BOUNCED and one.reason not in _OURS and SUPPRESSED not in one.effects:
        effects += _worn_out(connection, settings, one)
    return replace(one, effects=effects + _paused(connection, settings, one))


def suppress(connection: Connection, sent: Sent, told: str) -> tuple[str, ...]:
    """Never writes to an address again; nothing where the person has another one by now, or was forgotten."""
    if not sent.address:
        return ()
    done = people.bounce_everywhere(
        connection,
        sent.subscriber,
        sent.address,
        told.strip(),
        lambda before: after(before, Event.HARD_BOUNCE),
        ACTOR,
        sent.campaign,
    )
    return (SUPPRESSED,) if done else ()


def _worn_out(connection: Connection, settings: Settings, one: Incoming) -> tuple[str, ...]:
    """Whether nothing has reached an address for so long that it is not written to again."""
    rules = settings.bounces
    if not rules.soft_limit:
        return ()
    row: list[datetime.datetime] = []
    for tried in kept.tries(connection, one.subscriber, 4 * rules.soft_limit):
        if not tried.soft and not _refused_softly(tried.status, tried.code, tried.reply):
            break
        row.append(tried.ended)
    days = (max(row) - min(row)).total_seconds() / 86_400 if row else 0.0
    if len(row) < rules.soft_limit or days < rules.soft_days:
        return ()
    sent = kept.delivery_of(connection, one.campaign, one.subscriber)
    told = f"{len(row)} mails in a row came back over {days:.0f} days: {one.status} {one.told}"
    return suppress(connection, sent, told) if sent else ()


def _refused_softly(status: DeliveryStatus, code: int, reply: str) -> bool:
    if status not in (DeliveryStatus.REFUSED, DeliveryStatus.FAILED):
        return False
    return not classify(code, enhanced_code(reply), reply).ours


def _paused(connection: Connection, settings: Settings, one: Incoming) -> tuple[str, ...]:
    complained = one.event is EventType.COMPLAINED
    ask = _too_many_complaints if complained else _too_many_blocked
    reason = ask(connection, settings, one)
    if not reason:
        return ()
    try:
        steering.pause(connection, one.campaign, ACTOR, reason)
    except ImpossibleEvent:
        return ()  # it is not being sent
    return (f"paused campaign {one.campaign}",)


def _too_many_complaints(connection: Connection, settings: Settings, one: Incoming) -> str:
    most = settings.delivery.stop_complaints
    count = kept.counts(connection, one.campaign).get(EventType.COMPLAINED, 0)
    accepted = kept.accepted(connection, one.campaign)
    if most and count >= FEWEST_COMPLAINTS and count > most * accepted:
        return f"{count} of {accepted} who got it have complained"
    return ""


def _too_many_blocked(connection: Connection, settings: Settings, one: Incoming) -> str:
    """At the first, and where somebody has let it go on, at twice as many: a campaign must be able to end."""
    if one.reason not in _OURS or not one.status.startswith("5.7."):
        return ""
    first = settings.bounces.stop_blocked
    count = kept.count_reason(connection, one.campaign, *_OURS)
    if first and count % first == 0 and (count // first).bit_count() == 1:
        told = f"{one.status} {one.told}".strip()
        return f"{count} came back for what is the sender's fault, lastly: {told}"
    return ""
