"""A save on disk reaches open pages, and only pages of our own."""

from __future__ import annotations

import threading
import time

import pytest
from starlette.websockets import WebSocketDisconnect

LIVE = "ws://127.0.0.1:8000/live"


def test_a_save_is_told_to_every_open_page(orchard, preview):
    issue = orchard / "issues" / "2026-05" / "issue.md"
    with preview.websocket_connect(LIVE) as first, preview.websocket_connect(LIVE) as second:
        # The watch needs a moment to begin; until it is told, the file is saved again and again.
        told = threading.Event()

        def save() -> None:
            while not told.wait(0.2):
                issue.write_text(issue.read_text() + "\nMore.\n")

        saving = threading.Thread(target=save)
        saving.start()
        try:
            assert first.receive_text() == "changed"
            assert second.receive_text() == "changed"
        finally:
            told.set()
            saving.join()


def test_a_page_of_another_site_is_turned_away(preview):
    with (
        pytest.raises(WebSocketDisconnect),
        preview.websocket_connect(LIVE, headers={"origin": "https://evil.example"}),
    ):
        pass


def test_another_host_name_is_turned_away(preview):
    with (
        pytest.raises(WebSocketDisconnect),
        preview.websocket_connect(LIVE, headers={"host": "evil.example"}),
    ):
        pass


def test_the_watch_ends_with_the_application(preview):
    started = time.monotonic()
    preview.__exit__(None, None, None)
    assert time.monotonic() - started < 5
    preview.__enter__()
