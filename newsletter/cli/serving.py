"""What preview and serve share: the options, the next free port, the server."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from newsletter.problems import NewsletterError

if TYPE_CHECKING:
    from newsletter.web.server import Application

TRIES = 100

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen on."
)
allow_host_option = click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", help="Answer to this host name as well."
)
port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port; the next free one when it is taken, any free one for 0.",
)


def run(
    app: Application,
    host: str,
    port: int,
    what: str,
    *,
    path: str = "/",
    open_browser: bool = False,
    more: Callable[[int], str] | None = None,
) -> None:
    """Serves until interrupted. The address is printed once it can be opened, and what `more` makes of the port."""
    listening = listen(host, port)
    number = listening.getsockname()[1]
    here = _here(host)
    address = f"http://{f'[{here}]' if ':' in here else here}:{number}{path}"
    click.echo(f"{what}: {address}  (Ctrl-C ends it)")
    if more is not None:
        click.echo(more(number))
    if open_browser and _has_screen():
        click.launch(address)
    from newsletter.web.server import serve

    with listening:
        serve(app, listening)


def _here(host: str) -> str:
    """Where this machine itself finds what listens at an address: "any" is none to go to."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"


def _has_screen() -> bool:
    """Whether a browser could show itself: on a server none does, and the attempt only makes noise."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket at the port, or at the next free one above it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last: OSError | None = None
    for candidate in (port,) if port == 0 else range(port, min(port + TRIES, 65536)):
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen(128)
        except OSError as caught:
            listening.close()
            last = caught
        else:
            return listening
    raise NewsletterError(
        f"cannot listen on {host}, port {port} or the {TRIES} above it: {last.strerror if last else ''}",
        "Choose another with --port or --host.",
    )
