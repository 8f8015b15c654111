"""subscribers import, add, remove, list, export."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import publication

if TYPE_CHECKING:
    from newsletter.model.subscriber import Subscription
    from newsletter.workflow.subscribers import ImportReport, LineTold

SHOWN = 10
"""Lines that a report for a person names."""


@click.group()
def subscribers() -> None:
    """Import, add, remove, list and export subscribers."""


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--list", "list_name", metavar="NAME", required=True, help="Made when there is none.")
@click.option("--apply", is_flag=True, help="Do it. Without this, only tell what would be done.")
@click.option(
    "--map",
    "mapping",
    metavar="COLUMN=FIELD",
    multiple=True,
    help="What a column is: email, name, language, status, or an attribute of your own.",
)
@click.option(
    "--consent", metavar="TEXT", help="Why these people may be written to; kept with each of them."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts and lines as JSON.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    list_name: str,
    apply: bool,
    mapping: tuple[str, ...],
    consent: str | None,
    as_json: bool,
) -> None:
    """Import subscribers from a CSV FILE, all of it or nothing.

    People who have unsubscribed, bounced or complained, and suppressed addresses, stay as they are.
    """
    from newsletter.workflow import subscribers as workflow

    report = workflow.import_file(
        publication(ctx),
        file,
        list_name,
        apply=apply,
        mapping=_mapping(mapping),
        consent=consent or "",
    )
    if as_json:
        data = dataclasses.asdict(report)
        data["list"] = data.pop("list_name")
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        _print_report(report)


@subscribers.command()
@click.argument("address")
@click.option("--list", "list_name", metavar="NAME", required=True, help="Made when there is none.")
@click.option("--name", metavar="NAME", help="What the person is called.")
@click.pass_context
def add(ctx: click.Context, address: str, list_name: str, name: str | None) -> None:
    """Put somebody who asked for it on a list. Whoever has unsubscribed stays so."""
    from newsletter.workflow import subscribers as workflow

    status = workflow.add(publication(ctx), address, list_name, name=name or "")
    stays = "" if status == "confirmed" else " (stays so: only they themselves can change that)"
    click.echo(f"{address} on {list_name}: {status}{stays}")


@subscribers.command()
@click.argument("address")
@click.option("--list", "list_name", metavar="NAME", help="Only this list. Default: all lists.")
@click.pass_context
def remove(ctx: click.Context, address: str, list_name: str | None) -> None:
    """Unsubscribe somebody. The row is kept, so that no import brings them back."""
    from newsletter.workflow import subscribers as workflow

    left = workflow.remove(publication(ctx), address, list_name or "")
    click.echo(
        f"{address} unsubscribed from {', '.join(left)}"
        if left
        else f"{address}: nothing to change"
    )


@subscribers.command("list")
@click.option("--list", "list_name", metavar="NAME", help="Only this list. Default: all lists.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def list_(ctx: click.Context, list_name: str | None, as_json: bool) -> None:
    """Show who is on a list, and with which status."""
    from newsletter.workflow import subscribers as workflow

    for one in workflow.subscriptions(publication(ctx), list_name or ""):
        if as_json:
            click.echo(json.dumps(_subscription_json(one), ensure_ascii=False))
        else:
            suppressed = " (suppressed)" if one.suppressed else ""
            name = f"  {one.subscriber.name}" if one.subscriber.name else ""
            click.echo(
                f"{one.status:<12}  {one.list.name}  {one.subscriber.email}{suppressed}{name}"
            )


@subscribers.command()
@click.option("--list", "list_name", metavar="NAME", help="Only this list. Default: all lists.")
@click.pass_context
def export(ctx: click.Context, list_name: str | None) -> None:
    """Print subscribers with status and consent as CSV (UTF-8), to be imported anywhere."""
    from newsletter.workflow import subscribers as workflow

    for line in workflow.export(publication(ctx), list_name or ""):
        click.echo(line.encode("utf-8"), nl=False)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        column, equals, name = pair.rpartition("=")
        if not equals or not column:
            raise click.BadParameter(f"{pair}: write it as COLUMN=FIELD", param_hint="--map")
        mapping[column] = name
    return mapping


def _print_report(report: ImportReport) -> None:
    _print_lines("invalid", report.invalid, report.invalid_lines)
    _print_lines("blocked", report.blocked, report.blocked_lines)
    click.echo(
        f"{report.new} new, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.blocked} blocked, {report.invalid} invalid"
    )
    if report.applied:
        click.echo(f"Imported into {report.list_name}.")
    else:
        click.echo("Nothing was changed. To do it: the same with --apply")


def _print_lines(what: str, count: int, lines: list[LineTold]) -> None:
    for told in lines[:SHOWN]:
        address = f"{told.address}: " if told.address else ""
        click.echo(f"line {told.line}: {what}: {address}{told.reason}")
    if count > SHOWN:
        click.echo(f"… and {count - SHOWN} more {what} (--json names them)")


def _subscription_json(one: Subscription) -> dict[str, Any]:
    person, consent = one.subscriber, one.consent
    return {
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "attributes": dict(person.attributes),
        "list": one.list.name,
        "status": str(one.status),
        "suppressed": bool(one.suppressed),
        "created": person.created.isoformat() if person.created else None,
        "changed": one.changed.isoformat(),
        "consent": {
            "when": consent.when.isoformat(),
            "source": consent.source,
            "text": consent.text,
        }
        if consent
        else None,
    }
