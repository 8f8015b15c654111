from __future__ import annotations

import datetime
import os

import pytest

from newsletter.issues.reader import read_issue
from newsletter.issues.scaffold import new_issue
from newsletter.model.issue import EmailMode, Layout, Medium, Treatment
from newsletter.problems import UsageError, has_errors


def test_the_real_sample_is_read_whole(sample):
    reading = read_issue(sample, default_language="en")
    issue = reading.issue
    assert issue.language == "zh-Hans"
    assert issue.date == datetime.date(2024, 4, 30)
    assert issue.number == "2024-04"
    articles = [article for _, article in issue.articles()]
    assert [section.slug for section in issue.sections] == ["international", "domestic"]
    assert len(articles) == 8
    assert sum(len(article.figures) for article in articles) == 34
    assert len(issue.pictures) == 34
    assert not has_errors(reading.problems)
    assert all(article.teaser for article in articles)


def test_a_leading_number_orders_as_a_number_and_the_rest_is_the_slug(read_folder):
    names = ["10-ten.md", "2-two.md", "01-one.md", "zebra.md", "_draft.md", ".hidden.md"]
    issue = read_folder({"issue.md": "---\ntitle: T\n---\n", **dict.fromkeys(names, "x")}).issue
    assert [section.slug for section in issue.sections] == ["one", "two", "ten", "zebra"]


def test_a_folder_with_one_text_is_an_issue_and_its_headings_are_sections(read_folder, show):
    reading = read_folder(
        {
            "text.md": "# The title\n\nLetter.\n\n## First\n\na\n\n#### Deep\n\n## 第二\n\nb[^1]\n\n[^1]: n"
        }
    )
    issue = reading.issue
    assert (issue.title, issue.slug, issue.date) == (
        "The title",
        "2026-05-01",
        datetime.date(2026, 5, 1),
    )
    assert show(issue.letter) == "p Letter."
    assert [(s.slug, s.title, show(s.blocks)) for s in issue.sections] == [
        ("first", "First", "p a\nh3 Deep #first-deep"),
        ("第二", "第二", "p b^1"),
    ]
    assert issue.sections[1].footnotes[0].number == 1
    assert issue.sections[0].source.line == 5
    assert reading.problems == ()


def test_a_lone_text_without_a_heading_is_called_by_its_name(tmp_path):
    (tmp_path / "spring-news-2026-03-04.md").write_text("Hello.")
    issue = read_issue(tmp_path / "spring-news-2026-03-04.md", default_language="fr").issue
    assert (issue.title, issue.slug) == ("spring news 2026 03 04", "spring-news-2026-03-04")
    assert (issue.date, issue.language) == (datetime.date(2026, 3, 4), "fr")


def test_front_matter_keeps_what_was_written(read_folder):
    reading = read_folder(
        {
            "issue.md": "---\ntitle: no\nnumber: 2024.04\ndate: 2026-01-02\nlanguage: zh-Hant\nsubject: 'Hi {{ subscriber.name }}'\n"
            "from: A <a@x.org>\nemail: digest\nlayout: {columns: 2, paper: us-letter}\ntags: [a, 'b']\n---\nx"
        }
    )
    issue = reading.issue
    assert (issue.title, issue.number, issue.subject) == (
        "no",
        "2024.04",
        "Hi {{ subscriber.name }}",
    )
    assert (issue.sender, issue.email, issue.layout) == (
        "A <a@x.org>",
        EmailMode.DIGEST,
        Layout(2, "us-letter"),
    )
    assert issue.tags == ("a", "b")
    assert reading.problems == ()


def test_article_beats_section(read_folder):
    issue = read_folder(
        {
            "01-a/section.md": "---\nemail: title\nweb: full\nkind: briefs\n---\n",
            "01-a/x.md": "---\nemail: omit\n---\ntext",
        }
    ).issue
    article = issue.sections[0].articles[0]
    assert issue.sections[0].kind == "briefs"
    assert article.treatments == {Medium.EMAIL: Treatment.OMIT, Medium.WEB: Treatment.FULL}


