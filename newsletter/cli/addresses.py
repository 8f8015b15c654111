"""addresses check: a verdict on every address of standard input; works without a publication."""

from __future__ import annotations

import dataclasses
import json
import sys

import click


@click.group()
def addresses() -> None:
    """Tell which addresses are valid."""


@addresses.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def check(as_json: bool) -> None:
    """Judge the addresses on standard input, one a line: verdict, normal form, and what is odd."""
    from newsletter.workflow.addresses import check_address

    for line in sys.stdin.buffer:
        told = check_address(line.decode("utf-8", "replace").rstrip("\r\n"))
        if as_json:
            data = {"verdict": "valid" if told.valid else "invalid"} | dataclasses.asdict(told)
            click.echo(json.dumps(data, ensure_ascii=False))
            continue
        notes = ", ".join(told.flags)
        meant = f"  (meant {told.suggestion}?)" if told.suggestion else ""
        verdict = (
            f"valid    {told.normal}" if told.valid else f"invalid  {told.address}: {told.reason}"
        )
        click.echo(f"{verdict}{f'  [{notes}]' if notes else ''}{meant}")
