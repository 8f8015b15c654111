"""An issue as data for the print template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsletter.editions.glyphs import GlyphCheck
from newsletter.editions.plan import written_plan
from newsletter.editions.press import Press
from newsletter.editions.print_data import issue_data
from newsletter.editions.print_fonts import font_book
from newsletter.editions.print_inlines import breakable
from newsletter.editions.print_page import page_of, voice
from newsletter.editions.print_pictures import PictureBook
from newsletter.editions.tokens import load_tokens
from newsletter.editions.words import load_words
from newsletter.issues.reader import read_issue
from newsletter.model.issue import Issue, Medium
from newsletter.publication import Publication


def read(folder: Path, text: str) -> Issue:
    file = folder / "2026-11-01.md"
    file.write_text(text, encoding="utf-8")
    issue = read_issue(file, default_language="en").issue
    assert issue is not None
    return issue


def data_of(issue: Issue, publication: Publication) -> dict[str, Any]:
    press = Press(
        publication=publication,
        words=load_words(publication, issue.language),
        tokens=load_tokens(publication)[0],
        page=page_of(issue, publication, load_tokens(publication)[0]),
        plan=written_plan(issue, Medium.PRINT),
        glyphs=GlyphCheck(font_book(publication).covered),
        pictures=PictureBook(issue.pictures, "'Noto Sans'"),
        fonts=font_book(publication),
    )
    return issue_data(issue, press)


def all_text(node: Any) -> str:
    """Every text leaf of the data in order."""
    if isinstance(node, dict):
        own = node["text"] if node.get("kind") in ("text", "code", "term") else ""
        return own + "".join(all_text(value) for value in node.values())
    return "".join(map(all_text, node)) if isinstance(node, list) else ""


def leaves(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "text" in node:
            yield node
        for value in node.values():
            yield from leaves(value)
    elif isinstance(node, list):
        for inner in node:
            yield from leaves(inner)


def paragraphs(data: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("kind") == "paragraph":
                found.append(node)
            node = list(node.values())
        if isinstance(node, list):
            for part in node:
                walk(part)

    walk(data["sections"])
    walk(data["letter"])
    return found


def test_typed_spaces_between_han_and_latin_go_and_others_stay(
    tmp_path: Path, publication: Publication
) -> None:
    text = "---\nlanguage: zh-Hans\n---\n\n采用 **CAR-T** 细胞 therapy for B cells 治疗 2024 年"
    data = data_of(read(tmp_path, text), publication)
    assert "采用CAR-T细胞therapy for B cells治疗2024年" in all_text(paragraphs(data))


def test_a_short_term_with_a_hyphen_is_one_piece_with_a_space_beside_han_only(
    tmp_path: Path, publication: Publication
) -> None:
    text = "---\nlanguage: zh-Hans\n---\n\n（CAR-T）细胞与**GLP-1RA**药、IL-2，X-Y Z"
    (paragraph,) = paragraphs(data_of(read(tmp_path, text), publication))
    terms = [node for node in leaves(paragraph) if node["kind"] == "term"]
    assert [(node["text"], node["before"], node["after"]) for node in terms] == [
        ("CAR-T", False, False),
        ("GLP-1RA", True, True),
        ("IL-2", False, False),
        ("X-Y", False, False),
    ]
    data = data_of(read(tmp_path, "---\nlanguage: he\n---\n\nטיפול (CAR-T, 2026)."), publication)
    (term,) = [node for node in leaves(paragraphs(data)) if node["kind"] == "term"]
    assert (term["text"], term["joined"]) == ("CAR-T", True), (
        "no box: it changes the order beside it"
    )
    assert not any(node["joined"] for node in terms)


def test_an_english_sentence_in_an_arabic_issue_has_its_own_direction(
    tmp_path: Path, publication: Publication
) -> None:
    whole = "Recurrent models factor computation along the positions of their input. " * 2
    items = "- @ann keeps a list!\n- Redux:\n- قال Ann keeps a list!\n- قال [@ann](https://e.example/a)\n"
    text = f"---\nlanguage: ar\n---\n\n{whole}\n\n{items}"
    data = data_of(read(tmp_path, text), publication)
    block = data["sections"][0]["blocks"][0]
    assert (block["kind"], block["direction"]) == ("group", "ltr")
    english, name, arabic, linked = (one["children"] for one in paragraphs(data)[1:])
    assert [(one["kind"], one["direction"]) for one in english] == [("span", "ltr")]
    assert {one["kind"] for one in (*name, *arabic)} == {"text"}
    assert [one["kind"] for one in linked[-1]["children"]] == ["span"]


def test_a_line_in_bold_alone_and_one_before_a_list_stay_with_what_they_lead(
    tmp_path: Path, publication: Publication
) -> None:
    text = "**Why?**\n\n**Because** it is:\n\nThese are:\n\n- a:\n\n> **Never.**\n"
    found = paragraphs(data_of(read(tmp_path, f"---\nlanguage: en\n---\n\n{text}"), publication))
    assert [paragraph["leads"] for paragraph in found] == [True, False, True, False, False]


def test_a_heading_is_in_one_piece_with_a_short_list_that_has_a_note(
    tmp_path: Path, publication: Publication
) -> None:
    text = "## S\n\nBegin.\n\n### H\n\n- [a](https://a.example/x)\n\n### I\n\n- b\n\n---\n\n- c\n  - d\n"
    data = data_of(read(tmp_path, f"---\nlanguage: en\ntitle: T\n---\n\n{text}"), publication)
    parts = [*data["sections"], *(one for part in data["sections"] for one in part["articles"])]
    kinds = [
        (block["kind"], [one["kind"] for one in block.get("blocks", ())])
        for part in parts
        for block in part["blocks"]
    ]
    assert ("group", ["heading", "bullets"]) in kinds
    assert ("heading", []) in kinds
    leads = [one["leads"] for one in paragraphs(data)]
    assert leads == [False, False, False, True, False]


def test_short_lists_and_quotations_are_not_torn_apart_and_long_runs_of_code_may_be(
    tmp_path: Path, publication: Publication
) -> None:
    long = "A list of three long items would leave a hole when it went on whole. " * 8
    run = "render(document.getElementById('root')!).render(" * 3
    text = f"- a\n- b\n\n---\n\n- {long}\n- {long}\n\n> Short.\n\n> {long * 2}\n\n```\n{run}\nshort(a.b)\n```\n"
    data = data_of(read(tmp_path, f"---\nlanguage: en\n---\n\n{text}"), publication)
    blocks = data["sections"][0]["blocks"]
    assert [block["whole"] for block in blocks if "whole" in block] == [True, False, True, False]
    broken, short, *_ = blocks[-1]["text"].split("\n")
    assert broken.replace("\u200b", "") == run
    assert "\u200b" in broken
    assert short == "short(a.b)"


def test_a_language_is_stretched_and_broken_as_its_printers_do(publication: Publication) -> None:
    book = font_book(publication)
    found = {
        tag: (voice(tag, book)["elastic"], voice(tag, book)["hyphenated"])
        for tag in ("de", "ru", "zh-Hans", "ar", "ta", "bn", "hi")
    }
    assert [tag for tag, (elastic, _) in found.items() if elastic] == ["de", "ru"]
    assert [tag for tag, (_, hyphenated) in found.items() if not hyphenated] == ["bn", "hi"]


def test_latin_text_keeps_its_spaces(tmp_path: Path, publication: Publication) -> None:
    data = data_of(
        read(tmp_path, "---\nlanguage: en\n---\n\nThe word 中文 stays apart"), publication
    )
    assert "The word 中文 stays apart" in all_text(paragraphs(data))


@pytest.mark.parametrize(("language", "label"), [("en", "Figure\u00a01"), ("zh-Hans", "图1")])
def test_the_number_of_a_figure_begins_no_line(
    tmp_path: Path, publication: Publication, language: str, label: str
) -> None:
    text = f"---\ntitle: T\nlanguage: {language}\n---\n[](#fig:a).\n\n![](https://example.com/a.png){{#fig:a}}\n"
    (paragraph,) = paragraphs(data_of(read(tmp_path, text), publication))
    assert all_text(paragraph["children"]) == f"{label}."


def test_an_apostrophe_in_a_latin_word_is_set_apart_from_chinese_quotes(
    tmp_path: Path, publication: Publication
) -> None:
    text = "---\nlanguage: zh-Hans\n---\n\n非 Hodgkin’s 与‘引号’"
    (paragraph,) = paragraphs(data_of(read(tmp_path, text), publication))
    assert [node["kind"] for node in paragraph["children"]] == ["text", "apostrophe", "text"]


def test_no_heading_level_is_skipped(tmp_path: Path, publication: Publication) -> None:
    text = (
        "---\ntitle: T\nlanguage: en\n---\n\nBegin.\n\n###### Deep\n\ntext\n\n#### Less\n\ntext\n"
    )
    levels: list[int] = []

    def walk(node: Any, above: int) -> None:
        if isinstance(node, dict):
            if node.get("kind") == "heading":
                levels.append(node["level"])
            for value in node.values():
                walk(value, above)
        elif isinstance(node, list):
            for part in node:
                walk(part, above)

    walk(data_of(read(tmp_path, text), publication), 0)
    assert levels
    assert all(after <= before + 1 for before, after in zip([2, *levels], levels, strict=False))


@pytest.mark.parametrize("mark", ["> ", "- "])
def test_deep_nesting_is_set_flat_below_the_engines_limit(
    tmp_path: Path, publication: Publication, mark: str
) -> None:
    data = data_of(
        read(tmp_path, "---\nlanguage: en\n---\n\n" + mark * 60 + "inmost words"), publication
    )
    assert "inmost words" in all_text(data["letter"] or data["sections"])
    assert _depth(json.loads(json.dumps(data))) < 100


def _depth(node: Any) -> int:
    if isinstance(node, dict):
        return 1 + max((_depth(value) for value in node.values()), default=0)
    if isinstance(node, list):
        return 1 + max(map(_depth, node), default=0)
    return 0


def test_long_addresses_in_the_text_may_break() -> None:
    opened = breakable("see https://example.com/a/very/long/path?with=a&query=string now")
    assert opened.replace("\u200b", "") == (
        "see https://example.com/a/very/long/path?with=a&query=string now"
    )
    assert "/\u200bvery/" in opened
    assert breakable("short words stay") == "short words stay"
    long = "Donaudampfschifffahrtsgesellschaft"
    assert breakable(long) == long  # it is hyphenated
    assert "\u200b" in breakable(long, code=True)
    assert "maintainers" in breakable('maintainers"](https://example.com/x)')
    assert max(map(len, breakable("0af3" * 16).split("\u200b"))) == 8


def test_what_print_omits_is_not_in_the_data(tmp_path: Path, publication: Publication) -> None:
    folder = tmp_path / "issue"
    (folder / "01-news").mkdir(parents=True)
    (folder / "issue.md").write_text("---\ntitle: T\nlanguage: en\n---\n")
    (folder / "01-news" / "01-a.md").write_text("---\ntitle: Kept\n---\nSee [b](#news-b).\n")
    (folder / "01-news" / "02-b.md").write_text("---\ntitle: Left out\nprint: omit\n---\nText.\n")
    issue = read_issue(folder, default_language="en").issue
    assert issue is not None
    data = data_of(issue, publication)
    assert [article["title"] for article in data["sections"][0]["articles"]] == ["Kept"]
    assert "Left out" not in json.dumps(data)


def test_a_link_to_what_is_not_printed_is_plain_words(
    tmp_path: Path, publication: Publication
) -> None:
    text = "---\nlanguage: en\n---\n\nLeave [with one click]({{ unsubscribe_url }}) or not.\n"
    data = data_of(read(tmp_path, text), publication)
    kinds = {node["kind"] for paragraph in paragraphs(data) for node in paragraph["children"]}
    assert kinds == {"text"}
    assert "unsubscribe_url" not in json.dumps(data)
