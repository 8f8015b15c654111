"""The report of a campaign on a terminal, once or renewed while it runs, and as JSON."""

from __future__ import annotations

import datetime
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.campaign_output import campaign_json
from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.publication import Publication

if TYPE_CHECKING:
    from rich.console import Group

    from newsletter.model.report import Report

EVERY = 1.0
"""Seconds between two looks at a campaign that runs."""
PLAIN_EVERY = 10.0
"""The same, where there is no terminal."""
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
        "samples": [{"at": one.at.isoformat(), "done": one.done} for one in found.samples],
    }


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
    after = found.after
    if after.bounced or after.complained or after.unsubscribed:
        parts.append(
            Text(
                f"since then: {after.bounced:,} bounced, {after.complained:,} complained, "
                f"{after.unsubscribed:,} unsubscribed"
            )
        )
    return Group(*parts)


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
