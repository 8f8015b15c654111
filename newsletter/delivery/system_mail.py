"""Mails that the system writes itself (please confirm): one person, two parts, no list headers.

`Auto-Submitted` keeps other programs from answering (RFC 3834). The headers' values go through `headers`,
so that nothing in them can become a header of its own.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from newsletter.delivery.headers import mailbox_header, one_line, text_header

_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class SystemMail:
    sender_name: str
    sender_email: str
    to: str
    subject: str
    text: str
    html: str
    language: str
    return_to: str = ""
    """The envelope's sender; the sender's address where it is empty."""
    envelope_id: str = ""


def system_message(mail: SystemMail, date: datetime.datetime, number: str) -> bytes:
    """The whole message, CRLF. `number` makes its Message-ID, with the sender's host behind it."""
    body = EmailMessage(policy=_POLICY)
    body.set_content(mail.text)
    body.add_alternative(mail.html, subtype="html")
    body.set_boundary(f"=_{number}")
    host = one_line(mail.sender_email).rpartition("@")[2] or "localhost"
    head = [
        mailbox_header("From", mail.sender_name, mail.sender_email),
        mailbox_header("To", "", mail.to),
        text_header("Subject", mail.subject),
        f"Date: {format_datetime(date)}\r\n".encode("ascii"),
        f"Message-ID: <{number}@{host}>\r\n".encode(),
        b"Auto-Submitted: auto-generated\r\n",
        f"Content-Language: {one_line(mail.language)}\r\n".encode(),
    ]
    return b"".join(head) + body.as_bytes()
