"""A campaign is paused, cancelled and settled, from beside the process that sends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.delivery.message import message_id
from newsletter.delivery.postfix_log import Taken, taken
from newsletter.delivery.transports import Memory
from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.model.subscriber import Status
from newsletter.model.transitions import CampaignEvent
from newsletter.problems import TryAgainLater, UsageError
from newsletter.publication import Publication
from newsletter.store.campaigns import campaign_by_id
from newsletter.store.engine import Store
from newsletter.store.ledger import CampaignLedger
from newsletter.store.results import Left
from newsletter.store.snapshots import content_of
from newsletter.workflow import dispatch, steering

Begin = Callable[..., int]
S = DeliveryStatus
LOG = """\
Oct 31 08:00:01 relay postfix/smtpd[11]: 4A1: client=localhost[127.0.0.1]
Oct 31 08:00:01 relay postfix/cleanup[12]: 4A1: message-id={whole}
Oct 31 08:00:01 relay postfix/qmgr[13]: 4A1: from=<s@example.com>, size=2096, nrcpt=1 (queue active)
Oct 31 08:00:02 relay postfix/cleanup[12]: 4A2: message-id={torn}
Oct 31 08:00:02 relay postfix/smtpd[11]: lost connection after DATA (1024 bytes) from localhost[127.0.0.1]
"""


def held_by(store: Store, campaign: int) -> CampaignLedger:
    ledger = CampaignLedger(store, campaign, lambda before: Status.BOUNCED)
    ledger.acquire("test")
    return ledger


def test_who_sends_is_told_that_the_campaign_was_paused_and_resumes(
    fresh: Publication, store: Store, begin: Begin
) -> None:
    campaign = begin()
    ledger = held_by(store, campaign)
    claimed = ledger.claim(1)
    assert ledger.stop_reason() == ""
    paused, _ = steering.pause(fresh, campaign)
    assert paused.status is CampaignStatus.PAUSED
    assert ledger.stop_reason() == "it was paused by hand"
    with pytest.raises(TryAgainLater):
        ledger.claim(1)
    ledger.put_back(claimed)
    ledger.release(lambda books, others: Left(CampaignEvent.PAUSE), "test")
    with pytest.raises(UsageError, match="is paused: it cannot be paused"):
        steering.pause(fresh, campaign)
    out = Memory()
    assert dispatch.run(fresh, store, campaign, transport=out).books.states == {S.ACCEPTED: 3}
    with pytest.raises(UsageError, match="nothing to resume"):
        steering.resume(fresh, campaign)


def test_a_cancelled_campaign_mails_nobody_more_and_a_new_one_may(
    fresh: Publication, store: Store, begin: Begin
) -> None:
    campaign = begin()
    ledger = held_by(store, campaign)
    first, second = ledger.claim(2)
    _, books = steering.cancel(fresh, campaign)
    assert books.states == {S.SENDING: 2, S.SKIPPED: 1}
    ledger.put_back([first, second])
    ledger.release(lambda books, others: Left(CampaignEvent.PAUSE), "test")
    cancelled, books = steering.show(fresh, campaign)
    assert (cancelled.status, books.states) == (CampaignStatus.CANCELLED, {S.SKIPPED: 3})
    assert books.balanced
    with pytest.raises(UsageError, match="it cannot be cancelled"):
        steering.cancel(fresh, campaign)
    out = Memory()
    assert dispatch.run(fresh, store, begin(), transport=out).books.states == {S.ACCEPTED: 3}


def test_unknowns_are_settled_by_a_relays_log_and_by_hand(
    fresh: Publication, store: Store, begin: Begin, tmp_path: Path
) -> None:
    campaign = begin()
    first, second, third = held_by(store, campaign).claim(3)
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM senders")
    held_by(store, campaign).release(lambda books, others: Left(CampaignEvent.PAUSE), "test")
    with store.reading() as connection:
        content, revision = (
            content_of(connection, campaign),
            campaign_by_id(connection, campaign).revision,
        )
    ids = [message_id(content, campaign, revision, one.subscriber) for one in (first, second)]
    log = tmp_path / "mail.log"
    log.write_text(LOG.format(whole=ids[0], torn=ids[1]))
    assert taken(log.read_text().splitlines()) == {ids[0]: Taken("4A1")}
    with pytest.raises(UsageError, match=r"not unknown .*: nobody@example\.com"):
        steering.settle(fresh, campaign, accepted=["nobody@example.com", first.address])
    settled = steering.settle(
        fresh, campaign, not_accepted=[third.address.upper()], postfix_logs=[log]
    )
    assert [one.status for one in settled] == [S.ACCEPTED, S.UNKNOWN, S.REFUSED]
    assert settled[0].reason == "in the relay's log as 4A1"
    _, books = steering.show(fresh, campaign)
    assert books.states == {S.ACCEPTED: 1, S.UNKNOWN: 1, S.REFUSED: 1}
    dispatch.run(fresh, store, campaign, transport=Memory())
    out = Memory()
    dispatch.run(fresh, store, begin(), transport=out)
    assert [to for _, to, _ in out.sent] == [third.address], "who did not get it may get it now"


def test_a_number_that_no_campaign_has_is_told(fresh: Publication) -> None:
    with pytest.raises(UsageError, match="there is no campaign 7"):
        steering.show(fresh, 7)
