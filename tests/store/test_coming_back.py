"""Mails that came back, taken: whose they are, what they do, and that nothing happens twice or by forgery."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from newsletter.delivery.failures import Reply, Stage
from newsletter.delivery.message import message_id
from newsletter.delivery.transports import Memory
from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.model.incoming import EventType, Incoming, RejectReason
from newsletter.model.subscriber import Status
from newsletter.publication import Publication, with_settings
from newsletter.settings import BounceSettings, DeliverySettings
from newsletter.store import campaigns as store_campaigns
from newsletter.store import records
from newsletter.store import subscribers as people
from newsletter.store.engine import Store
from newsletter.store.snapshots import content_of
from newsletter.subscribers.tokens import load_key
from newsletter.workflow import bounces, deliveries, dispatch, running, subscribers
from newsletter.workflow.returned import Taker

Begin = Callable[..., int]
VERP = BounceSettings(address="bounces+{}@news.example.com")

DSN = """\
Return-Path: <>
Delivered-To: {to}
Received: from mx.example.org by relay.example.com for <{to}>; {now}
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report.{number}@mx.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain; charset=utf-8

Your message could not be delivered.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--x
Content-Type: text/rfc822-headers

{headers}
--x--
"""
ARF = """\
From: feedback@mailbox.example
To: abuse@news.example.com
Subject: FW: May
Message-ID: <complaint.{number}@mailbox.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="x"

--x
Content-Type: text/plain

This is an abuse report.
--x
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
--x
Content-Type: message/rfc822

{headers}

