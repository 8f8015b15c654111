"""send, test-send, status: an issue goes out, and how it went."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import publication
from newsletter.cli.output import print_problems, size, summary
from newsletter.model.campaign import CampaignStatus, DeliveryStatus
from newsletter.problems import NotConfirmed, PartlySent, TryAgainLater
from newsletter.publication import Publication

if TYPE_CHECKING:
    from newsletter.model.campaign import Books, Campaign, Delivery
    from newsletter.workflow.campaigns import SendPlan
    from newsletter.workflow.dispatch import Outcome

SHOWN = 20


@click.command()
@click.argument("issue")
@click.option(
    "--list", "lists", metavar="NAME", multiple=True, help="To whom; may be given more than once."
)
@click.option(
    "--confirm-count", metavar="N", type=int, help="The recipient count, for scripts: no question."
)
@click.option("--again", is_flag=True, help="Mail those too who already have this issue.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def send(
    ctx: click.Context,
    issue: str,
    lists: tuple[str, ...],
    confirm_count: int | None,
    again: bool,
    as_json: bool,
) -> None:
    """Send ISSUE to mailing lists: shows who and what, and asks for the number of recipients.

    Called again after an interruption, it goes on where it stopped; nobody is mailed twice.
    """
    from newsletter.workflow import campaigns as workflow

    here = publication(ctx)
    shown = workflow.plan(here, issue, lists, again=again)
    _print_plan(shown, err=as_json)
    count = confirm_count
    if count is None and shown.resumed is None and shown.recipients:
        count = _asked_count(shown)
    with interruptible() as stop:
        outcome = workflow.send(here, shown, count, stopping=lambda: bool(stop))
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
@click.option("--json", "as_json", is_flag=True, help="Print the campaigns and books as JSON.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show every campaign with its books: who got it, who did not and why."""
    from newsletter.workflow import campaigns as workflow

    found = workflow.status(publication(ctx))
    if as_json:
        data = [campaign_json(campaign, books) for campaign, books in found]
        click.echo(json.dumps({"campaigns": data}, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("Nothing was sent yet.")
    for campaign, books in found:
        print_campaign(campaign, books)


def _print_plan(shown: SendPlan, *, err: bool) -> None:
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
        return
    for mailing_list, count in audience.per_list:
        tell(f"To       {mailing_list.name}: {count}")
    for reason, count in audience.excluded.items():
        tell(f"Not to   {count}: {reason}")
    tell(f"In all   {audience.prepared} of {audience.candidates} people")


def _asked_count(shown: SendPlan) -> int | None:
    """The number that somebody types; None when there is nobody to ask, or no number."""
    try:
        typed: str = click.prompt(
            f"Type the number of recipients to send ({shown.recipients})",
            default="",
            err=True,
            show_default=False,
        )
    except click.Abort:
        raise NotConfirmed(
            f"not confirmed: the issue has {shown.recipients} recipients",
            f"Nothing was sent. In a script: --confirm-count {shown.recipients}",
        ) from None
    digits = typed.replace(",", "").strip()
    return int(digits) if digits.isdecimal() else None


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """A first Ctrl-C, SIGTERM or closed terminal lets what is in hand get its answer; a second Ctrl-C or
    SIGTERM does not wait. What the caller had ignored (nohup) stays ignored."""
    stop: list[int] = []

    def stopped(number: int, _frame: FrameType | None) -> None:
        if stop and number != signal.SIGHUP:
            raise KeyboardInterrupt
        stop.append(number)
        with suppress(OSError):  # the terminal may be gone
            click.echo("Stopping after what is in hand …", err=True)

    before = {
        number: signal.signal(number, stopped)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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


def print_campaign(campaign: Campaign, books: Books) -> None:
    lists = ", ".join(one.name for one in campaign.lists)
    click.echo(f"{campaign.id}  {campaign.slug} r{campaign.revision} → {lists}: {campaign.status}")
    if campaign.reason:
        click.echo(f"   {campaign.reason}")
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
            "" if cancelled else "When this is mended, the same command goes on from here.",
        )
    missing = books.prepared - books.count(DeliveryStatus.ACCEPTED, DeliveryStatus.SKIPPED)
    if missing:
        raise PartlySent(
            f"{missing} of {books.prepared} did not surely get it",
            "The same command tries deferred ones again; unknown ones are never sent again by themselves.",
        )


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
