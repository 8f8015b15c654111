"""Links of a mail that are counted: which ones, what they look like, and what a click is. Pure.

    https://news.example.org/c/UAEBx3J2m/7/https://journal.example/paper?id=1

A counted link leads over the publication's own site: a token, the link's number in the mail, and then the plain
address, as it was written, so that whoever looks at a link reads where it goes. The site never goes where the
address says: it looks the number up in what was frozen. Links that are anybody's own (unsubscribing, settings,
whatever holds a value of the recipient), mail and telephone addresses, places inside the mail and feeds stay as
they are.
"""

from __future__ import annotations

import datetime
import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from newsletter.model.edition import MARKER_TOKEN

FIELD = "click_token"
"""The marker's field: its value is the same for everybody, or a token of the recipient's own."""
PATH = "/c/"
TOKEN_BYTES = 24
"""Allowed for a token when a mail is weighed."""
LONGEST = 1900
"""Characters of an address that is still counted: some programs open nothing over 2,000 or so."""
_ANCHOR = re.compile(
    r"""(?P<before><a\b(?:[^>"']|"[^"]*"|'[^']*')*?\shref=")(?P<url>[^"]*)(?P<after>")""",
    re.IGNORECASE,
)
_INNER = re.compile(r"""(?:[^>"']|"[^"]*"|'[^']*')*>(.*?)</a\s*>""", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ALT = re.compile(r'<img\b[^>]*?\salt="([^"]*)"', re.IGNORECASE)
_PERSONAL = frozenset({"unsubscribe", "preferences", "confirm", "subscribe", "c", "api"})
_FEEDS = ("feed.xml", "atom.xml", "feed.json")
_WORDS = 120


class Clicks(StrEnum):
    """What is kept of clicks: nothing; how often each link was followed; or by whom too."""

    OFF = "off"
    AGGREGATE = "aggregate"
    SUBSCRIBER = "subscriber"

    def at_most(self, other: Clicks) -> Clicks:
        """The one of the two that keeps less."""
        every = tuple(Clicks)
        return every[min(every.index(self), every.index(other))]


@dataclass(frozen=True, slots=True)
class MailLink:
    """A counted link: its number, where it leads, and its words, for people who read the counts."""

    number: int
    url: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody, or something, followed a link. `subscriber` is 0 where it is not kept who; `automated` says why it
    is taken for a machine's, and is empty for a person's."""

    campaign: int
    number: int
    at: datetime.datetime
    subscriber: int = 0
    automated: str = ""


@dataclass(frozen=True, slots=True)
class ClickRules:
    """Which links of a publication's mails are counted. `untracked` are domains that never are."""

    base_url: str = ""
    mode: Clicks = Clicks.OFF
    untracked: tuple[str, ...] = ()

    def counts(self, url: str) -> bool:
        """Whether a link that leads to this address is counted."""
        if self.mode is Clicks.OFF or len(url) > LONGEST or MARKER_TOKEN.search(url):
            return False
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return False
        # A browser takes `..` for a step up in our own path.
        steps = "/.." in unquote(url).replace("\\", "/")
        if parts.scheme.lower() not in ("http", "https") or not host or steps:
            return False
        if any(host == one or host.endswith(f".{one}") for one in self.untracked):
            return False
        own = f"{self.base_url}/"
        if not url.startswith(own):
            return True
        path = url[len(own) :].partition("?")[0].partition("#")[0]
        return path.partition("/")[0] not in _PERSONAL and not path.endswith(_FEEDS)

    def start(self, token: str) -> str:
        """What a counted link begins with, before its number."""
        return f"{self.base_url}{PATH}{token}/"


def tracked(html: str, rules: ClickRules, token: str) -> tuple[str, tuple[MailLink, ...]]:
    """A mail's html with its counted links, and what they are, in order; each link has a number of its own."""
    parts: list[str] = []
    links: list[MailLink] = []
    end = 0
    start = rules.start(token)
    for found in _counted(html, rules):
        number = len(links) + 1
        parts += (html[end : found.start("url")], f"{start}{number}/")
        end = found.start("url")
        url = entities.unescape(found["url"])
        links.append(MailLink(number, url, _words(html, found.end())))
    parts.append(html[end:])
    return "".join(parts), tuple(links)


def direct(html: str, rules: ClickRules, token: str) -> str:
    """The html with links that lead straight to where they go: what `tracked` has made, undone."""
    return re.sub(rf"{re.escape(rules.start(token))}\d+/", "", html)


def added_bytes(html: str, rules: ClickRules) -> int:
    """How many bytes a mail's html gets more by counting its links."""
    if rules.mode is Clicks.OFF:
        return 0
    each = len(rules.start("").encode()) + TOKEN_BYTES + 1
    return sum(each + len(str(at)) for at, _ in enumerate(_counted(html, rules), start=1))


def cut_place(html: str, rules: ClickRules, bytes_shown: int) -> int:
    """How many bytes of the html with direct links somebody sees who sees so many of it with counted ones."""
    each = len(rules.start("").encode()) + TOKEN_BYTES + 1
    place, passed, end = bytes_shown, 0, 0
    for at, found in enumerate(_counted(html, rules), start=1):
        passed += len(html[end : found.start("url")].encode())
        end = found.start("url")
        if passed >= place:
            break
        place = max(passed, place - each - len(str(at)))
    return place


def same_address(frozen: str, shown: str) -> bool:
    """Whether the address that stands in a link is still the one that was frozen, however a mail program, a gateway
    or a browser has spelled it; what they add behind it does not matter."""
    wanted, given = _spelled(frozen), _spelled(shown)
    return given == wanted or given.startswith((f"{wanted}?", f"{wanted}&"))


def _spelled(address: str) -> str:
    text = unquote(address.partition("#")[0])
    text = entities.unescape(text).replace("\\", "/").casefold()
    text = re.sub(r"[\s+]", "", text)
    text = re.sub(r"/(\./)+", "/", text)
    return re.sub(r"/+", "/", text).rstrip("/?&")


def _counted(html: str, rules: ClickRules) -> Iterator[re.Match[str]]:
    if rules.mode is Clicks.OFF:
        return
    for found in _ANCHOR.finditer(html):
        if rules.counts(entities.unescape(found["url"])):
            yield found


def _words(html: str, at: int) -> str:
    """The words of the link whose address ends there; those of its picture where it has none."""
    found = _INNER.match(html, at)  # from behind the address's closing quote
    if found is None:
        return ""
    inner = found[1]
    words = " ".join(entities.unescape(_TAG.sub("", inner)).split())
    if not words:
        words = " ".join(entities.unescape(alt) for alt in _ALT.findall(inner))
    return words if len(words) <= _WORDS else words[: _WORDS - 1] + "…"
