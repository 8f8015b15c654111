"""A mail that came back, read: what kind it is, whom it is about, and whether it will pass.

Delivery reports (RFC 3464, RFC 6533), feedback reports of complaints and of authentication (RFC 5965, 6591) and
automatic answers (RFC 3834) are read with the standard library's parser; what has no such fields is read by its
words (`report_words`), where a server wrote it (`report_kinds`). Nothing here raises for what is in a mail; what cannot be read is `other`.

Whether a failure is hard is what `replies.classify` says of its status and diagnostic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.message import Message
from enum import StrEnum

from newsletter.delivery.delivery_status import (
    Fields,
    every_field,
    fields_of,
    plain_address,
    rejected_after_all,
    reported,
    reported_in_words,
)
from newsletter.delivery.mail_texts import originals_of, parts_of, subject_of, text_of
from newsletter.delivery.parsing import parsed
from newsletter.delivery.provider_notices import Notice, notice_in
from newsletter.delivery.replies import (
    Failure,
    Kind,
    classify,
    enhanced_code,
    reply_code,
    tells_a_cause,
    unwrapped,
)
from newsletter.delivery.report_kinds import (
    DELAYED,
    detected,
    is_automatic,
    is_to_nobody,
    looks_returned,
)
from newsletter.delivery.report_words import (
    ADDRESS,
    Told,
    around,
    enclosed_recipient,
    own_words,
    people_told,
)

LARGEST = 2_000_000
"""Bytes of a mail that are looked at: what a report says stands before the mail that it encloses."""


class Class(StrEnum):
    BOUNCE = "bounce"
    DELAYED = "delayed"
    COMPLAINT = "complaint"
    AUTH_FAILURE = "auth-failure"
    AUTO_REPLY = "auto-reply"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody whom a mail did not reach, or who complained. `kind` is hard, soft, delayed, or empty for a complaint;
    `status` an enhanced code (RFC 3463), `diagnostic` the server's words."""

    address: str
    kind: str
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    kind: Class
    recipients: tuple[Returned, ...] = ()


_FINAL = re.compile(r"\b5\d\d[ -]")


def read_bounce(data: bytes, known: str = "") -> Report:
    """Reads one mail. `known` is whom it is about where its own words name nobody and the address that it came to
    does. Never raises for what is in it."""
    try:
        return _read(parsed(data[:LARGEST]), known)
    except Exception:  # a broken mail must not stop the next one; what it was cannot be told
        return Report(Class.OTHER)


def _read(message: Message, known: str) -> Report:
    feedback = next(parts_of(message, "message/feedback-report"), None)
    if feedback is not None:
        return _feedback(message, feedback)
    if complaint := _hotmail(message):
        return complaint
    text = text_of(message)
    if notice := notice_in(text):
        return _noticed(notice)
    fields = tuple(
        _with_words(one, text) for one in reported(message) or reported_in_words(own_words(text))
    )
    subject = subject_of(message)
    found = tuple(one for one in map(_by_fields, fields) if one is not None)
    if found:
        delayed = all(one.kind == "delayed" for one in found)
        return Report(Class.DELAYED if delayed else Class.BOUNCE, found)
    if fields and all(one.succeeded for one in fields):
        return Report(Class.OTHER)
    if rejected := rejected_after_all(message, text):
        told = Returned(rejected.address, "soft", diagnostic=rejected.diagnostic)
        return Report(Class.BOUNCE, (told,))
    if is_automatic(message, subject):
        return Report(Class.AUTO_REPLY)
    if not looks_returned(message, subject, text):
        return Report(Class.AUTO_REPLY if is_to_nobody(message) else Class.OTHER)
    return _by_words(message, subject, text, known)


def _with_words(one: Fields, text: str) -> Fields:
    """The same with what the report's words say, where its fields say only that it failed."""
    if one.diagnostic or one.status not in ("", "4.0.0", "5.0.0", "5.5.0"):
        return one
    told = next((each for each in people_told(text, ()) if each.address == one.address), None)
    return replace(one, diagnostic=told.words[:300]) if told and told.certain else one


def _by_fields(one: Fields) -> Returned | None:
    """Somebody of a delivery report; None for whom the mail has reached, and where nobody is named."""
    if one.succeeded or not one.address:
        return None
    delayed = one.action == "delayed" or (one.action != "failed" and one.status.startswith("4."))
    kind = "delayed" if delayed else _kind(one.status, one.diagnostic)
    return Returned(one.address, kind, one.status, one.diagnostic)


