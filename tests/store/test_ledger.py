"""The ledger and its lease: who may send, who is skipped, what a late answer may still change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from newsletter.delivery.failures import Reply, Stage
from newsletter.delivery.ledger import Result
from newsletter.delivery.transports import Memory
from newsletter.model.campaign import Books, CampaignStatus, DeliveryStatus
from newsletter.model.subscriber import Status
from newsletter.model.transitions import CampaignEvent, DeliveryEvent
from newsletter.problems import Changed, TryAgainLater
from newsletter.publication import Publication
from newsletter.store.campaigns import books_of, status_of
from newsletter.store.engine import Store
from newsletter.store.ledger import CampaignLedger
from newsletter.store.results import Left
from newsletter.workflow import dispatch, returning

ACCEPTED = Reply(Stage.CONTENT, 250, "2.0.0 queued", "here")
Begin = Callable[..., int]


def PAUSE(books: Books, others: int) -> Left | None:  # noqa: N802
    return None if others else Left(CampaignEvent.PAUSE)


def ledger_of(store: Store, campaign: int) -> CampaignLedger:
    return CampaignLedger(store, campaign, lambda before: Status.BOUNCED)


def states(store: Store, campaign: int) -> dict[DeliveryStatus, int]:
    with store.reading() as connection:
        books = books_of(connection, campaign)
    assert books.balanced
    return dict(books.states)


def test_one_process_holds_a_campaign(store: Store, begin: Begin) -> None:
    campaign = begin()
    first = ledger_of(store, campaign)
    first.acquire("test")
    with pytest.raises(TryAgainLater, match="another process"):
        ledger_of(store, campaign).acquire("test")
    first.release(PAUSE, "test")
    ledger_of(store, campaign).acquire("test")


def test_whoever_lost_the_lease_claims_nothing_and_only_settles_the_unknown(
    store: Store, begin: Begin
) -> None:
    campaign = begin()
    zombie = ledger_of(store, campaign)
    zombie.acquire("test")
    (held,) = zombie.claim(1)
    with store.writing() as connection:
        connection.execute(text("UPDATE senders SET until = '2000-01-01 00:00:00.000000'"))
    heir = ledger_of(store, campaign)
    heir.acquire("test")
    assert states(store, campaign) == {DeliveryStatus.UNKNOWN: 1, DeliveryStatus.QUEUED: 2}
    with pytest.raises(TryAgainLater, match="taken this campaign over"):
        zombie.claim(1)
    zombie.put_back([held])
    zombie.record([Result(held, DeliveryEvent.PUT_BACK, ACCEPTED)])
    assert states(store, campaign)[DeliveryStatus.UNKNOWN] == 1
    assert not zombie.exchange([Result(held, DeliveryEvent.ACCEPT, ACCEPTED)], 2)
    assert states(store, campaign) == {DeliveryStatus.ACCEPTED: 1, DeliveryStatus.QUEUED: 2}
    zombie.release(PAUSE, "test")
    first, second = heir.claim(5)
    assert not heir.exchange([Result(first, DeliveryEvent.DEFER, ACCEPTED)], 5), "nobody waits"
    (again,) = heir.exchange([Result(second, DeliveryEvent.PUT_BACK, ACCEPTED)], 5)
    assert again.delivery == second.delivery
    assert states(store, campaign) == {
        DeliveryStatus.ACCEPTED: 1,
        DeliveryStatus.DEFERRED: 1,
        DeliveryStatus.SENDING: 1,
    }


def test_processes_that_share_a_campaign_claim_different_people_and_the_last_one_ends_it(
    store: Store, begin: Begin
) -> None:
    campaign = begin()
    first, second = ledger_of(store, campaign), ledger_of(store, campaign)
    first.acquire("test")
    second.acquire("test", share=True)
    (one,), (other,) = first.claim(1), second.claim(1)
    assert one.delivery != other.delivery
    second.put_back([one])
    second.record([Result(one, DeliveryEvent.ACCEPT, ACCEPTED)])
    assert states(store, campaign)[DeliveryStatus.SENDING] == 2, (
        "what another has in hand is its own"
    )
    first.record([Result(one, DeliveryEvent.ACCEPT, ACCEPTED)])
    assert first.others() == second.others() == 1
    first.release(PAUSE, "test")
    with store.reading() as connection:
        assert status_of(connection, campaign) is CampaignStatus.SENDING
    second.record([Result(other, DeliveryEvent.ACCEPT, ACCEPTED)])
    second.release(PAUSE, "test")
    with store.reading() as connection:
        assert status_of(connection, campaign) is CampaignStatus.PAUSED


def test_what_a_dead_one_of_several_had_in_hand_is_unknown_and_the_others_go_on(
    store: Store, begin: Begin
) -> None:
    campaign = begin()
    first, second = ledger_of(store, campaign), ledger_of(store, campaign)
    first.acquire("test")
    second.acquire("test", share=True)
    first.claim(1)
    (mine,) = second.claim(1)
    with store.writing() as connection:
        connection.execute(
            text("UPDATE senders SET until = '2000-01-01 00:00:00.000000' WHERE fence = 1")
        )
    assert second.others() == 0
    assert states(store, campaign) == {
        DeliveryStatus.UNKNOWN: 1,
        DeliveryStatus.SENDING: 1,
        DeliveryStatus.QUEUED: 1,
    }
    assert first.stop_reason() == "another process has taken this campaign over"
    second.record([Result(mine, DeliveryEvent.ACCEPT, ACCEPTED)])
    assert len(second.claim(5)) == 1


def test_an_ended_campaign_is_not_begun_again(
    fresh: Publication, store: Store, begin: Begin
) -> None:
    campaign = begin()
    out = Memory()
    outcome = dispatch.run(fresh, store, campaign, transport=out)
    assert outcome.books.states == {DeliveryStatus.ACCEPTED: 3}
    with pytest.raises(TryAgainLater, match="finished meanwhile"):
        dispatch.run(fresh, store, campaign, transport=out)
    assert len(out.sent) == 3


def test_two_campaigns_of_one_issue_never_mail_one_person_twice(
    fresh: Publication, store: Store, begin: Begin
) -> None:
    out = Memory()
    first, second = begin(to="weekly"), begin(to="other")
    dispatch.run(fresh, store, second, transport=out)
    dispatch.run(fresh, store, first, transport=out)
    assert sorted(to for _, to, _ in out.sent) == [f"p{number}@example.com" for number in range(3)]
    with store.reading() as connection:
        assert books_of(connection, second).excluded == {"in another campaign of this issue": 3}
    dispatch.run(fresh, store, begin(slug="two"), transport=out)
    assert len(out.sent) == 6


def test_only_the_audience_that_was_shown_is_frozen(store: Store, begin: Begin) -> None:
    with pytest.raises(Changed):
        begin(fingerprint="another")
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM campaigns")).scalar() == 0


def test_a_message_that_cannot_be_composed_is_put_back(
    fresh: Publication, store: Store, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = begin()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(returning.CampaignRecipients, "recipient", broken)
        with pytest.raises(RuntimeError, match="broken"):
            dispatch.run(fresh, store, campaign, transport=Memory())
    assert states(store, campaign) == {DeliveryStatus.QUEUED: 3}
    dispatch.run(fresh, store, campaign, transport=Memory())
    assert states(store, campaign) == {DeliveryStatus.ACCEPTED: 3}
