"""The rules of Gmail, Yahoo and Microsoft for whoever sends in bulk, as far as settings show them; nobody is asked.

Which rule each finding is about stands in docs/sending.md. What only the DNS or a message can prove is looked at by
`doctor --network` and `doctor --message`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.delivery.dkim import signer_of
from newsletter.problems import NewsletterError
from newsletter.publication import Publication
from newsletter.workflow.doctor_message import aligned
from newsletter.workflow.findings import Finding, advice, missing, well

OTHERS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "yahoo.co.jp",
        "ymail.com",
        "rocketmail.com",
        "aol.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "qq.com",
        "foxmail.com",
        "163.com",
        "126.com",
        "yeah.net",
        "sina.com",
        "sina.cn",
        "sohu.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "t-online.de",
        "mail.ru",
        "yandex.ru",
        "yandex.com",
        "proton.me",
        "protonmail.com",
    ]
)
"""Providers whose domains nobody else may write from: their DMARC records tell servers to refuse it."""
EXAMPLES = re.compile(r"example\.(?:com|net|org)|(?:.+\.)?(?:example|invalid|test|localhost|local)")
"""Domains that are nobody's (RFC 2606, RFC 6761): `newsletter init` writes one, to be replaced."""
LOCAL = ("localhost", "127.0.0.1", "::1")


def bulk_rules(publication: Publication) -> Iterator[Finding]:
    yield from _from(publication)
    yield from _one_click(publication)
    yield from _signature(publication)
    yield from _tls(publication)
    yield from _return_address(publication)
    yield from _complaints(publication)


def _from(publication: Publication) -> Iterator[Finding]:
    address = publication.settings.sender.email
    domain = domain_of(address)
    if domain in OTHERS:
        yield missing(
            "rules: From",
            f"{address} is an address of a provider's, who tells servers to refuse mail from elsewhere",
            "Write from a domain of your own.",
        )
    elif EXAMPLES.fullmatch(domain):
        yield advice(
            "rules: From",
            f"{address} is of a domain that is nobody's, kept for examples",
            "Before sending, set sender.email to an address of your own.",
        )
    elif not publication.settings.sender.reply_to and address.split("@")[0].lower().replace(
        "-", ""
    ).startswith("noreply"):
        yield advice(
            "rules: From",
            f"{address} takes no answers",
            "Microsoft asks for a From or Reply-To that is read: set sender.reply_to.",
        )
    else:
        yield well("rules: From", f"{address}, a domain of your own")


def _one_click(publication: Publication) -> Iterator[Finding]:
    if publication.base_url.startswith("https://"):
        yield well("rules: one-click", "List-Unsubscribe with https, and List-Unsubscribe-Post")
    else:
        yield advice(
            "rules: one-click",
            "mails go without one-click unsubscribing, which Gmail and Yahoo ask for",
            "Serve the publication over https and set base_url.",
        )


def _signature(publication: Publication) -> Iterator[Finding]:
    dkim = publication.settings.dkim
    sender = domain_of(publication.settings.sender.email)
    if not dkim.domain:
        yield advice(
            "rules: DKIM",
            "the relay has to sign for the sender's domain",
            "Prove it with a real message: newsletter doctor --network --to you@your-mailbox.example",
        )
    elif aligned(dkim.domain, sender):
        try:
            signer_of(publication)
        except NewsletterError as caught:
            yield missing("rules: DKIM", caught.message, caught.hint)
        else:
            yield well("rules: DKIM", f"signed here for {dkim.domain}, aligned with From")
    else:
        yield missing(
            "rules: DKIM",
            f"signed for {dkim.domain}, which is not From's domain {sender}",
            "Set dkim.domain to the sender's domain: DMARC needs that.",
        )


def _tls(publication: Publication) -> Iterator[Finding]:
    """To the relay; from there on it is the relay's business."""
    smtp = publication.settings.smtp
    if publication.settings.transport != "smtp":
        return
    if smtp.security != "none":
        yield well("rules: TLS", f"{smtp.security} to {smtp.host}")
    elif smtp.host in LOCAL:
        yield well("rules: TLS", f"{smtp.host} has to use it from there on (Postfix: smtp_tls_security_level = may)")  # fmt: skip
    else:
        yield advice(
            "rules: TLS",
            f"mail and password go to {smtp.host} in the clear"
            if smtp.username
            else f"mail goes to {smtp.host} in the clear",
            'Set smtp.security = "starttls" (port 587), or "tls" (port 465).',
        )


def _return_address(publication: Publication) -> Iterator[Finding]:
    bounces = publication.settings.bounces
    sender = publication.settings.sender.email
    if not bounces.address:
        yield advice(
            "rules: bounces",
            f"mail comes back to {sender}, where a person has to read it",
            'Set bounces.address = "bounces+{}@…" and a mailbox: docs/sending.md#coming-back',
        )
    elif not aligned(domain_of(bounces.address), domain_of(sender)):
        yield advice(
            "rules: bounces",
            f"{bounces.address} is of another domain than {sender}, so SPF does not speak for the sender",
            "Take a return address of the sender's domain, or one below it.",
        )
    elif not bounces.host:
        yield advice(
            "rules: bounces",
            f"mail comes back to {bounces.address}, and no mailbox is read here",
            "Set bounces.host, or let the mail server call: newsletter bounces receive",
        )
    else:
        yield well("rules: bounces", f"{bounces.address}, read from {bounces.host}")


def _complaints(publication: Publication) -> Iterator[Finding]:
    most = publication.settings.delivery.stop_complaints
    if 0 < most <= 0.003:
        yield well(
            "rules: complaints",
            f"a campaign pauses at {most:.1%} of those that are reported; Gmail reports none, but shows its share in Postmaster Tools",
        )
    else:
        told = "never pauses for complaints" if not most else f"pauses only at {most:.1%}"
        yield advice(
            "rules: complaints",
            f"a campaign {told}; Gmail refuses mail from 0.3 % on",
            "Set delivery.stop_complaints to 0.003 or less.",
        )


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
