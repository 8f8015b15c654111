"""Which status follows which event, over every sequence."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model.subscriber import Status
from newsletter.subscribers.consent import IMPORTED, Event, after

OPERATORS = [*IMPORTED.values(), Event.ADD]
RANK = {
    Status.COMPLAINED: 0,
    Status.UNSUBSCRIBED: 1,
    Status.BOUNCED: 2,
    Status.PENDING: 3,
    Status.CONFIRMED: 4,
}


@pytest.mark.parametrize(("status", "event"), list(itertools.product(Status, OPERATORS)))
def test_an_import_or_an_operator_never_raises_a_status(status: Status, event: Event) -> None:
    assert RANK[after(status, event)] <= RANK[status]


@given(st.lists(st.sampled_from(Event), max_size=20))
def test_who_has_left_is_mailed_only_after_their_own_confirmation(events: list[Event]) -> None:
    status: Status | None = None
    left = False
    for event in events:
        status = after(status, event)
        if event in (Event.UNSUBSCRIBE, Event.IMPORT_UNSUBSCRIBED):
            left = True
        elif event is Event.CONFIRM:
            left = False
        assert not (left and status is Status.CONFIRMED)


def test_every_short_history_keeps_the_law() -> None:
    """All sequences of up to four events, each checked at each step against the law in plain words."""
    for history in itertools.product(Event, repeat=4):
        status: Status | None = None
        for event in history:
            before, status = status, after(status, event)
            if before is None:
                continue
            if event in OPERATORS or event is Event.SIGN_UP:
                assert RANK[status] <= RANK[before], history
            if RANK[status] > RANK[before]:
                waited = event is Event.SIGN_UP_AT_ONCE and before is Status.PENDING
                assert event is Event.CONFIRM or waited, history
                assert before is not Status.COMPLAINED, history
            if event in (Event.UNSUBSCRIBE, Event.HARD_BOUNCE, Event.COMPLAIN):
                assert status not in (Status.CONFIRMED, Status.PENDING), history


@given(st.lists(st.sampled_from(Event), max_size=20))
def test_a_complaint_is_lifted_by_nothing(events: list[Event]) -> None:
    status: Status | None = after(None, Event.COMPLAIN)
    for event in events:
        status = after(status, event)
    assert status is Status.COMPLAINED


@pytest.mark.parametrize(("status", "event"), list(itertools.product([None, *Status], Event)))
def test_the_same_event_twice_is_the_event_once(status: Status | None, event: Event) -> None:
    once = after(status, event)
    assert after(once, event) is once
