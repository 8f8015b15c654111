"""Mails that the system writes itself (please confirm) and that come back: whose they are, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text

from newsletter.delivery.dkim import signer_of
from newsletter.delivery.transports import Memory
from newsletter.model.incoming import EventType, Incoming
from newsletter.model.subscriber import Status
from newsletter.publication import Publication, with_settings
from newsletter.settings import BounceSettings, DkimSettings
from newsletter.store import records
from newsletter.store import subscribers as people
from newsletter.store.engine import Store
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import bounces, reviewing, signing_up, system_mails

WHO = "li@example.com"
VERP = BounceSettings(address="bounces+{}@news.example.com")
PLAIN = BounceSettings(address="bounces@news.example.com")
REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
{more}
Final-Recipient: rfc822; li@example.com
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} <li@example.com>: {said}
--x--
"""


class Asked:
    """Somebody signed up, and was asked to confirm."""

    def __init__(self, publication: Publication, store: Store) -> None:
        self.publication = publication
        self.store = store
        posted = signing_up.ask(publication, signing_up.Form(email=WHO))
        assert posted.mail is not None
        out = Memory()
        assert system_mails.deliver(publication, posted.mail, out) == ""
        ((self.sender, self.to, self.message),) = out.sent
        self.envelope_id = posted.mail.envelope_id

    def back(
        self, status: str = "5.1.1", said: str = "User unknown", to: str = "", more: str = ""
    ) -> Incoming:
        mail = REPORT.format(to=to or self.sender, status=status, said=said, more=more)
        return bounces.receive(self.publication, mail.encode())

    def record(self) -> tuple[list[str], list[str]]:
        with self.store.reading() as connection:
            found = records.record_of(connection, WHO)
        assert found is not None
        subscriptions = [one["status"] for one in found["subscriptions"]]
        return subscriptions, [one["kind"] for one in found["suppressed"]]


@pytest.fixture
def asked(fresh: Publication, store: Store) -> Callable[..., Asked]:
    def sign_up(settings: BounceSettings = VERP, **more: object) -> Asked:
        make_key_file(fresh.root / "subscribers" / "secret.key")
        return Asked(with_settings(fresh, bounces=settings, **more), store)

    return sign_up


def test_whoever_is_asked_to_confirm_and_does_not_exist_is_not_written_to_again(
    asked: Callable[..., Asked],
) -> None:
    one = asked()
    assert one.sender.startswith("bounces+s")
    assert one.record() == ([Status.PENDING], [])
    back = one.back()
    assert (back.event, back.address, back.campaign) == (EventType.BOUNCED, WHO, 0)
    assert back.effects == ("suppressed",)
    assert one.record() == ([Status.BOUNCED], ["bounce"])
    (listed,) = bounces.came_back(one.publication)
    assert listed.address == WHO


def test_their_own_confirmation_lifts_it(asked: Callable[..., Asked]) -> None:
    one = asked()
    one.back()
    link = one.message.partition(b"/confirm/")[2].split()[0].decode()
    assert signing_up.confirm(one.publication, link) is not None
    assert one.record() == ([Status.CONFIRMED], [])


@pytest.mark.parametrize(
    ("status", "said"), [("5.2.2", "mailbox full"), ("5.7.1", "blocked using zen.example.org")]
)
def test_what_will_pass_and_what_is_our_fault_is_only_written_down(
    asked: Callable[..., Asked], status: str, said: str
) -> None:
    one = asked()
    back = one.back(status, said)
    assert (back.event, back.effects) == (EventType.BOUNCED, ())
    assert one.record() == ([Status.PENDING], [])


def test_without_a_mark_in_the_address_the_envelope_s_id_tells(
    asked: Callable[..., Asked],
) -> None:
    one = asked(PLAIN)
    assert one.sender == "bounces@news.example.com"
    assert one.back(more=f"Original-Envelope-Id: {one.envelope_id}").effects == ("suppressed",)


def test_a_forged_mark_does_nothing(asked: Callable[..., Asked]) -> None:
    one = asked()
    local, _, host = one.sender.partition("@")
    back = one.back(to=f"{local[:-12]}{'a' * 12}@{host}")
    assert (back.subscriber, back.effects) == (0, ())


def test_an_address_that_was_changed_meanwhile_is_not_blamed(
    asked: Callable[..., Asked], store: Store
) -> None:
    one = asked()
    with store.writing() as connection:
        connection.execute(
            text("UPDATE subscribers SET email = 'new@example.com', email_key = 'new@example.com'")
        )
    assert one.back().effects == ()
    with store.reading() as connection:
        person = people.subscriber_by_id(connection, 1)
        assert person is not None
        assert person.email == "new@example.com"
        assert connection.execute(text("SELECT count(*) FROM suppressions")).scalar() == 0


def test_a_complaint_of_somebody_who_never_asked_ends_it(asked: Callable[..., Asked]) -> None:
    one = asked()
    complaint = (
        f"From: feedback@mailbox.example\nTo: {one.sender}\nSubject: FW: Please confirm\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="x"\n\n--x\n'
        f"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: {WHO}\n--x--\n"
    )
    back = bounces.receive(one.publication, complaint.encode())
    assert (back.event, back.effects) == (EventType.COMPLAINED, ("unsubscribed", "suppressed"))
    assert one.record() == ([Status.COMPLAINED], ["complaint"])


def test_where_no_return_address_is_set_it_is_the_sender_s(asked: Callable[..., Asked]) -> None:
    one = asked(BounceSettings())
    assert one.sender == one.publication.settings.sender.email
    assert one.envelope_id == ""


def test_it_is_signed_where_this_machine_signs(asked: Callable[..., Asked], tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    settings = DkimSettings(domain="news.example.com", selector="ed", key_file=str(file))
    one = asked(VERP, dkim=settings)
    signer = signer_of(one.publication)
    assert signer is not None
    record = signer.signatures[0].record
    assert dkim.verify(one.message, dnsfunc=lambda name, timeout=5: record)


@pytest.mark.parametrize(
    ("settings", "sender"),
    [
        (VERP, "bounces+test@news.example.com"),
        (PLAIN, "bounces@news.example.com"),
        (BounceSettings(), ""),
    ],
)
def test_a_test_of_the_mail_comes_back_to_the_same_mailbox(
    fresh: Publication,
    monkeypatch: pytest.MonkeyPatch,
    settings: BounceSettings,
    sender: str,
) -> None:
    publication = with_settings(fresh, bounces=settings)
    out = Memory()
    monkeypatch.setattr(reviewing, "transport_of", lambda publication: out)
    (fresh.root / "issues").mkdir(exist_ok=True)
    (fresh.root / "issues" / "one.md").write_text("# One\n\nText.\n", encoding="utf-8")
    reviewing.send_test(publication, "one", ["reviewer@example.com"])
    ((used, _, _),) = out.sent
    assert used == (sender or publication.settings.sender.email)