def _by_words(message: Message, subject: str, text: str, known: str) -> Report:
    """A report without fields."""
    for original in originals_of(message):
        if original.get_content_type() == "multipart/report" and (
            inner := tuple(one for one in map(_by_fields, reported(original)) if one)
        ):
            return Report(Class.BOUNCE, inner)  # a report that was handed on
    people = _guessed(message, text) or (Told(known, text[:1500], False),) * bool(known)
    if not people:
        return Report(Class.OTHER)
    judged = tuple(_judged(one) for one in people)
    final = any(re.match(r"5", one.status) or _FINAL.search(one.diagnostic) for one in judged)
    if not final and DELAYED.search(f"{subject}\n{text[:3000]}"):
        return Report(Class.DELAYED, tuple(Returned(one.address, "delayed") for one in people))
    return Report(Class.BOUNCE, judged)


def _noticed(notice: Notice) -> Report:
    if notice.complaint:
        return Report(Class.COMPLAINT, tuple(Returned(one, "") for one, _, _ in notice.people))
    return Report(
        Class.BOUNCE,
        tuple(
            Returned(one, _kind(status, told), status, told) for one, status, told in notice.people
        ),
    )


def _hotmail(message: Message) -> Report | None:
    """Microsoft's complaints are no ARF: the mail itself, enclosed or handed on, with the person's address in a field
    of their own."""
    for original in (message, *originals_of(message)):
        if person := plain_address(str(original.get("X-HmXmrOriginalRecipient", ""))):
            return Report(Class.COMPLAINT, (Returned(person, ""),))
    return None


def _feedback(message: Message, part: Message) -> Report:
    fields = fields_of(part)
    kind = fields.get("feedback-type", "").lower()
    if kind in ("auth-failure", "dmarc"):
        return Report(Class.AUTH_FAILURE)
    if kind == "not-spam":
        return Report(Class.OTHER)
    named = every_field(part, "original-rcpt-to", "removal-recipient")
    named = named or [str(one.get("To", "")) for one in originals_of(message)][:1]
    people = dict.fromkeys(filter(None, map(plain_address, named)))
    return Report(Class.COMPLAINT, tuple(Returned(one, "") for one in people))


def failure_of(one: Returned) -> Failure:
    """What status and diagnostic of a returned mail mean."""
    told = unwrapped(one.diagnostic)
    code = reply_code(told) or (500 if one.status.startswith("5") else 400 if one.status else 550)
    return classify(code, enhanced_code(told) or one.status, told)


def _kind(status: str, told: str) -> str:
    failure = failure_of(Returned("", "", status, told))
    return "hard" if failure.kind is Kind.HARD else "soft"


def _judged(one: Told) -> Returned:
    """What the words at an address say: a server's reply, where one stands there, else all of them."""
    status = enhanced_code(one.words)
    at = re.search(r"(?:host \S+ |said: |<<< )?\b[45]\d\d\b|[45]\.\d\.\d", one.words)
    told = one.words[at.start() if at else 0 :][:300]
    words = told if at and tells_a_cause(told) else one.words[:1500]
    return Returned(one.address, _kind(status, words), status, told)


def _guessed(message: Message, text: str) -> tuple[Told, ...]:
    """The people that a report without fields names: by a field of the server's, by its words, and by the words
    of servers that `flufl.bounce` knows."""
    own = {plain_address(str(message.get(name, ""))) for name in ("To", "From", "Return-Path")}
    failed = [str(value) for value in message.get_all("X-Failed-Recipients", [])]
    words = people_told(text, own)
    if failed:
        by_address = {one.address.lower(): one for one in words}
        named = dict.fromkeys(one for value in failed for one in ADDRESS.findall(value))
        return tuple(
            by_address.get(one.lower()) or Told(one, own_words(text)[:2000], False) for one in named
        )
    if any(one.certain for one in words):
        return words
    found = [one for one in detected(message) if one.lower() not in own]
    if found:
        return tuple(Told(one, around(text, one), False) for one in found)
    if words:
        return words
    to = next((plain_address(str(one.get("To", ""))) for one in originals_of(message)), "")
    to = to or enclosed_recipient(text)
    return (Told(to, own_words(text)[:2000], False),) if to else ()
