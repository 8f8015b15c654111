"""segments: conditions on subscribers that have a name: create, list, show, delete, count, members."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import publication

if TYPE_CHECKING:
    from newsletter.model.segment import Segment


@click.group(invoke_without_command=True)
@click.pass_context
def segments(ctx: click.Context) -> None:
    """Save conditions on subscribers by name; count and list who is in them."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@segments.command()
@click.argument("name")
@click.argument("condition")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def create(ctx: click.Context, name: str, condition: str, as_json: bool) -> None:
    """Save CONDITION under NAME, or change it: 'list = weekly and attributes.city in (Berlin, 上海)'."""
    from newsletter.workflow import segments as workflow
    from newsletter.workflow.operator import operator

    here = publication(ctx)
    made = workflow.save(here, name, condition, actor=operator())
    _print(made, workflow.count(here, name), as_json)


@segments.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool = False) -> None:
    """Show the segments and their conditions."""
    from newsletter.workflow import segments as workflow

    found = workflow.all_segments(publication(ctx))
    if as_json:
        data = {"segments": [_json(one) for one in found]}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{one.name}  {one.text}")
    if not found:
        click.echo("No segment yet. Make one: newsletter segments create NAME CONDITION")


@segments.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def show(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show the condition of the segment NAME, and how many are in it."""
    from newsletter.workflow import segments as workflow

    here = publication(ctx)
    _print(workflow.show(here, name), workflow.count(here, name), as_json)


@segments.command()
@click.argument("name")
@click.pass_context
def delete(ctx: click.Context, name: str) -> None:
    """Remove the segment NAME. Nobody is unsubscribed by that."""
    from newsletter.workflow import segments as workflow
    from newsletter.workflow.operator import operator

    workflow.delete(publication(ctx), name, actor=operator())
    click.echo(f"{name}: removed")


@segments.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def count(ctx: click.Context, name: str, as_json: bool) -> None:
    """Count the people in the segment NAME, whatever lists they are on."""
    from newsletter.workflow import segments as workflow

    found = workflow.count(publication(ctx), name)
    click.echo(json.dumps({"name": name, "count": found}, ensure_ascii=False) if as_json else found)


@segments.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def members(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show who is in the segment NAME, by address."""
    from newsletter.workflow import segments as workflow

    for one in workflow.members(publication(ctx), name):
        if as_json:
            data = {
                "email": one.email,
                "name": one.name,
                "language": one.language,
                "attributes": dict(one.attributes),
            }
            click.echo(json.dumps(data, ensure_ascii=False))
        else:
            click.echo(f"{one.email}  {one.name}".rstrip())


def _print(one: Segment, count: int, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_json(one) | {"count": count}, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{one.name}  {count} in it\n  {one.text}")


def _json(one: Segment) -> dict[str, Any]:
    return {
        "name": one.name,
        "condition": one.text,
        "by": one.by,
        "saved": one.saved.isoformat() if one.saved else None,
    }
