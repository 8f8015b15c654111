"""What follows when many mails of a kind came back: an address that nothing reaches, a campaign that must pause.

Counted from the rows, in the transaction that brings the newest of them, so that the same mails always lead to
the same end, in whatever order they come. What servers said at once is counted with it, when a run of a campaign ends.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import replace

from newsletter.delivery.replies import Failure, classify, enhanced_code
from newsletter.model.campaign import DeliveryStatus
from newsletter.model.incoming import EventType, Incoming, RejectReason
from newsletter.model.transitions import ImpossibleEvent
from newsletter.settings import Settings
from newsletter.store import incoming as kept
from newsletter.store import steering
from newsletter.store import subscribers as people
from newsletter.store.engine import Connection, Store
from newsletter.store.incoming import Sent, Tried
from newsletter.subscribers.consent import Event, after

ACTOR = "mail"
FEWEST_COMPLAINTS = 3
"""Complaints that there must be before their share says anything."""
SUPPRESSED = "suppressed"
AT_ONCE = 100
"""People who are judged in one transaction: what is sent meanwhile does not wait for long."""
_ADDRESS = re.compile(r"<?[^\s<>()\[\]\",;:]{1,128}@[^\s<>()\[\]\",;:]{1,255}>?")
_OURS = (RejectReason.BLOCKED, RejectReason.SPAM)


def consequences(connection: Connection, settings: Settings, one: Incoming) -> Incoming:
    """The mail, which has been written down, with the effects that the ones before it have prepared."""
    if (
        not one.campaign
        or not one.subscriber
        or one.event not in (EventType.BOUNCED, EventType.COMPLAINED)
    ):
        return one
    effects = one.effects
    if one.event is EventType.BOUNCED and one.reason not in _OURS and SUPPRESSED not in one.effects:
        sent = kept.delivery_of(connection, one.campaign, one.subscriber)
        if sent is not None:
            effects += _worn_out(connection, settings, sent, f"{one.status} {one.told}".strip())
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
        sent.campaign or None,
    )
    return (SUPPRESSED,) if done else ()


def wear_out(store: Store, settings: Settings, campaign: int) -> int:
    """Counts what servers have said at once to a campaign's mails, where no mail will come back to tell of it: a
    refusal that will pass (4.2.2 to the end, 5.2.2) is a soft bounce like any. Returns how many addresses are not
    written to again. Called again, it changes nothing."""
    if not settings.bounces.soft_limit:
        return 0
    with store.reading() as connection:
        refused = kept.refused_again(connection, campaign, settings.bounces.soft_limit)
    worn = 0
    for at in range(0, len(refused), AT_ONCE):
        with store.writing() as connection:
            some = refused[at : at + AT_ONCE]
            worn += sum(bool(_worn_out(connection, settings, sent)) for sent in some)
    return worn


def _worn_out(
    connection: Connection, settings: Settings, sent: Sent, told: str = ""
) -> tuple[str, ...]:
    """Whether nothing has reached an address for so long that it is not written to again. What is the sender's fault
    tells nothing of the address, one way or the other."""
    rules = settings.bounces
    if not rules.soft_limit or not sent.address:
        return ()
    row: list[datetime.datetime] = []
    for tried in kept.tries(connection, sent.subscriber, 4 * rules.soft_limit):
        refused = _refusal(tried)
        if tried.blocked or (refused is not None and refused.ours):
            continue
        if not tried.soft and refused is None:
            break
        row.append(tried.ended)
        told = told or (without_addresses(f"{tried.code} {tried.reply}") if refused else "")
    days = (max(row) - min(row)).total_seconds() / 86_400 if row else 0.0
    if len(row) < rules.soft_limit or days < rules.soft_days:
        return ()
    said = f"{len(row)} mails in a row came back or were refused over {days:.0f} days: {told}"
    return suppress(connection, sent, said)


def _refusal(tried: Tried) -> Failure | None:
    """What a server said at once; None where it has taken the mail."""
    if tried.status not in (DeliveryStatus.REFUSED, DeliveryStatus.FAILED):
        return None
    return classify(tried.code, enhanced_code(tried.reply), tried.reply)


def without_addresses(told: str) -> str:
    """What a server said, as it is kept: a place less to visit when somebody is erased."""
    return _ADDRESS.sub("…", told)[:500]


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
