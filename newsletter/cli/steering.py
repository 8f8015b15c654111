"""campaigns list|show|pause|resume|cancel|settle: what a person does with a campaign that was begun."""

from __future__ import annotations

import json
from pathlib import Path

import click

from newsletter.cli.campaign_output import (
    campaign_json,
    exit_after,
    not_delivered_json,
    print_campaign,
    print_not_delivered,
)
from newsletter.cli.campaigns import approve, status
from newsletter.cli.context import publication
from newsletter.cli.holding import asked_count, interruptible
from newsletter.problems import NotConfirmed, UsageError

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def campaigns() -> None:
    """Look at campaigns, pause, resume or cancel one, settle what is unknown."""


campaigns.add_command(status, "list")
campaigns.add_command(approve)


@campaigns.command()
@click.argument("campaign", type=int)
@_JSON
@click.pass_context
def show(ctx: click.Context, campaign: int, as_json: bool) -> None:
    """Show CAMPAIGN (a number): its books, and by name all who did not surely get it."""
    from newsletter.workflow import campaigns as sending
    from newsletter.workflow import steering

    found, books = steering.show(publication(ctx), campaign)
    told = sending.not_delivered(publication(ctx), campaign)
    if as_json:
        data = campaign_json(found, books) | {"not_delivered": not_delivered_json(told)}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    print_campaign(found, books)
    print_not_delivered(told, len(told))


campaigns.add_command(show, "status")


@campaigns.command()
@click.argument("campaign", type=int)
@click.option("--watch", "watched", is_flag=True, help="Renew it while something moves.")
@click.option(
    "--link",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Instead: who followed the link of this number; 0 for any link.",
)
@_JSON
@click.pass_context
def report(
    ctx: click.Context, campaign: int, watched: bool, link: int | None, as_json: bool
) -> None:
    """Tell how CAMPAIGN goes, or went: its pace, every domain, what servers said, what came after, and how its
    links were followed, where that is counted."""
    from newsletter.cli.report import print_report, print_who_clicked, report_json, watch
    from newsletter.workflow import reports

    if link is not None:
        people, _ = reports.people_who_clicked(publication(ctx), campaign, link)
        print_who_clicked(people, as_json)
        return
    if watched and not as_json:
        watch(publication(ctx), campaign)
        return
    found = reports.report(publication(ctx), campaign)
    if as_json:
        click.echo(json.dumps(report_json(found), ensure_ascii=False, indent=2))
    else:
        print_report(found)


@campaigns.command()
@click.argument("campaign", type=int)
@click.pass_context
def pause(ctx: click.Context, campaign: int) -> None:
    """Pause CAMPAIGN. The process that sends it stops within two seconds, after what it has in hand."""
    from newsletter.workflow import steering
    from newsletter.workflow.operator import operator

    print_campaign(*steering.pause(publication(ctx), campaign, actor=operator()))


@campaigns.command()
@click.argument("campaign", type=int)
@click.option(
    "--confirm-count",
    metavar="N",
    type=int,
    help="The recipient count of what is held or scheduled.",
)
@click.option("--join", is_flag=True, help="Help a process that sends it just now.")
@_JSON
@click.pass_context
def resume(
    ctx: click.Context, campaign: int, confirm_count: int | None, join: bool, as_json: bool
) -> None:
    """Send what is left of CAMPAIGN, as it was frozen; the same as its `send` called again.

    One that is held or scheduled is sent now, once the number of its recipients is confirmed.
    """
    from newsletter.cli.progress import shown_progress
    from newsletter.workflow import campaigns as sending
    from newsletter.workflow import steering
    from newsletter.workflow.operator import operator

    here = publication(ctx)
    found, _ = steering.show(here, campaign)
    left = steering.recipients(here, campaign)
    if found.waiting and confirm_count is None:
        confirm_count = asked_count(left)
    with interruptible() as stop, shown_progress(here, left, quiet=as_json) as observe:
        outcome = steering.resume(
            here,
            campaign,
            confirm_count,
            actor=operator(),
            observe=observe,
            stopping=lambda: bool(stop),
            share=join,
        )
    told = sending.not_delivered(here, campaign)
    if as_json:
        data = campaign_json(outcome.campaign, outcome.books)
        data["not_delivered"] = not_delivered_json(told)
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        print_not_delivered(told)
        print_campaign(outcome.campaign, outcome.books)
    exit_after(ctx, outcome)


@campaigns.command()
@click.argument("campaign", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def cancel(ctx: click.Context, campaign: int, yes: bool) -> None:
    """Cancel CAMPAIGN for good: whoever waits does not get it. A new `send` may mail them."""
    from newsletter.workflow import steering
    from newsletter.workflow.operator import operator

    here = publication(ctx)
    found, books = steering.show(here, campaign)
    if not yes:
        left = f"{books.remaining} not sent" if found.frozen else "before anybody has it"
        question = f"Cancel campaign {campaign} of {found.slug}, {left}?"
        try:
            yes = click.confirm(question, err=True)
        except click.Abort:
            yes = False
    if not yes:
        raise NotConfirmed("not confirmed: nothing was cancelled", "In a script: --yes")
    print_campaign(*steering.cancel(here, campaign, actor=operator()))


@campaigns.command()
@click.argument("campaign", type=int)
@click.option("--accepted", metavar="ADDRESS", multiple=True, help="This one got it.")
@click.option(
    "--not-accepted",
    metavar="ADDRESS",
    multiple=True,
    help="This one did not get it: the next send of the issue mails them.",
)
@click.option(
    "--postfix-log",
    "logs",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The relay's log, also packed (.gz), - for standard input: whose message it has taken got it.",
)
@_JSON
@click.pass_context
def settle(
    ctx: click.Context,
    campaign: int,
    accepted: tuple[str, ...],
    not_accepted: tuple[str, ...],
    logs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Say what became of CAMPAIGN's unknown deliveries, by address or from a Postfix log."""
    from newsletter.workflow import steering

    if not (accepted or not_accepted or logs):
        raise UsageError(
            "nothing was said of any delivery",
            "Give --accepted, --not-accepted or --postfix-log. Who is unknown: "
            f"newsletter campaigns show {campaign}",
        )
    settled = steering.settle(
        publication(ctx),
        campaign,
        accepted=accepted,
        not_accepted=not_accepted,
        postfix_logs=logs,
    )
    if as_json:
        data = [
            {"address": one.address, "status": str(one.status), "reason": one.reason}
            for one in settled
        ]
        click.echo(json.dumps({"settled": data}, ensure_ascii=False, indent=2))
        return
    for one in settled:
        click.echo(f"{one.status}: {one.address}: {one.reason}")
    if not settled:
        click.echo("No delivery of this campaign is unknown.")
