"""publish: freeze an issue's web edition."""

from __future__ import annotations

import click

from newsletter.cli.context import publication
from newsletter.cli.output import print_problems, summary


@click.command()
@click.argument("issue")
@click.pass_context
def publish(ctx: click.Context, issue: str) -> None:
    """Freeze the web edition of ISSUE (a slug or a path) as a revision under published/.

    `newsletter serve` or any static host shows it. What was published before stays when there are errors.
    """
    from newsletter.workflow.publish import publish as publish_issue

    revision = publish_issue(publication(ctx), issue)
    print_problems(revision.problems)
    state = "published" if revision.new else "unchanged since"
    click.echo(f"{revision.slug}: {state} revision {revision.number} → {revision.folder}")
    click.echo(f"{revision.url}  {summary(revision.problems)}")
