"""How a send and its campaigns look on a terminal, and as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.output import print_problems, size, summary
from newsletter.model.campaign import EVERYBODY, CampaignStatus, DeliveryStatus, Selection
from newsletter.problems import PartlySent, TryAgainLater
from newsletter.publication import Publication

if TYPE_CHECKING:
    from newsletter.model.campaign import Books, Campaign, Delivery
    from newsletter.workflow.campaigns import SendPlan
    from newsletter.workflow.dispatch import Outcome
    from newsletter.workflow.scheduling import Appointment

SHOWN = 20
_FLAGS = {"joined since it was sent": "--newcomers", "refused or failed before": "--retry"}
_FLAGS |= {"already has this issue": "--again"}


def print_plan(
    shown: SendPlan, *, err: bool, moment: Appointment | None = None, asked: Selection = EVERYBODY
) -> None:
    """Who gets it, what, when, and what speaks against it; `asked` is for whom it was called."""

    def tell(text: str) -> None:
        click.echo(text, err=err)

    content, audience = shown.content, shown.audience
    tell(f"Subject  {content.subject_shown}")
    tell(f"From     {content.sender_name} <{content.sender_email}>")
    how = "embedded" if content.pictures else "linked"
    pictures = (
        f", {shown.pictures} picture{'s' if shown.pictures != 1 else ''} {how}"
        if shown.pictures
        else ""
    )
    tell(f"Size     {size(shown.message_bytes)} a message{pictures}")
    if shown.content.clicks != "off":
        by_whom = "and by whom" if shown.content.clicks == "subscriber" else "but not by whom"
        tell(f"Clicks   how often its links are followed is counted, {by_whom}")
    print_problems(shown.problems, err=err)
    tell(f"Checks   {summary(shown.problems)}")
    if shown.resumed:
        campaign, books = shown.resumed.campaign, shown.resumed.books
        tell(
            f"Resumes  campaign {campaign.id} of {campaign.started:%Y-%m-%d %H:%M} UTC, as frozen then"
        )
        if campaign.reason:
            tell(f"         it stopped because: {campaign.reason}")
        tell(f"To       {shown.recipients} left of {books.prepared}")
        wider = [name for name in ("newcomers", "retry", "again") if getattr(asked, name)]
        if wider:
            flags = ", ".join(f"--{name}" for name in wider)
            tell(f"         nobody by {flags}: first this campaign ends")
        return
    if shown.waiting:
        waiting = shown.waiting.campaign
        tell(f"Waits    campaign {waiting.id} is {waiting.status}{_when(waiting)}")
    if shown.approved and shown.void:
        tell(f"Void     the approval of campaign {shown.approved.id}: {shown.void}")
    elif shown.approved:
        tell(f"Approved by {shown.approved.approved_by}, as campaign {shown.approved.id}")
    if shown.selection.correction:
        tell(f"Correction, for those who have an earlier revision: {shown.selection.correction}")
    if shown.selection.segment:
        tell(f"Segment  {shown.selection.segment.name}: {shown.selection.segment.text}")
    if moment is not None:
        tell(f"When     {moment}, {_wait_until(moment)}")
    for mailing_list, count in audience.per_list:
        tell(f"To       {mailing_list.name}: {count}")
    for reason, count in audience.excluded.items():
        flag = f" ({_FLAGS[reason]} mails them)" if reason in _FLAGS else ""
        tell(f"Not to   {count}: {reason}{flag}")
    tell(f"In all   {audience.prepared} of {audience.candidates} people")


def print_not_delivered(told: Sequence[Delivery], most: int = SHOWN) -> None:
    for one in told[:most]:
        why = one.reason or f"{one.code or ''} {one.reply}".strip()
        click.echo(f"{one.status}: {one.address}: {why}")
    if len(told) > most:
        click.echo(f"… and {len(told) - most} more (--json names them)")


def not_delivered_json(told: Sequence[Delivery]) -> list[dict[str, Any]]:
    return [
        {"address": one.address, "status": str(one.status), "code": one.code}
        | {"reply": one.reply, "reason": one.reason}
        for one in told
    ]


def _when(campaign: Campaign) -> str:
    """When it goes on by itself, for the end of a line."""
    from newsletter.workflow.scheduling import told_moment

    if campaign.wake is None:
        return ""
    told = told_moment(campaign.wake, campaign.wall, campaign.zone)
    return f" for {told}" if campaign.wall else f" until {told}"


def _wait_until(moment: Appointment) -> str:
    from newsletter.workflow.scheduling import told_wait

    return told_wait(moment.moment.timestamp() - time.time())


def print_waiting(here: Publication, campaign: Campaign, as_json: bool) -> None:
    """What was scheduled, and whether anybody is awake to send it."""
    from newsletter.workflow import steering
    from newsletter.workflow.worker import servers_awake

    found, books = steering.show(here, campaign.id)
    awake = servers_awake(here)
    if as_json:
        data = campaign_json(found, books) | {"servers_awake": awake}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        print_campaign(found, books)
    if not awake:
        told = "No server is awake that would send it: let newsletter studio or newsletter serve run then."
        click.echo(told, err=True)


def print_campaign(campaign: Campaign, books: Books) -> None:
    lists = ", ".join(one.name for one in campaign.lists)
    revision = f" r{campaign.revision}" if campaign.revision else ""
    when = _when(campaign)
    click.echo(f"{campaign.id}  {campaign.slug}{revision} → {lists}: {campaign.status}{when}")
    if campaign.selection.correction:
        click.echo(f"   correction: {campaign.selection.correction}")
    if campaign.selection.segment:
        click.echo(
            f"   segment {campaign.selection.segment.name}: {campaign.selection.segment.text}"
        )
    if campaign.reason:
        click.echo(f"   {campaign.reason}")
    if campaign.frozen is None:
        if campaign.status is CampaignStatus.CANCELLED:
            click.echo("   nobody was mailed")
            return
        confirmed = f", {campaign.confirmed} confirmed" if campaign.confirmed else ""
        approved = f"approved by {campaign.approved_by}" if campaign.approved_by else "not approved"
        click.echo(f"   {approved}{confirmed}; nobody is frozen yet")
        return
    states = ", ".join(f"{count} {state}" for state, count in sorted(books.states.items()))
    excluded = ", ".join(f"{count} {reason}" for reason, count in books.excluded.items())
    click.echo(
        f"   {books.candidates} candidates = {books.prepared} prepared + {sum(books.excluded.values())} excluded"
    )
    click.echo(f"   prepared: {states or 'nobody'}")
    if excluded:
        click.echo(f"   excluded: {excluded}")


def exit_after(ctx: click.Context, outcome: Outcome) -> None:
    """Ends with the exit code that tells how a run went."""
    books = outcome.books
    if outcome.run.end == "interrupted":
        click.echo("Interrupted. The same command goes on from here.", err=True)
        ctx.exit(130)
    if outcome.run.end == "paused":
        cancelled = outcome.campaign.status is CampaignStatus.CANCELLED
        raise TryAgainLater(
            f"the campaign is {outcome.campaign.status}: {outcome.run.reason}",
            ""
            if cancelled
            else f"To go on from here: newsletter campaigns resume {outcome.campaign.id}",
        )
    missing = books.prepared - books.count(DeliveryStatus.ACCEPTED, DeliveryStatus.SKIPPED)
    if missing:
        raise PartlySent(
            f"{missing} of {books.prepared} did not surely get it",
            _what_now(outcome.campaign, books),
        )


def _what_now(campaign: Campaign, books: Books) -> str:
    """What a person may do about those who did not surely get it."""
    told = {
        DeliveryStatus.DEFERRED: "deferred ones: the same command tries them again",
        DeliveryStatus.UNKNOWN: "unknown ones are never sent again by themselves:"
        f" newsletter campaigns settle {campaign.id}",
        DeliveryStatus.REFUSED: f"refused ones: newsletter send {campaign.slug} --retry",
    }
    there = [words for status, words in told.items() if books.count(status)]
    return "; ".join(there)[:1].upper() + "; ".join(there)[1:]


def campaign_json(campaign: Campaign, books: Books) -> dict[str, Any]:
    return {
        "campaign": campaign.id,
        "issue": campaign.slug,
        "revision": campaign.revision,
        "digest": campaign.digest,
        "subject": campaign.subject,
        "status": str(campaign.status),
        "reason": campaign.reason,
        "lists": [one.name for one in campaign.lists],
        "approved_by": campaign.approved_by,
        "confirmed": campaign.confirmed,
        "correction": campaign.selection.correction,
        "segment": campaign.selection.segment.name if campaign.selection.segment else None,
        "wake": campaign.wake.isoformat() if campaign.wake else None,
        "wall": campaign.wall,
        "zone": campaign.zone,
        "started": campaign.started.isoformat(),
        "ended": campaign.ended.isoformat() if campaign.ended else None,
        "books": {
            "candidates": books.candidates,
            "prepared": books.prepared,
            "excluded": dict(books.excluded),
            "states": {str(state): count for state, count in sorted(books.states.items())},
            "balanced": books.balanced,
        },
    }
