"""As whom a mail is looked at, by addresses and forms alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.model.account import Role
from newsletter.publication import load_publication
from newsletter.web.studio.choice import choice_of
from newsletter.workflow import subscribers

AT = "/studio/2026-05"
EVIL = '<img src=x onerror="alert(1)">'


@pytest.fixture
def people(orchard: Path) -> None:
    publication = load_publication(orchard, {})
    for n in range(15):
        subscribers.add(publication, f"p{n:02}@example.com", "weekly", name=f"Reader {n}")
    subscribers.add(publication, "eve@example.com", "weekly", name=EVIL)


def options(page: str) -> list[str]:
    return re.findall(r'<a data-go data-person="(\w*)"', page)


def test_the_search_and_its_place_are_part_of_the_address() -> None:
    choice = choice_of("x", {"find": "  a   b ", "pick": "after-12", "person": "3"})
    assert (choice.find, choice.pick) == ("a b", "after-12")
    assert choice_of("x", {"pick": "after-<b>", "find": "w" * 900}).pick == ""
    assert len(choice_of("x", {"find": "w" * 900}).find) == 100


@pytest.mark.usefixtures("people")
def test_without_scripts_somebody_is_searched_for_and_stepped_through(preview: TestClient) -> None:
    page = preview.get(AT, params={"find": "reader", "pick": "first"}).text
    assert '<details id="as" open>' in page
    keys = options(page)
    assert len(keys) == 12
    following = re.findall(r'data-turn="after" href="([^"]+)"', page)[0].replace("&amp;", "&")
    assert len(options(preview.get(following).text)) == 3
    chosen = preview.get(AT, params={"find": "reader", "person": keys[0], "view": "text"}).text
    assert "Dear Reader 0," in chosen
    assert "1 of 15" in chosen
    after = re.findall(r'data-name="person-after" href="([^"]+)"', chosen)[0]
    stepped = preview.get(after.replace("&amp;", "&")).text
    assert "Dear Reader 1," in stepped
    assert "2 of 15" in stepped


@pytest.mark.usefixtures("people")
def test_the_list_alone_is_a_piece_of_a_page_and_escapes_every_name(preview: TestClient) -> None:
    piece = preview.get(f"{AT}/people", params={"find": "eve", "width": "375"}).text
    assert "<html" not in piece
    assert EVIL not in piece
    assert "&lt;img src=x onerror=" in piece
    assert "width=375" in piece
    (key,) = options(piece)
    whole = preview.get(AT, params={"person": key, "find": EVIL}).text
    assert EVIL not in whole


@pytest.mark.usefixtures("people")
def test_nobody_in_particular_stands_first_and_not_among_who_is_found(
    preview: TestClient,
) -> None:
    assert options(preview.get(f"{AT}/people").text)[:3] == ["", "nameless", "random"]
    assert "nameless" not in options(preview.get(f"{AT}/people?find=reader").text)
    assert "Nobody is found." in preview.get(f"{AT}/people?find=zzz").text


@pytest.mark.usefixtures("people")
def test_who_may_not_send_sees_nobody(as_role: Callable[[Role], TestClient]) -> None:
    editor = as_role(Role.EDITOR)
    assert editor.get(f"{AT}/people").status_code == 403
    page = editor.get(AT, params={"pick": "first", "person": "1"}).text
    assert "person-picker" not in page
    assert "example.com" not in page


@pytest.mark.usefixtures("people")
def test_a_test_as_an_address_that_nobody_has_is_refused(preview: TestClient) -> None:
    form = {"to": "editor@example.com", "person": "", "as": "nobody@example.com"}
    headers = {"origin": "http://127.0.0.1:8000"}
    told = preview.post(f"{AT}/send/test", data=form, headers=headers)
    assert told.status_code == 409
    assert "nobody has the address nobody@example.com" in told.text