@pytest.mark.parametrize(
    ("matter", "line", "code", "words"),
    [
        ("titel: x", 2, "front-matter-unknown-key", "titel"),
        ("a: 1\ntitle: [x]", 3, "front-matter-type", "title"),
        ("date: 2026-13-01", 2, "front-matter-value", "not a date"),
        ("email: ful", 2, "front-matter-value", "unknown value"),
        ("title: a: b", 2, "front-matter-syntax", "not valid YAML"),
        ("title: x\ntitle: y", 3, "front-matter-key-twice", "twice"),
        ("a: &a [1]\nb: [*a, *a]", 2, "front-matter-refused", "anchors"),
        ("a: " + "[" * 5000, 2, "front-matter-refused", "deep"),
        ("canonical: /x", 2, "link-refused", "whole address"),
        ("subject: '{{ 1 }}'", 2, "merge-tag", "not a merge tag"),
        ("- x", 2, "front-matter-syntax", "list of keys"),
    ],
)
def test_what_is_wrong_in_front_matter_is_told_at_its_line(read_folder, matter, line, code, words):
    reading = read_folder({"issue.md": f"---\n{matter}\n---\nThe text is read all the same."})
    found = [p for p in reading.problems if p.code == code]
    assert [p.source.line for p in found] == [line]
    assert words in found[0].message
    assert reading.issue.letter


def test_an_unknown_key_comes_with_a_suggestion(read_folder):
    reading = read_folder({"issue.md": "---\npreheeder: x\n---\nx"})
    assert reading.problems[0].hint == "Did you mean preheader?"


def test_keys_of_other_publishing_systems_only_warn(read_folder):
    matter = "layout: post\npermalink: /x/\ncategories: [a]\nlang: de\nauthor: B\ndate: 2026-01-02 10:00:00 +0800"
    reading = read_folder({"issue.md": f"---\n{matter}\n---\nx"})
    assert not has_errors(reading.problems)
    assert reading.issue.language == "de"
    assert reading.issue.date == datetime.date(2026, 1, 2)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "file-binary"),
        ("中文内容，你好。".encode("gb18030"), "file-encoding"),
        ("Café déjà".encode("cp1252"), "file-encoding"),
        ("中文".encode("utf-16"), "file-encoding"),
        (b"", "issue-empty"),
        (b"---\ntitle: x\n---\n", "issue-empty"),
        (b"x" * 1_000_001, "file-too-large"),
    ],
)
def test_files_that_are_no_text_are_errors(read_text, data, code):
    assert [problem.code for problem in read_text(data).problems] == [code]


def test_old_encodings_are_read_for_a_draft_and_the_hint_converts(read_text, show):
    reading = read_text("中文内容，你好。".encode("gb18030"))
    assert show(reading) == "p 中文内容，你好。"
    assert "iconv -f gb18030" in reading.problems[0].hint


def test_byte_order_mark_and_windows_line_ends_leave_no_trace(read_text, show):
    reading = read_text("\ufeff---\r\ntitle: T\r\n---\r\na\r\n\r\n[b](javascript:x)\r\n".encode())
    assert reading.issue.title == "T"
    assert show(reading) == "p a\np b"
    assert reading.problems[0].source.line == 6


def test_an_empty_folder_is_an_error(tmp_path):
    reading = read_issue(tmp_path, default_language="en")
    assert reading.issue is None
    assert [p.code for p in reading.problems] == ["issue-empty"]


def test_links_in_the_file_system_never_lead_out(tmp_path):
    root = tmp_path / "issue"
    root.mkdir()
    (tmp_path / "secret.md").write_text("secret")
    (root / "a.md").write_text("text ![p](p.png) ![c](c.png)")
    (root / "b.md").write_text("text")
    os.symlink(tmp_path / "secret.md", root / "s.md")
    os.symlink(tmp_path, root / "up")
    os.symlink(root, root / "loop")
    os.symlink("self.md", root / "self.md")
    os.symlink("/etc/hostname", root / "p.png")
    os.symlink("c.png", root / "c.png")
    reading = read_issue(root, default_language="en")
    assert "secret" not in str(reading.issue.sections)
    assert sorted({p.code for p in reading.problems}) == [
        "file-outside",
        "image-outside",
        "image-unreadable",
    ]


