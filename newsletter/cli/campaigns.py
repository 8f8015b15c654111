"""send, approve, test-send, status: an issue goes out, and how it went."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import click

from newsletter.cli.campaign_output import (
    campaign_json,
    exit_after,
    not_delivered_json,
    print_campaign,
    print_not_delivered,
    print_plan,
    print_waiting,
)
from newsletter.cli.context import publication
from newsletter.cli.holding import SECONDS, asked_count, interruptible, run_held
from newsletter.cli.progress import shown_progress
from newsletter.model.campaign import Selection
from newsletter.problems import UsageError
from newsletter.publication import Publication

if TYPE_CHECKING:
    from newsletter.workflow.campaigns import SendPlan
    from newsletter.workflow.dispatch import Outcome


@click.command()
@click.argument("issue")
@click.option(
    "--list", "lists", metavar="NAME", multiple=True, help="To whom; may be given more than once."
)
@click.option(
    "--confirm-count", metavar="N", type=int, help="The recipient count, for scripts: no question."
)
@click.option("--segment", metavar="NAME", help="Only those on the lists who are in this segment.")
@click.option("--again", is_flag=True, help="Mail those too who already have this issue.")
@click.option("--newcomers", is_flag=True, help="Mail those too who joined since it was sent.")
@click.option("--retry", is_flag=True, help="Mail those too whom a server refused before.")
@click.option(
    "--correction",
    metavar="NOTE",
    default="",
    help="Publish it anew with this dated note, and mail those who have an earlier revision.",
)
@click.option(
    "--at", metavar="TIME", help='When: "2026-12-01 09:00", in the publication\'s time zone.'
)
@click.option(
    "--fold",
    type=click.Choice(["first", "second"]),
    help="Which one, where the clock is set back and a time comes twice.",
)
@click.option(
    "--hold", metavar="SECONDS", type=SECONDS, help="Begin so much later; Ctrl-C takes it back."
)
@click.option("--join", is_flag=True, help="Help a process that sends it just now.")
@click.option("--dry-run", is_flag=True, help="Show who and what, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def send(
    ctx: click.Context,
    issue: str,
    lists: tuple[str, ...],
    confirm_count: int | None,
    segment: str | None,
    again: bool,
    newcomers: bool,
    retry: bool,
    correction: str,
    at: str | None,
    fold: Literal["first", "second"] | None,
    hold: float | None,
    join: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Send ISSUE to mailing lists: shows who and what, and asks for the number of recipients.

    Called again after an interruption, it goes on where it stopped; nobody is mailed twice.
    """
    from newsletter.workflow import campaigns as workflow
    from newsletter.workflow import segments
    from newsletter.workflow.operator import operator
    from newsletter.workflow.scheduling import appointment

    if at and hold:
        raise UsageError("--at and --hold together make no sense", "Each says when it begins.")
    here = publication(ctx)
    selection = Selection(
        again or bool(correction),
        newcomers,
        retry,
        correction.strip(),
        segments.show(here, segment) if segment else None,
    )
    shown = workflow.plan(here, issue, lists, selection=selection)
    moment = appointment(here, at, fold=fold or "") if at else None
    print_plan(shown, err=as_json, moment=moment, asked=selection)
    if dry_run:
        _print_dry(shown, as_json)
        return
    count = confirm_count
    if count is None and _is_asked(shown):
        count = asked_count(shown.recipients)
    actor = operator()
    if moment is not None:
        campaign = workflow.schedule(here, shown, count, moment, actor=actor)
        print_waiting(here, campaign, as_json)
        return
    with interruptible() as stop:
        if hold:
            campaign = workflow.hold(here, shown, count, hold, actor=actor, served=False)
            outcome: Outcome | None = run_held(here, campaign, stop)
        else:
            with shown_progress(here, shown.recipients, quiet=as_json) as observe:
                outcome = workflow.send(
                    here,
                    shown,
                    count,
                    actor=actor,
                    observe=observe,
                    stopping=lambda: bool(stop),
                    share=join,
                )
    _print_result(here, shown, outcome, as_json)
    if outcome is not None:
        exit_after(ctx, outcome)


