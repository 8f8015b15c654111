"""The mailbox that mail comes back to, on a real Dovecot: nothing is marked before it is done with, none is lost."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newsletter.delivery.mailboxes import Mailbox, open_mailbox
from newsletter.model.incoming import EventType
from newsletter.problems import NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication, load_publication, with_settings
from newsletter.settings import BounceSettings
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import bounces

daemon = pytest.mark.daemon
Open = Callable[..., Mailbox]
KINDS = ("imap tls", "imap starttls", "imap none", "pop3 tls", "pop3 starttls", "pop3 none")


def settings(dovecot: Any, kind: str, **more: Any) -> BounceSettings:
    protocol, security = kind.split()
    port = getattr(dovecot, f"{protocol}s" if security == "tls" else protocol)
    given: dict[str, Any] = {
        "host": "127.0.0.1",
        "protocol": protocol,
        "security": security,
        "port": port,
        "username": "bounces",
        "password_env": "BOUNCES_PASSWORD",
        "ca_file": str(dovecot.certificate),
        "timeout": 10.0,
    }
    return BounceSettings(**given | more)


@pytest.fixture
def root(new_publication: Path, monkeypatch: pytest.MonkeyPatch) -> Publication:
    monkeypatch.setenv("BOUNCES_PASSWORD", "secret")
    make_key_file(new_publication / "subscribers" / "secret.key")
    return load_publication(new_publication, {})


@pytest.fixture
def opened(root: Publication) -> Iterator[Callable[[BounceSettings], Mailbox]]:
    running: list[Mailbox] = []

    def begin(wanted: BounceSettings) -> Mailbox:
        running.append(open_mailbox(with_settings(root, bounces=wanted)))
        return running[-1]

    yield begin
    for one in running:
        one.close()


def new(source: str) -> bool | None:
    return None


@daemon
@pytest.mark.parametrize("kind", KINDS)
def test_mails_are_fetched_whole_and_stay_until_they_are_done_with(
    dovecot: Any, opened: Open, kind: str
) -> None:
    mails = [b"Subject: %d\r\n\r\n.a dot\r\nwords \xe4\xb8\xad\r\n" % number for number in range(3)]
    for mail in mails:
        dovecot.deliver(mail)
    first = opened(settings(dovecot, kind))
    found = list(first.mails(new))
    assert [one.data for one in found] == mails
    first.close()
    second = opened(settings(dovecot, kind))
    again = list(second.mails(new))
    assert [one.source for one in again] == [one.source for one in found], "none was marked"
    second.done(again[0].source, ours=True)
    second.done(again[1].source, ours=False)
    second.close()
    left = dovecot.mails()
    if kind.startswith("imap"):
        assert [name.endswith("S") for name in sorted(left)] == [True, True, False]
    else:
        assert len(left) == 2


@daemon
@pytest.mark.parametrize("folder", ["Done", '完成 & "more"'])
def test_what_is_done_with_is_moved_where_that_is_wanted(
    dovecot: Any, opened: Open, folder: str
) -> None:
    with imaplib.IMAP4("127.0.0.1", dovecot.imap) as client:
        from newsletter.delivery.imap import _quoted

        client.login("bounces", "secret")
        assert client.create(_quoted(folder))[0] == "OK"
    dovecot.deliver(b"Subject: ours\r\n\r\n")
    dovecot.deliver(b"Subject: of a person\r\n\r\n")
    box = opened(settings(dovecot, "imap tls", done_folder=folder))
    for one in box.mails(new):
        box.done(one.source, ours=b"ours" in one.data)
    box.close()
    assert [b"person" in data for data in dovecot.mails().values()] == [True]
    moved = list((dovecot.folder / "mail").glob(".*/cur/*"))
    assert len(moved) == 1


@daemon
def test_a_server_without_move_copies_and_deletes_that_mail_only(
    dovecot: Any, opened: Open
) -> None:
    with imaplib.IMAP4("127.0.0.1", dovecot.imap) as client:
        client.login("bounces", "secret")
        client.create("Done")
    for number in range(2):
        dovecot.deliver(b"Subject: %d\r\n\r\n" % number)
    box: Any = opened(settings(dovecot, "imap none", done_folder="Done"))
    assert {"MOVE", "UIDPLUS"} <= box._abilities
    box._abilities -= {"MOVE"}
    (one, _other) = box.mails(new)
    box.done(one.source, ours=True)
    box.close()
    assert len(dovecot.mails()) == 1
    assert len(dovecot.mails("Done")) == 1


@daemon
def test_only_who_is_trusted_and_let_in_gets_mail(
    dovecot: Any, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("imap tls", "imap starttls", "pop3 tls", "pop3 starttls"):
        with pytest.raises(NewsletterError, match="certificate is not valid"):
            opened(settings(dovecot, kind, ca_file=""))
    monkeypatch.setenv("BOUNCES_PASSWORD", "wrong")
    for kind in ("imap tls", "pop3 tls"):
        with pytest.raises(NewsletterError, match="does not let 'bounces' in"):
            opened(settings(dovecot, kind))


@daemon
@pytest.mark.parametrize("kind", ["imap tls", "pop3 tls"])
def test_fetching_takes_each_mail_once_and_leaves_people_s_own(
    dovecot: Any, root: Publication, kind: str
) -> None:
    publication = with_settings(root, bounces=settings(dovecot, kind))
    away = b"From: a@example.com\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n"
    dovecot.deliver(away)
    dovecot.deliver(b"From: a@example.com\r\nSubject: Thanks\r\n\r\nA question.\r\n")
    first = bounces.fetch(publication)
    assert [one.event for one in first] == [EventType.AUTORESPONDED, EventType.INBOUND]
    assert bounces.fetch(publication) == ()
    left = list(dovecot.mails().values())
    assert any(b"A question." in data for data in left)
    assert len(left) == (2 if kind.startswith("imap") else 1)


@daemon
@pytest.mark.parametrize("kind", ["imap tls", "pop3 tls"])
def test_a_cut_before_the_mailbox_is_told_repeats_nothing(
    dovecot: Any, root: Publication, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = with_settings(root, bounces=settings(dovecot, kind))
    dovecot.deliver(
        b"From: a@example.com\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n"
    )
    module = "imap.Imap" if kind.startswith("imap") else "pop3.Pop3"
    with monkeypatch.context() as patched:
        patched.setattr(f"newsletter.delivery.{module}.done", _broken)
        with pytest.raises(RuntimeError):
            bounces.fetch(publication)
    assert bounces.fetch(publication) == (), "it was taken: its source is known, and it is marked"
    assert len(bounces.came_back(publication)) == 1
    left = dovecot.mails()
    assert left == {} or all(name.endswith("S") for name in left)


def _broken(*arguments: object, **more: object) -> None:
    raise RuntimeError("cut off")


def test_without_a_mailbox_nothing_is_fetched(root: Publication) -> None:
    with pytest.raises(UsageError, match="no mailbox is set"):
        bounces.fetch(root)


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_mailbox_that_does_not_answer_is_asked_again_later(
    root: Publication, protocol: str
) -> None:
    nowhere = BounceSettings(host="127.0.0.1", protocol=protocol, port=1, security="none")  # type: ignore[arg-type]
    with pytest.raises(TryAgainLater, match="does not answer"):
        bounces.fetch(with_settings(root, bounces=nowhere))
