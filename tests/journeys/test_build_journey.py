"""An editor's way from a folder to four editions, through the command line, on the real sample and on bad input."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import lxml.html
import pytest

from tests.journeys.nursery import nursery


def _newsletter(publication: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return nursery().run("--publication", str(publication), *arguments)


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built_sample(tmp_path_factory: pytest.TempPathFactory, repository: Path, sample: Path) -> Path:
    output = tmp_path_factory.mktemp("build") / "out"
    run = _newsletter(repository, "build", str(sample), "--output", str(output))
    assert run.returncode == 0, run.stdout + run.stderr
    return output


@pytest.mark.sample
def test_the_real_sample_keeps_every_article_figure_and_link_on_the_web(
    built_sample: Path, sample: Path
) -> None:
    page = lxml.html.fromstring((built_sample / "web" / "index.html").read_text(encoding="utf-8"))
    shown = {picture.get("src") for picture in page.iter("img")}
    assert len(page.xpath("//article//figure")) == 34
    assert all((built_sample / "web" / name).is_file() for name in shown)
    titles = [
        line for line in page.xpath("//article//h2/text() | //article//h2//text()") if line.strip()
    ]
    assert len(page.xpath("//article")) == 8, titles
    written = {
        address
        for path in sample.rglob("*.md")
        for address in _addresses(path.read_text(encoding="utf-8"))
    }
    linked = {address for address in page.xpath("//@href") if address.startswith("http")}
    assert written - linked == set()


def _addresses(markdown: str) -> set[str]:
    """The addresses of `[…](…)` and of the front matter's `links`."""
    import re

    inline = re.findall(r"(?<!!)\[[^\]]*\]\((https?://[^\s)]+)\)", markdown)
    listed = re.findall(r"^\s+- (https?://\S+)$", markdown, re.M)
    return set(inline) | set(listed)


@pytest.mark.sample
def test_the_real_sample_s_mail_is_under_its_budget_with_every_article_named(
    built_sample: Path,
) -> None:
    html = (built_sample / "email.html").read_bytes()
    assert len(html) < 96_000
    report = json.loads((built_sample / "report.json").read_text(encoding="utf-8"))
    assert report["email"]["html_bytes"] < 96_000
    message = email.message_from_bytes(
        (built_sample / "email.eml").read_bytes(), policy=email.policy.default
    )
    assert message.defects == []
    body = message.get_body(("html",))
    plain = message.get_body(("plain",))
    assert body is not None
    assert plain is not None
    for text in (body.get_content(), plain.get_content()):
        assert text.count("阅读全文") == len(report["email"]["cuts"])


@pytest.mark.sample
def test_the_same_input_gives_the_same_bytes(
    built_sample: Path, repository: Path, sample: Path, tmp_path: Path
) -> None:
    run = _newsletter(repository, "build", str(sample), "--output", str(tmp_path / "again"))
    assert run.returncode == 0
    assert _digests(tmp_path / "again") == _digests(built_sample)


def test_a_build_with_errors_exits_3_tells_all_and_leaves_the_last_build(
    repository: Path, tmp_path: Path
) -> None:
    issue = tmp_path / "2026-11-en"
    shutil.copytree(repository / "issues" / "2026-11-en", issue)
    output = tmp_path / "out"
    assert _newsletter(repository, "build", str(issue), "--output", str(output)).returncode == 0
    before = _digests(output)
    article = next(issue.glob("0*/0*.md"))
    article.write_text(
        article.read_text(encoding="utf-8") + "\n\n![x](no.png 'c')\n\n{{ config }}\n",
        encoding="utf-8",
    )
    run = _newsletter(repository, "build", str(issue), "--output", str(output))
    assert run.returncode == 3
    place = article.relative_to(issue).as_posix()
    assert f"{place}:" in run.stderr
    assert "[image-missing]" in run.stderr
    assert "[merge-tag]" in run.stderr
    assert _digests(output) == before


def test_a_draft_shows_a_labelled_box_where_a_picture_is_missing(
    repository: Path, tmp_path: Path
) -> None:
    issue = tmp_path / "draft.md"
    issue.write_text(
        "# Draft\n\nWords.\n\n![a cat on a mat](cat.png 'The cat')\n", encoding="utf-8"
    )
    run = _newsletter(repository, "build", str(issue), "--draft", "--output", str(tmp_path / "out"))
    assert run.returncode == 0, run.stderr
    assert "a cat on a mat" in (tmp_path / "out" / "web" / "index.html").read_text(encoding="utf-8")


def test_check_tells_problems_as_json_with_file_and_line(repository: Path, tmp_path: Path) -> None:
    issue = tmp_path / "bad.md"
    issue.write_text("# Bad\n\nWords {{ evil }}.\n", encoding="utf-8")
    run = _newsletter(repository, "check", str(issue), "--json")
    assert run.returncode == 3
    problems = json.loads(run.stdout)["problems"]
    assert {"code", "severity", "file", "line", "message", "hint"} == set(problems[0])
    assert [(p["file"], p["line"]) for p in problems if p["code"] == "merge-tag"] == [("bad.md", 3)]


def test_warnings_fail_only_under_strict(repository: Path, tmp_path: Path) -> None:
    issue = tmp_path / "plain.md"
    issue.write_text("# Plain\n\nNothing but words.\n", encoding="utf-8")
    assert _newsletter(repository, "check", str(issue)).returncode == 0
    assert _newsletter(repository, "check", str(issue), "--strict").returncode == 4


@pytest.mark.parametrize("slug", ["2026-10-zh", "2026-11-en"])
def test_the_sample_issues_have_no_problem_at_all(repository: Path, slug: str) -> None:
    run = _newsletter(repository, "check", slug, "--json", "--strict")
    assert json.loads(run.stdout)["problems"] == []


def test_an_unknown_issue_is_a_usage_error_with_a_suggestion(repository: Path) -> None:
    run = _newsletter(repository, "build", "2026-10-zn")
    assert run.returncode == 2
    assert "Did you mean 2026-10-zh?" in run.stderr
