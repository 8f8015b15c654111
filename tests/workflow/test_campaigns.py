"""Approving, holding and scheduling a campaign; whom a later send mails; a correction; what a late server does."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsletter.delivery.transports import Memory
from newsletter.model.campaign import CampaignStatus, DeliveryStatus, Selection
from newsletter.problems import Changed, NotConfirmed, UsageError
from newsletter.publication import Publication, load_publication, with_settings
from newsletter.settings import DeliverySettings
from newsletter.store.engine import Store, open_store
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import campaigns, dispatch, published, reports, steering, subscribers
from newsletter.workflow.scheduling import appointment, told_moment, told_wait
from newsletter.workflow.starting import start
from newsletter.workflow.worker import Worker, go_on

S = CampaignStatus
ANN, BOB = "ann@example.com", "bob@example.com"
LONG_AGO = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """Where every message goes."""
    memory = Memory()
    monkeypatch.setattr(dispatch, "transports_of", lambda publication: [memory])
    return memory


@pytest.fixture
def here(new_publication: Path, out: Memory) -> Publication:
    """A publication with one issue, two people on its list, and no way to the world."""
    (new_publication / "issues" / "first.md").write_text(
        "# First\n\nAll of it.\n", encoding="utf-8"
    )
    make_key_file(new_publication / "subscribers" / "secret.key")
    publication = load_publication(new_publication, {})
    for address in (ANN, BOB):
        subscribers.add(publication, address, "weekly")
    return publication


@pytest.fixture
def store(here: Publication) -> Iterator[Store]:
    with open_store(here) as opened:
        yield opened


def edit(publication: Publication, text: str = "# First\n\nAnother text.\n") -> None:
    (publication.root / "issues" / "first.md").write_text(text, encoding="utf-8")


def recipients(out: Memory) -> list[str]:
    return sorted(to for _, to, _ in out.sent)


def send(publication: Publication, **selection: bool | str) -> dict[DeliveryStatus, int]:
    shown = campaigns.plan(publication, "first", [], selection=Selection(**selection))  # type: ignore[arg-type]
    outcome = campaigns.send(publication, shown, shown.recipients)
    return dict(outcome.books.states) if outcome else {}


def states(publication: Publication) -> list[CampaignStatus]:
    return [campaign.status for campaign, _ in campaigns.status(publication)]


def test_what_was_approved_is_what_is_sent_by_its_very_bytes(
    here: Publication, out: Memory
) -> None:
    approved = campaigns.approve(here, campaigns.plan(here, "first", []), actor="ann")
    assert (approved.status, approved.approved_by, approved.frozen) == (S.APPROVED, "ann", None)
    shown = campaigns.plan(here, "first", [])
    assert shown.approved is not None
    assert shown.approved.id == approved.id
    outcome = campaigns.send(here, shown, 2, actor="ben")
    assert outcome is not None
    assert outcome.campaign.id == approved.id
    assert outcome.campaign.digest == approved.digest
    assert recipients(out) == [ANN, BOB]


def test_an_edit_voids_an_approval_and_nothing_goes_out(here: Publication, out: Memory) -> None:
    campaigns.approve(here, campaigns.plan(here, "first", []), actor="ann")
    edit(here)
    shown = campaigns.plan(here, "first", [])
    assert "first.md changed after ann approved it" in shown.void
    with pytest.raises(Changed, match=r"the approval of campaign 1 is void: first\.md changed"):
        campaigns.send(here, shown, 2)
    assert out.sent == []
    assert states(here) == [S.DRAFT]
    assert send(here) == {DeliveryStatus.ACCEPTED: 2}, "a fresh send approves what there is now"


def test_where_two_people_are_wanted_nobody_sends_what_they_approved(
    here: Publication, out: Memory
) -> None:
    strict = with_settings(here, approval="required")
    shown = campaigns.plan(strict, "first", [])
    with pytest.raises(UsageError, match="nobody has approved this yet"):
        campaigns.send(strict, shown, 2, actor="ann")
    campaigns.approve(strict, shown, actor="ann")
    approved = campaigns.plan(strict, "first", [])
    for attempt in (campaigns.send, lambda *a, **k: campaigns.hold(*a, 60.0, **k)):
        with pytest.raises(UsageError, match="ann has approved this: somebody else"):
            attempt(strict, approved, 2, actor="ann")
    assert out.sent == []
    assert campaigns.send(strict, approved, 2, actor="ben") is not None
    assert recipients(out) == [ANN, BOB]


def test_what_is_held_is_sent_by_the_worker_when_its_time_has_come(
    here: Publication, store: Store, out: Memory
) -> None:
    held = campaigns.hold(here, campaigns.plan(here, "first", []), 2, 0.6)
    assert held.status is S.HELD
    told: list[str] = []
    worker = Worker(lambda: here, told.append)
    worker.start()
    try:
        assert out.sent == [], "not before"
        end = time.monotonic() + 20
        while states(here) != [S.FINISHED] and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        worker.stop()
    assert states(here) == [S.FINISHED]
    assert recipients(out) == [ANN, BOB]
    assert told == []


def test_what_is_taken_back_leaves_nothing_and_a_later_send_sends_the_later_text(
    here: Publication, out: Memory
) -> None:
    held = campaigns.hold(here, campaigns.plan(here, "first", []), 2, 600.0)
    assert held.confirmed == 2
    assert steering.take_back(here, held.id).status is S.CANCELLED
    _, books = steering.show(here, held.id)
    assert (books.prepared, books.candidates) == (0, 0)
    with pytest.raises(UsageError, match="it cannot be taken back"):
        steering.take_back(here, held.id)
    edit(here)
    assert send(here) == {DeliveryStatus.ACCEPTED: 2}
    assert all(b"Another text" in message for _, _, message in out.sent)


def test_an_edit_while_it_is_held_voids_it(here: Publication, store: Store, out: Memory) -> None:
    held = campaigns.hold(here, campaigns.plan(here, "first", []), 2, 0.0)
    edit(here)
    with pytest.raises(Changed):
        start(here, store, held, "test")
    assert states(here) == [S.DRAFT]
    assert out.sent == []


def scheduled(here: Publication) -> int:
    shown = campaigns.plan(here, "first", [])
    soon = appointment(here, "2099-12-01 09:00")
    return campaigns.schedule(here, shown, 2, soon, actor="ann").id


def move(store: Store, campaign: int, seconds: float) -> None:
    """Lets a campaign's moment be so long ago."""
    moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds)
    with store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE campaigns SET wake = ? WHERE id = ?",
            (moment.strftime("%Y-%m-%d %H:%M:%S.%f"), campaign),
        )