@click.command("test-send")
@click.argument("issue")
@click.option(
    "--to", metavar="ADDRESS", multiple=True, required=True, help="May be given more than once."
)
@click.option(
    "--as", "as_address", metavar="ADDRESS", help="With the name and attributes of this subscriber."
)
@click.pass_context
def test_send(ctx: click.Context, issue: str, to: tuple[str, ...], as_address: str | None) -> None:
    """Send ISSUE to a reviewer. Its unsubscribe link does nothing, its subject says [Test]."""
    from newsletter.workflow import campaigns as workflow

    replies = workflow.send_test(publication(ctx), issue, to, as_address=as_address or "")
    for address, reply in zip(to, replies, strict=True):
        click.echo(f"{address}: accepted by {reply.server} ({reply})")


@click.command()
@click.argument("campaign", type=int, required=False)
@click.option("--watch", "watched", is_flag=True, help="Renew it while something moves.")
@click.option("--json", "as_json", is_flag=True, help="Print the campaigns and books as JSON.")
@click.pass_context
def status(ctx: click.Context, campaign: int | None, watched: bool, as_json: bool) -> None:
    """Show every campaign with its books: who got it, who did not and why. With CAMPAIGN (a number) that one."""
    from newsletter.cli.report import watch
    from newsletter.cli.steering import show
    from newsletter.workflow import campaigns as workflow

    if campaign is not None and not watched:
        ctx.invoke(show, campaign=campaign, as_json=as_json)
        return
    found = workflow.status(publication(ctx))
    if watched and (campaign or found):
        watch(publication(ctx), campaign or found[0][0].id)
        return
    if as_json:
        data = [campaign_json(one, books) for one, books in found]
        click.echo(json.dumps({"campaigns": data}, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("Nothing was sent yet.")
    for one, books in found:
        print_campaign(one, books)


@click.command()
@click.argument("issue")
@click.option(
    "--list", "lists", metavar="NAME", multiple=True, help="To whom; may be given more than once."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def approve(ctx: click.Context, issue: str, lists: tuple[str, ...], as_json: bool) -> None:
    """Freeze what ISSUE sends to mailing lists, as approved by you; `send` sends exactly that.

    An edit of the issue after it voids the approval.
    """
    from newsletter.workflow import campaigns as workflow
    from newsletter.workflow import steering
    from newsletter.workflow.operator import operator

    here = publication(ctx)
    shown = workflow.plan(here, issue, lists)
    print_plan(shown, err=as_json)
    approved = workflow.approve(here, shown, actor=operator())
    found, books = steering.show(here, approved.id)
    if as_json:
        click.echo(json.dumps(campaign_json(found, books), ensure_ascii=False, indent=2))
    else:
        print_campaign(found, books)


def _is_asked(shown: SendPlan) -> bool:
    """Whether the number of recipients has to be typed: not for what was begun, nor where there is nobody."""
    return shown.resumed is None and shown.waiting is None and bool(shown.recipients)


def _print_dry(shown: SendPlan, as_json: bool) -> None:
    if not as_json:
        click.echo("Nothing was sent, as it was a dry run.")
        return
    data: dict[str, Any] = {"campaign": None, "recipients": shown.recipients}
    data |= {"candidates": shown.audience.candidates, "excluded": dict(shown.audience.excluded)}
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _print_result(
    here: Publication, shown: SendPlan, outcome: Outcome | None, as_json: bool
) -> None:
    from newsletter.workflow import campaigns as workflow

    if outcome is None:
        if as_json:
            excluded = dict(shown.audience.excluded)
            click.echo(json.dumps({"campaign": None, "excluded": excluded}, ensure_ascii=False))
        else:
            click.echo("There is nobody left to send it to; nothing was sent.")
        return
    told = workflow.not_delivered(here, outcome.campaign.id)
    if as_json:
        data = campaign_json(outcome.campaign, outcome.books)
        data["not_delivered"] = not_delivered_json(told)
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    print_not_delivered(told)
    print_campaign(outcome.campaign, outcome.books)
