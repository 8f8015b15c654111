"""The studio's screen: every choice in its address, everything escaped, a policy on every page."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from starlette.testclient import TestClient

from newsletter.model.issue import Article
from newsletter.problems import Source
from newsletter.web.studio import versions
from newsletter.web.studio.app import studio_app
from newsletter.web.studio.choice import Choice, choice_of
from newsletter.web.studio.clip import MARK, articles_behind, with_clip_mark

AT = "/studio/2026-05"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def studio(orchard: Path) -> Iterator[TestClient]:
    with TestClient(
        studio_app(orchard), base_url="http://127.0.0.1:8000", follow_redirects=False
    ) as client:
        yield client


def test_the_screen_shows_outline_text_preview_and_findings(studio: TestClient) -> None:
    page = studio.get(AT).text
    assert "Apples after the frost" in page
    assert "The frost came late this year" in page
    assert f'src="{AT}/frame/email?scheme=light&amp;' in page
    assert "Problems" in page


def test_the_list_of_issues_leads_into_the_studio(studio: TestClient) -> None:
    assert f'href="{AT}"' in studio.get("/").text


def test_it_says_when_it_is_ready(studio: TestClient) -> None:
    assert studio.get("/healthz").status_code == 200


def test_the_foot_tells_what_git_says_and_nothing_where_there_is_none_or_it_is_slow(
    studio: TestClient, orchard: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert studio.get(f"{AT}/versions").text.strip() == ""
    subprocess.run(["git", "init", "-q", "-b", "spring"], cwd=orchard, check=True)
    assert "spring · 4 changed<" in studio.get(f"{AT}/versions").text
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
    monkeypatch.setattr(versions, "PATIENCE", 0.1)
    assert studio.get(f"{AT}/versions").text.strip() == ""
    assert "hx-get" in studio.get(AT).text  # the page itself asks git nothing


@pytest.mark.parametrize("view", ["email", "inbox", "text", "web", "print", "source", "compare"])
@pytest.mark.parametrize("drawer", ["problems", "links", "size", "structure", "history", "none"])
def test_every_view_and_drawer_has_an_address(studio: TestClient, view: str, drawer: str) -> None:
    answer = studio.get(AT, params={"view": view, "drawer": drawer})
    assert answer.status_code == 200
    assert f'data-view="{view}"' in answer.text


def test_the_source_is_the_html_or_the_whole_message(studio: TestClient) -> None:
    html = studio.get(AT, params={"view": "source"}).text
    assert "&lt;!doctype html&gt;" in html
    message = studio.get(AT, params={"view": "source", "part": "message"}).text
    assert "MIME-Version: 1.0" in message


def test_an_address_says_only_what_is_not_usual() -> None:
    choice = choice_of("五月", {"file": "a b.md", "view": "web", "width": "nonsense", "line": "7"})
    assert choice == Choice("五月", "a b.md", 7, view="web")
    assert choice.address(view="email") == "/studio/%E4%BA%94%E6%9C%88?file=a+b.md&line=7"
    assert Choice("x").address() == "/studio/x"


@pytest.mark.parametrize("line", ["-1", "x", "²", "99999999999", ""])
def test_a_line_that_is_none_is_nowhere(line: str) -> None:
    assert choice_of("x", {"line": line}).line == 0


def test_what_an_editor_wrote_is_escaped_everywhere(studio: TestClient, orchard: Path) -> None:
    folder = orchard / "issues" / "2026-05" / "01-fruit"
    (folder / "02-evil.md").write_text(
        f"---\ntitle: '{HOSTILE}'\n---\n\n</textarea>{HOSTILE}\n\n## {HOSTILE}\n\n"
        f"[{HOSTILE}](javascript:alert(3))\n",
        encoding="utf-8",
    )
    for drawer in ("problems", "links", "size", "structure", "history"):
        page = studio.get(AT, params={"file": "01-fruit/02-evil.md", "drawer": drawer}).text
        tree = lxml.html.document_fromstring(page)
        kinds = [script.get("type") for script in tree.iter("script")]
        data, code = "application/json", "module"
        assert kinds == [None, "importmap", data, code, code, code, data, data]
        assert list(tree.iter("img")) == []
        for element in tree.iter():
            assert not any(name.startswith("on") for name in element.attrib)
            assert not element.get("href", "").startswith("javascript:")


def test_a_text_stands_in_the_page_to_the_last_character(studio: TestClient, orchard: Path) -> None:
    file = orchard / "issues" / "2026-05" / "01-fruit" / "03-blank.md"
    file.write_text("\n\n<b>&amp;  \n\n", encoding="utf-8")
    page = studio.get(AT, params={"file": "01-fruit/03-blank.md"}).text
    found = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found is not None
    assert found.group(1) == "\n\n&lt;b&gt;&amp;amp;  \n\n"


def test_pages_and_frames_have_a_policy(studio: TestClient) -> None:
    page = studio.get(AT).headers["content-security-policy"]
    assert "default-src 'none'" in page
    assert "'unsafe-inline'" not in page
    frame = studio.get(f"{AT}/frame/email").headers["content-security-policy"]
    assert re.search(r"script-src 'nonce-[\w-]{20,}';", frame)
    assert "form-action 'none'" in frame
    assert (
        'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"' in studio.get(AT).text
    )


@pytest.mark.parametrize("path", [AT, f"{AT}/frame/email", f"{AT}/files/issue.md", "/"])
def test_foreign_host_names_are_not_answered(studio: TestClient, path: str) -> None:
    assert studio.get(path, headers={"host": "evil.example"}).status_code == 400


def test_an_unknown_issue_or_frame_is_a_page_that_says_so(studio: TestClient) -> None:
    assert studio.get("/studio/none").status_code == 404
    assert studio.get(f"{AT}/frame/nothing").status_code == 404


def test_a_short_mail_has_no_clip_mark_and_a_long_one_has_it_behind_a_block() -> None:
    assert with_clip_mark("<p>short</p>") == "<p>short</p>"
    long = "<p>" + "字" * 40 + "</p><!-- <p>not here</p> --><p>next</p><p>last</p>"
    assert with_clip_mark(long, 60) == long.replace("</p><!--", f"</p>{MARK}<!--", 1)
    assert with_clip_mark(long, 140) == long.replace("next</p>", f"next</p>{MARK}", 1)


def test_an_article_whose_title_begins_another_one_is_not_taken_for_it() -> None:
    first, tenth = (Article(Source("a.md"), f"a{n}", f"a{n}", f"Apples {n}", ()) for n in (1, 10))
    mail = "<h2>Apples 1</h2>" + "x" * 100 + "<h2>Apples 10</h2>"
    assert articles_behind(mail, (first, tenth), clip=60) == {"a10"}
