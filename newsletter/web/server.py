"""Runs an application. The only module that knows uvicorn."""

from __future__ import annotations

import gc
import socket

import uvicorn
from starlette.applications import Starlette

Application = Starlette
"""What `web` makes and the command line runs."""


def serve(app: Application, listening: socket.socket) -> None:
    """Answers on a listening socket until it is interrupted, then lets what is under way finish."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=3,
    )
    # What start-up made stays: the collector need not look at it again while somebody waits for a preview.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    uvicorn.Server(config).run(sockets=[listening])
