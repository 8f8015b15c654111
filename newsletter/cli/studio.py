"""studio, preview: write and look at issues in the browser."""

from __future__ import annotations

from urllib.parse import quote

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
    other programs meanwhile are merged with what is typed. The address that is printed opens the studio;
    keep it to yourself.
    """
    _serve(ctx, issue, host, port, "Studio", "", open_browser)


@click.command()
@click.argument("issue", required=False)
@host_option
@port_option
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
@click.pass_context
def preview(
    ctx: click.Context, issue: str | None, host: str, port: int, open_browser: bool
) -> None:
    """Open the studio at ISSUE (a slug or a path), its preview first: every edition, with what is wrong.

    It follows every save. An issue from elsewhere is shown as well.
    """
    _serve(ctx, issue, host, port, "Preview", "&pane=preview", open_browser)


def _serve(
    ctx: click.Context,
    issue: str | None,
    host: str,
    port: int,
    what: str,
    more: str,
    open_browser: bool,
) -> None:
    from newsletter.web.studio.access import Access
    from newsletter.web.studio.app import studio_app
    from newsletter.workflow.issues import find_issue, issue_slugs

    found = publication(ctx)
    outside = issue if issue is not None and issue not in issue_slugs(found) else ""
    path = "/"
    if issue is not None:
        place = find_issue(found, issue).resolve()
        path = f"/studio/{quote(place.stem if place.is_file() else place.name)}"
    access = Access.kept(found.root / ".studio")
    app = studio_app(found.root, outside, (host,), access)
    query = f"?token={access.token}{more if issue is not None else ''}"
    run(app, host, port, what, path=path + query, open_browser=open_browser)
