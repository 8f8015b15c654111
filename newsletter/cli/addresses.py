"""addresses check: a verdict on every address of standard input; works without a publication. addresses rules: which
addresses are one person's."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import publication
from newsletter.model.identity import PLAIN, IdentityRules
from newsletter.problems import NewsletterError

if TYPE_CHECKING:
    from newsletter.workflow.identities import RulesShown

ACTOR = "cli"
MOST_SHOWN = 50


@click.group()
def addresses() -> None:
    """Tell which addresses are valid."""


@addresses.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Judge the addresses on standard input, one a line: verdict, normal form, and what is odd. Inside a
    publication whose settings have rules of their own, the identity follows them."""
    from newsletter.workflow.addresses import check_address

    rules = _rules(ctx)
    for line in sys.stdin.buffer:
        told = check_address(line.decode("utf-8", "replace").rstrip("\r\n"), rules)
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


@addresses.command()
@click.option("--apply", "applies", is_flag=True, help="Let the rules of the settings hold.")
@click.option("--merge", is_flag=True, help="With --apply: people who become one are made one.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def rules(ctx: click.Context, applies: bool, merge: bool, as_json: bool) -> None:
    """Show by which rules addresses are one person's, and what the rules of the settings would change.

    Nothing is changed without --apply. Where people would become one it needs --merge too: of each list the
    lowest status of theirs stands, so whoever has left by one address has left.
    """
    from newsletter.workflow import identities

    here = publication(ctx)
    if applies:
        found = identities.apply_rules(here, merge=merge, actor=ACTOR)
    else:
        found = identities.show(here)
    if as_json:
        click.echo(json.dumps(_rules_json(found), ensure_ascii=False, indent=2))
        return
    click.echo(f"settings  {_told(found.wanted)}")
    click.echo(f"in force  {_told(found.wanted if found.applied else found.in_force)}")
    for clash in found.clashes[:MOST_SHOWN]:
        stays, *others = (email for _, email in clash.people)
        click.echo(f"  {', '.join(others)} {'became' if found.applied else 'would become'} {stays}")
    if len(found.clashes) > MOST_SHOWN:
        click.echo(f"  and {len(found.clashes) - MOST_SHOWN} times more: --json")
    if found.applied:
        click.echo(f"Done: {found.people:,} people have another identity.")
    elif found.wanted != found.in_force:
        merging = " --merge" if found.clashes else ""
        click.echo(
            f"{found.people:,} people would have another identity. "
            f"To let it be so: newsletter addresses rules --apply{merging}"
        )


def _rules(ctx: click.Context) -> IdentityRules:
    """Those of the publication here; none where there is no publication."""
    try:
        return publication(ctx).identity_rules
    except NewsletterError:
        return PLAIN


def _told(rules: IdentityRules) -> str:
    if rules.plain:
        return "addresses differ in everything but the case of letters"
    parts = ["plus tags do not count"] if rules.plus_tags else []
    if rules.dots:
        parts.append(f"dots do not count at {', '.join(rules.dots)}")
    return "; ".join(parts)


def _rules_json(found: RulesShown) -> dict[str, Any]:
    return {
        "settings": dataclasses.asdict(found.wanted),
        "in_force": dataclasses.asdict(found.wanted if found.applied else found.in_force),
        "applied": found.applied,
        "people": found.people,
        "clashes": [
            [{"subscriber": number, "address": email} for number, email in one.people]
            for one in found.clashes
        ],
    }
