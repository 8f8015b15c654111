"""Parts of pages that are asked for by htmx, as the server makes them: alone, escaped, and never for more rights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.model.account import Role
from newsletter.publication import load_publication
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import campaigns, lists, steering, subscribers
from newsletter.workflow.scheduling import appointment

AT = "/subscribers"


@pytest.fixture
def filled(orchard: Path, preview: TestClient) -> TestClient:
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = load_publication(orchard, {})
    lists.make_list(publication, "weekly", title="The weekly letter")
    lists.make_list(publication, "daily", title="The daily letter")
    subscribers.add(publication, "anna@example.com", "weekly", name="<b>Anna</b>")
    subscribers.add(publication, "ben@example.com", "daily", name="Ben")
    return preview


def asked(client: TestClient, address: str, target: str, seen: str = "") -> str:
    headers = {
        "hx-request": "true",
        "hx-target": target,
        "hx-current-url": f"http://127.0.0.1:8000{seen or address}",
    }
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def test_the_list_alone_is_answered_and_its_growth_only_with_another_list(
    filled: TestClient,
) -> None:
    part = asked(filled, f"{AT}?q=anna", "div#listing", AT)
    assert "<html" not in part
    assert "anna@example.com" in part
    assert "ben@example.com" not in part
    assert "&lt;b&gt;Anna&lt;/b&gt;" in part
    assert "hx-partial" not in part
    other = asked(filled, f"{AT}?list=weekly", "div#listing", AT)
    assert '<hx-partial hx-target="#overview"' in other
    assert "On the list today" in other
    assert "/subscribers/export?list=weekly" in other


@pytest.mark.parametrize("target", ["", "body", "div#nothing-of-this-name"])
def test_whoever_names_no_part_gets_the_page(filled: TestClient, target: str) -> None:
    assert asked(filled, AT, target).startswith("<!doctype html>")


def test_the_send_panels_left_half_is_answered_alone_with_the_state_of_the_issue(
    filled: TestClient,
) -> None:
    part = asked(filled, "/studio/2026-05/send?list=daily", "section#plan")
    assert "<html" not in part
    assert "1 recipient" in part
    assert 'id="steps"' in part
    assert "How it stands" not in part


def test_the_send_panel_tells_of_what_is_held_whom_it_goes_to_and_names_each_step_as_the_screen(
    filled: TestClient, orchard: Path
) -> None:
    publication, at = load_publication(orchard, {}), "/studio/2026-05/send"
    part = asked(filled, f"{at}?list=daily", "section#plan")
    assert f'href="{at}?list=daily&amp;list=weekly"' in part  # the way to all lists
    assert 'aria-current="step">Checked<' in part
    plan = campaigns.plan(publication, "2026-05", ["weekly"])
    held = campaigns.hold(publication, plan, 1, 600)
    part = asked(filled, f"{at}?list=weekly", "section#plan")
    assert "<strong>1 recipient</strong>" in part
    assert "in another campaign" not in part
    assert 'aria-current="step">Held<' in part
    steering.take_back(publication, held.id)
    appointed = appointment(publication, "2099-05-01 09:00")
    campaigns.schedule(publication, plan, 1, appointed)
    part = asked(filled, f"{at}?list=weekly", "section#plan")
    assert '<typed-count wanted="1">' in part
    assert 'aria-current="step">Scheduled<' in part


def test_a_test_can_be_sent_before_there_is_a_list(preview: TestClient) -> None:
    page = preview.get("/studio/2026-05/send").text
    assert "There is no list yet." in page
    assert 'action="/studio/2026-05/send/test"' in page
    assert "/send/go" not in page


def test_an_approval_that_is_void_is_no_step(filled: TestClient, orchard: Path) -> None:
    publication = load_publication(orchard, {})
    campaigns.approve(publication, campaigns.plan(publication, "2026-05", ["weekly"]))
    letter = orchard / "issues" / "2026-05" / "issue.md"
    letter.write_text(letter.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    for address in ("/studio/2026-05/send?list=weekly", "/studio/2026-05"):
        assert 'aria-current="step">Checked<' in filled.get(address).text


def test_a_part_is_refused_as_its_page_is(as_role: Callable[[Role], TestClient]) -> None:
    editor = as_role(Role.EDITOR)
    headers = {"hx-request": "true", "hx-target": "div#listing"}
    assert editor.get(AT, headers=headers).status_code == 403
    headers["hx-target"] = "section#plan"
    assert editor.get("/studio/2026-05/send", headers=headers).status_code == 403


def test_what_another_site_sends_is_refused_with_these_headers_too(filled: TestClient) -> None:
    headers = {"hx-request": "true", "sec-fetch-site": "cross-site", "origin": "https://e.example"}
    answer = filled.post("/studio/2026-05/send/go", data={"count": "1"}, headers=headers)
    assert answer.status_code == 403


def test_no_page_evaluates_anything_and_none_styles_a_line(filled: TestClient) -> None:
    for address in (AT, f"{AT}/growth", f"{AT}/import", "/studio/2026-05/send", "/studio/2026-05"):
        text = filled.get(address).text
        assert '"mode": "same-origin"' in text
        assert "stylesheet" not in text.partition("<body")[2]  # nothing is seen before its colours
        for forbidden in ("hx-on", "js:", "javascript:", ' style="', " onclick"):
            assert forbidden not in text, (address, forbidden)
