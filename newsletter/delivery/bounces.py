"""A mail that came back, read: what kind it is, whom it is about, and whether it will pass.

Delivery reports (RFC 3464, RFC 6533), feedback reports of complaints and of authentication (RFC 5965, 6591) and
automatic answers (RFC 3834) are read with the standard library's parser; what is no report is looked through for
the words of servers that write none (`flufl.bounce`, wrapped: it raises on mail without From and names people
without saying hard or soft). Nothing here raises for what is in a mail; what cannot be read is `other`.

Whether a failure is hard is what `replies.classify` says of its status and diagnostic.
"""

from __future__ import annotations

import email
import email.policy
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import Message
from enum import StrEnum
from typing import Any

from newsletter.delivery.delivery_status import (
    Fields,
    fields_of,
    own_parts,
    plain_address,
    reported,
    reported_in_words,
)
from newsletter.delivery.replies import (
    Failure,
    Kind,
    classify,
    enhanced_code,
    reply_code,
    unwrapped,
)
from newsletter.delivery.report_words import (
    ADDRESS,
    Told,
    around,
    enclosed_recipient,
    own_words,
    people_told,
    tells_of_failure,
)

LARGEST = 20_000_000
"""Bytes of a mail that are looked at."""


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


_TAG = re.compile(r"<(?![^<>@\s]+@)[^<>]*>")
_FINAL = re.compile(r"\b5\d\d[ -]")
_DELAYED = re.compile(
    r"\b(delayed|deferred|will (?:be retried|keep trying|continue to try)|warning: could not send|not yet been delivered"
    r"|no action is required|still being retried)\b",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"out of (?:the )?office|auto(?:matic|mated)?[- ]?(?:reply|response|antwort)|vacation|abwesenheit|on leave"
    r"|réponse automatique|absence|respuesta automática|自动回复|自動回覆|自动答复|外出|休假|不在",
    re.IGNORECASE,
)
_BOUNCED = re.compile(
    r"undeliver|deliver(?:y|ed)?[ \w]*(?:fail|problem|error|status)|(?:mail|delivery|message|e-?mail|sending|transmission)\W[\w ]*fail"
    r"|fail(?:ure|ed)\W{0,3}(?:notice|notification|mail|deliver)|returned mail|mail delivery|unzustellbar|could not be (?:sent|delivered)"
    r"|(?:not|non|nicht) (?:been )?(?:delivered|deliverable|remis|zugestellt)|mail (?:system )?error|bounce notification|rejected mail|message rejected"
    r"|no se puede entregar|no se ha podido entregar|退信|退回|投递失败|無法傳遞|无法投递|系统退信|配信不能|недоставлен|エラー通知|送信エラー|配信エラー|返送",
    re.IGNORECASE,
)
_CERTAINLY_BOUNCED = re.compile(
    r"(?:non-?deliver|undeliver|returned mail|delivery (?:failure|status)|failure notice|mail delivery fail)",
    re.IGNORECASE,
)
_HANDED_ON = re.compile(
    r"^\s*(?:re|fwd?|aw|wg|tr|rv|转发|答复|回复)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE
)
_DAEMON = re.compile(
    r"mailer[-_.]?daemon|\bmdaemon@|(?<![\w.])post_?-?master|mail delivery|mail deliver system|delivery subsystem|mailerdaemon|bounces?@"
    r"|mail system|delivery system",
    re.IGNORECASE,
)


