"""lists: which mailing lists there are, and how many are on them."""

from __future__ import annotations

import json

import click

from newsletter.cli.context import publication


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the lists and counts as JSON.")
@click.pass_context
def lists(ctx: click.Context, as_json: bool) -> None:
    """Show the mailing lists and how many are on them, by status."""
    from newsletter.workflow import lists as workflow

    found = workflow.all_lists(publication(ctx))
    if as_json:
        data = [
            {"name": one.list.name, "title": one.list.title, "total": one.total}
            | {"counts": {str(status): count for status, count in sorted(one.counts.items())}}
            for one in found
        ]
        click.echo(json.dumps({"lists": data}, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("No lists yet. Make one: newsletter subscribers import FILE --list NAME --apply")
    for one in found:
        counts = ", ".join(f"{count} {status}" for status, count in sorted(one.counts.items()))
        click.echo(f"{one.list.name}  {counts or 'nobody'}")