x
--x--
"""


class Post:
    """A campaign that was mailed, and the world that answers."""

    def __init__(self, publication: Publication, store: Store, campaign: int, out: Memory) -> None:
        self.publication = publication
        self.store = store
        self.campaign = campaign
        self.sent = {to: (sender, data.decode()) for sender, to, data in out.sent}
        self._number = 0

    def take(self, mail: str) -> Incoming:
        return bounces.receive(self.publication, mail.replace("\n", "\r\n").encode())

    def dsn(
        self, who: str, status: str = "5.1.1", said: str = "", to: str = "", **more: str
    ) -> str:
        self._number += 1
        sender = self.sent[who][0]
        given = {
            "to": to or sender,
            "now": "Tue, 5 May 2026 10:00:00 +0000",
            "number": str(self._number),
            "address": who,
            "action": "failed",
            "status": status,
            "diagnostic": said or f"550 {status} <{who}>: User unknown",
            "headers": "",
        }
        return DSN.format(**given | more)

    def complaint(self, who: str) -> str:
        self._number += 1
        headers = self.headers(who).replace(f"To: {who}", "To: redacted")
        return ARF.format(number=self._number, headers=headers)

    def headers(self, who: str) -> str:
        return self.sent[who][1].replace("\r\n", "\n").partition("\n\n")[0]

    def status(self, who: str, of: str = "weekly") -> str:
        record = self.record(who)
        return next(one["status"] for one in record["subscriptions"] if one["list"] == of)

    def record(self, who: str) -> dict[str, object]:
        with self.store.reading() as connection:
            found = records.record_of(connection, who)
        assert found is not None
        return found

    def suppressed(self, who: str) -> list[str]:
        return [one["kind"] for one in self.record(who)["suppressed"]]  # type: ignore[attr-defined]

    def campaign_status(self) -> CampaignStatus:
        with self.store.reading() as connection:
            return store_campaigns.status_of(connection, self.campaign)

    def set_campaign(self, status: str) -> None:
        with self.store.writing() as connection:
            connection.execute(text(f"UPDATE campaigns SET status = '{status}'"))


@pytest.fixture
def mailed(fresh: Publication, store: Store, begin: Begin) -> Callable[..., Post]:
    def send(settings: BounceSettings = VERP, slug: str = "one") -> Post:
        publication = with_settings(fresh, bounces=settings)
        campaign = begin(slug=slug)
        out = Memory()
        dispatch.run(publication, store, campaign, transport=out)
        return Post(publication, store, campaign, out)

    return send


def test_each_mail_has_a_return_address_of_its_own_and_a_way_to_leave_by_mail(
    mailed: Callable[..., Post],
) -> None:
    post = mailed()
    senders = [sender for sender, _ in post.sent.values()]
    assert len(set(senders)) == 3
    assert all(
        re.fullmatch(r"bounces\+b\d+\.\d+\.[a-z2-7]{12}@news\.example\.com", one) for one in senders
    )
    headers = post.headers("p0@example.com")
    unfolded = headers.replace(",\n ", ", ")
    assert re.search(
        r"^List-Unsubscribe: <https://x\.example/unsubscribe/\S+>, <mailto:bounces\+u\S+@news\.example\.com\?subject=unsubscribe>$",
        unfolded,
        re.M,
    )
    assert "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in headers


def test_an_address_that_does_not_exist_is_never_written_to_again(
    mailed: Callable[..., Post],
) -> None:
    post = mailed()
    one = post.take(post.dsn("p0@example.com"))
    assert (one.event, one.reason) == (EventType.BOUNCED, RejectReason.INVALID)
    assert (one.address, one.effects) == ("p0@example.com", ("suppressed",))
    assert post.suppressed("p0@example.com") == ["bounce"]
    assert post.status("p0@example.com", "weekly") == Status.BOUNCED
    assert post.status("p0@example.com", "other") == Status.BOUNCED
    assert post.status("p1@example.com") == Status.CONFIRMED
    (got,) = deliveries.who(post.publication, "p0@example.com")
    assert (got["status"], got["came_back"][0]["event"]) == ("accepted", "bounced")
    (kept,) = post.record("p0@example.com")["came_back"]  # type: ignore[misc]
    assert kept["reply"] == "550 5.1.1 …: User unknown", "no address is kept"


def test_the_same_report_by_another_way_changes_nothing(mailed: Callable[..., Post]) -> None:
    post = mailed()
    mail = post.dsn("p0@example.com")
    assert not post.take(mail).known
    again = post.take(mail.replace("Received: from mx", "Received: from other"))
    assert again.known
    assert len(bounces.came_back(post.publication)) == 1


def test_a_forged_report_does_nothing_whoever_it_names(mailed: Callable[..., Post]) -> None:
    post = mailed()
    sender = post.sent["p0@example.com"][0]
    mark = sender.split("+")[1].split("@")[0]
    other = sender.replace(mark[-12:], "a" * 12)
    named = re.sub(r"[0-9a-f]{16}@", "0123456789abcdef@", post.headers("p1@example.com"))
    named = re.sub(r"(?m)^(List-Unsubscribe.*|.*unsubscribe/.*| <mailto.*)\n", "", named)
    for mail in (
        post.dsn("p0@example.com", to=other),
        post.dsn("p0@example.com", to="bounces@news.example.com"),
        post.dsn("p1@example.com", to="bounces@news.example.com", headers=named),
    ):
        one = post.take(mail)
        assert (one.event, one.subscriber, one.effects) == (EventType.BOUNCED, 0, ())
    assert post.suppressed("p0@example.com") == post.suppressed("p1@example.com") == []


@pytest.mark.parametrize("proof", ["envelope id", "message id", "unsubscribe link", "upper case"])
def test_a_report_is_known_by_whatever_of_ours_it_brings_back(
    mailed: Callable[..., Post], proof: str
) -> None:
    post = mailed()
    who = "p2@example.com"
    sender = post.sent[who][0]
    mark = sender.split("+")[1].split("@")[0]
    headers = post.headers(who)
    mail = post.dsn(who, to="bounces@news.example.com")
    if proof == "envelope id":
        mail = mail.replace("Reporting-MTA", f"Original-Envelope-Id: {mark}\nReporting-MTA")
    elif proof == "message id":
        (line,) = re.findall(r"(?m)^Message-ID: .*$", headers)
        mail = post.dsn(who, to="bounces@news.example.com", headers=line)
    elif proof == "unsubscribe link":
        (link,) = re.findall(r"List-Unsubscribe: <[^>]*>", headers)
        mail = post.dsn(who, to="bounces@news.example.com", headers=link)
    else:
        mail = post.dsn(who, to=sender.upper())
    one = post.take(mail)
    assert (one.address, one.effects) == (who, ("suppressed",))


def test_without_a_mark_in_the_address_mail_comes_back_by_the_envelope_s_id(
    mailed: Callable[..., Post],
) -> None:
    post = mailed(BounceSettings(address="bounces@news.example.com"))
    assert {sender for sender, _ in post.sent.values()} == {"bounces@news.example.com"}
    unfolded = post.headers("p0@example.com").replace(",\n ", ", ")
    found = re.search(r"<mailto:bounces@news\.example\.com\?subject=unsubscribe%20(\S+)>", unfolded)
    assert found
    left = post.take(
        f"From: p0@example.com\nTo: bounces@news.example.com\nSubject: unsubscribe {found[1]}\n\n\n"
    )
    assert (left.event, left.effects) == (EventType.UNSUBSCRIBED, ("unsubscribed",))


def test_whoever_complains_is_off_every_list_though_their_address_is_blacked_out(
    mailed: Callable[..., Post],
) -> None:
    post = mailed()
    one = post.take(post.complaint("p1@example.com"))
    assert (one.event, one.address) == (EventType.COMPLAINED, "p1@example.com")
    assert one.campaign == post.campaign
    assert post.status("p1@example.com", "weekly") == Status.COMPLAINED
    assert post.status("p1@example.com", "other") == Status.COMPLAINED
    assert post.suppressed("p1@example.com") == ["complaint"]


def test_a_complaint_outlasts_a_bounce_that_came_before_it(mailed: Callable[..., Post]) -> None:
    post = mailed()
    post.take(post.dsn("p1@example.com"))
    post.take(post.complaint("p1@example.com"))
    assert post.suppressed("p1@example.com") == ["complaint"]


def test_a_mail_to_the_address_for_leaving_leaves_that_list_only(
    mailed: Callable[..., Post],
) -> None:
    post = mailed()
    (address,) = re.findall(r"mailto:([^?]+)\?", post.headers("p0@example.com"))
    mail = f"From: someone@else.example\nTo: {address}\nSubject: unsubscribe\n\n\n"
    by_program = mail.replace("Subject:", "Auto-Submitted: auto-replied\nSubject:")
    assert post.take(by_program).effects == ("unsubscribed",)
    assert post.take(mail).effects == (), "said again"
    assert post.status("p0@example.com") == Status.UNSUBSCRIBED
    assert post.status("p0@example.com", "other") == Status.CONFIRMED
    assert post.suppressed("p0@example.com") == []


def test_a_report_that_encloses_the_way_to_leave_is_no_wish_to_leave(
    mailed: Callable[..., Post],
) -> None:
    post = mailed()
    headers = post.headers("p0@example.com")
    one = post.take(post.dsn("p0@example.com", "4.2.2", "452 4.2.2 mailbox full", headers=headers))
    assert one.event is EventType.BOUNCED
    assert post.status("p0@example.com") == Status.CONFIRMED


@pytest.mark.parametrize(
    ("mail", "event"),
    [
        ("From: p0@example.com\nTo: {to}\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nAway.\n", EventType.AUTORESPONDED),
        ("Content-Type: multipart/report; boundary=x\nTo: {to}\n\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nAuth-Failure: dmarc\n--x--\n", EventType.UNKNOWN),
        ("From: p0@example.com\nTo: {to}\nSubject: Thank you\n\nA fine issue.\n", EventType.INBOUND),
    ],
)  # fmt: skip
def test_what_is_neither_bounce_nor_complaint_changes_nobody(
    mailed: Callable[..., Post], mail: str, event: EventType
) -> None:
    post = mailed()
    one = post.take(mail.format(to=post.sent["p0@example.com"][0]))
    assert (one.event, one.effects) == (event, ())
    assert post.status("p0@example.com") == Status.CONFIRMED


def test_the_sender_s_own_fault_pauses_the_campaign_and_blames_nobody(
    mailed: Callable[..., Post],
) -> None:
    post = mailed()
    post.set_campaign("sending")
    said = "550 5.7.26 Unauthenticated email from news.example.com is not accepted due to DMARC"
    one = post.take(post.dsn("p0@example.com", "5.7.26", said))
    assert one.reason is RejectReason.BLOCKED
    assert one.effects == (f"paused campaign {post.campaign}",)
    assert post.campaign_status() is CampaignStatus.PAUSED
    assert post.status("p0@example.com") == Status.CONFIRMED
    post.set_campaign("sending")
    assert post.take(post.dsn("p0@example.com", "5.7.26", said)).effects != (), "one person still"
    post.set_campaign("sending")
    assert post.take(post.dsn("p1@example.com", "5.7.26", said)).effects != (), "twice as many"
    post.set_campaign("sending")
    assert post.take(post.dsn("p2@example.com", "5.7.26", said)).effects == (), "three are not"


def test_many_complaints_pause_the_campaign(mailed: Callable[..., Post]) -> None:
    post = mailed()
    post.set_campaign("sending")
    people_ = sorted(post.sent)
    effects = [post.take(post.complaint(who)).effects for who in people_]
    assert [f"paused campaign {post.campaign}" in one for one in effects] == [False, False, True]
    assert post.campaign_status() is CampaignStatus.PAUSED


def test_complaints_pause_nothing_where_the_setting_says_so(mailed: Callable[..., Post]) -> None:
    post = mailed()
    post.set_campaign("sending")
    quiet = with_settings(post.publication, delivery=DeliverySettings(stop_complaints=0))
    post.publication = quiet
    for who in sorted(post.sent):
        post.take(post.complaint(who))
    assert post.campaign_status() is CampaignStatus.SENDING


def test_an_unknown_delivery_is_settled_by_what_came_back(mailed: Callable[..., Post]) -> None:
    post = mailed()
    with post.store.writing() as connection:
        connection.execute(text("UPDATE deliveries SET status = 'unknown'"))
    delayed = post.dsn("p0@example.com", "4.4.1", "connection timed out", action="delayed")
    assert post.take(delayed).effects == ("settled",)
    assert post.take(post.dsn("p1@example.com")).effects == ("settled", "suppressed")
    with post.store.reading() as connection:
        books = store_campaigns.books_of(connection, post.campaign)
        (unknown,) = store_campaigns.deliveries_of(
            connection, post.campaign, DeliveryStatus.UNKNOWN
        )
    assert books.states == {DeliveryStatus.ACCEPTED: 2, DeliveryStatus.UNKNOWN: 1}
    assert unknown.address == "p2@example.com"


def test_soft_bounces_count_until_a_mail_arrives(
    fresh: Publication, store: Store, mailed: Callable[..., Post]
) -> None:
    full = ("4.2.2", "452 4.2.2 mailbox full")
    days = [40, 33, 26, 19, 12, 5]
    effects: list[tuple[str, ...]] = []
    for number, ago in enumerate(days):
        post = mailed(slug=f"issue-{number}")
        when = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=ago)
        with store.writing() as connection:
            connection.execute(
                text("UPDATE deliveries SET ended = :when WHERE campaign_id = :campaign"),
                {"when": when.strftime("%Y-%m-%d %H:%M:%S.%f"), "campaign": post.campaign},
            )
        if number != 1:  # the second issue arrives, and the count begins anew
            mail = post.dsn("p0@example.com", *full)
            effects.append(post.take(mail.replace("<report.", f"<report.{number}.")).effects)
    assert effects == [(), (), (), (), ("suppressed",)]
    assert post.suppressed("p0@example.com") == ["bounce"]
    assert post.suppressed("p1@example.com") == []


def test_soft_bounces_of_one_day_suppress_nobody(mailed: Callable[..., Post]) -> None:
    for number in range(6):
        post = mailed(slug=f"issue-{number}")
        mail = post.dsn("p0@example.com", "5.2.2", "552 5.2.2 mailbox full")
        assert post.take(mail.replace("<report.", f"<report.{number}.")).effects == ()
    assert post.suppressed("p0@example.com") == []


class Refusing(Memory):
    """Takes the mail of everybody but p0, to whose RCPT it says one thing."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__()
        self._reply = Reply(Stage.RCPT, code, said, "mx.example.org")

    def send(self, sender: str, recipient: str, message: bytes) -> Reply:
        if recipient == "p0@example.com":
            return self._reply
        return super().send(sender, recipient, message)


