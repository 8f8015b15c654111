"""studio, preview: write and look at issues in the browser.

Over a network (`--host`) people log in with an account; a phone gets a QR code that opens the preview of one issue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from newsletter.cli.context import publication
from newsletter.cli.serving import allow_host_option, host_option, port_option, run

if TYPE_CHECKING:
    from newsletter.web.studio.access import Access


@click.command()
@click.argument("issue", required=False)
@host_option
@port_option
@allow_host_option
@click.option("--open/--no-open", "open_browser", default=True, help="Open it in the browser.")
@click.pass_context
def studio(
    ctx: click.Context,
    issue: str | None,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    open_browser: bool,
) -> None:
    """Write issues in the browser, every edition beside the text, live.

    ISSUE (a slug or a path) is opened first; one from elsewhere can be written as well. Files changed by
    other programs meanwhile are merged with what is typed. The address that is printed opens the studio;
    keep it to yourself. Over a network (--host, or behind a proxy) people log in: newsletter accounts add.
    """
    _serve(ctx, issue, host, port, hosts, "Studio", "", open_browser)


@click.command()
@click.argument("issue", required=False)
@host_option
@port_option
@allow_host_option
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
@click.pass_context
def preview(
    ctx: click.Context,
    issue: str | None,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    open_browser: bool,
) -> None:
    """Open the studio at ISSUE (a slug or a path), its preview first: every edition, with what is wrong.

    It follows every save. An issue from elsewhere is shown as well.
    """
    _serve(ctx, issue, host, port, hosts, "Preview", "&pane=preview", open_browser)


def _serve(
    ctx: click.Context,
    issue: str | None,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    what: str,
    more: str,
    open_browser: bool,
) -> None:
    from newsletter.web.studio.access import Access
    from newsletter.web.studio.app import studio_app
    from newsletter.workflow.issues import find_issue, issue_slugs

    found = publication(ctx)
    outside = issue if issue is not None and issue not in issue_slugs(found) else ""
    path, slug = "/", ""
    if issue is not None:
        place = find_issue(found, issue).resolve()
        slug = place.stem if place.is_file() else place.name
        path = f"/studio/{quote(slug)}"
    access = Access.kept(found.root / ".studio", host)
    app = studio_app(found.root, outside, (host, *hosts), access)
    query = f"?token={access.token}{more if issue is not None else ''}"
    phones = None if access.local else _for_phones(access, host, slug)
    run(app, host, port, what, path=path + query, open_browser=open_browser, more=phones)


def _for_phones(access: Access, host: str, slug: str) -> Callable[[int], str]:
    """What is printed when a network is listened to: the issue's preview as a QR code, or who can come in."""
    from newsletter.web.studio.phone import network_origin, phone_link, terminal_code

    def told(port: int) -> str:
        origin = network_origin(host, port)
        if not slug or not origin:
            return f"Over the network, with an account: {origin or 'no network found'}"
        link = phone_link(access, origin, slug)
        return f"{terminal_code(link)}On a phone, for 12 hours: {link}"

    return told
