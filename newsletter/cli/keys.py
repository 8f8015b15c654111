"""keys: which programs may use the API, and for what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import publication

if TYPE_CHECKING:
    from newsletter.model.api_key import ApiKey


@click.group()
def keys() -> None:
    """Keys of programs that use the API (`newsletter serve`, /api/v1), each with its scopes."""


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    metavar="SCOPE",
    multiple=True,
    required=True,
    help="What it may do: subscribers:read, lists:write …; may be given more than once.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="It ends by itself after so many days.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def create(
    ctx: click.Context, name: str, scopes: tuple[str, ...], days: int | None, as_json: bool
) -> None:
    """Make a key for the program NAME. It is printed now and never again."""
    from newsletter.workflow import api_keys as workflow
    from newsletter.workflow.operator import operator

    made, token = workflow.make(publication(ctx), name, scopes, days=days, actor=operator())
    if as_json:
        data = _json(made) | {"key": token}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    click.echo(token)
    click.echo("Keep it now: it is shown this once. A request sends it as", err=True)
    click.echo("    Authorization: Bearer " + made.hint + "…", err=True)


@keys.command("list")
@click.option("--all", "ended", is_flag=True, help="Those too that have ended.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def list_keys(ctx: click.Context, ended: bool, as_json: bool) -> None:
    """Show the keys, what each may do, and when it was last used."""
    from newsletter.workflow import api_keys as workflow

    found = workflow.all_keys(publication(ctx))
    shown = [one for one in found if ended or not _ended(one)]
    if as_json:
        data = [_json(one) for one in shown]
        click.echo(json.dumps({"keys": data}, ensure_ascii=False, indent=2))
        return
    if not shown:
        click.echo("No keys. Make one: newsletter keys create NAME --scope subscribers:read")
    for one in shown:
        used = f"last used {one.used:%Y-%m-%d %H:%M} UTC" if one.used else "never used"
        click.echo(f"{one.id}  {one.name}  {one.hint}…  {used}{_end(one)}")
        click.echo(f"   {', '.join(sorted(one.scopes))}")


@keys.command()
@click.argument("key", metavar="KEY")
@click.pass_context
def revoke(ctx: click.Context, key: str) -> None:
    """End KEY (its number or name) at once."""
    from newsletter.workflow import api_keys as workflow
    from newsletter.workflow.operator import operator

    ended = workflow.revoke(publication(ctx), key, actor=operator())
    click.echo(f"{ended.id}  {ended.name}: revoked")


def _ended(one: ApiKey) -> bool:
    import datetime

    return not one.alive(datetime.datetime.now(datetime.UTC))


def _end(one: ApiKey) -> str:
    if one.revoked:
        return f", revoked {one.revoked:%Y-%m-%d}"
    return f", until {one.until:%Y-%m-%d}" if one.until else ""


def _json(one: ApiKey) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "hint": one.hint,
        "scopes": sorted(str(scope) for scope in one.scopes),
        "made": one.made.isoformat(),
        "made_by": one.made_by,
        "used": one.used.isoformat() if one.used else None,
        "until": one.until.isoformat() if one.until else None,
        "revoked": one.revoked.isoformat() if one.revoked else None,
    }
