"""The report of a campaign on a terminal, once or renewed while it runs, and as JSON."""

from __future__ import annotations

import datetime
import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.campaign_output import campaign_json
from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.publication import Publication

if TYPE_CHECKING:
    from rich.console import Group

    from newsletter.model.report import ClickCounts, Report

EVERY = 1.0
"""Seconds between two looks at a campaign that runs."""
PLAIN_EVERY = 10.0
"""The same, where there is no terminal."""
MOST_LINKS = 30
_SHOWN = (
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.DEFERRED,
    DeliveryStatus.REFUSED,
    DeliveryStatus.FAILED,
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.SKIPPED,
)
_MOVES = (CampaignStatus.SENDING, CampaignStatus.HELD, CampaignStatus.SCHEDULED)


def report_json(found: Report) -> dict[str, Any]:
    """What programs read of a report."""
    return campaign_json(found.campaign, found.books) | {
        "rate": found.rate,
        "seconds_left": found.left,
        "domains": [
            {"domain": line.domain, "others": line.others, "states": _states(line.states)}
            for line in found.domains
        ],
        "replies": [
            {"status": str(line.status), "code": line.code, "text": line.text}
            | {"count": line.count, "domains": list(line.domains)}
            for line in found.replies
        ],
        "after": {
            "bounced": found.after.bounced,
            "complained": found.after.complained,
            "unsubscribed": found.after.unsubscribed,
        },
        "clicks": _clicks_json(found.clicks),
        "samples": [{"at": one.at.isoformat(), "done": one.done} for one in found.samples],
    }


def _clicks_json(counts: ClickCounts | None) -> dict[str, Any] | None:
    """Without `people` where it is not kept who."""
    if counts is None:
        return None
    links = [
        {"number": line.number, "url": line.url, "words": line.words, "clicks": line.clicks}
        | ({"people": line.people} if counts.by_person else {})
        | {"automated": line.automated}
        for line in counts.lines
    ]
    return {
        "kept": str(counts.kept),
        "clicks": counts.clicks,
        **({"people": counts.people} if counts.by_person else {}),
        "automated": counts.automated,
        "links": links,
    }


def print_who_clicked(people: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """The people who followed a link, one a line."""
    if as_json:
        told = [
            one | {"first": one["first"].isoformat(), "last": one["last"].isoformat()}
            for one in map(dict, people)
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for one in people:
        times = f"{one['clicks']} times" if one["clicks"] > 1 else "once"
        click.echo(f"{one['address']}  {times}, last {one['last']:%Y-%m-%d %H:%M} UTC")
    if not people:
        click.echo("nobody, as far as it is kept")


def watch(here: Publication, campaign: int) -> None:
    """Shows a campaign's report until nothing moves any more; an interrupt ends the watching, not the campaign."""
    from newsletter.workflow import reports

    if not sys.stdout.isatty():
        while True:
            found = reports.report(here, campaign)
            click.echo(_line(found))
            if found.campaign.status not in _MOVES:
                return
            time.sleep(PLAIN_EVERY)
    from rich.live import Live

    found = reports.report(here, campaign)
    with Live(drawn(found), refresh_per_second=4) as live:
        while found.campaign.status in _MOVES:
            time.sleep(EVERY)
            found = reports.report(here, campaign)
            live.update(drawn(found))


def print_report(found: Report) -> None:
    """The report, once."""
    from rich.console import Console

    Console(highlight=False).print(drawn(found))


def drawn(found: Report) -> Group:
    """The report as tables: the campaign, its domains, what servers said, and what came after."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    campaign, books = found.campaign, found.books
    to = ", ".join(one.name for one in campaign.lists)
    parts: list[Any] = [Text(f"{campaign.id}  {campaign.slug} → {to}: {campaign.status}", "bold")]
    if campaign.reason:
        parts.append(Text(campaign.reason))
    parts.append(Text(_line(found)))
    shown = [one for one in _SHOWN if books.count(one)]
    table = Table("domain", *(str(one) for one in shown), "remaining", "total", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for line in found.domains:
        name = Text(line.domain or f"{line.others} others")
        counts = [f"{line.count(one):,}" if line.count(one) else "–" for one in shown]
        table.add_row(name, *counts, f"{line.remaining:,}", f"{line.total:,}")
    parts.append(table)
    if found.replies:
        said = Table("", "", "last errors by reply", box=None)
        for one in found.replies:
            more = f" and {len(one.domains) - 1} more" if one.domains[1:] else ""
            told = f"{one.code or ''} {one.text} · {one.domains[0]}{more}".strip()
            said.add_row(f"{one.count:,}", str(one.status), Text(told))
        parts.append(said)
    if found.clicks is not None:
        parts += _clicks(found.clicks)
    after = found.after
    if after.bounced or after.complained or after.unsubscribed:
        parts.append(
            Text(
                f"since then: {after.bounced:,} bounced, {after.complained:,} complained, "
                f"{after.unsubscribed:,} unsubscribed"
            )
        )
    return Group(*parts)


def _clicks(counts: ClickCounts) -> list[Any]:
    """The links that were followed, and what the numbers mean."""
    from rich.table import Table
    from rich.text import Text

    people = f" by {counts.people:,} people" if counts.by_person else ""
    told = f"{counts.clicks:,} clicks{people}; {counts.automated:,} more by machines"
    if not counts.followed:
        return [Text(told)]
    headings = ["clicks", *(["people"] if counts.by_person else []), "machines", "", "link"]
    table = Table(*headings, box=None)
    for column in table.columns[:-1]:
        column.justify = "right"
    for line in counts.followed[:MOST_LINKS]:
        numbers = [line.clicks, *([line.people] if counts.by_person else []), line.automated]
        shown = Text(f"{line.words} → {line.url}" if line.words else line.url)
        table.add_row(*(f"{number:,}" for number in numbers), str(line.number), shown)
    rest = len(counts.followed) - MOST_LINKS
    return [Text(told), table, *([Text(f"and {rest} links more: --json")] if rest > 0 else [])]


def _line(found: Report) -> str:
    books = found.books
    parts = [f"{books.count(one):,} {one}" for one in _SHOWN if books.count(one)]
    parts.append(f"{books.remaining:,} of {books.prepared:,} remaining")
    if found.rate is not None:
        parts.append(f"{found.rate:,.1f} a second")
    if found.left is not None:
        parts.append(f"about {datetime.timedelta(seconds=round(found.left))} left")
    return ", ".join(parts)


def _states(states: Any) -> dict[str, int]:
    return {str(state): count for state, count in sorted(states.items())}
