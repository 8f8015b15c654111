"""The preview shows every edition and every problem, changes nothing, and runs nothing that editors wrote."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.web.preview import preview_app

AT = "/preview/2026-05"


def article(orchard: Path) -> Path:
    return orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"


def test_the_list_of_issues_names_title_date_and_state(preview):
    page = preview.get("/").text
    assert "The Orchard in May" in page
    assert "2026-05-01" in page
    assert "draft" in page


def test_an_empty_publication_says_how_to_begin(new_publication):
    with TestClient(preview_app(new_publication), base_url="http://127.0.0.1") as client:
        assert "newsletter new" in client.get("/").text


def test_the_mail_is_shown_at_phone_and_desktop_width(preview):
    page = preview.get(AT).text
    assert page.count(f'src="{AT}/mail/?scheme=light"') == 2
    mail = preview.get(f"{AT}/mail/").text
    assert "Apples after the frost" in mail
    assert "Dear reader, here is May." in mail
    assert "NLM0" not in mail


def test_the_shown_mail_loads_its_pictures_from_the_preview(preview):
    mail = preview.get(f"{AT}/mail/").text
    picture = re.search(r'src="(pictures/[^"]+)"', mail)
    assert picture is not None
    answer = preview.get(f"{AT}/mail/{picture.group(1)}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert 'src="https://orchard.example.com' not in mail


def test_dark_and_light_are_chosen_whatever_the_browser_prefers(preview):
    dark = preview.get(f"{AT}/mail/?scheme=dark").text
    light = preview.get(f"{AT}/mail/?scheme=light").text
    assert "prefers-color-scheme" not in dark + light
    assert "@media all" in dark
    assert "@media not all" in light


def test_the_other_views_show_text_web_print_and_source(preview):
    assert "Apples after the frost" in preview.get(f"{AT}?view=text").text
    assert "Apples after the frost" in preview.get(f"{AT}/web/").text
    assert preview.get(f"{AT}/web/style.css").headers["content-type"].startswith("text/css")
    assert "MIME-Version: 1.0" in preview.get(f"{AT}?view=source").text
    assert preview.get(f"{AT}/message.eml").headers["content-type"] == "message/rfc822"


def test_print_is_shown_as_lazy_pictures_of_its_pages(preview):
    page = preview.get(f"{AT}?view=print").text
    assert 'loading="lazy"' in page
    first = preview.get(f"{AT}/pages/1.png?width=640")
    assert first.content.startswith(b"\x89PNG")
    assert preview.get(f"{AT}/pages/999.png").status_code == 404
    assert preview.get(f"{AT}/pages/1.png?width=100000").status_code == 404
    assert preview.get(f"{AT}/web/2026-05.pdf").content.startswith(b"%PDF")


def test_problems_are_listed_with_file_line_and_hint(orchard, preview):
    with article(orchard).open("a") as file:
        file.write("\nTODO: pears\n")
    page = preview.get(AT).text
    assert "01-fruit/01-apples.md:9" in page
    assert "leftover-note" in page
    assert "Write what is missing" in page


def test_the_last_good_rendering_stays_while_the_source_is_broken(orchard, preview):
    assert "Apples after the frost" in preview.get(f"{AT}/mail/").text
    good = article(orchard).read_text()
    article(orchard).write_text("---\ntitle: [broken\n---\nNothing\n")
    broken = preview.get(AT).text
    assert "Shown as it was before the errors" in broken
    assert "Apples after the frost" in preview.get(f"{AT}/mail/").text
    article(orchard).write_text(good.replace("Apples after", "Pears after"))
    assert "Pears after the frost" in preview.get(f"{AT}/mail/").text


def test_settings_that_break_keep_the_last_ones_and_are_told(orchard, preview):
    preview.get(AT)
    settings = orchard / "newsletter.toml"
    good = settings.read_text()
    settings.write_text(good + '\n[sender\nname = "x"\n')
    page = preview.get(AT).text
    assert "newsletter.toml" in page
    assert "settings-syntax" in page
    settings.write_text(good)
    assert "settings-syntax" not in preview.get(AT).text


def test_an_issue_from_elsewhere_is_shown_beside_the_own_ones(orchard, tmp_path):
    lone = tmp_path / "letter-2026-06-01.md"
    lone.write_text("# A letter\n\nWords.\n")
    with TestClient(preview_app(orchard, str(lone)), base_url="http://127.0.0.1") as client:
        page = client.get("/").text
        assert "A letter" in page
        assert "The Orchard in May" in page
        assert client.get("/preview/letter-2026-06-01").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/preview/nothing",
        "/preview/..%2f..",
        f"{AT}/web/..%2f..%2fnewsletter.toml",
        f"{AT}/mail/..%2f..%2f..%2fnewsletter.toml",
        "/static/..%2fpreview.py",
        f"{AT}?view=nothing",
    ],
)
def test_nothing_outside_of_what_is_shown_can_be_reached(preview, address):
    answer = preview.get(address)
    assert answer.status_code == 404
    assert "sender" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example"])
def test_other_host_names_are_refused(preview, host):
    assert preview.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000"])
def test_this_machine_s_own_names_are_answered(preview, host):
    assert preview.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/", AT, f"{AT}/mail/"])
def test_only_reading_is_allowed(preview, method, address):
    assert preview.request(method, address).status_code == 405


def test_looking_changes_no_file(orchard, preview):
    def state() -> str:
        files = sorted(path for path in orchard.rglob("*") if path.is_file())
        return hashlib.sha256(b"".join(str(p).encode() + p.read_bytes() for p in files)).hexdigest()

    before = state()
    for view in ("email", "text", "web", "print", "source"):
        preview.get(f"{AT}?view={view}")
    preview.get("/unsubscribe/preview")
    assert state() == before


def test_pages_and_frames_carry_a_content_policy(preview):
    own = preview.get(AT).headers["content-security-policy"]
    frame = preview.get(f"{AT}/mail/").headers["content-security-policy"]
    assert "script-src 'self'" in own
    assert "unsafe-inline" not in own
    assert "script-src" not in frame
    assert "default-src 'none'" in frame
    assert "https:" not in frame


def test_what_the_editor_writes_cannot_become_part_of_our_page(orchard, preview):
    article(orchard).write_text(
        '---\ntitle: "<img src=x onerror=alert(1)>"\n---\nWords <script>alert(1)</script>.\n'
    )
    for address in ("/", AT, f"{AT}?view=text", f"{AT}?view=source", f"{AT}/mail/", f"{AT}/web/"):
        page = preview.get(address).text
        assert "<img src=x" not in page, address
        assert "<script>alert" not in page, address


def test_an_error_page_tells_the_message_and_no_traceback(preview):
    page = preview.get("/preview/nothing")
    assert "no such issue: nothing" in page.text
    assert "Traceback" not in page.text


def test_a_reader_s_page_keeps_its_own_look_beside_the_preview(preview):
    policy = preview.get("/unsubscribe/preview").headers["content-security-policy"]
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy
