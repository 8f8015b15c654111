"""suppressions: addresses and domains that are never written to: add, remove, list, import, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import publication

if TYPE_CHECKING:
    from newsletter.model.subscriber import Suppression
    from newsletter.workflow.suppressions import SuppressionReport

SHOWN = 10
_KINDS = click.Choice(["manual", "bounce", "complaint"])


@click.group()
def suppressions() -> None:
    """Addresses and domains that are never written to."""


@suppressions.command()
@click.argument("address")
@click.option("--reason", metavar="TEXT", default="", help="Why; kept with it.")
@click.option("--kind", type=_KINDS, default="manual", help="A bounce is lifted by a sign-up.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def add(ctx: click.Context, address: str, reason: str, kind: str, as_json: bool) -> None:
    """Never write to ADDRESS, or to anybody at a domain, whatever a list says."""
    from newsletter.workflow import suppressions as workflow
    from newsletter.workflow.operator import operator

    kept, added = workflow.add(
        publication(ctx), address, reason=reason, kind=kind, actor=operator()
    )
    if as_json:
        click.echo(json.dumps(_json(kept) | {"added": added}, ensure_ascii=False, indent=2))
    else:
        click.echo(_told(kept) if added else f"{_told(kept)} (was suppressed before)")


@suppressions.command()
@click.argument("address")
@click.option("--reason", metavar="TEXT", default="", help="Why; kept in the event log.")
@click.pass_context
def remove(ctx: click.Context, address: str, reason: str) -> None:
    """Let ADDRESS, or a domain, be written to again. Statuses on lists stay what they are."""
    from newsletter.workflow import suppressions as workflow
    from newsletter.workflow.operator import operator

    gone = workflow.lift(publication(ctx), address, actor=operator(), admin=True, why=reason)
    click.echo(f"{gone.value}: no longer suppressed (was: {gone.reason})")


@suppressions.command("list")
@click.option("--kind", type=_KINDS, help="Only those of this kind.")
@click.option("--search", metavar="TEXT", default="", help="Only those with this text in them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def list_(ctx: click.Context, kind: str | None, search: str, as_json: bool) -> None:
    """Show what is suppressed, and why."""
    from newsletter.workflow import suppressions as workflow

    for one in workflow.all_suppressions(publication(ctx), search=search, kind=kind or ""):
        click.echo(json.dumps(_json(one), ensure_ascii=False) if as_json else _told(one))


@suppressions.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--reason", metavar="TEXT", default="", help="Why, where the file does not say.")
@click.option("--kind", type=_KINDS, default="manual", help="Which, where the file does not say.")
@click.option("--apply", is_flag=True, help="Do it. Without this, only tell what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts and lines as JSON.")
@click.pass_context
def import_(
    ctx: click.Context, file: Path, reason: str, kind: str, apply: bool, as_json: bool
) -> None:
    """Suppress what FILE lists: an address or a domain a line, or a table with a column of them."""
    from newsletter.workflow import suppressions as workflow
    from newsletter.workflow.operator import operator

    report = workflow.import_file(
        publication(ctx), file, reason=reason, kind=kind, actor=operator(), apply=apply
    )
    if as_json:
        click.echo(json.dumps(_report_json(report), ensure_ascii=False, indent=2))
    else:
        _print_report(report)


@suppressions.command()
@click.pass_context
def export(ctx: click.Context) -> None:
    """Print what is suppressed as CSV (UTF-8), which `suppressions import` reads back."""
    from newsletter.workflow import suppressions as workflow

    for line in workflow.export(publication(ctx)):
        click.echo(line.encode("utf-8"), nl=False)


def _print_report(report: SuppressionReport) -> None:
    for line, text, reason in report.invalid_lines[:SHOWN]:
        click.echo(f"line {line}: invalid: {text}: {reason}")
    click.echo(f"{report.new} new, {report.known} known, {report.invalid} invalid")
    if not report.applied:
        click.echo("Nothing was changed. To do it: the same with --apply")


def _report_json(report: SuppressionReport) -> dict[str, Any]:
    lines = [
        {"line": line, "text": text, "reason": reason}
        for line, text, reason in report.invalid_lines
    ]
    return {
        "applied": report.applied,
        "encoding": report.encoding,
        "new": report.new,
        "known": report.known,
        "invalid": report.invalid,
        "invalid_lines": lines,
    }


def _told(one: Suppression) -> str:
    since = f"{one.since:%Y-%m-%d}" if one.since else ""
    return f"{one.value}  {one.kind}  {since}  {one.reason}"


def _json(one: Suppression) -> dict[str, Any]:
    return {
        "value": one.value,
        "domain": one.is_domain,
        "kind": one.kind,
        "reason": one.reason,
        "since": one.since.isoformat() if one.since else None,
    }
