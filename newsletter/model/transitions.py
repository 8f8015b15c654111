"""What may become of a delivery and of a campaign: two pure functions over all states and events.

    queued ──mark──▶ sending ──accept──▶ accepted
      ▲  │              ├──refuse─────▶ refused         (this address)
      │  └─skip▶ skipped├──defer──────▶ deferred        (this message; mark again, or give up ▶ failed)
      └────put back─────┤
                        └──lose───────▶ unknown         (killed, or cut off after the content was written)

An end state is left only by what somebody learns about an unknown (accepted or refused), or by a publication
that would rather mail somebody twice than not at all (resend).

    draft ─approve▶ approved ─schedule▶ scheduled ─┐
      ▲               │  └────hold────▶ held ──────┼─start▶ sending ⇄ paused
      └─────void──────┴────────────────────────────┘           └─finish▶ finished
                                                    cancel, from wherever it has not ended ▶ cancelled

Held is the minute in which a send can be taken back, and whatever waits for an answer of a person. An edit of
the issue voids an approval until the campaign has started, and never after.
"""

from __future__ import annotations

from enum import StrEnum

from newsletter.model.campaign import CampaignStatus, DeliveryStatus


class DeliveryEvent(StrEnum):
    MARK = "mark"
    PUT_BACK = "put back"
    ACCEPT = "accept"
    REFUSE = "refuse"
    DEFER = "defer"
    GIVE_UP = "give up"
    SKIP = "skip"
    LOSE = "lose"
    RESEND = "resend"


class CampaignEvent(StrEnum):
    APPROVE = "approve"
    SCHEDULE = "schedule"
    HOLD = "hold"
    START = "start"
    PAUSE = "pause"
    FINISH = "finish"
    CANCEL = "cancel"
    VOID = "void"


class ImpossibleEvent(ValueError):
    """The event cannot happen in this state."""


_D, _E = DeliveryStatus, DeliveryEvent
_DELIVERY: dict[tuple[DeliveryStatus, DeliveryEvent], DeliveryStatus] = {
    (_D.QUEUED, _E.MARK): _D.SENDING,
    (_D.QUEUED, _E.SKIP): _D.SKIPPED,
    (_D.DEFERRED, _E.MARK): _D.SENDING,
    (_D.DEFERRED, _E.SKIP): _D.SKIPPED,
    (_D.DEFERRED, _E.GIVE_UP): _D.FAILED,
    (_D.SENDING, _E.PUT_BACK): _D.QUEUED,
    (_D.SENDING, _E.ACCEPT): _D.ACCEPTED,
    (_D.SENDING, _E.REFUSE): _D.REFUSED,
    (_D.SENDING, _E.DEFER): _D.DEFERRED,
    (_D.SENDING, _E.GIVE_UP): _D.FAILED,
    (_D.SENDING, _E.LOSE): _D.UNKNOWN,
    (_D.UNKNOWN, _E.ACCEPT): _D.ACCEPTED,
    (_D.UNKNOWN, _E.REFUSE): _D.REFUSED,
    (_D.UNKNOWN, _E.RESEND): _D.QUEUED,
}

_C, _V = CampaignStatus, CampaignEvent
CAMPAIGN_TRANSITIONS: dict[tuple[CampaignStatus, CampaignEvent], CampaignStatus] = {
    (_C.DRAFT, _V.APPROVE): _C.APPROVED,
    (_C.APPROVED, _V.SCHEDULE): _C.SCHEDULED,
    (_C.APPROVED, _V.HOLD): _C.HELD,
    (_C.APPROVED, _V.START): _C.SENDING,
    (_C.APPROVED, _V.VOID): _C.DRAFT,
    (_C.SCHEDULED, _V.SCHEDULE): _C.SCHEDULED,
    (_C.SCHEDULED, _V.HOLD): _C.HELD,
    (_C.SCHEDULED, _V.START): _C.SENDING,
    (_C.SCHEDULED, _V.VOID): _C.DRAFT,
    (_C.HELD, _V.SCHEDULE): _C.SCHEDULED,
    (_C.HELD, _V.HOLD): _C.HELD,
    (_C.HELD, _V.START): _C.SENDING,
    (_C.HELD, _V.VOID): _C.DRAFT,
    (_C.SENDING, _V.START): _C.SENDING,
    (_C.SENDING, _V.PAUSE): _C.PAUSED,
    (_C.SENDING, _V.FINISH): _C.FINISHED,
    (_C.PAUSED, _V.START): _C.SENDING,
    **{
        (status, _V.CANCEL): _C.CANCELLED
        for status in _C
        if status not in (_C.FINISHED, _C.CANCELLED)
    },
}


def delivery_after(status: DeliveryStatus, event: DeliveryEvent) -> DeliveryStatus:
    """The state of a delivery after an event; raises ImpossibleEvent."""
    try:
        return _DELIVERY[status, event]
    except KeyError:
        raise ImpossibleEvent(f"{status} cannot {event}") from None


def campaign_after(status: CampaignStatus, event: CampaignEvent) -> CampaignStatus:
    """The state of a campaign after an event; raises ImpossibleEvent."""
    try:
        return CAMPAIGN_TRANSITIONS[status, event]
    except KeyError:
        raise ImpossibleEvent(f"{status} cannot {event}") from None


def delivery_states_before(event: DeliveryEvent) -> tuple[DeliveryStatus, ...]:
    """The states in which an event can happen (a ledger guards its updates with them)."""
    return tuple(status for status, possible in _DELIVERY if possible is event)