def read_bounce(data: bytes, known: str = "") -> Report:
    """Reads one mail. `known` is whom it is about where its own words name nobody and the address that it came to
    does. Never raises for what is in it."""
    try:
        lines = data[:LARGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        message = email.message_from_bytes(lines, policy=email.policy.compat32)
        return _read(message, known)
    except Exception:  # a broken mail must not stop the next one; what it was cannot be told
        return Report(Class.OTHER)


def _read(message: Message, known: str) -> Report:
    feedback = next(_parts(message, "message/feedback-report"), None)
    if feedback is not None:
        return _feedback(message, feedback)
    if complaint := _hotmail(message):
        return complaint
    text = _text(message)
    fields = tuple(
        _with_words(one, text) for one in reported(message) or reported_in_words(own_words(text))
    )
    subject = _decoded(message.get("Subject", ""))
    found = tuple(one for one in map(_by_fields, fields) if one is not None)
    if found:
        failed = tuple(one for one in found if one.kind != "delayed")
        return Report(Class.BOUNCE if failed else Class.DELAYED, failed or found)
    if fields and all(one.succeeded for one in fields):
        return Report(Class.OTHER)
    if _is_automatic(message, subject):
        return Report(Class.AUTO_REPLY)
    if not _looks_returned(message, subject, text):
        return Report(Class.OTHER)
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
    for original in _originals(message):
        if original.get_content_type() == "multipart/report" and (
            inner := tuple(one for one in map(_by_fields, reported(original)) if one)
        ):
            return Report(Class.BOUNCE, inner)  # a report that was handed on
    people = _guessed(message, text) or (Told(known, text[:1500], False),) * bool(known)
    if not people:
        return Report(Class.OTHER)
    judged = tuple(_judged(one) for one in people)
    final = any(re.match(r"5", one.status) or _FINAL.search(one.diagnostic) for one in judged)
    if not final and _DELAYED.search(f"{subject}\n{text[:3000]}"):
        return Report(Class.DELAYED, tuple(Returned(one.address, "delayed") for one in people))
    return Report(Class.BOUNCE, judged)


def _hotmail(message: Message) -> Report | None:
    """Microsoft's complaints are no ARF: the mail itself, with the person's address in a field of their own."""
    for original in _originals(message):
        if person := plain_address(str(original.get("X-HmXmrOriginalRecipient", ""))):
            return Report(Class.COMPLAINT, (Returned(person, ""),))
    return None


def _feedback(message: Message, part: Message) -> Report:
    fields = fields_of(part)
    kind = fields.get("feedback-type", "").lower()
    if kind in ("auth-failure", "dmarc"):
        return Report(Class.AUTH_FAILURE)
    address = plain_address(
        fields.get("original-rcpt-to", "") or fields.get("removal-recipient", "")
    )
    if not address:
        address = next((plain_address(one.get("To", "")) for one in _originals(message)), "")
    if kind == "not-spam":
        return Report(Class.OTHER)
    return Report(Class.COMPLAINT, (Returned(address, ""),) if address else ())


def failure_of(one: Returned) -> Failure:
    """What status and diagnostic of a returned mail mean."""
    told = unwrapped(one.diagnostic)
    code = reply_code(told) or (500 if one.status.startswith("5") else 400 if one.status else 550)
    return classify(code, enhanced_code(told) or one.status, told)


def _kind(status: str, told: str) -> str:
    failure = failure_of(Returned("", "", status, told))
    return "hard" if failure.kind is Kind.HARD else "soft"


def _judged(one: Told) -> Returned:
    """What the words at an address say."""
    status = enhanced_code(one.words)
    at = re.search(r"(?:host \S+ |said: |<<< )?\b[45]\d\d\b|[45]\.\d\.\d", one.words)
    told = one.words[at.start() if at else 0 :][:300]
    return Returned(one.address, _kind(status, one.words[:1500]), status, told)


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
    detected = [one for one in _detected(message) if one.lower() not in own]
    if detected:
        return tuple(Told(one, around(text, one), False) for one in detected)
    if words:
        return words
    to = next((plain_address(str(one.get("To", ""))) for one in _originals(message)), "")
    to = to or enclosed_recipient(text)
    return (Told(to, own_words(text)[:2000], False),) if to else ()


def _detected(message: Message) -> list[str]:
    """Whom flufl.bounce finds."""
    if message.get("From") is None:
        message["From"] = "MAILER-DAEMON@localhost"
    try:
        from flufl.bounce import all_failures

        temporary, permanent = all_failures(message)
        said = [_said(one) for one in (*permanent, *temporary)]
    except Exception:  # its detectors meet mail that they did not think of
        return []
    return list(dict.fromkeys(one for name in said if (one := plain_address(name))))


def _said(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_automatic(message: Message, subject: str) -> bool:
    """An answer of a person's mailbox. Servers mark their own reports as automatic too (Exim, Google)."""
    if message.get("X-Failed-Recipients") or _DAEMON.search(str(message.get("From", ""))):
        return False
    if _AWAY.search(subject) and not _BOUNCED.search(subject):
        return True
    if _by_server(message) or _BOUNCED.search(subject):
        return False
    auto = str(message.get("Auto-Submitted", "")).lower()
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-From")
    return auto.startswith("auto-replied") or any(message.get(name) for name in marks)


def _looks_returned(message: Message, subject: str, text: str) -> bool:
    """Whether a server wrote it, about a mail that was sent from here. Lists, and people who hand a report on or
    write about one, did not."""
    if message.get_content_type() == "multipart/report" or message.get("X-Failed-Recipients"):
        return True
    if _by_server(message):
        return True
    listed = message.get("List-Id") or message.get("List-Unsubscribe")
    if _HANDED_ON.match(subject) or (listed and not _CERTAINLY_BOUNCED.match(subject)):
        return False
    return bool(_BOUNCED.search(subject)) and tells_of_failure(text)


def _by_server(message: Message) -> bool:
    sender = str(message.get("From", ""))
    nobody = str(message.get("Return-Path", "")).strip() == "<>"
    return _DAEMON.search(sender) is not None or (nobody and not message.get("In-Reply-To"))


def _parts(message: Message, kind: str) -> Iterator[Message]:
    return (part for part in message.walk() if part.get_content_type() == kind)


def _originals(message: Message) -> Iterator[Message]:
    """The mail that a report encloses, whole or its headers."""
    for part in message.walk():
        payload: Any = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list):
            yield from (one for one in payload if isinstance(one, Message))
        if part.get_content_type() == "text/rfc822-headers":
            data = part.get_payload(decode=True)
            yield email.message_from_bytes(data if isinstance(data, bytes) else b"")


def _text(message: Message) -> str:
    """The words of the report itself, without the mail that it encloses."""
    if message.is_multipart():
        for wanted in ("plain", "html", ""):
            for part in own_parts(message):
                kind = part.get_content_type()
                if kind.startswith(f"text/{wanted}") and kind != "text/rfc822-headers":
                    words = _words(part)
                    return html.unescape(_TAG.sub(" ", words)) if "html" in kind else words
        broken = (part.get_payload() for part in own_parts(message))
        return next((one for one in broken if isinstance(one, str) and one.strip()), "")
    return _words(message)


def _words(part: Message) -> str:
    data = part.get_payload(decode=True)
    raw = data if isinstance(data, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("latin-1")


def _decoded(value: Any) -> str:
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(str(value))))
    except (ValueError, LookupError, UnicodeError):
        return str(value)