def test_a_schedule_freezes_the_mail_now_and_the_people_when_its_time_comes(
    here: Publication, store: Store, out: Memory
) -> None:
    campaign = scheduled(here)
    assert states(here) == [S.SCHEDULED]
    subscribers.add(here, "late@example.com", "weekly")
    subscribers.remove(here, ANN, None)
    move(store, campaign, 1)
    found, _ = steering.show(here, campaign)
    go_on(here, store, found)
    assert recipients(out) == [BOB, "late@example.com"]
    assert states(here) == [S.FINISHED]
    begun, _ = steering.show(here, campaign)
    assert (found.wall, begun.wall) == ("2099-12-01 09:00", ""), (
        "what is deferred waits for another"
    )


def test_a_late_server_fires_nothing_and_a_person_may(
    here: Publication, store: Store, out: Memory
) -> None:
    campaign = scheduled(here)
    move(store, campaign, here.settings.delivery.late + 5)
    found, _ = steering.show(here, campaign)
    with pytest.raises(NotConfirmed, match="passed while no server was awake"):
        go_on(here, store, found)
    assert out.sent == []
    assert states(here) == [S.HELD]
    with pytest.raises(NotConfirmed, match="campaign 1 has 2 recipients now"):
        steering.resume(here, campaign)
    assert steering.resume(here, campaign, 2).campaign.status is S.FINISHED
    assert recipients(out) == [ANN, BOB]


def test_a_schedule_whose_audience_grew_too_much_is_held(
    here: Publication, store: Store, out: Memory
) -> None:
    campaign = scheduled(here)
    for number in range(21):
        subscribers.add(here, f"p{number}@example.com", "weekly")
    move(store, campaign, 1)
    found, _ = steering.show(here, campaign)
    with pytest.raises(NotConfirmed, match="2 recipients were confirmed, now there are 23"):
        go_on(here, store, found)
    assert states(here) == [S.HELD]
    assert out.sent == []


def test_what_waits_is_not_sent_by_another_send(here: Publication, out: Memory) -> None:
    scheduled(here)
    with pytest.raises(UsageError, match="campaign 1 of this issue is scheduled"):
        campaigns.send(here, campaigns.plan(here, "first", []), 2)
    assert out.sent == []


def test_a_finished_issue_is_sent_to_nobody_again_and_newcomers_only_when_asked(
    here: Publication, out: Memory
) -> None:
    assert send(here) == {DeliveryStatus.ACCEPTED: 2}
    subscribers.add(here, "new@example.com", "weekly")
    shown = campaigns.plan(here, "first", [])
    assert shown.recipients == 0
    assert dict(shown.audience.excluded) == {
        "already has this issue": 2,
        "joined since it was sent": 1,
    }
    assert send(here) == {}
    assert send(here, newcomers=True) == {DeliveryStatus.ACCEPTED: 1}
    assert recipients(out) == [ANN, BOB, "new@example.com"]


