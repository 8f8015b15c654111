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
            assert event in _LEARNED
        if status is DeliveryStatus.ACCEPTED:
            assert before in (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
        ended = status if status in ENDED else None


@given(st.lists(st.sampled_from(CampaignEvent), max_size=30))
def test_a_campaign_is_sent_only_after_approval_and_never_after_its_end(
    events: list[CampaignEvent],
) -> None:
    status, approved = CampaignStatus.DRAFT, False
    for event in events:
        before = status
        try:
            status = campaign_after(status, event)
        except ImpossibleEvent:
            continue
        assert before not in (CampaignStatus.FINISHED, CampaignStatus.CANCELLED)
        approved = approved or event is CampaignEvent.APPROVE
        if status in (CampaignStatus.SENDING, CampaignStatus.FINISHED):
            assert approved
