"""subscribers import, imports, undo, add, remove, show, forget, list, export."""

from __future__ import annotations

import codecs
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import publication

if TYPE_CHECKING:
    from newsletter.model.subscriber import Subscription
    from newsletter.workflow.importing import ImportReport, LineTold

SHOWN = 10
"""Lines that a report for a person names."""


@click.group()
def subscribers() -> None:
    """Import, add, remove, list and export subscribers."""


@subscribers.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--list",
    "list_name",
    metavar="NAME",
    help="To which list; made when there is none. Default: what the column “list” says.",
)
@click.option("--apply", is_flag=True, help="Do it. Without this, only tell what would be done.")
@click.option(
    "--map",
    "mapping",
    metavar="COLUMN=FIELD",
    multiple=True,
    help="What a column is: email, name, language, status, or an attribute of your own.",
)
@click.option(
    "--mapping",
    "mapping_name",
    metavar="NAME",
    help="Read it as a saved mapping says: its name, or a TOML file.",
)
@click.option("--save-mapping", metavar="NAME", help="Keep how this file is read, under NAME.")
@click.option(
    "--encoding", metavar="NAME", help="The text's encoding, where looking finds another."
)
@click.option("--delimiter", metavar="CHARACTER", help="What parts the cells, likewise.")
@click.option(
    "--consent",
    metavar="TEXT",
    help="Why these people may be written to; kept with each of them. Without it, whoever the file "
    "does not prove to have said yes is pending and gets no mail.",
)
@click.option(
    "--format",
    "format",
    metavar="NAME",
    help="What the file is, where that is not found by itself.",
)
@click.option(
    "--from", "product", metavar="NAME", help="The product that the file is from; same as --format."
)
@click.option("--undo", metavar="BATCH", type=int, help="Undo the import of this number.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts and lines as JSON.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path | None,
    list_name: str | None,
    apply: bool,
    mapping: tuple[str, ...],
    mapping_name: str | None,
    save_mapping: str | None,
    encoding: str | None,
    delimiter: str | None,
    consent: str | None,
    format: str | None,
    product: str | None,
    undo: int | None,
    as_json: bool,
) -> None:
    """Import subscribers from FILE, all of it or nothing.

    CSV, TSV, JSON, JSONL, XLSX, or an export of Mailchimp, Substack, Ghost, listmonk, Buttondown or Kit, found
    by looking. People who have unsubscribed, bounced or complained, and suppressed or forgotten addresses,
    stay as they are.
    """
    from newsletter.workflow import importing as workflow
    from newsletter.workflow import mappings
    from newsletter.workflow.operator import operator

    if undo is not None:
        _undo(ctx, undo, as_json)
        return
    if file is None:
        raise click.UsageError("Name a FILE, or a batch with --undo.")
    here = publication(ctx)
    how = mappings.SavedMapping(
        _mapping(mapping),
        list_name or "",
        format or product or "",
        _encoding(encoding),
        {"\\t": "\t", "tab": "\t"}.get(delimiter or "", delimiter or ""),
        consent or "",
    )
    if mapping_name:
        how = mappings.read_mapping(here, mapping_name).under(how)
    report = workflow.import_file(
        here,
        file,
        how.list,
        apply=apply,
        mapping=how.columns,
        consent=how.consent,
        format=how.format,
        encoding=_encoding(how.encoding),
        delimiter=how.delimiter,
        actor=operator(),
    )
    if save_mapping:
        mappings.save_mapping(here, save_mapping, how)
    if as_json:
        data = dataclasses.asdict(report)
        data["list"] = data.pop("list_name")
        del data["_blocked"]
        data["blocked_lines"] = [dataclasses.asdict(one) for one in report.blocked_lines]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        _print_report(report)


@subscribers.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def imports(ctx: click.Context, as_json: bool) -> None:
    """Show the imports that were applied, the newest first."""
    from newsletter.workflow import importing as workflow

    found = workflow.all_imports(publication(ctx))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in found], default=str, indent=2))
        return
    for one in found:
        undone = "  undone" if one.undone else ""
        click.echo(
            f"{one.id}  {one.at:%Y-%m-%d %H:%M}  {one.file}  {one.counts['new']} new{undone}"
        )
    if not found:
        click.echo("Nothing was imported yet.")


