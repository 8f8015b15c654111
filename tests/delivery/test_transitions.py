"""The state machines of deliveries and campaigns, over all sequences of events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.model.campaign import ENDED, CampaignStatus, DeliveryStatus
from newsletter.model.transitions import (
    CampaignEvent,
    DeliveryEvent,
    ImpossibleEvent,
    campaign_after,
    delivery_after,
)

_LEARNED = {DeliveryEvent.ACCEPT, DeliveryEvent.REFUSE}
_OVER = {CampaignStatus.FINISHED, CampaignStatus.CANCELLED}
_BEGUN = {CampaignStatus.SENDING, CampaignStatus.PAUSED, *_OVER}


@given(st.lists(st.sampled_from(DeliveryEvent), max_size=30))
def test_a_delivery_is_never_sent_again_after_it_ended(events: list[DeliveryEvent]) -> None:
    status = DeliveryStatus.QUEUED
    ended: DeliveryStatus | None = None
    for event in events:
        before = status
        try:
            status = delivery_after(status, event)
        except ImpossibleEvent:
            assert status is before
            continue
        if ended is not None:
            assert ended is DeliveryStatus.UNKNOWN
            assert event in _LEARNED or event is DeliveryEvent.RESEND
        if status is DeliveryStatus.ACCEPTED:
            assert before in (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
        ended = status if status in ENDED else None


@given(st.lists(st.sampled_from(CampaignEvent), max_size=40))
def test_a_campaign_is_sent_only_as_approved_and_never_after_its_end(
    events: list[CampaignEvent],
) -> None:
    status, approved, begun = CampaignStatus.DRAFT, False, False
    for event in events:
        before = status
        try:
            status = campaign_after(status, event)
        except ImpossibleEvent:
            assert not (event is CampaignEvent.CANCEL and before not in _OVER)
            continue
        assert before not in _OVER, "an end is an end"
        if event is CampaignEvent.VOID:
            assert not begun, "what was mailed to some is not called off by an edit"
            assert status is CampaignStatus.DRAFT
        approved = (approved or event is CampaignEvent.APPROVE) and event is not CampaignEvent.VOID
        begun = begun or status is CampaignStatus.SENDING
        if status in (CampaignStatus.SCHEDULED, CampaignStatus.HELD, CampaignStatus.SENDING):
            assert approved
        if status in (CampaignStatus.PAUSED, CampaignStatus.FINISHED):
            assert begun
        if begun:
            assert status in _BEGUN
