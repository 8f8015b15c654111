"""A save on disk reaches open pages, and only pages of our own."""

from __future__ import annotations

import re
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
            assert first.receive_json() == {"kind": "changed"}
            assert second.receive_json() == {"kind": "changed"}
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


SEE = {"kind": "see", "slug": "2026-05", "view": "email", "scheme": "light"}


def test_what_is_typed_is_in_the_mail_before_it_is_saved(orchard, preview):
    file = orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    before = file.read_text()
    with preview.websocket_connect(LIVE) as page:
        page.send_json(SEE)
        whole = page.receive_json()
        assert whole["kind"] == "whole"
        typed = before + "\nPears came through.\n"
        draft = {"kind": "draft", "slug": "2026-05", "file": "01-fruit/01-apples.md", "text": typed}
        page.send_json(draft)
        patch = page.receive_json()
        assert patch["kind"] == "patch"
        assert "Pears came through." in patch["put"]
        assert len(patch["put"]) < len(whole["html"]) / 4
        page.send_json(draft)
        assert page.receive_json() == {"kind": "same"}
    assert file.read_text() == before


def test_words_of_a_window_that_is_gone_are_shown_no_longer(orchard, preview):
    with preview.websocket_connect(LIVE) as other:
        other.send_json(SEE)
        other.receive_json()
        with preview.websocket_connect(LIVE) as page:
            page.send_json(
                {
                    "kind": "draft",
                    "slug": "2026-05",
                    "file": "01-fruit/01-apples.md",
                    "text": "Gone",
                }
            )
            assert other.receive_json()["kind"] == "patch"
        back = other.receive_json()
        assert back["kind"] == "patch"
        assert "The frost came late" in back["put"]


def test_a_hidden_page_gets_nothing_until_it_is_seen_again(orchard, preview):
    file = orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    with preview.websocket_connect(LIVE) as hidden, preview.websocket_connect(LIVE) as page:
        for one in (hidden, page):
            one.send_json(SEE)
            one.receive_json()
        hidden.send_json({"kind": "visible", "on": False})
        draft = {"kind": "draft", "slug": "2026-05", "file": "01-fruit/01-apples.md"}
        page.send_json({**draft, "text": file.read_text() + "\nOne.\n"})
        assert page.receive_json()["kind"] == "patch"
        page.send_json({**draft, "text": file.read_text() + "\nTwo.\n"})
        assert page.receive_json()["kind"] == "patch"
        hidden.send_json({"kind": "visible", "on": True})
        assert "Two." in hidden.receive_json()["put"]


def test_nonsense_on_the_socket_is_let_lie(preview):
    with preview.websocket_connect(LIVE) as page:
        page.send_text("not json")
        page.send_json({"kind": "see", "slug": 7})
        page.send_json(["draft"])
        page.send_json(SEE)
        assert page.receive_json()["kind"] == "whole"


def test_a_patch_counts_as_javascript_does():
    from newsletter.web.patches import difference

    assert difference("a😀b", "a😀cb") == {"at": 3, "drop": 0, "put": "c"}
    assert difference("aaaa", "aa") == {"at": 2, "drop": 2, "put": ""}
    assert difference("", "x") == {"at": 0, "drop": 0, "put": "x"}


def test_who_looks_at_printed_pages_is_told_of_new_ones(orchard, preview):
    file = orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    at = "/preview/open/2026-05/pages/1.png?width=640&v="
    with preview.websocket_connect(LIVE) as page:
        page.send_json({**SEE, "view": "print"})
        first = _next(page, "pages")
        assert first["count"] >= 1
        old = preview.get(at + first["version"]).content
        file.write_text(file.read_text().replace("Apples after", "Pears after"))
        preview.post(  # a save of the studio's own is told at once
            "/studio/2026-05/do/new", data={"title": "Plums", "section": "01-fruit"}
        )
        second = _next(page, "pages")
        assert second["version"] != first["version"]
        assert preview.get(at + second["version"]).content != old
        # A window that has not heard of them yet gets the pages that it knows.
        assert preview.get(at + first["version"]).content == old


def _next(page, kind):
    for _ in range(30):
        message = page.receive_json()
        if message["kind"] == kind:
            return message
    raise AssertionError(f"no {kind} came")


def test_the_rest_of_a_window_follows_also_when_its_pages_stay_as_they_were(orchard, preview):
    with preview.websocket_connect(LIVE) as page:
        page.send_json({**SEE, "view": "print"})
        _next(page, "pages")
        _next(page, "changed")
        preview.post("/issues-do/new", data={"slug": "2026-06", "title": "June"})
        _next(page, "changed")


def test_a_page_hears_of_what_changed_between_its_making_and_its_socket(orchard, preview):
    made = preview.get("/studio/2026-05").text
    before = int(re.findall(r'data-changes="(\d+)"', made)[0])
    with preview.websocket_connect(LIVE) as page:
        page.send_json({"kind": "since", "changes": before - 1})
        assert page.receive_json() == {"kind": "changed"}
    with preview.websocket_connect(LIVE) as page:
        page.send_json({"kind": "since", "changes": before})
        page.send_json(SEE)
        assert page.receive_json()["kind"] == "whole"  # nothing was missed
