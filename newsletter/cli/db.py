"""db: the database copied, put back, looked through."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from newsletter.cli.context import publication
from newsletter.cli.output import size, style


@click.group()
def db() -> None:
    """Copy the database while it is in use, put a copy back, look one through."""


def _named(campaigns: Sequence[int]) -> str:
    return f"campaign {', '.join(map(str, campaigns))}"


@db.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the copy's name and size as JSON.")
@click.pass_context
def backup(ctx: click.Context, file: Path | None, as_json: bool) -> None:
    """Make a copy of the database, to FILE or under subscribers/backups/. Others may write meanwhile.

    The key that signs links is not in it: keep a copy of subscribers/secret.key apart.
    """
    from newsletter.workflow import database

    path, count = database.backup(publication(ctx), file)
    if as_json:
        click.echo(json.dumps({"file": str(path), "bytes": count}))
    else:
        click.echo(f"{path} ({size(count)}), whole. subscribers/secret.key is not in it.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def restore(ctx: click.Context, file: Path, yes: bool) -> None:
    """Put the copy in FILE in the database's place; what was there is kept as a copy too.

    Whoever has left since stays away, whoever was mailed is not mailed again, and nothing is sent by itself.
    """
    from newsletter.workflow import database

    if not yes:
        click.confirm(f"Put {file} in the place of the database?", abort=True)
    done = database.restore(publication(ctx), file)
    click.echo(f"{file} is the database now.")
    if done.former:
        click.echo(f"What was there is in {done.former}")
    carried = done.carried
    if carried.left:
        click.echo(f"{carried.left} had left, bounced or complained since: they stay so.")
    if carried.deliveries:
        click.echo(f"{carried.deliveries} mails have ended since: they are not sent again.")
    if carried.campaigns:
        begun = _named(carried.campaigns)
        click.echo(f"Begun since, and carried over with their deliveries: {begun}")
    if done.damage:
        click.echo(f"{style('What was there is damaged', 'yellow')}: {done.damage}")
        click.echo(
            "Who has left and who was mailed since is known only as far as it could be read."
        )
    if done.stopped:
        click.echo(f"Waiting for you: {_named(done.stopped)}")


@db.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print what is wrong as JSON.")
@click.pass_context
def verify(ctx: click.Context, file: Path | None, as_json: bool) -> None:
    """Look through the database, or the copy in FILE: whole, of this version, the books of every campaign balanced.

    Exits with 1 when something is wrong.
    """
    from newsletter.workflow import database

    told = database.verify(publication(ctx), file)
    if as_json:
        click.echo(json.dumps({"faults": list(told)}, ensure_ascii=False))
    elif told:
        for one in told:
            click.echo(f"{style('wrong', 'red')}: {one}")
    else:
        click.echo("All is well: whole, of this version, and the books balance.")
    ctx.exit(1 if told else 0)
