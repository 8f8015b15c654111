"""One click in the studio: with scripts and without, from our own pages only, by those who may."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from newsletter.publication import load_publication
from newsletter.web.studio.app import studio_app
from newsletter.workflow import subscribers

AT = "/studio/2026-05"
FILE = "01-fruit/01-apples.md"
JSON = {"accept": "application/json"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def studio(orchard: Path) -> Iterator[TestClient]:
    with TestClient(
        studio_app(orchard), base_url="http://127.0.0.1:8000", follow_redirects=False
    ) as client:
        yield client


@pytest.fixture
def apples(orchard: Path) -> Path:
    return orchard / "issues" / "2026-05" / FILE


def test_a_form_without_scripts_comes_back_to_the_same_screen(
    studio: TestClient, apples: Path
) -> None:
    answer = studio.post(
        f"{AT}/do/details?file={FILE}&view=text",
        data={"file": FILE, "key-subtitle": "Cold", "was-subtitle": ""},
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{AT}?file=01-fruit%2F01-apples.md&view=text"
    assert "subtitle: Cold" in apples.read_text()


def test_a_script_gets_json_and_the_message_of_what_went_wrong(studio: TestClient) -> None:
    done = studio.post(
        f"{AT}/do/silence",
        data={"code": "leftover-note", "reason": "on purpose", "file": FILE},
        headers=JSON,
    )
    assert done.json() == {"ok": True}
    wrong = studio.post(f"{AT}/do/silence", data={"code": "x", "reason": " "}, headers=JSON)
    assert wrong.status_code == 409
    assert wrong.json()["message"] == "a silence needs a code and a reason"


def test_a_fix_is_offered_shown_and_made(studio: TestClient, apples: Path) -> None:
    apples.write_text(apples.read_text() + "\nAbout CAR- T cells.\n")
    page = studio.get(AT, params={"file": FILE}).text
    assert '<input type="hidden" name="old" value="CAR- T">' in page
    line = apples.read_text().split("\n").index("About CAR- T cells.") + 1
    fix = {"file": FILE, "line": str(line), "old": "CAR- T", "new": "CAR-T"}
    assert studio.post(f"{AT}/do/fix", data=fix, headers=JSON).json() == {"ok": True}
    assert "About CAR-T cells." in apples.read_text()
    assert studio.post(f"{AT}/do/fix", data=fix, headers=JSON).status_code == 409


def test_a_picture_is_laid_and_its_address_comes_back(studio: TestClient, apples: Path) -> None:
    data = io.BytesIO()
    Image.new("RGB", (90, 60), "#884422").save(data, "PNG")
    answer = studio.post(
        f"{AT}/do/picture",
        data={"to": FILE},
        files={"picture": ("Früh ling.png", data.getvalue(), "image/png")},
        headers=JSON,
    )
    assert answer.json() == {"ok": True, "address": "figures/Früh-ling.png"}
    assert (apples.parent / "figures" / "Früh-ling.png").is_file()
    bad = studio.post(
        f"{AT}/do/picture",
        data={"to": "../../../x.md"},
        files={"picture": ("x.png", b"nonsense", "image/png")},
        headers=JSON,
    )
    assert bad.status_code == 409


@pytest.mark.parametrize("name", ["fix", "silence", "digest", "details", "version", "restore"])
@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}],
    ids=["site", "origin"],
)
def test_pages_of_other_sites_change_nothing(
    studio: TestClient, orchard: Path, name: str, headers: dict[str, str]
) -> None:
    before = {path: path.read_bytes() for path in orchard.rglob("*") if path.is_file()}
    assert studio.post(f"{AT}/do/{name}", data={}, headers=headers).status_code == 403
    assert (
        studio.post("/issues-do/trash", data={"what": "2026-05"}, headers=headers).status_code
        == 403
    )
    assert studio.post(f"{AT}/send/go", data={"count": "1"}, headers=headers).status_code == 403
    assert {path: path.read_bytes() for path in orchard.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["fix", "move", "trash", "picture"])
def test_looking_at_an_action_is_not_doing_it(studio: TestClient, name: str) -> None:
    assert studio.get(f"{AT}/do/{name}").status_code == 405


@pytest.mark.parametrize("what", ["../../../newsletter.toml", "/etc/passwd", "issue.md", ""])
def test_only_parts_of_the_issue_are_moved_or_put_away(
    studio: TestClient, orchard: Path, what: str
) -> None:
    for name in ("move", "trash"):
        answer = studio.post(
            f"{AT}/do/{name}", data={"what": what, "after": "01-fruit"}, headers=JSON
        )
        assert answer.status_code == 409
    assert (orchard / "newsletter.toml").is_file()


def test_issues_are_started_and_put_away_by_plain_forms(studio: TestClient, orchard: Path) -> None:
    made = studio.post(
        "/issues-do/new", data={"slug": "2026-06", "title": HOSTILE, "from": "2026-05"}
    )
    assert made.headers["location"] == "/studio/2026-06"
    assert (orchard / "issues" / "2026-06" / "01-fruit" / "section.md").is_file()
    page = studio.get("/").text
    assert HOSTILE not in page
    assert "&lt;img src=x" in page
    studio.post("/issues-do/trash", data={"what": "2026-06"})
    assert not (orchard / "issues" / "2026-06").exists()
    assert studio.post("/issues-do/new", data={"slug": "../x"}).status_code == 404


def test_a_subscriber_s_hostile_name_is_inert_where_the_mail_is_read_as_them(
    studio: TestClient, orchard: Path
) -> None:
    from newsletter.publication import load_publication
    from newsletter.subscribers.tokens import make_key_file
    from newsletter.workflow.subscribers import add

    make_key_file(orchard / "subscribers" / "secret.key")
    add(load_publication(orchard, {}), "eve@example.com", "weekly", name=HOSTILE)
    for address in (
        f"{AT}?view=email&person=1",
        f"{AT}?view=inbox&person=1",
        f"{AT}?view=text&person=1",
        f"{AT}/frame/email?person=1",
        f"{AT}/people",
    ):
        page = studio.get(address).text
        assert "eve@example.com" in page or "&lt;img src=x" in page
        assert "<img src=x" not in page, address
    assert (
        "Dear &lt;img src=x onerror=alert(1)&gt;" in studio.get(f"{AT}/frame/email?person=1").text
    )


def test_all_fixes_are_made_at_once_and_taken_back_at_once(
    studio: TestClient, apples: Path
) -> None:
    before = apples.read_text() + "\nAbout CAR- T cells.\n\nAnd (一二三) here.\n\nAnd NK- T too.\n"
    apples.write_text(before)
    page = studio.get(AT, params={"file": FILE}).text
    assert "Undo the fix" not in page
    form = page.split('class="every-fix"')[1].split("</form>")[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(html.unescape(value))
    assert len(fields["file"]) >= 2
    studio.post(f"{AT}/do/fix", data=fields)
    assert "CAR-T" in apples.read_text()
    assert "NK-T" in apples.read_text()
    assert "Undo the fix" in studio.get(AT, params={"file": FILE}).text
    assert studio.post(f"{AT}/do/undo", headers=JSON).json() == {"ok": True, "undone": "fix"}
    assert apples.read_text() == before
    assert studio.post(f"{AT}/do/undo", headers=JSON).status_code == 409


def test_a_mail_that_is_too_large_is_offered_a_digest_even_where_all_is_wanted_in_full(
    studio: TestClient, apples: Path
) -> None:
    letter = apples.parent.parent / "issue.md"
    letter.write_text(letter.read_text().replace("---\n", "---\nemail: full\n", 1), "utf-8")
    long = "\n\n".join(f"Paragraph {number} says much of apples. " * 20 for number in range(150))
    apples.write_text(f"---\ntitle: Apples\n---\n\n{long}\n", encoding="utf-8")
    assert 'drawer=size">Make a digest that fits</a>' in studio.get(AT).text
    page = studio.get(AT, params={"drawer": "size"}).text
    assert f'name="article" value="{FILE} digest" checked' in page
    studio.post(f"{AT}/do/digest", data={"article": [f"{FILE} digest"]})
    assert "email: digest" in apples.read_text()
    assert "Everything is in the mail" in studio.get(AT).text


def test_a_file_is_compared_with_itself_before_the_last_save(
    studio: TestClient, apples: Path
) -> None:
    studio.get(AT, params={"file": FILE})
    version = studio.get(f"{AT}/files/{FILE}").json()["version"]
    base = apples.read_text()
    saved = studio.put(
        f"{AT}/files/{FILE}",
        json={"text": base + "\nSaved now.\n", "base": base},
        headers={"if-match": f'"{version}"'},
    )
    assert saved.status_code == 200
    page = studio.get(AT, params={"file": FILE, "view": "compare", "against": "saved"}).text
    assert "<ins>Saved now.</ins>" in page
    assert "since before the last save" in page


def test_somebody_at_random_is_somebody_from_then_on(studio: TestClient, orchard: Path) -> None:
    publication = load_publication(orchard, {})
    for name in ("Ann", "Bea", "Cleo"):
        subscribers.add(publication, f"{name.lower()}@example.com", "weekly", name=name)
    answer = studio.get(AT, params={"person": "random", "view": "text"})
    assert answer.status_code == 303
    there = answer.headers["location"]
    assert re.fullmatch(rf"{AT}\?view=text&person=\d+", there)
    first = studio.get(there).text
    assert re.search(r"Dear (Ann|Bea|Cleo),", first)
    named = re.findall(r"Dear (\w+),", first)
    assert all(re.findall(r"Dear (\w+),", studio.get(there).text) == named for _ in range(5))


def test_somebody_without_a_name_can_be_looked_at_without_any_subscriber(
    studio: TestClient,
) -> None:
    assert "Dear reader," in studio.get(AT, params={"person": "nameless", "view": "text"}).text


def test_many_findings_of_one_kind_are_one_line_first(studio: TestClient, apples: Path) -> None:
    apples.write_text(apples.read_text() + "\nAbout CAR- T cells.\n" * 6)
    page = studio.get(AT, params={"file": FILE}).text
    assert "<b>6 ×</b>" in page
    assert 'id="kind-hyphen-space"' in page
