"""theme: which looks there are, copying one to change it, an issue shown in one."""

from __future__ import annotations

import dataclasses
import json
import os

import click

from newsletter.cli.context import publication
from newsletter.cli.output import print_problems, size, summary


@click.group()
def theme() -> None:
    """See the themes, copy one to change it, look at an issue in one."""


@theme.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Show every theme, and which editions it has templates of its own for."""
    from newsletter.workflow import themes

    found = themes.all_themes(publication(ctx))
    if as_json:
        told = [dataclasses.asdict(one) for one in found]
        click.echo(json.dumps({"themes": told}, ensure_ascii=False, indent=2))
        return
    for one in found:
        where = "the publication's" if one.own and not one.shipped else "shipped"
        parts = (*one.media, *(("tokens",) if one.tokens else ()))
        used = "  (used here)" if one.used else ""
        click.echo(f"{one.name:<12}  {where}: {', '.join(parts)}{used}")


@theme.command()
@click.argument("name")
@click.argument("new_name")
@click.pass_context
def copy(ctx: click.Context, name: str, new_name: str) -> None:
    """Copy the theme NAME into the publication's templates/ as NEW_NAME, to change it there."""
    from newsletter.workflow import themes

    root = publication(ctx).root
    for path in themes.copy_theme(publication(ctx), name, new_name):
        click.echo(os.path.relpath(path, root))
    click.echo(
        "\nChange these files; what you delete is the starter theme's again. To use it, write"
    )
    click.echo(f'theme = "{new_name}" in newsletter.toml, or theme: {new_name} in an issue.')


@theme.command()
@click.argument("name")
@click.argument("issue", required=False, default="")
@click.pass_context
def preview(ctx: click.Context, name: str, issue: str) -> None:
    """Build ISSUE (default: the newest) in the theme NAME, into build/themes/; nothing else is changed."""
    from newsletter.workflow import themes

    report = themes.preview_theme(publication(ctx), name, issue)
    print_problems(report.problems)
    for file in ("email.html", "web/index.html", "print.pdf"):
        click.echo(report.folder / file)
    click.echo(report.folder.parent / themes.ARCHIVE / "index.html")
    click.echo(
        f"{size(report.email.html_bytes)} of mail, {report.pages} pages; {summary(report.problems)}"
    )