def test_anchors_are_unique_in_the_issue(read_folder):
    issue = read_folder(
        {
            "01-a/1-x.md": "## H\n\n## H\n\n![](p.png)",
            "01-a/2-x.md": "## H\n\n![](p.png)",
            "02-a/x.md": "x",
            "a-x.md": "x",
        }
    ).issue
    from newsletter.model.blocks import Figure, Heading

    anchors = [section.anchor for section in issue.sections]
    for _, article in issue.articles():
        anchors.append(article.anchor)
        anchors += [b.anchor for b in article.all_blocks() if isinstance(b, Heading | Figure)]
    assert len(anchors) == len(set(anchors))
    assert anchors[:3] == ["a", "a-2", "a-x"]


def test_headings_go_down_without_a_gap(read_folder, show):
    text = (
        "---\ntitle: T\n---\n# T\n\n#### a\n\n## b\n\n#### c\n\n### d {#own}\n\n# e\n\n[to](#own)"
    )
    issue = read_folder({"01-s/a.md": text}).issue
    assert show(issue.sections[0].articles[0].blocks).split("\n") == [
        "h3 a #s-a-a",
        "h3 b #s-a-b",
        "h4 c #s-a-c",
        "h4 d #s-a-d",
        "h3 e #s-a-e",
        "p [to](#s-a-d)",
    ]


def test_a_group_that_says_what_is_so_already_is_opened(read_folder):
    text = '<div dir="rtl">\n\nقال.\n\n<p align="center">x</p>\n\n</div>\n\n<div dir="ltr">\n\nShe said.\n\n</div>\n'
    files = {"issue.md": "---\nlanguage: ar\n---\n", "1-a/section.md": "x", "1-a/1-b.md": text}
    article = read_folder(files).issue.sections[0].articles[0]
    assert [type(block).__name__ for block in article.blocks] == ["Paragraph", "Group", "Group"]
    assert article.teaser == "قال. x She said."


def test_a_teaser_is_made_of_whole_first_paragraphs(read_folder):
    issue = read_folder(
        {"01-s/a.md": f"## H\n\n{'字' * 90}。\n\n{'句' * 90}。\n\n{'多' * 90}。"}
    ).issue
    assert issue.sections[0].articles[0].teaser == "字" * 90 + "。" + "句" * 90 + "。"


def test_a_new_issue_has_no_problem_and_keeps_the_earlier_shape(tmp_path, repository):
    made = new_issue(
        tmp_path / "n", slug="n", title='A "quoted": title', language="zh-Hans", date="2026-12-01"
    )
    reading = read_issue(tmp_path / "n", default_language="en")
    assert reading.problems == ()
    assert (reading.issue.title, reading.issue.language) == ('A "quoted": title', "zh-Hans")
    assert all(path.is_file() for path in made)
    copy = tmp_path / "copy"
    new_issue(copy, slug="copy", title="T", language="en", date="", copy_from=tmp_path / "n")
    again = read_issue(copy, default_language="en").issue
    assert [s.title for s in again.sections] == [s.title for s in reading.issue.sections]
    with pytest.raises(UsageError):
        new_issue(copy, slug="copy", title="T", language="en", date="")


def test_toml_between_plus_signs_is_front_matter_as_well(read_folder):
    text = '+++\ntitle = "T"\ndate = 2026-01-02T10:00:00Z\ndraft = true\n+++\nx'
    reading = read_folder({"issue.md": text})
    assert (reading.issue.title, reading.issue.date) == ("T", datetime.date(2026, 1, 2))
    assert [(p.code, p.source.line) for p in reading.problems] == [("front-matter-unknown-key", 4)]
