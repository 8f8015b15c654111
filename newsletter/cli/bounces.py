"""bounces, replies: what came back. `parse` and `classify` store nothing and need no publication."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import click

from newsletter.cli.context import publication
from newsletter.model.incoming import EventType, Incoming
from newsletter.problems import NewsletterError, TryAgainLater

LARGEST = 20_000_000
"""Bytes of a mail that are read."""


@click.group()
def bounces() -> None:
    """Take and read mails that came back."""


@bounces.command()
@click.option("--json", "as_json", is_flag=True, help="Print what came back as JSON.")
@click.pass_context
def fetch(ctx: click.Context, as_json: bool) -> None:
    """Take what is new in the mailbox of the settings ([bounces]), and do what follows from it.

    A server (studio, serve) does this by itself every few minutes.
    """
    from newsletter.workflow import bounces as workflow

    taken: list[Incoming] = []

    def observe(one: Incoming) -> None:
        taken.append(one)
        if not as_json and not one.known:
            click.echo(_told(one))

    workflow.fetch(publication(ctx), observe=observe)
    if as_json:
        click.echo(json.dumps({"events": [_data(one) for one in taken]}, ensure_ascii=False))
    else:
        new = sum(not one.known for one in taken)
        click.echo(f"{new} new mail{'s' if new != 1 else ''}.")


@bounces.command()
@click.option(
    "--recipient", default="", help="Whom the mail's envelope names: ${original_recipient}."
)
@click.pass_context
def receive(ctx: click.Context, recipient: str) -> None:
    """Take one mail on standard input: a pipe command for a mail server.

    Exits with 0 when it was taken, and with 75 (try again) whatever goes wrong, so that none is lost.
    """
    from newsletter.workflow import bounces as workflow

    try:
        data = sys.stdin.buffer.read(LARGEST)
        one = workflow.receive(publication(ctx), data, recipient)
    except (NewsletterError, OSError) as caught:
        hint = getattr(caught, "hint", "")
        raise TryAgainLater(f"the mail was not taken: {caught}", hint) from caught
    click.echo(_told(one))


@bounces.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_context
def apply(ctx: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Take the mails in FILES, one each, and do what follows from them."""
    from newsletter.workflow import bounces as workflow

    for file, one in workflow.apply(publication(ctx), files):
        if as_json:
            click.echo(json.dumps({"file": str(file), **_data(one)}, ensure_ascii=False))
        else:
            click.echo(f"{file}: {_told(one)}")


@bounces.command("list")
@click.option("--campaign", type=int, default=0, help="Only of this campaign.")
@click.option("--event", type=click.Choice([str(one) for one in EventType]), default=None)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def list_(ctx: click.Context, campaign: int, event: str | None, as_json: bool) -> None:
    """Show what came back, the newest first."""
    from newsletter.workflow import bounces as workflow

    found = workflow.came_back(publication(ctx), campaign, event or "")
    if as_json:
        click.echo(json.dumps({"events": [_data(one) for one in found]}, ensure_ascii=False))
        return
    for one in found:
        at = one.at.strftime("%Y-%m-%d %H:%M") if one.at else ""
        of = f"campaign {one.campaign} " if one.campaign else ""
        click.echo(f"{at}  {of}{_told(one)}")
    if not found:
        click.echo("Nothing came back.")


def _told(one: Incoming) -> str:
    if one.known:
        return f"{one.event}: it was taken before"
    whose = one.address or "of nobody that is known here"
    said = f"{one.status} {one.told}".strip()
    reason = f" ({one.reason})" if one.reason else ""
    effects = f" → {', '.join(one.effects)}" if one.effects else ""
    return f"{one.event}{reason} {whose}{f': {said}' if said else ''}{effects}"


def _data(one: Incoming) -> dict[str, Any]:
    return {
        "event": str(one.event),
        "reason": str(one.reason),
        "campaign": one.campaign or None,
        "subscriber": one.subscriber or None,
        "address": one.address,
        "status": one.status,
        "told": one.told,
        "at": one.at.isoformat() if one.at else None,
        "known": one.known,
        "effects": list(one.effects),
    }


@bounces.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
def parse(files: tuple[Path, ...], as_json: bool) -> None:
    """Tell what each of FILES is, whom it is about, and whether it will pass."""
    from newsletter.workflow import bounces as workflow

    for file in files:
        report = workflow.parse(file)
        people = [dataclasses.asdict(one) for one in report.recipients]
        if as_json:
            data = {"file": str(file), "class": str(report.kind), "recipients": people}
            click.echo(json.dumps(data, ensure_ascii=False))
            continue
        told = ", ".join(
            f"{one.address} {one.kind} {one.status}".strip() for one in report.recipients
        )
        click.echo(f"{file}: {report.kind}{f': {told}' if told else ''}")


@click.group()
def replies() -> None:
    """Tell what SMTP replies mean."""


@replies.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def classify(as_json: bool) -> None:
    """Judge the replies on standard input, one a line: whom they are about, and whether it will pass."""
    from newsletter.workflow import bounces as workflow

    for line in sys.stdin.buffer:
        reply = line.decode("utf-8", "replace").rstrip("\r\n")
        if not reply.strip():
            continue
        failure = workflow.classify(reply)
        if as_json:
            data = {"reply": reply} | {
                key: str(value) if key in ("level", "kind", "cause") else value
                for key, value in dataclasses.asdict(failure).items()
            }
            click.echo(json.dumps(data, ensure_ascii=False))
        else:
            click.echo(f"{failure.level} {failure.kind} ({failure.cause}): {reply}")
