"""doctor: what is missing on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import click

from newsletter.cli.output import style

_COLOURS = {"ok": "green", "advice": "yellow", "missing": "red"}


@click.command()
@click.option("--network", is_flag=True, help="Also ask the mail server and the DNS.")
@click.option(
    "--to", default="", metavar="ADDRESS", help="With --network: a message makes the trip."
)
@click.option(
    "--message",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Look at a message that was received.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, network: bool, to: str, message: Path | None, as_json: bool) -> None:
    """Tell what is missing on this machine and in this publication, and how to get it.

    Mends nothing itself. Exits with 1 when something is missing.
    """
    from newsletter.problems import UsageError
    from newsletter.publication import find_root
    from newsletter.workflow.doctor import State, examine

    root: Path | None = ctx.find_root().obj
    if root is None:
        try:
            root = find_root(Path.cwd())
        except UsageError:
            root = None
    if to and not network:
        raise click.UsageError("--to sends a message: say --network too")
    findings = examine(root, network=network, to=to, message=message)
    if as_json:
        keys = ("state", "subject", "message", "remedy")
        told = [{key: str(getattr(finding, key)) for key in keys} for finding in findings]
        click.echo(json.dumps({"findings": told}, ensure_ascii=False, indent=2))
    else:
        width = max(len(finding.subject) for finding in findings)
        for finding in findings:
            state = style(f"{finding.state:8}", _COLOURS[finding.state])
            click.echo(f"{state}{finding.subject:{width}}  {finding.message}")
            if finding.remedy:
                click.echo(f"{'':8}{'':{width}}  {finding.remedy}")
    ctx.exit(1 if any(finding.state is State.MISSING for finding in findings) else 0)
