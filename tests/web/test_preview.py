"""The preview shows every edition and every problem, changes nothing, and runs nothing that editors wrote."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.web.studio.access import Access
from newsletter.web.studio.app import studio_app

AT = "/studio/2026-05"
MAIL = f"{AT}/frame/email"
WEB = f"{AT}/frame/web"
FILES = "/preview/open/2026-05"


def article(orchard: Path) -> Path:
    return orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"


def test_the_list_of_issues_names_title_date_and_state(preview):
    page = preview.get("/").text
    assert "The Orchard in May" in page
    assert "2026-05-01" in page
    assert "draft" in page


def test_an_empty_publication_says_how_to_begin(new_publication):
    with TestClient(studio_app(new_publication), base_url="http://127.0.0.1") as client:
        assert "newsletter new" in client.get("/").text


def test_a_link_that_leads_nowhere_hides_no_change_beside_it(orchard, preview):
    # Editors lay such links beside a file they hold; a folder's entries come in no order, so there are several.
    folder = article(orchard).parent
    for number in range(12):
        (folder / f"{number + 10}-more.md").write_text(f"# Tree {number}\n\nBare.\n")
    (folder / ".#01-apples.md").symlink_to("somebody@nowhere.4711")
    preview.get(MAIL)
    for number in range(12):
        (folder / f"{number + 10}-more.md").write_text(f"# Tree {number}\n\nIn leaf {number}.\n")
        assert f"In leaf {number}." in preview.get(MAIL).text


def test_the_mail_is_shown_as_somebody_without_a_name_reads_it(preview):
    assert f'src="{MAIL}?' in preview.get(AT).text
    mail = preview.get(MAIL).text
    assert "Apples after the frost" in mail
    assert "Dear reader, here is May." in mail
    assert "NLM0" not in mail


def test_the_shown_mail_loads_its_pictures_from_the_preview(preview):
    mail = preview.get(MAIL).text
    picture = re.search(r'src="(pictures/[^"]+)"', mail)
    assert picture is not None
    answer = preview.get(f"{FILES}/mail/{picture.group(1)}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert 'src="https://orchard.example.com' not in mail


def test_dark_and_light_are_chosen_whatever_the_browser_prefers(preview):
    dark = preview.get(f"{MAIL}?scheme=dark").text
    light = preview.get(f"{MAIL}?scheme=light").text
    assert "prefers-color-scheme" not in dark + light
    assert "@media all" in dark
    assert "@media not all" in light


def test_the_other_views_show_text_web_print_and_source(preview):
    assert "Apples after the frost" in preview.get(f"{AT}?view=text").text
    assert "Apples after the frost" in preview.get(WEB).text
    assert preview.get(f"{FILES}/web/style.css").headers["content-type"].startswith("text/css")
    assert "MIME-Version: 1.0" in preview.get(f"{AT}?view=source&part=message").text
    assert preview.get(f"{FILES}/message.eml").headers["content-type"] == "message/rfc822"


def test_print_is_shown_as_pictures_of_its_pages(preview):
    page = preview.get(f"{AT}?view=print").text
    assert 'src="/preview/open/2026-05/pages/1.png?width=640' in page
    first = preview.get(f"{FILES}/pages/1.png?width=640")
    assert first.content.startswith(b"\x89PNG")
    assert preview.get(f"{FILES}/pages/999.png").status_code == 404
    assert preview.get(f"{FILES}/pages/1.png?width=100000").status_code == 404
    assert preview.get(f"{FILES}/web/2026-05.pdf").content.startswith(b"%PDF")


def test_problems_are_listed_with_file_line_and_hint(orchard, preview):
    with article(orchard).open("a") as file:
        file.write("\nTODO: pears\n")
    page = preview.get(AT).text
    assert "01-fruit/01-apples.md:9" in page
    assert "leftover-note" in page
    assert "Write what is missing" in page


def test_the_last_good_rendering_stays_while_the_source_is_broken(orchard, preview):
    assert "Apples after the frost" in preview.get(MAIL).text
    good = article(orchard).read_text()
    article(orchard).write_text("---\ntitle: [broken\n---\nNothing\n")
    broken = preview.get(AT).text
    assert "Shown as it was before the errors" in broken
    assert "Apples after the frost" in preview.get(MAIL).text
    article(orchard).write_text(good.replace("Apples after", "Pears after"))
    assert "Pears after the frost" in preview.get(MAIL).text


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
    with TestClient(studio_app(orchard, str(lone)), base_url="http://127.0.0.1") as client:
        page = client.get("/").text
        assert "A letter" in page
        assert "The Orchard in May" in page
        assert client.get("/studio/letter-2026-06-01").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/studio/nothing",
        "/studio/..%2f..",
        f"{FILES}/web/..%2f..%2fnewsletter.toml",
        f"{FILES}/mail/..%2f..%2f..%2fnewsletter.toml",
        "/static/..%2fpreview.py",
        f"{AT}/frame/nothing",
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
@pytest.mark.parametrize("address", ["/", AT, MAIL])
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
    frame = preview.get(MAIL).headers["content-security-policy"]
    assert "script-src 'self'" in own
    assert "unsafe-inline" not in own
    assert "script-src 'nonce-" in frame
    assert "default-src 'none'" in frame
    assert "https:" not in frame


def test_what_the_editor_writes_cannot_become_part_of_our_page(orchard, preview):
    article(orchard).write_text(
        '---\ntitle: "<img src=x onerror=alert(1)>"\n---\nWords <script>alert(1)</script>.\n'
    )
    for address in ("/", AT, f"{AT}?view=text", f"{AT}?view=source", MAIL, WEB):
        page = preview.get(address).text
        assert "<img src=x" not in page, address
        assert "<script>alert" not in page, address


def test_an_error_page_tells_the_message_and_no_traceback(preview):
    page = preview.get("/studio/nothing")
    assert "no such issue: nothing" in page.text
    assert "Traceback" not in page.text


def test_a_reader_s_page_keeps_its_own_look_beside_the_preview(preview):
    policy = preview.get("/unsubscribe/preview").headers["content-security-policy"]
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy


TOKEN = "a-token-that-nobody-could-guess"


@pytest.fixture
def guarded(orchard):
    app = studio_app(orchard, access=Access(TOKEN, "frames-key"))
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


def test_without_the_token_there_is_a_plain_page_with_a_policy_and_nothing_else(guarded):
    for address in ("/", AT, MAIL, "/preview/open/2026-05/message.eml", f"{AT}?token=wrong"):
        answer = guarded.get(address)
        assert answer.status_code == 403, address
        assert "Orchard" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert guarded.put(f"{AT}/files/issue.md", json={}).status_code == 403
    assert guarded.get("/healthz").status_code == 200


def test_the_token_in_the_address_opens_the_studio_and_becomes_a_cookie(guarded):
    answer = guarded.get(f"{AT}?view=text&token={TOKEN}")
    assert answer.status_code == 200
    assert TOKEN not in answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert guarded.get(f"{AT}?view=text").status_code == 200


def test_pictures_of_frames_need_no_cookie_but_the_key_of_this_start(guarded):
    guarded.get(f"/?token={TOKEN}")
    picture = re.search(r'src="(pictures/[^"]+)"', guarded.get(MAIL).text)
    assert picture is not None
    guarded.cookies.clear()
    assert guarded.get(f"/preview/frames-key/2026-05/mail/{picture[1]}").status_code == 200
    assert guarded.get(f"/preview/other/2026-05/mail/{picture[1]}").status_code == 403


def test_a_request_through_a_proxy_is_refused_even_with_the_token(guarded):
    guarded.get(f"/?token={TOKEN}")
    answer = guarded.get("/", headers={"x-forwarded-for": "203.0.113.9"})
    assert answer.status_code == 403
    assert "proxy" in answer.text


def test_readers_pages_beside_the_studio_need_no_token(guarded):
    assert guarded.get("/unsubscribe/preview").status_code == 200
    assert guarded.get("/issues/").status_code == 200


def test_a_live_socket_needs_the_token_too(guarded):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("/live"):
        pass


def test_the_token_is_kept_for_the_next_start_and_readable_by_its_owner_alone(tmp_path):
    first, second = Access.kept(tmp_path / ".studio"), Access.kept(tmp_path / ".studio")
    assert first.token == second.token
    assert first.frames != second.frames
    assert (tmp_path / ".studio" / "token").stat().st_mode & 0o777 == 0o600


def test_the_printed_page_of_a_paragraph_is_found_by_how_it_begins(orchard, preview):
    folder = orchard / "issues" / "2026-05" / "01-fruit"
    filler = "\n\n".join(f"Filling number {n} of a long article. " * 14 for n in range(24))
    (folder / "02-plums.md").write_text(
        f"---\ntitle: Plums\n---\n\nThe plums begin here.\n\n{filler}\n\nThe plums end here.\n"
    )
    page = preview.get(f"{AT}?view=print").text
    version = re.findall(r'<printed-pages[^>]* data-version="(\w+)"', page)[0]

    def page_of(words, following=""):
        asked = {"v": version, "words": words, "next": following}
        return preview.get(f"{FILES}/pages/of", params=asked).json()["page"]

    first, last = page_of("Theplumsbeginhere."), page_of("Theplumsendhere.")
    assert 0 < first < last
    # A title stands in the contents and over pages as well; what follows tells where the article begins.
    assert page_of("Plums", "Theplumsbeginhere.") == first
    assert page_of("Nowhere in this issue") == 0
    assert preview.get(f"{FILES}/pages/of", params={"words": "Plums"}).json() == {"page": 0}
