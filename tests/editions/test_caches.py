"""What is kept between renderings never shows: only the time it takes is another."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from newsletter.editions import caches
from newsletter.editions.caches import Ask, Kept, Question
from newsletter.editions.email_edition import render_email
from newsletter.issues.reader import read_issue
from newsletter.model.edition import EmailEdition
from newsletter.publication import Publication, load_publication, starter_templates


class Maker:
    """Counts what it made; asks one question on the way."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, ask: Ask) -> str:
        self.made += 1
        return f"{self.made} {ask(('token', 'name', ''))}"


def answer(question: Question) -> str:
    return "NLM0000Z"


def test_equal_values_are_found_and_others_are_made_anew() -> None:
    kept, make = Kept[str](most=2), Maker()
    assert kept.result("a", ["x"], answer, make) == "1 NLM0000Z"
    assert kept.result("a", ["x"], answer, make) == "1 NLM0000Z"
    assert kept.result("a", ["y"], answer, make) == "2 NLM0000Z"


def test_another_answer_of_the_rest_of_the_edition_makes_anew() -> None:
    kept, make = Kept[str](most=2), Maker()
    kept.result("a", 1, answer, make)
    assert kept.result("a", 1, lambda _: "NLM0007Z", make) == "2 NLM0007Z"


def test_what_is_found_asks_again_so_that_its_tokens_are_known() -> None:
    kept, asked = Kept[str](most=2), list[Question]()

    def asking(question: Question) -> str:
        asked.append(question)
        return "NLM0000Z"

    kept.result("a", 1, asking, Maker())
    kept.result("a", 1, asking, Maker())
    assert asked == [("token", "name", "")] * 2


def test_the_least_recently_used_goes_first() -> None:
    kept, make = Kept[str](most=2), Maker()
    for place in ("a", "b", "a", "c"):
        kept.result(place, 1, answer, make)
    assert make.made == 3
    kept.result("a", 1, answer, make)
    assert make.made == 3
    kept.result("b", 1, answer, make)
    assert make.made == 4


def cold_and_warm(folder: Path, publication: Publication) -> tuple[EmailEdition, EmailEdition]:
    def rendered() -> EmailEdition:
        issue = read_issue(folder, default_language="zh-Hans").issue
        assert issue is not None
        return render_email(issue, publication)

    warm = rendered()
    caches.forget()
    return rendered(), warm


def test_after_each_change_warm_and_cold_give_the_same_bytes(
    tmp_path: Path, publication: Publication
) -> None:
    folder = tmp_path / "issue"
    shutil.copytree(publication.root / "issues" / "2026-11-en", folder)
    articles = sorted(folder.glob("0*/0*.md"))
    cold, warm = cold_and_warm(folder, publication)
    assert cold == warm
    greeting = '\n\nHello, {{ subscriber.name | default("reader") }}!\n'
    for article in (articles[0], articles[-1]):
        article.write_text(article.read_text(encoding="utf-8") + greeting, encoding="utf-8")
        cold, warm = cold_and_warm(folder, publication)
        assert cold == warm
    picture = next(folder.rglob("*.png"))
    picture.write_bytes(
        (
            starter_templates() / "publication/en/issues/first-issue/01-news/figures/example.png"
        ).read_bytes()
    )
    cold, warm = cold_and_warm(folder, publication)
    assert cold == warm


def test_an_edited_theme_is_seen(tmp_path: Path, publication: Publication) -> None:
    for name in ("newsletter.toml", "issues/2026-11-en"):
        source, copy = publication.root / name, tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, copy)
    own = load_publication(tmp_path, {})
    issue = read_issue(tmp_path / "issues/2026-11-en", default_language="en").issue
    assert issue is not None
    issue = replace(issue, theme="")
    assert "Read it all" not in render_email(issue, own).html
    words = tmp_path / "templates" / "words" / "en.toml"
    words.parent.mkdir(parents=True)
    words.write_text('web_version = "Read it all"\n', encoding="utf-8")
    assert "Read it all" in render_email(issue, own).html
    kind = tmp_path / "templates" / "email" / own.settings.theme / "kinds" / "articles.html.j2"
    kind.parent.mkdir(parents=True)
    starter = (starter_templates() / "email/starter/kinds/articles.html.j2").read_text("utf-8")
    for mark in ("§§", "¶¶"):
        kind.write_text(starter.replace("{{ item.title |", f"{mark} {{{{ item.title |"), "utf-8")
        os.utime(
            kind,
            ns=(
                kind.stat().st_mtime_ns + len(mark),
                kind.stat().st_mtime_ns + 1_000_000 * ord(mark[0]),
            ),
        )
        assert f"{mark} " in render_email(issue, own).html