@pytest.fixture
def run_weekly(
    fresh: Publication, store: Store, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """Sends an issue a week, one a reply to p0's address, the last today; tells when that was suppressed."""

    def run(*replies: tuple[int, str], days: int = 7) -> list[str]:
        found = []
        for number, (code, said) in enumerate(replies):
            out = Memory() if code == 250 else Refusing(code, said)
            monkeypatch.setattr(dispatch, "transports_of", lambda publication, out=out: (out,))
            campaign = begin(slug=f"issue-{number}")
            ago = datetime.timedelta(days=days * (len(replies) - 1 - number))
            monkeypatch.setattr(
                "newsletter.store.ledger.now", lambda ago=ago: datetime.datetime.now(datetime.UTC) - ago
            )  # fmt: skip
            running.run(with_settings(fresh, delivery=_PATIENT), store, campaign)
            with store.reading() as connection:
                record = records.record_of(connection, "p0@example.com")
            assert record is not None
            found.append(", ".join(one["kind"] for one in record["suppressed"]))
        return found

    return run


_PATIENT = DeliverySettings(attempts=1, backoff=0.0, stop_failures=1.0)
FULL = (552, "5.2.2 <p0@example.com>: mailbox full")
DEAD = (550, "5.1.1 <p0@example.com>: User unknown")
OURS = (550, "5.7.1 Service unavailable; client host blocked using zen.example.org")


def test_a_server_that_says_at_once_that_there_is_nobody_suppresses_at_once(
    run_weekly: Callable[..., list[str]],
) -> None:
    assert run_weekly(DEAD) == ["bounce"]


def test_refusals_that_will_pass_count_like_mails_that_came_back(
    run_weekly: Callable[..., list[str]], store: Store
) -> None:
    assert run_weekly(FULL, FULL, FULL, FULL) == ["", "", "", "bounce"]
    with store.reading() as connection:
        told = connection.execute(text("SELECT reason FROM suppressions")).scalar_one()
    assert (
        told == "4 mails in a row came back or were refused over 21 days: 552 5.2.2 …: mailbox full"
    )


def test_a_mail_that_arrives_ends_the_row_of_refusals(
    run_weekly: Callable[..., list[str]],
) -> None:
    assert run_weekly(FULL, FULL, FULL, (250, ""), FULL, FULL) == [""] * 6


def test_refusals_of_a_few_days_suppress_nobody(run_weekly: Callable[..., list[str]]) -> None:
    assert run_weekly(FULL, FULL, FULL, FULL, FULL, days=3) == [""] * 5


@pytest.mark.parametrize(
    ("replies", "end"),
    [((OURS, OURS, OURS, OURS, OURS), ""), ((FULL, FULL, OURS, FULL, FULL), "bounce")],
)
def test_the_sender_s_fault_neither_counts_nor_ends_the_row(
    run_weekly: Callable[..., list[str]], replies: tuple[tuple[int, str], ...], end: str
) -> None:
    assert run_weekly(*replies)[-1] == end


def test_a_mailbox_that_is_disabled_counts_though_its_owner_is_named_unknown(
    run_weekly: Callable[..., list[str]],
) -> None:
    """5.2.1 suppresses only when it was said again and again."""
    disabled = (550, "5.2.1 <p0@example.com>: User unknown")
    assert run_weekly(disabled, disabled, disabled, disabled) == ["", "", "", "bounce"]


def test_an_address_that_has_changed_meanwhile_is_not_blamed(
    store: Store, mailed: Callable[..., Post]
) -> None:
    post = mailed()
    with store.writing() as connection:
        connection.execute(
            text("UPDATE subscribers SET email = 'new@example.com', email_key = 'new@example.com' WHERE email = 'p0@example.com'")
        )  # fmt: skip
    assert post.take(post.dsn("p0@example.com")).effects == ()
    assert post.suppressed("new@example.com") == []


def test_a_person_who_was_forgotten_stays_forgotten(mailed: Callable[..., Post]) -> None:
    post = mailed()
    mail, complaint = post.dsn("p0@example.com"), post.complaint("p0@example.com")
    subscribers.forget_person(post.publication, "p0@example.com")
    for one in (post.take(mail), post.take(complaint)):
        assert (one.address, one.effects) == ("", ())


def test_a_cut_between_two_mails_repeats_nothing(
    mailed: Callable[..., Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    post = mailed()
    taker = Taker(post.store, load_key(post.publication), post.publication.settings)
    mail = post.dsn("p0@example.com").encode()
    with monkeypatch.context() as patched:
        patched.setattr(people, "bounce_everywhere", _broken)
        with pytest.raises(RuntimeError):
            taker.take(mail)
    assert bounces.came_back(post.publication) == (), "neither written down nor done"
    assert taker.take(mail).effects == ("suppressed",)
    assert taker.take(mail).known


def _broken(*arguments: object) -> None:
    raise RuntimeError("broken")


def test_the_message_id_of_a_delivery_proves_it(store: Store, mailed: Callable[..., Post]) -> None:
    post = mailed(BounceSettings())
    assert {sender for sender, _ in post.sent.values()} == {"s@example.com"}
    with store.reading() as connection:
        content = content_of(connection, post.campaign)
        person = people.find_subscriber(connection, "p0@example.com")
    assert person is not None
    line = f"Message-ID: {message_id(content, post.campaign, 1, person.id)}"
    one = post.take(post.dsn("p0@example.com", to="s@example.com", headers=line))
    assert one.effects == ("suppressed",)
