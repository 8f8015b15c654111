"""The report of a campaign, while it runs and after: the command line, the studio and programs show the same."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from newsletter.model.campaign import DeliveryStatus
from newsletter.model.clicks import Clicks
from newsletter.model.report import ClickCounts, DomainLine, ReplyLine, Report, pace
from newsletter.publication import Publication
from newsletter.store import campaigns as store_campaigns
from newsletter.store import clicks as store_clicks
from newsletter.store import reports as store
from newsletter.store import told
from newsletter.store.engine import Connection, open_store
from newsletter.store.progress import samples_of
from newsletter.subscribers.exports import guarded
from newsletter.workflow import steering

MOST_DOMAINS = 8
MOST_REPLIES = 20
COLUMNS = ("address", "status", "attempts", "code", "reply", "server", "reason", "ended")
CLICK_COLUMNS = ("address", "clicks", "first", "last")
_OWN = re.compile(r"<[^<>\s]*>|\S+@\S+|\b(?=\w*\d)[\w-]{6,}\b")
"""What differs from one message to the next in replies that say the same: addresses, queue numbers."""


def report(publication: Publication, campaign: int) -> Report:
    """How a campaign goes, or went. Raises UsageError when there is none of that number."""
    steering.show(publication, campaign)
    with open_store(publication) as opened, opened.reading() as connection:
        found = store_campaigns.campaign_by_id(connection, campaign)
        books = store_campaigns.books_of(connection, campaign)
        samples = samples_of(connection, campaign)
        rate, left = pace(samples, books.remaining)
        running = found.status == "sending"
        return Report(
            campaign=found,
            books=books,
            domains=domain_lines(store.states_by_domain(connection, campaign)),
            replies=reply_lines(store.replies(connection, campaign)),
            samples=samples,
            after=store.aftermath(connection, campaign),
            clicks=_clicks(connection, campaign),
            rate=rate if running else None,
            left=left if running else None,
        )


def clicks(publication: Publication, campaign: int) -> ClickCounts | None:
    """How the links of a campaign were followed; None where they are not counted."""
    with open_store(publication) as opened, opened.reading() as connection:
        return _clicks(connection, campaign)


def _clicks(connection: Connection, campaign: int) -> ClickCounts | None:
    """How the links of a campaign were followed; None where they are not counted."""
    kept = store_clicks.kept_of(connection, campaign)
    if kept is Clicks.OFF:
        return None
    return ClickCounts(
        kept,
        store_clicks.link_lines(connection, campaign),
        store_clicks.people_who_clicked(connection, campaign),
    )


def people_who_clicked(
    publication: Publication, campaign: int, link: int = 0, most: int = 0
) -> tuple[tuple[Mapping[str, Any], ...], int]:
    """The first people who followed a link of a campaign, or any, by address, and how many more there are. All of
    them without `most`. Nobody where it is not kept who."""
    steering.show(publication, campaign)
    with open_store(publication) as opened, opened.reading() as connection:
        found = store_clicks.who_clicked(connection, campaign, link)
    return (found[:most], max(0, len(found) - most)) if most else (found, 0)


def readers(
    publication: Publication, campaign: int, link: int, after: int, most: int
) -> tuple[tuple[Mapping[str, Any], ...], int | None]:
    """The people who followed a link of a campaign, or any, in pages: by number, from the one after `after` on; and
    where the next page begins."""
    with open_store(publication) as opened, opened.reading() as connection:
        found = store_clicks.who_clicked(connection, campaign, link, most + 1, after=after)
    return found[:most], found[most - 1]["subscriber"] if len(found) > most else None


def clicks_csv(publication: Publication, campaign: int, link: int = 0) -> str:
    """The people who followed a link of a campaign, or any, as CSV that no spreadsheet takes for formulas."""
    found, _ = people_who_clicked(publication, campaign, link)
    return _csv(CLICK_COLUMNS, found)


def people(
    publication: Publication, campaign: int, state: str, most: int
) -> tuple[tuple[Mapping[str, Any], ...], int]:
    """The first deliveries in a state by address, and how many more there are."""
    steering.show(publication, campaign)
    with open_store(publication) as opened, opened.reading() as connection:
        found = told.of_campaign(connection, campaign, state, most + 1)
        books = store_campaigns.books_of(connection, campaign)
    return found[:most], max(0, books.count(DeliveryStatus(state)) - most)


def people_csv(publication: Publication, campaign: int, state: str = "") -> str:
    """The deliveries of a campaign as CSV that no spreadsheet takes for formulas, all or those of one state."""
    steering.show(publication, campaign)
    with open_store(publication) as opened, opened.reading() as connection:
        rows = told.of_campaign(connection, campaign, state)
    return _csv(COLUMNS, rows)


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(_cell(row[column])) for column in columns])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


def domain_lines(
    by_domain: dict[str, dict[DeliveryStatus, int]], most: int = MOST_DOMAINS
) -> tuple[DomainLine, ...]:
    """The largest domains, each on a line, and the others together on the last."""
    lines = sorted(
        (DomainLine(domain, states) for domain, states in by_domain.items()),
        key=lambda line: (-line.total, line.domain),
    )
    shown, rest = lines[:most], lines[most:]
    if len(rest) == 1:
        return tuple(lines)
    if rest:
        states: dict[DeliveryStatus, int] = {}
        for line in rest:
            for status, count in line.states.items():
                states[status] = states.get(status, 0) + count
        shown.append(DomainLine("", states, len(rest)))
    return tuple(shown)


def reply_lines(
    rows: Iterable[tuple[DeliveryStatus, int, str, str, int]], most: int = MOST_REPLIES
) -> tuple[ReplyLine, ...]:
    """What was said alike, together; the most frequent first."""
    found: dict[tuple[DeliveryStatus, int, str], tuple[int, dict[str, None]]] = {}
    for status, code, text, domain, count in rows:
        key = status, code, alike(text)
        before, domains = found.get(key, (0, {}))
        found[key] = before + count, domains | {domain: None}
    lines = [
        ReplyLine(status, code, text, count, tuple(domains))
        for (status, code, text), (count, domains) in found.items()
    ]
    lines.sort(key=lambda line: (-line.count, line.status, line.text))
    return tuple(lines[:most])


def alike(text: str) -> str:
    """A reply without what differs from one message to the next."""
    return " ".join(_OWN.sub("…", text).split())[:160]
