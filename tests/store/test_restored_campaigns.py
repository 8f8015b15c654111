"""A copy that is put back learns who was mailed since it was made: nobody is mailed twice, and the books balance."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, update

from newsletter.delivery.failures import Reply, Stage
from newsletter.delivery.sending import Policy
from newsletter.delivery.transports import Memory
from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.problems import NewsletterError
from newsletter.publication import Publication
from newsletter.store import audiences, carrying, sweeping
from newsletter.store import campaigns as store_campaigns
from newsletter.store import subscribers as people
from newsletter.store.engine import open_store
from newsletter.store.schema import campaigns, deliveries
from newsletter.store.snapshots import content_of
from newsletter.workflow import database, dispatch, subscribers
from newsletter.workflow.lists import one_list

Begin = Callable[..., int]
LATE = "late@example.com"
PEOPLE = [f"p{number}@example.com" for number in range(9)]


class Some(Memory):
    """Answers a few, and keeps whom it has accepted; p4 does not exist, p5 is put off."""

    def __init__(self, most: int = 99) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._most = most

    def send(self, sender: str, recipient: str, message: bytes) -> Reply:
        self.asked.append(recipient)
        if recipient.startswith("p4"):
            return Reply(Stage.RCPT, 550, "5.1.1 no such user", "relay")
        if recipient.startswith("p5") and self._most < 99:
            return Reply(Stage.RCPT, 451, "4.2.0 later", "relay")
        return super().send(sender, recipient, message)

    def full(self) -> bool:
        return len(self.asked) >= self._most

    @property
    def accepted(self) -> list[str]:
        return [recipient for _, recipient, _ in self.sent]


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own, of the version of the server that the tests start."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if found:
        monkeypatch.setenv("PATH", f"{found[-1]}:{os.environ['PATH']}")


def send(publication: Publication, campaign: int, most: int = 99) -> list[str]:
    """Sends a campaign until `most` have been asked for; who accepted it."""
    transport = Some(most)
    with open_store(publication) as store:
        dispatch.run(
            publication,
            store,
            campaign,
            transport=transport,
            policy=Policy(
                attempts=1, window=1
            ),  # one after the other, so that it stops where it is told to
            stopping=transport.full,
        )
    return transport.accepted


def kill(publication: Publication, campaign: int) -> str:
    """As if a process were killed between marking one delivery and writing down its answer; whose it is."""
    with open_store(publication) as store, store.writing() as connection:
        queued = deliveries.c.status == str(DeliveryStatus.QUEUED)
        query = select(deliveries.c.id, deliveries.c.address).where(queued).limit(1)
        row = connection.execute(query.order_by(deliveries.c.id)).one()
        connection.execute(
            update(deliveries).where(deliveries.c.id == row.id).values(status="sending")
        )
        connection.execute(
            update(campaigns).where(campaigns.c.id == campaign).values(status="sending")
        )
    return str(row.address)


@pytest.mark.parametrize("copied", ["before it was made", "approved", "half sent"])
def test_nobody_is_mailed_twice_after_a_copy_was_put_back(
    fresh: Publication, begin: Begin, copied: str
) -> None:
    for address in PEOPLE:
        subscribers.add(fresh, address, "weekly")
    early, _ = database.backup(fresh)
    copy = early
    if copied == "before it was made":
        subscribers.add(fresh, LATE, "weekly")  # the copy does not know them
    campaign = begin()
    subscribers.add(fresh, "p8@example.com", "other")
    if copied == "approved":
        copy, _ = database.backup(fresh)
    mailed = send(fresh, campaign, 2)
    if copied == "half sent":
        copy, _ = database.backup(fresh)
    mailed += send(fresh, campaign, 5)
    lost = kill(fresh, campaign)
    before = _rows(fresh, campaign)

    done = database.restore(fresh, copy)

    after = _rows(fresh, campaign)
    assert done.stopped == (campaign,)
    assert done.carried.campaigns == ((campaign,) if copied == "before it was made" else ())
    assert after.pop(lost)[:2] == ("unknown", sweeping.LOST)
    assert before.pop(lost)[0] == "sending"
    assert after == before, "with codes, replies, servers and moments"
    assert {"accepted", "refused", "deferred", "queued"} <= {row[0] for row in after.values()}
    assert _campaign(fresh, campaign).status is CampaignStatus.PAUSED
    assert "is not mailed again" in _campaign(fresh, campaign).reason

    mailed += send(fresh, campaign)
    assert Counter(mailed) == Counter(set(PEOPLE) - {"p4@example.com", lost}), "nobody twice"
    assert _campaign(fresh, campaign).status is CampaignStatus.FINISHED
    assert database.verify(fresh) == ()
    books = _books(fresh, campaign)
    assert books.balanced
    assert books.count(DeliveryStatus.UNKNOWN) == 1
    with open_store(fresh) as store, store.reading() as connection:
        found = people.find_subscriber(connection, LATE)
        assert (found is not None) == (copied == "before it was made")
        to = (one_list(connection, "weekly"),)
        again = audiences.audience_of(connection, to, "one")
    assert again.prepared == 0, "a send of the same issue finds nobody left"

    finished = _rows(fresh, campaign)
    database.restore(fresh, copy)  # once more: now it has ended
    assert _rows(fresh, campaign) == finished
    assert _campaign(fresh, campaign).status is CampaignStatus.FINISHED


def test_a_number_that_is_somebody_else_s_here_is_given_up_but_not_what_was_sent(
    fresh: Publication, another: Publication, begin: Begin
) -> None:
    """Two databases that went ways of their own: the same numbers are other people and other campaigns."""
    for address in PEOPLE:
        subscribers.add(fresh, address, "weekly")
    campaign = begin()
    mailed = send(fresh, campaign, 3)
    copy, _ = database.backup(fresh)
    for address in (LATE, *reversed(PEOPLE)):
        subscribers.add(another, address, "weekly")
    with open_store(another) as store:
        with store.reading() as connection:
            to = (one_list(connection, "weekly"),)
            shown = audiences.audience_of(connection, to, "one")
        with open_store(fresh) as copied, copied.reading() as connection:
            content = content_of(connection, campaign)
        elsewhere = dispatch.freeze(store, content, (1, "d"), to, shown.fingerprint)
    assert elsewhere == campaign
    mailed += send(another, elsewhere, 4)  # the last of them, and the one who is late

    done = database.restore(another, copy)

    assert done.carried.campaigns == (campaign + 1,)
    assert done.stopped == (campaign, campaign + 1)
    assert database.verify(another) == ()
    mailed += send(another, campaign) + send(another, campaign + 1)
    assert Counter(mailed) == Counter({*PEOPLE, LATE} - {"p4@example.com"})
    assert database.verify(another) == ()
    assert database.restore(another, done.former or copy).carried.known == {1, 2}


def test_no_number_is_given_again_to_somebody_else(fresh: Publication) -> None:
    """A link in a mail names a person by number, also one of whom the copy has never heard."""
    subscribers.add(fresh, PEOPLE[0], "weekly")
    copy, _ = database.backup(fresh)
    subscribers.add(fresh, LATE, "weekly")
    late = _number(fresh, LATE)

    database.restore(fresh, copy)

    subscribers.add(fresh, PEOPLE[1], "weekly")
    assert _number(fresh, PEOPLE[1]) > late


def _number(publication: Publication, address: str) -> int:
    with open_store(publication) as store, store.reading() as connection:
        found = people.find_subscriber(connection, address)
    assert found is not None
    return found.id


@pytest.mark.parametrize("damage", ["a page", "all of it"])
def test_of_a_damaged_database_it_says_what_is_not_known(
    fresh: Publication, begin: Begin, damage: str
) -> None:
    file = Path(make_url(fresh.settings.store.url).database or "")
    if not file.suffix:
        pytest.skip("PostgreSQL looks after its own files")
    campaign = begin()
    send(fresh, campaign, 2)
    copy, _ = database.backup(fresh)
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        at = opened.execute("SELECT rootpage FROM sqlite_master WHERE name = 'campaigns'")
        page, size = at.fetchone()[0], opened.execute("PRAGMA page_size").fetchone()[0]
    data = bytearray(file.read_bytes())
    place = slice((page - 1) * size, page * size) if damage == "a page" else slice(0, len(data))
    data[place] = b"\x07" * len(data[place])
    file.write_bytes(data)

    command = [sys.executable, "-m", "newsletter", "--publication", str(fresh.root)]
    settings = fresh.root / "newsletter.toml"
    settings.write_text(settings.read_text() + f'\n[store]\nurl = "sqlite:///{file}"\n')
    called = subprocess.run([*command, "db", "restore", str(copy), "--yes"], capture_output=True, text=True, check=False)  # fmt: skip

    assert called.returncode == 0, called.stderr
    assert "What was there is damaged" in called.stdout
    assert "known only as far as it could be read" in called.stdout
    assert f"Waiting for you: campaign {campaign}" in called.stdout
    former = next(copy.parent.glob("before-restore-*.db"))
    assert former.read_bytes() == bytes(data), "nothing of it is lost"
    assert database.verify(fresh) == ()
    assert _campaign(fresh, campaign).status is CampaignStatus.PAUSED
    assert "who was mailed since is not known" in _campaign(fresh, campaign).reason


def test_a_database_stays_in_its_place_when_what_it_knows_cannot_be_carried_over(
    fresh: Publication, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, _ = database.backup(fresh)
    campaign = begin()
    send(fresh, campaign, 2)
    before = _rows(fresh, campaign)

    def fails(*_: object) -> None:
        raise NewsletterError("the lights went out")

    monkeypatch.setattr(carrying, "carry_campaigns", fails)
    with pytest.raises(NewsletterError, match="lights"):
        database.restore(fresh, copy)
    assert _rows(fresh, campaign) == before
    assert list(copy.parent.glob("former-*")) == []


def test_nobody_is_mailed_by_a_copy_whose_restore_was_killed(
    fresh: Publication, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's tool has put the copy back, and the process died before it carried over who was mailed."""
    for address in PEOPLE:
        subscribers.add(fresh, address, "weekly")
    campaign = begin()
    copy, _ = database.backup(fresh)
    mailed = send(fresh, campaign, 3)
    child = os.fork()
    if not child:
        monkeypatch.setattr(carrying, "carry_over", lambda *_: os._exit(9))
        with suppress(BaseException):
            database.restore(fresh, copy)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    if not database.backups.is_sqlite(fresh):
        assert _books(fresh, campaign).count(DeliveryStatus.ACCEPTED) == 0, "the copy is there"
        with pytest.raises(NewsletterError, match="not carried over yet"):
            send(fresh, campaign)
    database.restore(fresh, copy)
    mailed += send(fresh, campaign)
    assert Counter(mailed) == Counter(set(PEOPLE) - {"p4@example.com"}), "nobody twice"
    assert list(copy.parent.glob("former-*")) == []


def _rows(publication: Publication, campaign: int) -> dict[str, tuple[object, ...]]:
    names = ("status", "reason", "code", "reply", "server", "attempts", "next_attempt", "ended")
    query = select(deliveries.c.address, *(deliveries.c[name] for name in names)).where(
        deliveries.c.campaign_id == campaign
    )
    with open_store(publication) as store, store.reading() as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(query)}


def _campaign(publication: Publication, campaign: int) -> store_campaigns.Campaign:
    with open_store(publication) as store, store.reading() as connection:
        return store_campaigns.campaign_by_id(connection, campaign)


def _books(publication: Publication, campaign: int) -> store_campaigns.Books:
    with open_store(publication) as store, store.reading() as connection:
        return store_campaigns.books_of(connection, campaign)
