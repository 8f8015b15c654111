"""What every command may ask for: the publication that it works on."""

from __future__ import annotations

from pathlib import Path

import click

from newsletter.publication import Publication, find_root, load_publication


def publication(ctx: click.Context) -> Publication:
    """The publication named by --publication, else the one found upwards from here."""
    named: Path | None = ctx.find_root().obj
    return load_publication(named if named is not None else find_root(Path.cwd()))
