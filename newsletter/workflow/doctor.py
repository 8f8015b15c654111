"""Doctor: what is missing on this machine and in this publication, and how to get it.

Each examination is a function that yields findings; none of them mends anything. Only with `network`
are other machines asked: the mail server for its greeting, the DNS for records. Only a round trip sends something.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from newsletter.delivery.dkim_check import KeyOf
from newsletter.delivery.dns import Dns
from newsletter.problems import ContentError, NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication, load_publication
from newsletter.settings import SmtpSettings
from newsletter.subscribers.tokens import load_key
from newsletter.workflow.doctor_clicks import counted_links, reachable
from newsletter.workflow.doctor_dns import examine_dns
from newsletter.workflow.doctor_message import examine_message
from newsletter.workflow.doctor_rules import LOCAL, bulk_rules
from newsletter.workflow.doctor_trip import send_and_look
from newsletter.workflow.findings import Finding, State, advice, missing, well
from newsletter.workflow.identities import in_force

__all__ = ["Finding", "State", "examine"]

OLDEST_PYTHON = (3, 11)
_SQLITE = "sqlite:///"


def examine(
    root: Path | None,
    *,
    network: bool = False,
    to: str = "",
    message: Path | None = None,
    dns: Dns | None = None,
) -> tuple[Finding, ...]:
    """Looks at the machine and, where `root` is one, at the publication. `to` is where a message is sent on a round
    trip, `message` one that was received. Never raises for what it finds; UsageError for a file that is not there."""
    findings = [finding for look in MACHINE for finding in look()]
    if root is None:
        findings.append(advice("publication", "none here", "Make one: newsletter init DIR"))
        return tuple(findings)
    try:
        publication = load_publication(root)
    except NewsletterError as caught:
        told = caught.problems if isinstance(caught, ContentError) else ()
        said = "; ".join(str(problem).split("\n")[0] for problem in told) or caught.message
        findings.append(missing("settings", said, "Mend newsletter.toml: docs/settings.md"))
        return tuple(findings)
    for look in PUBLICATION:
        findings += look(publication)
    dns = (dns or Dns()) if network else None
    if dns is not None:
        findings += _mail_server(publication)
        findings += examine_dns(publication, dns)
        findings += reachable(publication)
    key_of = dns.texts if dns is not None else None
    if dns is not None and to:
        findings += send_and_look(publication, to, lambda data: _message(data, key_of))
    if message is not None:
        try:
            findings += _message(message.read_bytes(), key_of)
        except OSError as caught:
            raise UsageError(f"{message}: {caught.strerror}") from caught
    return tuple(findings)


def _message(data: bytes, key_of: KeyOf | None) -> Iterator[Finding]:
    try:
        yield from examine_message(data, key_of)
    except TryAgainLater as caught:
        yield advice("message: DKIM", caught.message, "Try again, or ask another resolver.")


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield missing("python", version, "Python 3.11 or newer is needed.")
    else:
        yield well("python", version)


def _typst() -> Iterator[Finding]:
    from newsletter.editions.print_worker import complaint

    if told := complaint():
        yield missing("typst", told, "pip install --force-reinstall typst")
    else:
        yield well("typst", "makes a PDF")


def _fonts() -> Iterator[Finding]:
    from newsletter.editions.print_fonts import WANTED, font_book

    book = font_book()
    if not book.families:
        yield missing(
            "fonts", "none for print", "In a checkout: make setup. The wheel brings them."
        )
        return
    absent = [name for language, name in WANTED.items() if book.lacks(language)]
    more = f"; extra, not laid: {', '.join(absent)} (make fonts-extra)" if absent else ""
    yield well("fonts", f"{len(book.families)} families for print{more}")


def _language_fonts(publication: Publication) -> Iterator[Finding]:
    from newsletter.editions.print_fonts import HOW_TO_LAY, font_book

    book, language = font_book(publication), publication.settings.language
    for problem in book.problems:
        yield missing("fonts", problem.message, problem.hint)
    if lacking := book.lacks(language):
        yield advice(
            "fonts",
            f"print sets {language} in other fonts than it should: {' and '.join(lacking)} are not laid",
            HOW_TO_LAY,
        )


def _browser() -> Iterator[Finding]:
    if (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    ):
        yield well("chromium", "found (only tests use it)")
    else:
        yield advice("chromium", "not found", "Only tests need it: sudo apt-get install chromium")


def _templates(publication: Publication) -> Iterator[Finding]:
    for medium in ("email", "web", "print"):
        roots = publication.template_roots(medium)
        theme = publication.settings.theme
        if not roots:
            yield missing(f"{medium} theme", "no templates", f"Add templates/{medium}/{theme}/.")
        elif all(root.name != theme for root in roots):
            yield missing(
                f"{medium} theme",
                f"no theme {theme}, the starter is used",
                f"Add templates/{medium}/{theme}/ or set another theme.",
            )
    yield from _template_syntax(publication)


def _template_syntax(publication: Publication) -> Iterator[Finding]:
    import jinja2

    from newsletter.editions.templates import environment

    broken = 0
    for medium in ("email", "web", "mail", "pages"):
        templates = environment(publication, medium)
        for name in templates.list_templates(extensions=["j2"]):
            try:
                templates.get_template(name)
            except jinja2.TemplateSyntaxError as caught:
                broken += 1
                place = f"{caught.filename or name}:{caught.lineno}"
                yield missing("templates", f"{place}: {caught.message}", "Mend the template.")
    if not broken:
        yield well("templates", "all can be read")


def _base_url(publication: Publication) -> Iterator[Finding]:
    url = publication.base_url
    if url.startswith("https://"):
        yield well("base_url", url)
    else:
        yield advice(
            "base_url",
            f"{url} is not https",
            "Before sending, set base_url to the public https address: one-click unsubscribing needs it.",
        )


def _address(publication: Publication) -> Iterator[Finding]:
    address = publication.settings.address.strip()
    if not address:
        yield advice(
            "address",
            "no postal address, which laws on commercial mail ask for in every message",
            'Set address = "…" in newsletter.toml.',
        )
    elif "(replace this)" in address:
        yield advice(
            "address", f"still the example's: {address}", "Put yours into newsletter.toml."
        )


def _secret_key(publication: Publication) -> Iterator[Finding]:
    settings = publication.settings.secrets
    try:
        load_key(publication)
    except NewsletterError as caught:
        yield missing("secret key", caught.message, caught.hint)
    else:
        yield well("secret key", settings.key_env or f"{settings.key_file}, mode 600")


def _writable(publication: Publication) -> Iterator[Finding]:
    for folder in (
        publication.build_folder,
        publication.published_folder,
        publication.root / "subscribers",
    ):
        place = folder if folder.is_dir() else publication.root
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as caught:
            yield missing(
                "disk", f"cannot write in {place}: {caught.strerror}", f"chmod u+w {place}"
            )
            continue
    free = shutil.disk_usage(publication.root).free
    if free < 500_000_000:
        yield advice("disk", f"only {free // 1_000_000} MB are free", "Make room.")
    else:
        yield well("disk", f"{free // 1_000_000_000} GB free")


def _store(publication: Publication) -> Iterator[Finding]:
    """Opens the database as every command does, which brings an older one up to date; makes none."""
    from newsletter.store.engine import open_store

    url = publication.settings.store.url
    if url.startswith(_SQLITE) and not publication.path(url.removeprefix(_SQLITE)).exists():
        yield well("store", "will be made when it is first needed")
        return
    try:
        with open_store(publication) as store:
            yield well("store", f"{store.dialect}, up to date")
        if in_force(publication) != publication.identity_rules:
            yield advice(
                "address rules",
                "the database does not go by those of [addresses] yet",
                "See what they change, and let them hold: newsletter addresses rules",
            )
    except NewsletterError as caught:
        yield missing("store", caught.message, caught.hint or "See docs/settings.md, [store].")
    except Exception as caught:  # a file that is no database, a driver's own error
        yield missing("store", f"cannot be opened: {caught}", "Restore it from a copy.")


def _mail_server(publication: Publication) -> Iterator[Finding]:
    if publication.settings.transport != "smtp":
        yield well("mail server", f"none: transport is {publication.settings.transport}")
        return
    from newsletter.delivery.transports import knock

    smtp = publication.settings.smtp
    place = f"{smtp.host}:{smtp.port}"
    try:
        told, tls = knock(publication)
    except NewsletterError as caught:
        yield missing("mail server", caught.message, caught.hint or _remedy(smtp, caught.message))
        return
    if told:
        yield missing("mail server", f"{place}: {told}", _remedy(smtp, told))
        return
    yield well("mail server", f"{place} answers")
    if smtp.security != "none":
        yield well("TLS", f"{smtp.security}, certificate verified")
    elif smtp.host in LOCAL:
        yield well("TLS", "none: the server is on this machine")
    else:
        offer = "It offers STARTTLS: set" if tls else "If it can, set"
        yield advice(
            "TLS", f"{place} is spoken to in the clear", f'{offer} smtp.security = "starttls".'
        )


def _remedy(smtp: SmtpSettings, told: str) -> str:
    """What the person who runs the server can do about what it said."""
    if "certificate" in told.lower():
        return (
            "Give the name that stands in its certificate as smtp.host. If it signed that itself, name the file of it "
            "in smtp.ca_file."
        )
    if re.search(r"\b53[045]\b|authenticat|log ?in|password", told, re.IGNORECASE):
        return (
            "It refused the login: check smtp.username, and what the variable or file holds that smtp.password_env or "
            "password_file names. Many providers want an app password, or an SMTP key of their own."
        )
    if smtp == SmtpSettings():
        return (
            "Nothing is set in [smtp] of newsletter.toml: give host, port, security, username and password_env of "
            'your mail server or provider. To look at mails without one: transport = "maildir".'
        )
    return (
        "Check host, port and security in [smtp] of newsletter.toml (usual: 587 with starttls, 465 with tls, 25 with "
        "none), that the server runs, and that a firewall lets this machine out."
    )


MACHINE: tuple[Callable[[], Iterator[Finding]], ...] = (_python, _typst, _fonts, _browser)
PUBLICATION: tuple[Callable[[Publication], Iterator[Finding]], ...] = (
    _templates,
    _language_fonts,
    _base_url,
    counted_links,
    _address,
    _secret_key,
    _writable,
    _store,
    bulk_rules,
)
