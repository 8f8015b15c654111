"""Files over HTTP: saved by the version they began from, by pages of ours only, with and without scripts."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from newsletter.web.studio.app import studio_app

FILE = "01-fruit/01-apples.md"
AT = f"/studio/2026-05/files/{FILE}"


@pytest.fixture
def studio(orchard: Path) -> Iterator[TestClient]:
    with TestClient(
        studio_app(orchard), base_url="http://127.0.0.1:8000", follow_redirects=False
    ) as client:
        yield client


@pytest.fixture
def apples(orchard: Path) -> Path:
    return orchard / "issues" / "2026-05" / FILE


def put(studio: TestClient, text: str, base: str, version: str, **headers: str) -> Any:
    return studio.put(
        AT, json={"text": text, "base": base}, headers={"if-match": f'"{version}"', **headers}
    )


def test_a_save_is_in_the_file_and_in_the_preview(studio: TestClient, apples: Path) -> None:
    was = studio.get(AT).json()
    text = was["text"] + "\nPears are ripe.\n"
    answer = put(studio, text, was["text"], was["version"])
    assert answer.status_code == 200
    assert apples.read_text(encoding="utf-8") == text
    assert studio.get(AT).headers["etag"] == f'"{answer.json()["version"]}"'
    assert "Pears are ripe." in studio.get("/studio/2026-05/frame/email").text


def test_a_change_on_disk_comes_back_merged(studio: TestClient, apples: Path) -> None:
    was = studio.get(AT).json()
    apples.write_text(was["text"].replace("Apples after", "Apples long after"), encoding="utf-8")
    typed = was["text"].replace("came late", "came very late")
    told = put(studio, typed, was["text"], was["version"]).json()
    assert told["merged"]
    assert "Apples long after" in told["text"]
    assert "came very late" in told["text"]


def test_a_conflict_is_409_with_both_sides_and_no_change(studio: TestClient, apples: Path) -> None:
    was = studio.get(AT).json()
    theirs = was["text"].replace("came late", "came early")
    apples.write_text(theirs, encoding="utf-8")
    answer = put(
        studio, was["text"].replace("came late", "never came"), was["text"], was["version"]
    )
    assert answer.status_code == 409
    told = answer.json()
    disputed = next(region for region in told["regions"] if "mine" in region)
    assert disputed["mine"][0].startswith("The frost never came")
    assert apples.read_text(encoding="utf-8") == theirs
    taken = put(studio, told["keep_mine"], told["theirs"], told["version"])
    assert taken.status_code == 200
    assert "never came" in apples.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_pages_of_other_sites_change_nothing(
    studio: TestClient, apples: Path, headers: dict[str, str]
) -> None:
    was = studio.get(AT).json()
    before = apples.read_bytes()
    assert put(studio, "gone", was["text"], was["version"], **headers).status_code == 403
    form = {"text": "gone", "base": was["text"], "version": was["version"]}
    assert studio.post(AT, data=form, headers=headers).status_code == 403
    assert apples.read_bytes() == before


def test_our_own_pages_may_save(studio: TestClient) -> None:
    was = studio.get(AT).json()
    headers = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}
    assert put(studio, "x", was["text"], was["version"], **headers).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "../../../newsletter.toml",
        "%2e%2e/%2e%2e/newsletter.toml",
        "..%2f..%2fnewsletter.toml",
        "01-fruit/figures/blossom.png",
    ],
)
def test_nothing_outside_of_the_issue_is_reached(
    studio: TestClient, orchard: Path, name: str
) -> None:
    before = (orchard / "newsletter.toml").read_bytes()
    address = f"/studio/2026-05/files/{name}"
    assert studio.get(address).status_code == 404
    answer = studio.put(address, json={"text": "x", "base": ""}, headers={"if-match": '"missing"'})
    assert answer.status_code in (404, 405)
    assert (orchard / "newsletter.toml").read_bytes() == before


def test_a_save_without_a_version_or_a_text_is_refused(studio: TestClient, apples: Path) -> None:
    before = apples.read_bytes()
    assert studio.put(AT, json={"text": "x", "base": ""}).status_code == 428
    tag = {"if-match": '"x"'}
    assert studio.put(AT, content=b"no json", headers=tag).status_code == 400
    assert studio.put(AT, json={"text": 1, "base": ""}, headers=tag).status_code == 400
    assert studio.put(AT, json=["text"], headers=tag).status_code == 400
    assert studio.put(AT, content=b" " * 8_000_001, headers=tag).status_code == 413
    assert apples.read_bytes() == before


def test_a_disk_that_takes_no_more_is_named_as_the_reason(
    studio: TestClient, apples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = studio.get(AT).json()

    def full(*of: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    answer = put(studio, "Typed.", was["text"], was["version"])
    monkeypatch.undo()
    told = {"message": ".studio cannot be written: No space left on device"}
    assert (answer.status_code, answer.json()) == (507, told)
    assert apples.read_text(encoding="utf-8") == was["text"]
    assert [one.name for one in apples.parent.iterdir() if one.name.startswith(".")] == []


def test_get_changes_nothing(studio: TestClient, orchard: Path) -> None:
    def state() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in orchard.rglob("*") if p.is_file()}

    before = state()
    for path in (
        "/",
        "/studio/2026-05",
        AT,
        "/studio/2026-05/frame/web",
        "/studio/2026-05?view=print",
    ):
        assert studio.get(path).status_code == 200
    assert state() == before


def test_a_form_without_scripts_saves_and_comes_back(studio: TestClient, apples: Path) -> None:
    apples.write_bytes(apples.read_bytes().replace(b"\n", b"\r\n"))
    was = studio.get(AT).json()
    typed = (was["text"] + "Pears.\n").replace("\n", "\r\n")
    form = {"text": typed, "base": was["text"].replace("\n", "\r\n"), "version": was["version"]}
    answer = studio.post(f"{AT}?view=text", data=form)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/studio/2026-05?file=01-fruit%2F01-apples.md&view=text"
    assert apples.read_bytes() == typed.encode()


def test_a_conflict_of_a_form_is_a_page_with_both_sides(studio: TestClient, apples: Path) -> None:
    was = studio.get(AT).json()
    apples.write_text(was["text"].replace("came late", "came <i>early</i>"), encoding="utf-8")
    typed = was["text"].replace("came late", "never <b>came</b>")
    form = {"text": typed, "base": was["text"], "version": was["version"]}
    answer = studio.post(AT, data=form)
    assert answer.status_code == 409
    assert "never &lt;b&gt;came" in answer.text
    assert "came &lt;i&gt;early" in answer.text
    for way in ("Keep mine", "Take the file", "Copy mine"):
        assert way in answer.text
