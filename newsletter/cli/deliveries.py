"""deliveries: who got what, and who is in which state."""

from __future__ import annotations

import datetime
import json
from typing import Any

import click

from newsletter.cli.context import publication


@click.group()
def deliveries() -> None:
    """Tell who got what."""


@deliveries.command()
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def who(ctx: click.Context, address: str, as_json: bool) -> None:
    """Tell which issues ADDRESS got, which revision of each, and of the others why not."""
    from newsletter.workflow import deliveries as workflow

    found = workflow.who(publication(ctx), address)
    if as_json:
        click.echo(
            json.dumps({"deliveries": [_json(one) for one in found]}, ensure_ascii=False, indent=2)
        )
        return
    if not found:
        click.echo(f"{address} was never a candidate for any issue.")
    for one in found:
        told = one["reason"] or one["reply"]
        click.echo(
            f"{one['issue']}  revision {one['revision']}  campaign {one['campaign']}  {one['status']}"
            + (f": {told}" if told else "")
        )
        for back in one["came_back"]:
            said = " ".join(part for part in (back["status"], back["told"]) if part)
            click.echo(f"    {back['event']}" + (f": {said}" if said else ""))


@deliveries.command("list")
@click.argument("campaign", type=int)
@click.option(
    "--state", metavar="STATE", default="", help="Only those: unknown, refused, deferred, …"
)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def list_(ctx: click.Context, campaign: int, state: str, as_json: bool) -> None:
    """Show the deliveries of CAMPAIGN."""
    from newsletter.workflow import deliveries as workflow

    found = workflow.of_campaign(publication(ctx), campaign, state)
    if as_json:
        click.echo(
            json.dumps({"deliveries": [_json(one) for one in found]}, ensure_ascii=False, indent=2)
        )
        return
    for one in found:
        told = one["reason"] or one["reply"]
        click.echo(f"{one['address']}  {one['status']}" + (f": {told}" if told else ""))


def _json(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime.datetime) else value
        for key, value in row.items()
    }
