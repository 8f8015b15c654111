"""studio: write and preview issues in the browser."""

from __future__ import annotations

import click

from newsletter.cli.context import publication
from newsletter.cli.serving import host_option, port_option, run


@click.command()
@click.argument("issue", required=False)
@host_option
@port_option
@click.option("--open/--no-open", "open_browser", default=True, help="Open it in the browser.")
@click.pass_context
def studio(ctx: click.Context, issue: str | None, host: str, port: int, open_browser: bool) -> None:
    """Write issues in the browser, every edition beside the text, live.

    ISSUE (a slug or a path) is opened first; one from elsewhere can be written as well. Files changed by
    other programs meanwhile are merged with what is typed.
    """
    from newsletter.web.studio.app import studio_app
    from newsletter.workflow.issues import find_issue, issue_slugs

    found = publication(ctx)
    outside = issue if issue is not None and issue not in issue_slugs(found) else ""
    path = "/"
    if issue is not None:
        place = find_issue(found, issue).resolve()
        path = f"/studio/{place.stem if place.is_file() else place.name}"
    app = studio_app(found.root, outside, (host,))
    run(app, host, port, "Studio", path=path, open_browser=open_browser)