@subscribers.command()
@click.argument("batch", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.pass_context
def undo(ctx: click.Context, batch: int, as_json: bool) -> None:
    """Undo the import BATCH. People to whom something happened since are left as they are."""
    _undo(ctx, batch, as_json)


def _undo(ctx: click.Context, batch: int, as_json: bool) -> None:
    from newsletter.workflow import importing as workflow

    done = workflow.undo_import(publication(ctx), batch)
    if as_json:
        click.echo(json.dumps({"batch": batch} | dataclasses.asdict(done)))
    else:
        click.echo(
            f"Import {batch} undone: {done.put_back} put back, {done.kept} kept (changed since)"
        )


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


@subscribers.command()
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="Print the whole record as JSON.")
@click.pass_context
def show(ctx: click.Context, address: str, as_json: bool) -> None:
    """Show everything that is known of one person."""
    from newsletter.workflow import subscribers as workflow

    record = workflow.record(publication(ctx), address)
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    click.echo(f"{record['email']}  {record['name']}".rstrip())
    for name, value in record["attributes"].items():
        click.echo(f"  {name}: {value}")
    for held in record["suppressed"]:
        click.echo(f"  suppressed since {held['since'][:10]}: {held['reason']}")
    for one in record["subscriptions"]:
        consent = one["consent"]
        why = (
            f"  ({consent['when'][:10]}, {consent['source']}: {consent['text']})" if consent else ""
        )
        click.echo(f"  {one['list']}: {one['status']}{why}")
    for mail in record["mails"]:
        click.echo(f"  {mail['issue']}: {mail['status']}")
    for happened in record["events"]:
        where = f" ({happened['list']})" if happened["list"] else ""
        click.echo(f"  {happened['at'][:19]}  {happened['kind']}{where}, by {happened['by']}")


@subscribers.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def forget(ctx: click.Context, address: str, yes: bool) -> None:
    """Erase somebody for good. A keyed hash of the address is kept, so that no import brings them back."""
    from newsletter.workflow import subscribers as workflow

    if not yes:
        click.confirm(f"Erase {address} and all that is known of them?", abort=True)
    known = workflow.forget_person(publication(ctx), address)
    click.echo(
        "Forgotten." if known else "Nobody here had this address; no import will bring it in."
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


def _encoding(name: str | None) -> str:
    """Python's name of an encoding that somebody names; a usage error for one that nobody knows."""
    if not name:
        return ""
    try:
        return codecs.lookup(name.strip()).name
    except LookupError:
        raise click.BadParameter(f"there is no encoding {name}", param_hint="--encoding") from None


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        column, equals, name = pair.rpartition("=")
        if not equals or not column:
            raise click.BadParameter(f"{pair}: write it as COLUMN=FIELD", param_hint="--map")
        mapping[column] = name
    return mapping


def _print_report(report: ImportReport) -> None:
    click.echo(_told_file(report))
    _print_lines("invalid", report.invalid, report.invalid_lines)
    _print_lines("blocked", report.blocked, report.blocked_lines)
    click.echo(
        f"{report.new} new, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.blocked} blocked, {report.invalid} invalid"
    )
    if report.pending:
        click.echo(
            f"{report.pending} of the new are pending: the file does not prove that they said yes, so no mail "
            "goes to them. If you know that they did, say how: --consent TEXT"
        )
    if report.applied and not report.batch:
        click.echo("Nothing changed: the file says nothing new. There is nothing to undo.")
    elif report.applied:
        to = f" into {report.list_name}" if report.list_name else ""
        click.echo(
            f"Imported{to} as batch {report.batch}. To undo it: newsletter subscribers undo {report.batch}"
        )
    else:
        click.echo("Nothing was changed. To do it: the same with --apply")


def _told_file(report: ImportReport) -> str:
    """What the file was taken for: `csv, UTF-8, parted by “;”. E-Mail → email, Ort → attribute Ort`."""
    delimiter = {"\t": "tabs", "": ""}.get(report.delimiter, f"“{report.delimiter}”")
    parts = [report.format, report.encoding, f"parted by {delimiter}" if delimiter else ""]
    columns = ", ".join(
        f"{column} → {field.replace(':', ' ', 1)}"
        for column, field in report.columns
        if column and field
    )
    parts += [f"by its name all {report.means}"] if report.means else []
    told = ", ".join(part for part in parts if part)
    return f"{told}. {columns}" if columns else told


def _print_lines(what: str, count: int, lines: list[LineTold]) -> None:
    for told in lines[:SHOWN]:
        address = f"{told.address}: " if told.address else ""
        file = f"{told.file}, " if told.file else ""
        click.echo(f"{file}line {told.line}: {what}: {address}{told.reason}")
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
        "suppressed": one.suppressed,
        "created": person.created.isoformat() if person.created else None,
        "changed": one.changed.isoformat(),
        "consent": {
            "when": consent.when.isoformat(),
            "source": consent.source,
            "text": consent.text,
            "ip": consent.ip,
        }
        if consent
        else None,
    }
