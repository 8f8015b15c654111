"""A sender whose domain is not the publication's: DMARC lets receivers refuse such mail (RFC 7489)."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parseaddr

from newsletter.checks.addresses import domain_of
from newsletter.checks.context import IssueContext
from newsletter.problems import Problem, warning

FREE_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "aol.com",
        "icloud.com", "me.com", "gmx.de", "gmx.net", "web.de", "mail.ru", "yandex.ru", "proton.me",
        "qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sohu.com", "139.com",
        "naver.com", "yahoo.co.jp",
    }
)  # fmt: skip


def check(context: IssueContext) -> Iterator[Problem]:
    issue = context.issue
    own = domain_of(context.publication.settings.sender.email)
    written = domain_of(parseaddr(issue.sender)[1]) if issue.sender else ""
    domain = written or own
    source = issue.source if written else context.settings_file
    if domain in FREE_MAIL:
        yield warning(
            "sender-free-mail",
            source,
            f"{domain} lets only its own servers send with its addresses; other mail is refused or marked as spam",
            "Send from an address of your own domain; replies may go anywhere (reply_to).",
        )
    elif written and not _related(written, own):
        yield warning(
            "sender-domain",
            source,
            f"the issue is sent from {written}, the publication from {own}",
            f"Unless {written} has signed your mail server, use an address at {own} and set reply_to.",
        )


def _related(first: str, second: str) -> bool:
    """Whether one is the other or a part of it."""
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")
