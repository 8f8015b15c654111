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
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Any

from newsletter.delivery.replies import Failure, Kind, classify, enhanced_code, reply_code

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


_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:]+@[^\s<>()\[\]\",;:]+\.[^\s<>()\[\]\",;:.]+")
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
    r"undeliver|deliver(?:y|ed)?[ \w]*(?:fail|problem|error|status)|fail(?:ure|ed)|returned mail|mail delivery|unzustellbar"
    r"|non remis|no se puede entregar|退信|退回|投递失败|無法傳遞|无法投递|系统退信|配信不能|недоставлен",
    re.IGNORECASE,
)
_ENCLOSED = re.compile(
    r"\n-{2,} ?(?:Below this line|This is a copy|Original message|The (?:header|body) of the|Forwarded)",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery|<>|bounce", re.IGNORECASE)


def read_bounce(data: bytes, known: str = "") -> Report:
    """Reads one mail. `known` is whom it is about where its own words name nobody and the address that it came to
    does. Never raises for what is in it."""
    try:
        message = email.message_from_bytes(data[:LARGEST], policy=email.policy.compat32)
        return _read(message, known)
    except Exception:  # a broken mail must not stop the next one; what it was cannot be told
        return Report(Class.OTHER)


def _read(message: Message, known: str) -> Report:
    feedback = next(_parts(message, "message/feedback-report"), None)
    if feedback is not None:
        return _feedback(message, feedback)
    found = tuple(_reported(message))
    if found:
        failed = tuple(one for one in found if one.kind != "delayed")
        return Report(Class.BOUNCE if failed else Class.DELAYED, failed or found)
    subject = _decoded(message.get("Subject", ""))
    if _is_automatic(message, subject):
        return Report(Class.AUTO_REPLY)
    if not _looks_returned(message, subject):
        return Report(Class.OTHER)
    people = _guessed(message) or ((known,) if known else ())
    if not people:
        return Report(Class.OTHER)
    text = _text(message)
    if _DELAYED.search(f"{subject}\n{text[:3000]}"):
        return Report(Class.DELAYED, tuple(Returned(one, "delayed") for one in people))
    return Report(Class.BOUNCE, tuple(_judged(one, text) for one in people))


def _feedback(message: Message, part: Message) -> Report:
    fields = _fields(part)
    kind = fields.get("feedback-type", "").lower()
    if kind in ("auth-failure", "dmarc"):
        return Report(Class.AUTH_FAILURE)
    address = _plain(fields.get("original-rcpt-to", "") or fields.get("removal-recipient", ""))
    if not address:
        address = next((_plain(one.get("To", "")) for one in _originals(message)), "")
    if kind == "not-spam":
        return Report(Class.OTHER)
    return Report(Class.COMPLAINT, (Returned(address, ""),) if address else ())


def _reported(message: Message) -> Iterator[Returned]:
    """The people of a delivery report, each once."""
    seen: set[str] = set()
    for part in message.walk():
        if part.get_content_type() not in (
            "message/delivery-status",
            "message/global-delivery-status",
        ):
            continue
        for group in _groups(part):
            final = _plain(group.get("final-recipient", ""))
            address = _plain(group.get("original-recipient", "")) or final
            action = group.get("action", "").lower().strip()
            if not address or address.lower() in seen:
                continue
            if action in ("delivered", "relayed", "expanded"):
                continue
            seen.add(address.lower())
            status = enhanced_code(group.get("status", "")) or group.get("status", "").strip()
            diagnostic = " ".join(group.get("diagnostic-code", "").split())
            told = diagnostic.partition(";")[2].strip() or diagnostic
            delayed = action == "delayed" or (action != "failed" and status.startswith("4."))
            kind = "delayed" if delayed else _kind(status, told)
            yield Returned(address, kind, status, told)


def _groups(part: Message) -> Iterator[dict[str, str]]:
    """The groups of fields of a delivery report, however the parser or the server cut them up."""
    payload: Any = part.get_payload()
    inner = (
        [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    )
    for one in inner:
        fields = {name.lower(): str(value) for name, value in one.items()}
        if fields:
            yield fields
        if isinstance(one.get_payload(), str):
            yield from _groups_of(str(one.get_payload()))
    if not inner:
        data = part.get_payload(decode=True)
        yield from _groups_of(
            data.decode("utf-8", "replace") if isinstance(data, bytes) else str(payload)
        )


def _groups_of(text: str) -> Iterator[dict[str, str]]:
    for block in re.split(r"\r?\n[ \t]*\r?\n", text):
        fields = {
            name.lower(): str(value) for name, value in email.message_from_string(block).items()
        }
        if fields:
            yield fields


def _fields(part: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in _groups(part):
        found |= group
    return found


def failure_of(one: Returned) -> Failure:
    """What status and diagnostic of a returned mail mean."""
    code = reply_code(one.diagnostic) or (
        500 if one.status.startswith("5") else 400 if one.status else 550
    )
    return classify(code, enhanced_code(one.diagnostic) or one.status, one.diagnostic)


def _kind(status: str, told: str) -> str:
    failure = failure_of(Returned("", "", status, told))
    return "hard" if failure.kind is Kind.HARD else "soft"


def _judged(address: str, text: str) -> Returned:
    """What the words around an address say."""
    at = text.lower().find(address.lower())
    around = text[max(0, at - 300) : at + 1200] if at >= 0 else text[:2000]
    status = enhanced_code(around)
    lines = [line for line in around.splitlines() if re.search(r"\b[45]\d\d\b|[45]\.\d\.\d", line)]
    told = " ".join((lines[0] if lines else around).split())[:300]
    return Returned(address, _kind(status, " ".join(around.split())), status, told)


def _guessed(message: Message) -> tuple[str, ...]:
    """The people that a report without fields names."""
    failed = message.get_all("X-Failed-Recipients", [])
    named = [found for value in failed for found in _ADDRESS.findall(str(value))]
    if not named:
        if message.get("From") is None:
            message["From"] = "MAILER-DAEMON@localhost"
        try:
            from flufl.bounce import all_failures

            temporary, permanent = all_failures(message)
            named = [_said(one) for one in (*permanent, *temporary)]
        except Exception:  # its detectors meet mail that they did not think of
            named = []
    if not named:
        whole = _text(message)[:4000]
        own_words = _ENCLOSED.split(whole)[0]
        text = own_words if len(own_words) > 80 else whole
        own = {_plain(str(message.get(name, ""))).lower() for name in ("To", "From", "Return-Path")}
        named = [one for one in _ADDRESS.findall(text) if one.lower() not in own][:1]
    return tuple(dict.fromkeys(_plain(one) for one in named if _plain(one)))


def _said(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_automatic(message: Message, subject: str) -> bool:
    """An answer of a person's mailbox. Servers mark their own reports as automatic too (Exim, Google)."""
    if message.get("X-Failed-Recipients") or _BOUNCED.search(subject):
        return False
    auto = str(message.get("Auto-Submitted", "")).lower()
    replied = auto.startswith("auto-replied") or message.get("X-Autoreply")
    by_server = _DAEMON.search(f"{message.get('From', '')}") is not None
    return (bool(replied or message.get("X-Autorespond")) and not by_server) or bool(
        _AWAY.search(subject)
    )


def _looks_returned(message: Message, subject: str) -> bool:
    sender = f"{message.get('From', '')} {message.get('Return-Path', '')}"
    report = message.get_content_type() == "multipart/report"
    return bool(
        report
        or message.get("X-Failed-Recipients")
        or _DAEMON.search(sender)
        or _BOUNCED.search(subject)
    )


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
        for part in message.walk():
            if part.get_content_type() == "text/plain" and not part.is_multipart():
                return _words(part)
        return ""
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


def _plain(value: str) -> str:
    """The address of a field such as `rfc822; <a@b.example>`; empty when there is none in it."""
    text = re.sub(r"^\s*(?:rfc822|utf-8|smtp|x-[\w-]+)\s*;\s*", "", value, flags=re.IGNORECASE)
    found = _ADDRESS.search(text)
    return found[0].strip(".'`") if found else ""
