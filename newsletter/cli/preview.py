"""preview: look at issues in the browser while they are written."""

from __future__ import annotations

import click

from newsletter.cli.context import publication
from newsletter.cli.serving import host_option, port_option, run


@click.command()
@click.argument("issue", required=False)
@host_option
@port_option
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
@click.pass_context
def preview(
    ctx: click.Context, issue: str | None, host: str, port: int, open_browser: bool
) -> None:
    """Show issues in the browser: every edition at phone and desktop width, with what is wrong.

    Reloads on save. ISSUE (a slug or a path) is shown first; one from elsewhere is shown as well.
    """
    from newsletter.web.preview import preview_app
    from newsletter.workflow.issues import find_issue, issue_slugs

    found = publication(ctx)
    outside = issue if issue is not None and issue not in issue_slugs(found) else ""
    path = "/"
    if issue is not None:
        place = find_issue(found, issue).resolve()
        path = f"/preview/{place.stem if place.is_file() else place.name}"
    app = preview_app(found.root, outside, (host,))
    run(app, host, port, "Preview", path=path, open_browser=open_browser)
