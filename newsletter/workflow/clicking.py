"""A counted link is followed: where it leads, and that it was followed. It changes nothing of anybody.

Where to is looked up by number in what the campaign was frozen with, never taken from the address. What was kept is
what the campaign was approved with, or less where the publication keeps less by now. Counting comes after the answer,
one writer at a time and many clicks a transaction: nobody waits for it, and when the database is busy it is done with
the next click.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from newsletter.model.clicks import Click, Clicks, same_address
from newsletter.problems import NewsletterError
from newsletter.publication import Publication
from newsletter.store import clicks as store
from newsletter.store.engine import Connection, Store, open_store, store_exists
from newsletter.store.events import now
from newsletter.store.merging import current_id
from newsletter.subscribers.click_tokens import ClickGrant, read_click_token
from newsletter.subscribers.scanners import BURST, EARLY, SCANNER, Bursts, is_early, says_it_is_one
from newsletter.subscribers.tokens import load_key

MOST_WAITING = 50_000
"""Clicks that wait to be written; beyond them some go uncounted, and no link stops working."""
AT_ONCE = 500
MOST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a link leads, in ASCII, and what is to be counted of it."""

    url: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class Hit:
    """A request for a counted link. `network` tells those who have no token of their own apart for some seconds; it
    is never written down."""

    grant: ClickGrant
    number: int
    at: datetime.datetime
    network: str
    scanner: bool


def let_go(publication: Publication, opened: Store) -> int:
    """Makes nobody's the clicks that are older than the publication keeps who followed a link; how many they were."""
    days = publication.settings.tracking.days
    if not days:
        return 0
    with opened.writing() as connection:
        return store.let_go(connection, now() - datetime.timedelta(days=days))


class ClickDesk:
    """The counted links of a publication, for a server: `publication` gives it as it is now."""

    def __init__(self, publication: Callable[[], Publication]) -> None:
        self._publication = publication
        self._waiting: deque[Hit] = deque(maxlen=MOST_WAITING)
        self._writing = threading.Lock()
        self._bursts = Bursts()

    def follow(
        self, token: str, number: str, shown: str, headers: Mapping[str, str], network: str
    ) -> Followed | None:
        """Where a link leads; None for a token that is none of ours, a number that the mail has not, and an address
        that is not the one that was sent. Counts nothing yet."""
        publication = self._publication()
        known = number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS
        wanted = int(number) if known else 0
        if not wanted or not store_exists(publication):
            return None
        grant = read_click_token(load_key(publication), token)
        if grant is None:
            return None
        with open_store(publication) as opened, opened.reading() as connection:
            link = store.link_of(connection, grant.campaign, wanted)
        if link is None or not same_address(link.url, shown):
            return None
        who = f"{network}\n{headers.get('user-agent', '')}"
        hit = Hit(grant, wanted, now(), who, says_it_is_one(headers))
        return Followed(in_ascii(link.url), hit)

    def count(self, hit: Hit) -> None:
        """Counts what was followed, if the publication still wants that."""
        if self._publication().click_rules.mode is Clicks.OFF:
            return
        self._waiting.append(hit)
        while self._waiting and self._writing.acquire(blocking=False):
            try:
                self._write()
            except NewsletterError:
                return
            finally:
                self._writing.release()

    def _write(self) -> None:
        publication = self._publication()
        taken: list[Hit] = []
        with contextlib.suppress(IndexError):
            while len(taken) < AT_ONCE:
                taken.append(self._waiting.popleft())
        try:
            with open_store(publication) as opened, opened.writing() as connection:
                for hit in taken:
                    self._take(publication, connection, hit)
        except NewsletterError:
            self._waiting.extendleft(reversed(taken))
            raise

    def _take(self, publication: Publication, connection: Connection, hit: Hit) -> None:
        campaign = hit.grant.campaign
        link = store.link_of(connection, campaign, hit.number)
        if link is None:
            return
        kept = link.kept.at_most(publication.click_rules.mode)
        person = hit.grant.subscriber if kept is Clicks.SUBSCRIBER else 0
        if person:
            person = current_id(connection, person)
            person = person if store.is_reader(connection, person) else 0
        click = Click(
            campaign,
            hit.number,
            hit.at if person else hit.at.replace(minute=0, second=0, microsecond=0),
            person,
            _automated(connection, hit, link),
        )
        number = store.add_click(connection, click)
        who = (campaign, hit.grant.subscriber or hit.network)
        links = store.number_of_links(connection, campaign)
        store.mark_automated(
            connection, self._bursts.seen(who, hit.at, hit.number, number, links), BURST
        )


def _automated(connection: Connection, hit: Hit, link: store.FrozenLink) -> str:
    if hit.scanner:
        return SCANNER
    grant = hit.grant
    accepted: datetime.datetime | None = link.started
    if grant.subscriber:
        accepted = store.delivered(connection, grant.campaign, grant.subscriber)
    return EARLY if is_early(hit.at, accepted) else ""


def in_ascii(url: str) -> str:
    """An address as HTTP takes it: the host in its own ASCII form, everything else beyond ASCII percent-encoded."""
    url = re.sub(r"[\t\r\n]", "", url)
    parts = urlsplit(url)
    host = parts.netloc
    with contextlib.suppress(UnicodeError):
        name, colon, port = host.partition(":") if "@" not in host else (host, "", "")
        host = name.encode("idna").decode("ascii") + colon + port
    rest = url[url.index(parts.netloc) + len(parts.netloc) :]
    return f"{parts.scheme}://" + quote(host + rest, safe=":/%#?=@[]!$&'()*+,;~-._")
