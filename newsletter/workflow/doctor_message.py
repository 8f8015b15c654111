"""What a message that was really received proves: who signed it, whether one-click unsubscribing is covered, and
what the receiving server found.

Gmail, Yahoo and Microsoft ask whoever sends in bulk for a DKIM signature aligned with From, and RFC 8058 for one
that covers `List-Unsubscribe` and `List-Unsubscribe-Post`. No setting proves that: only a message does.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage

from newsletter.delivery.dkim_check import KeyOf, Signed, header_names, signatures_of
from newsletter.workflow.findings import Finding, advice, missing, well

_BELOW_COUNTRIES = frozenset(
    [
        "ac",
        "co",
        "com",
        "edu",
        "gob",
        "gov",
        "go",
        "gv",
        "id",
        "ltd",
        "mil",
        "ne",
        "net",
        "nom",
        "or",
        "org",
        "plc",
        "sch",
    ]
)
"""What stands below a country's domain and above an owner's."""
ONE_CLICK = ("list-unsubscribe", "list-unsubscribe-post")


def examine_message(data: bytes, key_of: KeyOf | None = None) -> Iterator[Finding]:
    """Looks at a message as it lies in a mailbox. With `key_of` signatures are verified."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    sender = _domain(str(message.get("From", "")))
    signatures = signatures_of(data, key_of)
    yield from _signatures(signatures, sender, verified=key_of is not None)
    yield from _one_click(message, data, signatures)
    yield from _headers(message)
    yield from _verdicts(message)


def aligned(one: str, other: str) -> bool:
    """Whether DMARC (relaxed) takes two domains for one owner's: they are below the same one that somebody owns.

    Which that is, a public list tells that is not here; `example.co.uk` and its like are known by their form.
    """
    one, other = one.lower().strip("."), other.lower().strip(".")
    if not one or not other:
        return False
    return _owned(one) == _owned(other)


def _owned(domain: str) -> str:
    """The domain that an owner of this one has registered."""
    labels = domain.split(".")
    by_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _BELOW_COUNTRIES
    return ".".join(labels[-3 if by_country else -2 :])


def _signatures(
    signatures: tuple[Signed, ...], sender: str, *, verified: bool
) -> Iterator[Finding]:
    subject = "message: DKIM"
    if not signatures:
        yield missing(
            subject,
            "nobody has signed it",
            "Let the relay sign for the sender's domain, or set [dkim]: docs/settings.md#dkim",
        )
        return
    for one in signatures:
        named = f"{one.domain} ({one.selector}, {one.algorithm})"
        if one.fault:
            yield missing(
                subject,
                f"the signature of {named} does not hold: {one.fault}",
                "See docs/sending.md#is-all-well",
            )
    whole = [one for one in signatures if not one.fault]
    fitting = [one for one in whole if aligned(one.domain, sender)]
    if fitting:
        names = ", ".join(f"{one.domain} ({one.selector})" for one in fitting)
        how = "holds" if verified else "is there; --network verifies it"
        yield well(subject, f"the signature of {names} {how}, and is aligned with From ({sender})")
    elif whole:
        names = ", ".join(one.domain for one in whole)
        yield missing(
            subject,
            f"it is signed for {names}, not for From's domain {sender}",
            "Authenticate your own domain at the relay, so that it signs for it: DMARC needs that.",
        )


def _one_click(
    message: EmailMessage, data: bytes, signatures: tuple[Signed, ...]
) -> Iterator[Finding]:
    subject = "message: one-click"
    there = header_names(data)
    absent = [name for name in ONE_CLICK if name not in there]
    if absent:
        yield missing(
            subject,
            f"no {' and no '.join(absent)} in it",
            "Set base_url to an https address. A test-send has none by design: use doctor --to.",
        )
        return
    if not re.search(r"<https://[^>]+>", str(message["List-Unsubscribe"])):
        yield missing(subject, "List-Unsubscribe names no https address", "Set base_url to https.")
    if str(message["List-Unsubscribe-Post"]).strip() != "List-Unsubscribe=One-Click":
        yield missing(subject, "List-Unsubscribe-Post was changed on the way", "Ask the relay.")
    covering = [one for one in signatures if not one.fault and set(ONE_CLICK) <= set(one.covers)]
    if covering:
        names = ", ".join(one.domain for one in covering)
        yield well(
            subject, f"both List-Unsubscribe headers are covered by the signature of {names}"
        )
        return
    if not signatures:
        yield missing(
            subject, "no signature covers its headers", "Let the relay sign, or set [dkim]."
        )
    for one in signatures:
        left = [name for name in ONE_CLICK if name not in one.covers]
        yield missing(
            subject,
            f"the signature of {one.domain} does not cover {' and '.join(left) or 'them, for it does not hold'}",
            "Gmail shows no unsubscribe button then (RFC 8058). Ask the relay to cover them, or sign here: [dkim].",
        )


def _headers(message: EmailMessage) -> Iterator[Finding]:
    wanted = ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "List-Id")
    absent = [name for name in wanted if not message.get(name)]
    twice = [
        name
        for name in ("From", "Subject", "Date", "Message-ID")
        if len(message.get_all(name, [])) > 1
    ]
    if absent or twice:
        told = [*(f"no {name}" for name in absent), *(f"{name} twice" for name in twice)]
        yield missing("message: headers", ", ".join(told), "RFC 5322 asks for each once.")
    else:
        yield well("message: headers", "each that is needed is there once")


def _verdicts(message: EmailMessage) -> Iterator[Finding]:
    """What the server that took it found (Authentication-Results, RFC 8601); the topmost is its own."""
    results = message.get_all("Authentication-Results", [])
    if not results:
        return
    text = " ".join(str(results[0]).split())
    for method in ("spf", "dkim", "dmarc"):
        found = re.findall(rf"\b{method}=(\w+)", text)
        if not found:
            continue
        subject = f"message: {method.upper()}"
        if "pass" in found:
            yield well(subject, f"{text.split(';')[0]} says pass")
        elif found[0] in ("none", "neutral"):
            yield advice(
                subject, f"{text.split(';')[0]} says {found[0]}", "doctor --network tells why."
            )
        else:
            yield missing(
                subject, f"{text.split(';')[0]} says {found[0]}", "doctor --network tells why."
            )


def _domain(sender: str) -> str:
    found = re.search(r"@([A-Za-z0-9.-]+)", sender)
    return found[1].lower().strip(".") if found else ""
