"""lists: which mailing lists there are, how many are on them, and making one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import publication

if TYPE_CHECKING:
    from newsletter.model.subscriber import ListCounts


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the lists and counts as JSON.")
@click.pass_context
def lists(ctx: click.Context, as_json: bool) -> None:
    """Show the mailing lists and how many are on them, by status."""
    if ctx.invoked_subcommand is not None:
        return
    from newsletter.workflow import lists as workflow

    found = workflow.all_lists(publication(ctx))
    if as_json:
        data = [_counts_json(one) for one in found]
        click.echo(json.dumps({"lists": data}, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("No lists yet. Make one: newsletter subscribers import FILE --list NAME --apply")
    for one in found:
        click.echo(_told(one))


@lists.command()
@click.argument("name")
@click.option("--title", metavar="TITLE", help="What readers see in place of NAME.")
@click.option(
    "--public/--private",
    default=None,
    help="Whether anybody may sign up on the web. Default of a new list: no.",
)
@click.option(
    "--double-opt-in/--single-opt-in",
    default=None,
    help="Whether who signs up confirms by a link in a mail first. Default of a new list: yes.",
)
@click.pass_context
def create(
    ctx: click.Context,
    name: str,
    title: str | None,
    public: bool | None,
    double_opt_in: bool | None,
) -> None:
    """Make the list NAME, or change what is said of one that is there: title, openness, way in."""
    from newsletter.workflow import lists as workflow

    made = workflow.make_list(
        publication(ctx), name, title=title, public=public, double_opt_in=double_opt_in
    )
    single = "" if made.double_opt_in else "  single opt-in"
    click.echo(f"{made.name}  {made.shown}  {'public' if made.public else 'private'}{single}")


@lists.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def show(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show the list NAME and how many are on it, by status."""
    from newsletter.workflow import lists as workflow

    found = workflow.counts_of(publication(ctx), name)
    if as_json:
        click.echo(json.dumps(_counts_json(found), ensure_ascii=False, indent=2))
    else:
        click.echo(_told(found))


def _told(one: ListCounts) -> str:
    counts = ", ".join(f"{count} {status}" for status, count in sorted(one.counts.items()))
    public = "  (public)" if one.list.public else ""
    return f"{one.list.name}  {counts or 'nobody'}{public}"


def _counts_json(one: ListCounts) -> dict[str, Any]:
    return {
        "name": one.list.name,
        "title": one.list.title,
        "public": one.list.public,
        "total": one.total,
        "counts": {str(status): count for status, count in sorted(one.counts.items())},
    }
