"""One message: frozen content and one recipient's values become bytes (RFC 5322, MIME).

Preview, test send and real send all go through `Composer`. What is the same for everybody is made once,
with the standard library's `email`; what is personal is joined in. The message has no line over 76
columns in its bodies, no Bcc, and no marker's token: a value that was forgotten is an error, not a mail.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from urllib.parse import urlsplit

from newsletter.delivery.content import freeze
from newsletter.delivery.dkim import Signer
from newsletter.delivery.headers import (
    dns_label,
    list_id_header,
    mailbox_header,
    one_line,
    text_header,
)
from newsletter.delivery.segments import Segments
from newsletter.delivery.structure import Structure
from newsletter.model.campaign import Addressee, Content
from newsletter.model.clicks import FIELD as CLICK_TOKEN
from newsletter.model.edition import MARKER_TOKEN, EmailEdition
from newsletter.model.issue import Issue
from newsletter.model.subscriber import MailingList
from newsletter.problems import NewsletterError, Problem, Source, warning
from newsletter.publication import Publication

PREVIEW = "preview"
"""Stands for a token in an unsubscribe link that does nothing."""
ANYBODY = "reader@example.com"
"""Whose address stands in a mail that is shown without a reader."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom one message is for. `unsubscribe_url` is the link in the mail; only where `acts` is it in the
    List-Unsubscribe header too. `list` is None for a test or a specimen. `sender` is where the message comes
    back to, the From address where empty; `envelope_id` comes back with it; `unsubscribe_mail` is a mailto: address.
    `click_token` stands in counted links; that of somebody who only looks counts nothing."""

    email: str
    unsubscribe_url: str
    message_id: str
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    list: MailingList | None = None
    acts: bool = False
    feedback_id: str = ""
    sender: str = ""
    envelope_id: str = ""
    unsubscribe_mail: str = ""
    click_token: str = PREVIEW


class DotFree(bytes):
    """A message of which no line begins with a dot: it travels as it is (RFC 5321 §4.5.2)."""


class Composer:
    """Makes the messages of one campaign. `date` is the Date of all of them."""

    def __init__(
        self,
        content: Content,
        date: datetime.datetime,
        *,
        prefix: str = "",
        signer: Signer | None = None,
        idempotency_header: str = "",
    ) -> None:
        """`prefix` stands before the subject, `idempotency_header` names a header that says by the
        Message-ID's own words which message this is."""
        self.content = content
        self._signer = signer
        self._idempotency = idempotency_header
        self._subject = Segments(prefix + content.subject, content.markers, html=False)
        self._html = Segments(content.html, content.markers, html=True)
        self._text = Segments(content.text, content.markers, html=False)
        self._structure = Structure(content, self._text.encoding, self._html.encoding)
        self._constant_subject = (
            b"" if self._subject.personal else text_header("Subject", self._subject.text({}))
        )
        self._lists: dict[int, bytes] = {}
        self._constant = b"".join(
            (
                mailbox_header("From", content.sender_name, content.sender_email),
                mailbox_header("Reply-To", "", content.reply_to) if content.reply_to else b"",
                f"Date: {format_datetime(date.astimezone(datetime.UTC))}\r\n".encode(),
                b"MIME-Version: 1.0\r\n",
            )
        )

    def message(self, recipient: Recipient) -> DotFree:
        """The whole message, with CRLF line ends."""
        values = _values(self.content, recipient)
        head = (
            self._constant,
            mailbox_header("To", recipient.name, recipient.email),
            self._constant_subject or text_header("Subject", self._subject.text(values)),
            f"Message-ID: {recipient.message_id}\r\n".encode(),
            self._list_headers(recipient),
            self._idempotency_key(recipient),
        )
        text, html = self._text.stretches(values), self._html.stretches(values)
        message = b"".join((*head, *self._structure.around(text, html)))
        if self._signer is None:
            return DotFree(message)
        return DotFree(self._signer.headers(message) + message)

    def html(self, recipient: Recipient) -> str:
        return _complete(self._html.text(_values(self.content, recipient)))

    def text(self, recipient: Recipient) -> str:
        return _complete(self._text.text(_values(self.content, recipient)))

    def _list_headers(self, recipient: Recipient) -> bytes:
        if recipient.list is None:
            return b""
        lines = [self._list_id(recipient.list)]
        if recipient.acts:
            by_mail = f",\r\n <{recipient.unsubscribe_mail}>" if recipient.unsubscribe_mail else ""
            lines.append(f"List-Unsubscribe: <{recipient.unsubscribe_url}>{by_mail}\r\n".encode())
            if recipient.unsubscribe_url.startswith("https://"):
                lines.append(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
        if recipient.feedback_id:
            lines.append(f"Feedback-ID: {recipient.feedback_id}\r\n".encode())
        return b"".join(lines)

    def _idempotency_key(self, recipient: Recipient) -> bytes:
        if not self._idempotency:
            return b""
        return f"{self._idempotency}: {recipient.message_id.strip('<>')}\r\n".encode()

    def _list_id(self, mailing_list: MailingList) -> bytes:
        """One header for each list, made once."""
        if mailing_list.id not in self._lists:
            host = list_host(self.content)
            self._lists[mailing_list.id] = list_id_header(
                mailing_list.shown, mailing_list.name, host
            )
        return self._lists[mailing_list.id]


class CampaignRecipients:
    """The recipients of a real send: what is the same for all of a campaign is made once.

    The Message-ID follows from content, campaign, revision and subscriber alone, so that one message tried
    twice is one message to whoever compares, and is found in a relay's log.
    """

    def __init__(self, content: Content, campaign: int, revision: int) -> None:
        self._content = content
        self._host = _sender_host(content)
        self._seed = f"{content.digest}:{campaign}:{revision}:"
        self._before = f"<c{campaign}.r{revision}.s"
        self._feedback: dict[str, str] = {}

    def recipient(
        self,
        addressee: Addressee,
        token: str,
        *,
        sender: str = "",
        envelope_id: str = "",
        unsubscribe_mail: str = "",
        click_token: str = PREVIEW,
    ) -> Recipient:
        """Whom one delivery is for; `token` is their unsubscribe token."""
        return Recipient(
            email=addressee.address,
            name=addressee.name,
            attributes=addressee.attributes,
            unsubscribe_url=unsubscribe_url(self._content.base_url, token),
            message_id=self.message_id(addressee.subscriber),
            list=addressee.list,
            acts=True,
            feedback_id=self._feedback_id(addressee.list.name),
            sender=sender,
            envelope_id=envelope_id,
            unsubscribe_mail=unsubscribe_mail,
            click_token=click_token,
        )

    def message_id(self, subscriber: int) -> str:
        unique = hashlib.sha256(f"{self._seed}{subscriber}".encode()).hexdigest()[:16]
        return f"{self._before}{subscriber}.{unique}@{self._host}>"

    def _feedback_id(self, name: str) -> str:
        """`issue:list:kind:sender`, as Google's feedback loop sums them up."""
        if name not in self._feedback:
            parts = (self._content.slug, name, "newsletter", self._host)
            self._feedback[name] = ":".join(dns_label(part) for part in parts)
        return self._feedback[name]


def message_id(content: Content, campaign: int, revision: int, subscriber: int) -> str:
    """The Message-ID of one delivery, for who has only one to look up."""
    return CampaignRecipients(content, campaign, revision).message_id(subscriber)


def inert_recipient(
    content: Content,
    email: str,
    *,
    name: str = "",
    attributes: Mapping[str, str] | None = None,
    seed: str = "",
) -> Recipient:
    """Somebody who only looks: the unsubscribe link leads to a page that does nothing."""
    unique = hashlib.sha256(f"{content.digest}:{email}:{seed}".encode()).hexdigest()[:24]
    return Recipient(
        email=email,
        name=name,
        attributes=attributes or {},
        unsubscribe_url=unsubscribe_url(content.base_url, PREVIEW),
        message_id=f"<test.{unique}@{_sender_host(content)}>",
    )


def specimen(edition: EmailEdition, publication: Publication, issue: Issue) -> bytes:
    """The mail as a reader without a name would get it, for a build. Same input, same bytes: its Date is
    the issue's (or 1970), its links are inert."""
    content = freeze(edition, publication, issue).uncounted
    day = issue.date or datetime.date(1970, 1, 1)
    date = datetime.datetime(day.year, day.month, day.day, 8, tzinfo=datetime.UTC)
    return Composer(content, date).message(inert_recipient(content, ANYBODY))


def without_recipient(edition: EmailEdition, publication: Publication) -> tuple[str, str]:
    """Html and text with every default in place, an address that anybody may have, and an unsubscribe link that
    does nothing."""
    values = {
        "subscriber.email": ANYBODY,
        "unsubscribe_url": unsubscribe_url(publication.base_url, PREVIEW),
        "web_url": publication.base_url + "/",
    }
    html = Segments(edition.html, edition.markers, html=True).text(values)
    text = Segments(edition.text, edition.markers, html=False).text(values)
    return html, text


def unsubscribe_url(base_url: str, token: str) -> str:
    return f"{base_url}/unsubscribe/{token}"


def list_host(content: Content) -> str:
    """The domain under which List-Ids live: that of the publication's web address."""
    return urlsplit(content.base_url).hostname or _sender_host(content)


def delivery_problems(publication: Publication) -> tuple[Problem, ...]:
    """What the publication's settings make worse in every mail that is sent."""
    if publication.base_url.startswith("https://"):
        return ()
    return (
        warning(
            "list-unsubscribe-post",
            Source("newsletter.toml"),
            f"base_url is not https ({publication.base_url}), so mails go without one-click unsubscribe",
            "Gmail and Yahoo ask bulk senders for it (RFC 8058). Serve the publication over https and set base_url.",
        ),
    )


def _values(content: Content, recipient: Recipient) -> dict[str, str]:
    values = {f"subscriber.{key}": value for key, value in recipient.attributes.items()}
    values |= {
        "subscriber.name": recipient.name,
        "subscriber.email": recipient.email,
        "unsubscribe_url": recipient.unsubscribe_url,
        "web_url": content.web_url,
        CLICK_TOKEN: recipient.click_token,
    }
    return {key: _defused(value) for key, value in values.items()}


def _defused(value: str) -> str:
    """A person's own value that reads as a token is no token."""
    if "NLM" not in value:
        return value
    return MARKER_TOKEN.sub(lambda found: f"N\u2060{found.group()[1:]}", value)


def _complete(text: str) -> str:
    left = MARKER_TOKEN.search(text)
    if left is not None:
        raise NewsletterError(f"a recipient's value was not put in: {left.group()}")
    return text


def _sender_host(content: Content) -> str:
    host = one_line(content.sender_email).rpartition("@")[2].rstrip(">")
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "localhost"
