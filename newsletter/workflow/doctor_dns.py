"""What the DNS says of the sender: SPF, the DKIM key, DMARC, the mail server's name and address, where mail comes back.

Only asked for with `doctor --network`. What is not there is told; what cannot be asked is told as such.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator

from newsletter.delivery.dkim import signer_of
from newsletter.delivery.dns import Dns
from newsletter.problems import NewsletterError, TryAgainLater
from newsletter.publication import Publication
from newsletter.workflow.doctor_rules import EXAMPLES, domain_of
from newsletter.workflow.findings import Finding, advice, missing, well

MOST_LOOKUPS = 10
"""RFC 7208 §4.6.4: more of them, and SPF is an error at every receiver."""


def examine_dns(publication: Publication, dns: Dns) -> Iterator[Finding]:
    sender = domain_of(publication.settings.sender.email)
    if EXAMPLES.fullmatch(sender):
        told = f"nothing was asked: {sender} is a domain that is nobody's"
        yield advice("DNS", told, "Set sender.email to an address of your own.")
        return
    for subject, look in LOOKS:
        try:
            yield from look(publication, dns)
        except TryAgainLater as caught:
            yield advice(subject, caught.message, "Try again, or ask another resolver.")


def _spf(publication: Publication, dns: Dns) -> Iterator[Finding]:
    settings = publication.settings
    domain = domain_of(settings.bounces.address or settings.sender.email)
    records = [one for one in dns.texts(domain) if re.match(r"v=spf1(?: |$)", one, re.IGNORECASE)]
    if len(records) != 1:
        told = (
            "has no SPF record"
            if not records
            else f"has {len(records)} SPF records, so none counts"
        )
        yield missing(
            "SPF", f"{domain} {told}", "Make one TXT record: v=spf1 include:<your relay> ~all"
        )
        return
    record = records[0]
    lookups = _lookups(dns, record, {domain})
    if lookups > MOST_LOOKUPS:
        yield missing(
            "SPF",
            f"{domain} asks for {lookups} look-ups; more than {MOST_LOOKUPS} are an error",
            "Take out an include:.",
        )
    elif re.search(r"(?:^|\s)\+?all(?:\s|$)", record):
        yield missing("SPF", f"{domain} lets everybody send: {record}", "End it with ~all or -all.")
    elif not re.search(r"[-~]all(?:\s|$)|\bredirect=", record):
        yield advice(
            "SPF", f"{domain} does not say who may not: {record}", "End it with ~all or -all."
        )
    else:
        yield well("SPF", f"{domain}: {record}")


def _lookups(dns: Dns, record: str, seen: set[str]) -> int:
    count = 0
    for term in record.split()[1:]:
        found = re.fullmatch(
            r"[-~?+]?(include|a|mx|ptr|exists|redirect)(?:[:=]([^/]+))?(?:/.*)?", term.lower()
        )
        if not found:
            continue
        count += 1
        kind, name = found[1], found[2] or ""
        if kind in ("include", "redirect") and name not in seen and "%" not in name:
            seen.add(name)
            inner = [one for one in dns.texts(name) if one.lower().startswith("v=spf1")]
            count += sum(_lookups(dns, one, seen) for one in inner[:1])
        if count > 4 * MOST_LOOKUPS:
            break
    return count


def _dkim(publication: Publication, dns: Dns) -> Iterator[Finding]:
    try:
        signer = signer_of(publication)
    except NewsletterError as caught:
        yield missing("DKIM", caught.message, caught.hint)
        return
    if signer is None:
        yield advice(
            "DKIM",
            "the relay signs; its key is not known here",
            "Prove it: doctor --network --to ADDRESS",
        )
        return
    for one in signer.signatures:
        name = f"{one.selector}._domainkey.{one.domain}"
        records = dns.texts(name)
        wanted = _key(one.record)
        if any(_key(record) == wanted for record in records):
            yield well("DKIM", f"{name} has the public half of the key")
        else:
            told = "has another key" if records else "is not there"
            yield missing("DKIM", f"{name} {told}", f"Make it a TXT record: {one.record}")


def _key(record: str) -> str:
    found = re.search(r"(?:^|;)\s*p\s*=([^;]*)", record)
    return re.sub(r"\s", "", found[1]) if found else ""


def _dmarc(publication: Publication, dns: Dns) -> Iterator[Finding]:
    domain = domain_of(publication.settings.sender.email)
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        name = ".".join(labels[start:])
        records = [one for one in dns.texts(f"_dmarc.{name}") if one.lower().startswith("v=dmarc1")]
        if len(records) > 1:
            yield missing(
                "DMARC", f"_dmarc.{name} has {len(records)} records, so none counts", "Leave one."
            )
            return
        if records:
            yield from _policy(name, records[0])
            yield from _strict(publication, records[0])
            return
    yield missing(
        "DMARC",
        f"neither {domain} nor a domain above it has a record",
        f"Gmail, Yahoo and Microsoft ask for one. A TXT record at _dmarc.{domain}: v=DMARC1; p=none; rua=mailto:you@{domain}",
    )


def _policy(name: str, record: str) -> Iterator[Finding]:
    policy = re.search(r";\s*p\s*=\s*(\w+)", record)
    if not policy or policy[1].lower() not in ("none", "quarantine", "reject"):
        yield missing("DMARC", f"_dmarc.{name} has no policy: {record}", "Add p=none at least.")
    elif "rua=" not in record.lower():
        yield advice(
            "DMARC", f"_dmarc.{name}: {record}", "Add rua=mailto:…, so that you hear of failures."
        )
    else:
        yield well("DMARC", f"_dmarc.{name}: {record}")


def _strict(publication: Publication, record: str) -> Iterator[Finding]:
    """A record may ask for From's very domain, where one below the same owner's is enough otherwise."""
    settings = publication.settings
    sender = domain_of(settings.sender.email)
    for tag, what, domain, remedy in (
        ("adkim", "DKIM", settings.dkim.domain.lower(), f"Set dkim.domain to {sender}"),
        ("aspf", "SPF", domain_of(settings.bounces.address), f"Take a return address of {sender}"),
    ):
        if domain and domain != sender and re.search(rf";\s*{tag}\s*=\s*s\b", record, re.I):
            yield advice(
                "DMARC",
                f"its {tag}=s asks for {sender} itself, and {what} speaks for {domain}",
                f"{remedy}, or take {tag}=s out of the record.",
            )


def _ptr(publication: Publication, dns: Dns) -> Iterator[Finding]:
    """The name of the mail server's address, and the address of that name. With a relay, the relay's business."""
    if publication.settings.transport != "smtp":
        return
    host = publication.settings.smtp.host
    addresses = [host] if _is_address(host) else list(dns.addresses(host))
    public = [one for one in addresses if _is_public(one)]
    if not public:
        yield advice(
            "PTR",
            f"{host} has no public address here, so its name cannot be looked at",
            "The address that mail leaves from needs a PTR name that leads back to it.",
        )
        return
    for address in public:
        names = dns.names(address)
        back = [name for name in names if address in dns.addresses(name)]
        if back:
            yield well("PTR", f"{address} is {back[0]}, and that is {address}")
        elif names:
            yield missing(
                "PTR",
                f"{address} is called {names[0]}, which does not lead back",
                "Make that name's A record.",
            )
        else:
            yield missing("PTR", f"{address} has no name", "Have its provider set a PTR record.")


def _way_back(publication: Publication, dns: Dns) -> Iterator[Finding]:
    settings = publication.settings
    for subject, address in (
        ("From", settings.sender.email),
        ("bounces", settings.bounces.address),
    ):
        domain = domain_of(address)
        if not domain:
            continue
        if dns.mail_servers(domain) or dns.addresses(domain):
            yield well(f"MX of {subject}", f"{domain} takes mail")
        else:
            yield missing(f"MX of {subject}", f"{domain} takes no mail", "Give it an MX record.")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address).is_global


LOOKS: tuple[tuple[str, Callable[[Publication, Dns], Iterator[Finding]]], ...] = (
    ("SPF", _spf),
    ("DKIM", _dkim),
    ("DMARC", _dmarc),
    ("PTR", _ptr),
    ("MX", _way_back),
)
