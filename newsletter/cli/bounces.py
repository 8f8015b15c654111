"""bounces, replies: what came back, told as data; nothing is stored and no publication is needed."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import click


@click.group()
def bounces() -> None:
    """Read mails that came back."""


@bounces.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
def parse(files: tuple[Path, ...], as_json: bool) -> None:
    """Tell what each of FILES is, whom it is about, and whether it will pass."""
    from newsletter.workflow import bounces as workflow

    for file in files:
        report = workflow.parse(file)
        people = [dataclasses.asdict(one) for one in report.recipients]
        if as_json:
            data = {"file": str(file), "class": str(report.kind), "recipients": people}
            click.echo(json.dumps(data, ensure_ascii=False))
            continue
        told = ", ".join(
            f"{one.address} {one.kind} {one.status}".strip() for one in report.recipients
        )
        click.echo(f"{file}: {report.kind}{f': {told}' if told else ''}")


@click.group()
def replies() -> None:
    """Tell what SMTP replies mean."""


@replies.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def classify(as_json: bool) -> None:
    """Judge the replies on standard input, one a line: whom they are about, and whether it will pass."""
    from newsletter.workflow import bounces as workflow

    for line in sys.stdin.buffer:
        reply = line.decode("utf-8", "replace").rstrip("\r\n")
        if not reply.strip():
            continue
        failure = workflow.classify(reply)
        if as_json:
            data = {"reply": reply} | {
                key: str(value) if key in ("level", "kind", "cause") else value
                for key, value in dataclasses.asdict(failure).items()
            }
            click.echo(json.dumps(data, ensure_ascii=False))
        else:
            click.echo(f"{failure.level} {failure.kind} ({failure.cause}): {reply}")
