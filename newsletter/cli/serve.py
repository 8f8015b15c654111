"""serve: the public side of a publication."""

from __future__ import annotations

import click

from newsletter.cli.context import publication
from newsletter.cli.serving import allow_host_option, host_option, port_option, run


@click.command()
@host_option
@port_option
@allow_host_option
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, hosts: tuple[str, ...]) -> None:
    """Serve published issues, the archive and its feed, and the page that unsubscribes; send what is scheduled.

    Answers to the host of base_url and to this machine's own names. Put a web server with https before it.
    """
    from newsletter.web.public import public_app

    found = publication(ctx)
    run(public_app(found, (host, *hosts), works=True), host, port, "Published issues")
