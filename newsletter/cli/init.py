"""init: a new publication."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="The publication's name. Default: the folder's name.")
@click.option(
    "--email",
    default="editor@example.com",
    show_default=True,
    help="The address that the mail is from.",
)
@click.option(
    "--language",
    metavar="TAG",
    default="en",
    show_default=True,
    help="Its language: en, zh-Hans, de, …",
)
def init(folder: Path, name: str | None, email: str, language: str) -> None:
    """Make a new publication in DIR, with a first issue that builds."""
    from newsletter.workflow import publications

    made = publications.init(
        folder, name=name or folder.resolve().name, email=email, language=language
    )
    for path in made:
        click.echo(path)
    click.echo(f"\nNext: cd {folder} && newsletter preview first-issue")