def test_a_correction_goes_to_those_alone_who_have_the_faulty_revision_and_stands_in_the_web_edition(
    here: Publication, out: Memory
) -> None:
    send(here)
    out.sent.clear()
    subscribers.add(here, "new@example.com", "weekly")
    subscribers.remove(here, BOB, None)
    edit(here, "# First\n\nAll of it, mended.\n")
    note = "The dose is 5 mg, not 5 g."
    assert send(here, again=True, correction=note) == {DeliveryStatus.ACCEPTED: 1}
    assert recipients(out) == [ANN]
    (message,) = (message for _, _, message in out.sent)
    assert b"5 mg, not 5 g" in message
    page = (published.issues_folder(here) / "first" / "index.html").read_text()
    assert note in page
    assert "Corrected on" in page
    last = published.newest(here, "first")
    assert last is not None
    assert (last.revision, [one.note for one in last.corrections]) == (2, [note])
    assert send(here, again=True, correction=note) == {}, "nobody is corrected twice"


@pytest.mark.parametrize(
    ("wall", "told"),
    [
        ("2027-03-28 02:30", "does not exist in Europe/Berlin"),
        ("2027-10-31 02:30", "comes twice in Europe/Berlin"),
        ("2020-01-01 09:00", "is over"),
        ("2027-01-01", "at which hour"),
        ("tomorrow", "not a time"),
    ],
)
def test_a_moment_that_nobody_can_mean_is_refused(here: Publication, wall: str, told: str) -> None:
    berlin = with_settings(here, timezone="Europe/Berlin")
    with pytest.raises(UsageError, match=told):
        appointment(berlin, wall, now=LONG_AGO)


def test_a_moment_is_told_in_its_zone_and_in_utc(here: Publication) -> None:
    berlin = with_settings(here, timezone="Europe/Berlin")
    first = appointment(berlin, "2027-10-31 02:30", fold="first", now=LONG_AGO)
    second = appointment(berlin, "2027-10-31 02:30", fold="second", now=LONG_AGO)
    assert (second.moment - first.moment).total_seconds() == 3600
    assert str(first) == "Sun 2027-10-31 02:30 Europe/Berlin (00:30 UTC)"
    assert told_moment(first.moment) == "Sun 2027-10-31 00:30 UTC"
    assert [told_wait(one) for one in (40, 1500, 3600, 7500, 90_000)] == [
        "in 40 s",
        "in 25 min",
        "in 1 h",
        "in 2 h 5 min",
        "in 1 d 1 h",
    ]


def test_a_report_adds_up_by_domain_and_groups_what_servers_said(
    here: Publication, out: Memory
) -> None:
    subscribers.add(here, "cyd@example.org", "weekly")
    send(here)
    report = reports.report(here, 1)
    assert [(line.domain, line.total) for line in report.domains] == [
        ("example.com", 2),
        ("example.org", 1),
    ]
    assert sum(line.total for line in report.domains) == report.books.prepared == 3
    text = reports.people_csv(here, 1, "accepted")
    assert text.splitlines()[0] == "address,status,attempts,code,reply,server,reason,ended"
    assert len(text.splitlines()) == 4
    assert reports.alike("550 5.1.1 <u17@qq.com> No such user (in 4A1B2C3D4E5)") == (
        "550 5.1.1 … No such user (in …)"
    )


def test_deferred_messages_of_a_served_campaign_are_tried_again_by_themselves(
    here: Publication, store: Store, monkeypatch: pytest.MonkeyPatch, out: Memory
) -> None:
    from newsletter.delivery.failures import Reply, Stage

    quick = with_settings(here, delivery=DeliverySettings(attempts=1, retry_after=0.1))
    answers: list[Reply] = [Reply(Stage.RCPT, 451, "4.3.0 later", "here")] * 2
    take: Callable[..., Reply] = out.send

    def sometimes(sender: str, recipient: str, message: bytes) -> Reply:
        return answers.pop() if answers else take(sender, recipient, message)

    monkeypatch.setattr(out, "send", sometimes)
    held = campaigns.hold(quick, campaigns.plan(quick, "first", []), 2, 0.0)
    go_on(quick, store, steering.show(quick, held.id)[0])
    paused, books = steering.show(quick, held.id)
    assert (paused.status, books.count(DeliveryStatus.DEFERRED)) == (S.PAUSED, 2)
    assert paused.wake is not None
    worker = Worker(lambda: quick, lambda text: None)
    worker.start()
    try:
        end = time.monotonic() + 20
        while states(quick) != [S.FINISHED] and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        worker.stop()
    assert recipients(out) == [ANN, BOB]


def test_the_worker_takes_what_came_back_and_tells_a_trouble_once(
    here: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsletter.settings import BounceSettings
    from newsletter.workflow import bounces

    looks: list[int] = []

    def fetch(publication: Publication) -> tuple[()]:
        looks.append(1)
        if len(looks) < 4:
            raise UsageError("the mailbox does not answer")
        return ()

    monkeypatch.setattr(bounces, "fetch", fetch)
    posted = with_settings(here, bounces=BounceSettings(host="127.0.0.1", every=0.01))
    told: list[str] = []
    worker = Worker(lambda: posted, told.append)
    worker.start()
    end = time.monotonic() + 20
    while len(looks) < 6 and time.monotonic() < end:
        time.sleep(0.01)
    worker.stop()
    assert len(looks) >= 6
    assert told == ["Returned mail cannot be fetched: the mailbox does not answer"]
