"""serve: the public side of a publication."""

from __future__ import annotations

import click

from newsletter.cli.context import publication
from newsletter.cli.serving import host_option, port_option, run


@click.command()
@host_option
@port_option
@click.option(
    "--allow-host", "more", multiple=True, metavar="NAME", help="Answer to this host name as well."
)
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, more: tuple[str, ...]) -> None:
    """Serve published issues, the archive and its feed, and the page that unsubscribes.

    Answers to the host of base_url and to this machine's own names. Put a web server with https before it.
    """
    from newsletter.web.public import public_app

    found = publication(ctx)
    run(public_app(found, (host, *more)), host, port, "Published issues")
