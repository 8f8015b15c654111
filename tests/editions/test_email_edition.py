"""The mail as a whole: what every client needs, what every reader is owed, and what never may happen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from newsletter.editions import caches
from newsletter.editions.email_edition import render_email
from newsletter.issues.reader import read_issue
from newsletter.model.edition import MARKER_TOKEN, EmailEdition
from newsletter.model.issue import Issue, Treatment
from newsletter.problems import ContentError, Severity
from newsletter.publication import Publication, load_publication, with_settings

ZH = Path(__file__).resolve().parent.parent / "golden" / "mail-zh" / "issue"
AR = ZH.parent.parent / "mail-ar" / "issue"
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}


@pytest.fixture
def orchard(new_publication: Path) -> Publication:
    return load_publication(new_publication, {})


@pytest.fixture
def zh() -> Issue:
    return issue_of(ZH)


def issue_of(path: Path) -> Issue:
    issue = read_issue(path, default_language="en").issue
    assert issue is not None
    return issue


def written(folder: Path, **articles: str) -> Issue:
    """An issue of one section with these articles: name → text of the file."""
    section = folder / "01-news"
    section.mkdir(parents=True)
    (folder / "issue.md").write_text("---\ntitle: Apples\nlanguage: en\n---\n")
    for name, text in articles.items():
        (section / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return issue_of(folder)


class Outline(HTMLParser):
    """What a parser sees: start tags, and tags that do not close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.comments: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def mail(zh: Issue, orchard: Publication) -> EmailEdition:
    return render_email(zh, orchard)


@pytest.fixture
def outline(mail: EmailEdition) -> Outline:
    return Outline(mail.html)


def test_the_document_says_what_it_is(mail: EmailEdition, outline: Outline) -> None:
    assert mail.html.startswith("<!doctype html><html ")
    (html,) = outline.all("html")
    assert (html["lang"], html["dir"]) == ("zh-Hans", "ltr")
    assert [a["dir"] for a in outline.all("div") if a.get("lang") == "zh-Hans"] == ["ltr"]
    assert "<title>果园通讯</title>" in mail.html
    assert '<meta name="color-scheme" content="light dark">' in mail.html


def test_every_tag_is_closed_in_order_outside_and_inside_outlooks_comments(
    mail: EmailEdition, outline: Outline
) -> None:
    assert (outline.unbalanced, outline.open) == ([], [])
    for_outlook = mail.html.replace("<!--[if mso | IE]>", "").replace("<![endif]-->", "")
    seen = Outline(for_outlook)
    assert (seen.unbalanced, seen.open) == ([], [])
    assert mail.html.count("<!--[if") == mail.html.count("<![endif]")
    assert "OfficeDocumentSettings" in mail.html


def test_nothing_is_loaded_but_pictures(outline: Outline) -> None:
    tags = Counter(tag for tag, _ in outline.tags)
    assert not tags.keys() & {"link", "script", "iframe", "form", "object", "video", "svg"}
    assert all(a["src"].startswith("https://orchard.example.com/") for a in outline.all("img"))


def test_the_styles_load_nothing_and_stay_below_sixteen_kilobytes(mail: EmailEdition) -> None:
    styles = "".join(re.findall(r"<style[^>]*>(.*?)</style>", mail.html, re.DOTALL))
    assert len(styles.encode()) < 16_384
    assert not re.search(r"url\(|@import|@font-face", styles)


def test_dark_rules_exist_for_apple_and_for_outlook(mail: EmailEdition) -> None:
    assert "@media (prefers-color-scheme:dark)" in mail.html
    dark = set(re.findall(r"#[0-9a-f]{6}", mail.html.split("prefers-color-scheme:dark")[1]))
    twins = set(re.findall(r"\[data-ogs[bc]\][^{]*\{[^}]*(#[0-9a-f]{6})", mail.html))
    assert twins <= dark
    assert len(twins) > 6


def test_every_picture_has_words_and_a_width_that_outlook_heeds(outline: Outline) -> None:
    pictures = outline.all("img")
    assert pictures
    assert all("alt" in a and 0 < int(a["width"]) <= 576 for a in pictures)


def test_tables_are_layout_or_have_headers(mail: EmailEdition, outline: Outline) -> None:
    data = [a for a in outline.all("table") if a.get("role") != "presentation"]
    assert [a["class"] for a in data] == ["data"]
    assert '<th scope="col"' in mail.html


def test_there_is_one_main_heading_and_no_level_is_skipped(outline: Outline) -> None:
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_web_version_and_unsubscribe_come_first(mail: EmailEdition) -> None:
    body = mail.html.split("</head>")[1]
    web, unsubscribe = body.index("阅读网页版"), body.index("退订")
    assert web < unsubscribe < body.index("<h1")
    assert len(body[:unsubscribe].encode()) < 2_500


def test_the_foot_has_what_the_law_asks(mail: EmailEdition) -> None:
    foot = mail.html[mail.html.rindex("下载 PDF") - 200 :]
    fields = {marker.token: marker.field for marker in mail.markers}
    shown = MARKER_TOKEN.sub(lambda token: "{" + fields[token[0]] + "}", foot)
    for part in (
        "1 Example Lane, Exampletown",
        "{subscriber.email}",
        'href="{unsubscribe_url}"',
        "您用 {subscriber.email} 订阅了《The Orchard》",
        "果园合作社",
        'href="https://orchard.example.com/issues/issue/issue.pdf"',
        'href="https://orchard.example.com/issues/issue/"',
    ):
        assert part in shown


def test_the_hidden_preheader_is_not_white(mail: EmailEdition) -> None:
    hidden = re.search(r'<div style="(display:none[^"]*)">([^<]*)</div>', mail.html)
    assert hidden
    assert hidden[2] == "苹果的贮藏、嫁接与一份账目。"
    assert "color:#1f282c" in hidden[1]


def test_a_mail_without_a_preheader_takes_the_leads_first_words(
    zh: Issue, orchard: Publication
) -> None:
    mail = render_email(replace(zh, preheader=""), orchard)
    assert mail.preheader.startswith("窖里的温度，要在 0–4℃ 之间")


def test_merge_tags_are_markers_in_subject_html_and_text(mail: EmailEdition) -> None:
    (name,) = [marker for marker in mail.markers if marker.field == "subscriber.name"]
    assert name.default == "读者"
    assert mail.subject == f"{name.token}，本期说苹果"
    assert name.token in mail.html
    assert name.token in mail.text
    assert "{{" not in mail.html + mail.text + mail.subject


def test_only_markers_that_stand_somewhere_are_listed(mail: EmailEdition) -> None:
    everything = mail.html + mail.text + mail.subject + mail.preheader
    assert set(MARKER_TOKEN.findall(everything)) == {marker.token for marker in mail.markers}
    assert not re.search("NLP[A-Z][0-9]", everything)


def test_what_an_editor_chose_is_what_is_shown(mail: EmailEdition) -> None:
    assert "以窖底为准" in mail.html
    assert "第三段只在网上" not in mail.html
    assert "只有题目进信里" not in mail.html
    assert "另 1 篇见网页版" in mail.html
    assert mail.cuts == ()
    assert [problem for problem in mail.problems if problem.severity is Severity.ERROR] == []


def test_a_sponsor_is_labelled_before_its_name(mail: EmailEdition) -> None:
    assert mail.html.index("广告") < mail.html.index("老秤行")
    assert mail.html.count("老秤行") == 1


def test_linked_pictures_lie_under_the_issues_address(mail: EmailEdition) -> None:
    (file,) = mail.pictures
    assert f'src="https://orchard.example.com/issues/issue/{file.path}"' in mail.html
    assert (mail.embedded, mail.picture_base) == (
        False,
        "https://orchard.example.com/issues/issue/",
    )


def test_embedded_pictures_travel_inside(zh: Issue, orchard: Publication) -> None:
    settings = with_settings(
        orchard, email=replace_struct(orchard.settings.email, images="embedded")
    )
    mail = render_email(zh, settings)
    (file,) = mail.pictures
    assert mail.embedded
    assert f'src="cid:{file.path}"' in mail.html


def replace_struct(struct: object, **changes: object) -> object:
    import msgspec

    return msgspec.structs.replace(struct, **changes)


def test_a_mail_from_right_to_left_is_mirrored(orchard: Publication) -> None:
    html = render_email(issue_of(AR), orchard).html
    assert '<html lang="ar" dir="rtl"' in html
    assert "direction:ltr" not in html
    assert "text-align:left" not in html.replace('class="end" style="text-align:left', "").replace(
        "font-size:0px;text-align:left;direction:rtl", ""
    )
    assert "padding-right:18px;border-right:3px solid" in html


def test_an_address_in_latin_letters_keeps_its_order_in_a_mail_from_right_to_left(
    orchard: Publication,
) -> None:
    latin = with_settings(orchard, address="1 Apple Lane, 00000 Town")
    assert (
        '<span dir="ltr">1 Apple Lane, 00000 Town</span>' in render_email(issue_of(AR), latin).html
    )
    arabic = with_settings(orchard, address="شارع 1")
    assert "<br>شارع 1</p>" in render_email(issue_of(AR), arabic).html


def test_code_in_a_mail_from_right_to_left_begins_at_the_left(
    tmp_path: Path, orchard: Publication
) -> None:
    text = "---\ntitle: A\nlanguage: ar\nemail: full\n---\n\nكلمة\n\n```\nprint(1)\n```\n"
    html = render_email(written(tmp_path / "x", a=text, b="# B\n\ntext"), orchard).html
    code = re.search(r"<pre[^>]*>", html)
    assert code is not None
    assert "text-align:left" in code[0].replace(": ", ":")


def test_text_of_authors_is_never_markup(tmp_path: Path, orchard: Publication) -> None:
    bad = '---\ntitle: "<script>a</script> \\" {{ x }} {% raw %} NLPB0001Z NLM0000Z"\nteaser: "<b>t</b>"\nemail: full\n---\n\nNLPB0002Z `<i>` &lt;u&gt; {{ 7*7 }} NLM0001Z NLPA0000Z\n'
    mail = render_email(written(tmp_path / "x", a=bad, b="# B\n\ntext"), orchard)
    assert "<script" not in mail.html
    assert "<i>" not in mail.html
    assert "<u>" not in mail.html
    assert "49" not in Outline(mail.html).words
    assert "NLPB0002Z" in mail.html
    assert (Outline(mail.html).unbalanced, Outline(mail.html).open) == ([], [])
    fields = {marker.token: marker.field for marker in mail.markers}
    assert {fields[token] for token in MARKER_TOKEN.findall(mail.html)} <= {
        "unsubscribe_url",
        "subscriber.email",
    }


def test_the_same_issue_gives_the_same_bytes_from_a_cold_and_a_warm_process(
    zh: Issue, orchard: Publication
) -> None:
    first = render_email(zh, orchard)
    assert render_email(zh, orchard) == first
    caches.forget()
    assert render_email(zh, orchard) == first
    caches.forget(themes=False)
    assert render_email(zh, orchard) == first


def long_article(title: str, paragraphs: int, head: str = "") -> str:
    words = "The cellar stays cold through winter and the apples keep until May. " * 6
    return f"---\ntitle: {title}\n{head}\n---\n\n" + f"{words}\n\n" * paragraphs


def test_a_mail_that_is_too_long_is_cut_and_says_where(
    tmp_path: Path, orchard: Publication
) -> None:
    issue = written(
        tmp_path / "x",
        a=long_article("Lead", 60),
        b=long_article("Long", 160),
        c=long_article("Short", 12),
    )
    mail = render_email(issue, orchard)
    assert mail.html_bytes <= mail.budget == 96_000
    (cut,) = mail.cuts
    assert (cut.title, cut.shown, str(cut.source.file)) == (
        "Long",
        Treatment.DIGEST,
        "01-news/b.md",
    )
    (problem,) = [problem for problem in mail.problems if problem.code == "email-cut"]
    assert (problem.severity, problem.source.file) == (Severity.NOTICE, "01-news/b.md")
    assert "Read on" in mail.html
    assert "#news-b" in mail.text


def test_many_articles_keep_as_many_beginnings_as_fit(tmp_path: Path, orchard: Publication) -> None:
    articles = {f"a{n:03}": long_article(f"Number {n}", 8) for n in range(120)}
    mail = render_email(written(tmp_path / "x", **articles), orchard)
    assert mail.html_bytes <= mail.budget
    assert mail.html_bytes > mail.budget - 3_000
    assert all(f">Number {n}<" in mail.html for n in range(120))
    assert {cut.shown for cut in mail.cuts} == {Treatment.DIGEST, Treatment.TITLE}


def test_what_was_written_is_kept_and_told_when_it_cannot_fit(
    tmp_path: Path, orchard: Publication
) -> None:
    issue = written(
        tmp_path / "x",
        a=long_article("Lead", 20),
        b=long_article("Wanted", 300, "email: full"),
    )
    mail = render_email(issue, orchard)
    (problem,) = [problem for problem in mail.problems if problem.code == "email-over-budget"]
    assert problem.severity is Severity.ERROR
    assert dict(mail.article_bytes)["news-b"] > 96_000
    assert [cut.title for cut in mail.cuts] == ["Lead"]


def test_the_budget_counts_the_longest_personal_values(zh: Issue, orchard: Publication) -> None:
    short = render_email(zh, orchard, longest={"unsubscribe_url": 20, "subscriber.name": 2})
    long = render_email(zh, orchard, longest={"unsubscribe_url": 320, "subscriber.name": 202})
    calls = Counter(MARKER_TOKEN.findall(short.html))
    fields = {marker.field: calls[marker.token] for marker in short.markers}
    default = len("读者".encode())
    assert (
        long.html_bytes - short.html_bytes
        == 300 * fields["unsubscribe_url"] + (202 - default) * fields["subscriber.name"]
    )


def test_the_bytes_that_are_told_are_those_of_the_mail(mail: EmailEdition) -> None:
    values = {"unsubscribe_url": 160, "subscriber.email": 64, "subscriber.name": 40}
    filled = mail.html
    for marker in mail.markers:
        filled = filled.replace(marker.token, "x" * values[marker.field])
    assert len(filled.encode()) == mail.html_bytes


def test_a_broken_picture_is_a_problem_and_a_labelled_box(zh: Issue, orchard: Publication) -> None:
    (key, picture), *_ = zh.pictures.items()
    broken = replace(picture, data=picture.data[:60], digest="0" * 64)
    mail = render_email(replace(zh, pictures={key: broken}), orchard)
    assert [problem.code for problem in mail.problems] == ["picture-broken"]
    assert "缺少图片：两座窖的温度" in mail.html


def test_a_kind_without_a_template_is_shown_as_articles_and_told(
    tmp_path: Path, orchard: Publication
) -> None:
    issue = written(tmp_path / "x", a="# A\n\ntext")
    (section,) = issue.sections
    mail = render_email(replace(issue, sections=(replace(section, kind="poems"),)), orchard)
    assert [problem.code for problem in mail.problems] == ["kind-unknown"]
    assert ">A</h2>" in mail.html


def own_theme(publication: Publication, name: str, change: Callable[[str], str]) -> None:
    starter = ZH.parents[3] / "templates" / "email" / "starter" / name
    target = publication.root / "templates" / "email" / "starter" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(change(starter.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("skeleton.mjml.j2", "<mj-preview>", "<mj-prevew>", "unknown component <mj-prevew>"),
        ("skeleton.mjml.j2", "<mj-text mj-class", "<p>x</p><mj-text mj-class", "<p> directly in <mj-column>"),
        ("skeleton.mjml.j2", "{% endfor %}", "", "Unexpected end of template"),
        ("inline.css.j2", ".caption {", ".caption:hover {", "the selector .caption:hover cannot be inlined"),
        ("parts/foot.html.j2", "{{ publisher }}", "{{ publsher }}", "'publsher' is undefined"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_publications_own_theme_is_told_with_its_file_and_line(
    zh: Issue, orchard: Publication, file: str, old: str, new: str, message: str
) -> None:
    own_theme(orchard, file, lambda text: text.replace(old, new, 1))
    path = orchard.root / "templates" / "email" / "starter" / file
    with pytest.raises(ContentError) as caught:
        render_email(zh, orchard)
    problem = caught.value.problems[0]
    assert message in problem.message
    assert problem.source.file == f"templates/email/starter/{file}"
    if new:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert new.split("{{")[0] in lines[problem.source.line - 1]


def test_the_themes_colours_reach_the_mail(zh: Issue, orchard: Publication) -> None:
    own = with_settings(orchard, tokens={"accent": "#8a1c1c", "band": "#8a1c1c"})
    html = render_email(zh, own).html
    assert "#1f5f7a" not in html
    assert html.count("#8a1c1c") > 10


@pytest.mark.sample
def test_the_real_sample_fits_with_every_article_by_title_and_teaser(
    sample: Path, orchard: Publication
) -> None:
    issue = issue_of(sample)
    mail = render_email(issue, orchard)
    shown = "".join("".join(Outline(mail.html).words).split())
    assert mail.html_bytes < 96_000
    assert [problem for problem in mail.problems if problem.severity is Severity.ERROR] == []
    articles = [article for _, article in issue.articles()]
    assert len(articles) == 8
    beginnings = {cut.anchor for cut in mail.cuts}
    assert {cut.shown for cut in mail.cuts} == {Treatment.DIGEST}
    for article in articles:
        title, teaser = "".join(article.title.split()), "".join(article.teaser.split())
        assert shown.count(title) >= 2, article.title
        assert article.anchor not in beginnings or teaser in shown, article.title
    assert Outline(mail.html).unbalanced == []
    assert mail.html_bytes > 90_000


@pytest.mark.sample
def test_the_real_samples_pictures_are_small_enough(sample: Path, orchard: Publication) -> None:
    mail = render_email(issue_of(sample), orchard)
    assert mail.pictures
    assert all(len(file.data) <= 200_000 for file in mail.pictures)


@pytest.mark.parametrize("issue", [ZH, AR])
def test_headings_are_not_skipped_where_no_title_stands_above(
    issue: Path, orchard: Publication
) -> None:
    tags = Outline(render_email(issue_of(issue), orchard).html).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_a_letter_gives_way_only_when_no_plan_fits_with_it(
    tmp_path: Path, orchard: Publication
) -> None:
    lone = tmp_path / "lone.md"
    lone.write_text(f"# Apples\n\n{long_article('x', 400).split('---')[2]}", encoding="utf-8")
    mail = render_email(issue_of(lone), orchard)
    assert mail.html_bytes < mail.budget
    assert [problem.code for problem in mail.problems] == ["email-cut"]
    assert "Read on" in mail.html


def test_a_section_without_articles_is_cut_like_an_article(
    tmp_path: Path, orchard: Publication
) -> None:
    words = long_article("x", 150).split("---")[2]
    lone = tmp_path / "lone.md"
    lone.write_text(f"# Apples\n\n## One\n\n{words}\n\n## Two\n\n{words}\n", encoding="utf-8")
    mail = render_email(issue_of(lone), orchard)
    assert mail.html_bytes < mail.budget
    assert [cut.title for cut in mail.cuts] == ["Two"]


def test_letters_are_spaced_and_chinese_fonts_come_first_in_wide_scripts_only(
    zh: Issue, orchard: Publication
) -> None:
    assert "letter-spacing:3px" in render_email(zh, orchard).html
    arabic = render_email(issue_of(AR), orchard).html
    assert "letter-spacing" not in arabic
    assert arabic.index("Arial") < arabic.index("Microsoft YaHei")


def test_emphasis_is_bold_where_letters_have_no_slanted_form(
    tmp_path: Path, orchard: Publication
) -> None:
    chinese = "---\ntitle: 果园\nlanguage: zh-Hans\n---\n\n先看*芽*。\n"
    html = render_email(written(tmp_path / "x", a="# A\n\nSee *this*.", b=chinese), orchard).html
    assert "See <em>this</em>." in html
    assert '<em class="upright" style="font-style:normal;font-weight:bold">芽</em>' in html


def test_text_in_another_script_names_its_own_fonts_first(
    tmp_path: Path, orchard: Publication
) -> None:
    chinese = "---\ntitle: 果园\nlanguage: zh-Hans\n---\n\n先看。\n"
    html = render_email(written(tmp_path / "x", a="# A\n\nIt’s.", b=chinese), orchard).html
    latin, wide = "-apple-system,'Segoe UI'", "-apple-system,'PingFang SC'"
    assert html.index(latin) < html.rindex("It’s.")
    assert f'<div lang="zh-Hans" dir="ltr" style="font-family:{wide}' in html
    assert html.count(wide) == 1


def links(html: str) -> set[str]:
    return {attrs["href"] for attrs in Outline(html).all("a")}


@pytest.mark.parametrize("shown", ["full", "digest", "title", "omit"])
def test_both_parts_of_a_mail_show_the_same_blocks_and_links(
    tmp_path: Path, orchard: Publication, shown: str
) -> None:
    words = "The cellar stays cold through winter and the apples keep until May. " * 40
    article = (
        f"---\ntitle: Cellars\ndoi: 10.1234/cellar\nemail: {shown}\n---\n\nFirst [one](https://a.example/).\n\n"
        f"{words}\n\n{words}\n\n{words}\n\nLast [two](https://b.example/) words.[^1]\n\n[^1]: A note.\n"
    )
    mail = render_email(written(tmp_path / "x", a=article, b="# Other\n\nShort."), orchard)
    text = set(mail.text.replace("[1]", " ").split())
    own = {f"{mail.picture_base}{end}" for end in ("#news-b", "issue.pdf", "x.pdf")}
    left_out = {f"{orchard.base_url}/", *own}
    contents = {f"{mail.picture_base}#news-a"} if shown == "full" else set()
    assert links(mail.html) - left_out - contents <= text
    for words in ("https://a.example/", "https://b.example/", "https://doi.org/10.1234/cellar"):
        assert (words in mail.html) == (words in mail.text)
    assert ("First" in mail.text, "Last" in mail.text) == (
        shown in ("full", "digest"),
        shown == "full",
    )
    assert ("#news-a" in mail.text) == (shown in ("digest", "title"))


def test_a_section_without_articles_and_a_letter_are_cut_in_both_parts(
    tmp_path: Path, orchard: Publication
) -> None:
    words = "The cellar stays cold through winter and the apples keep until May. " * 400
    lone = tmp_path / "lone.md"
    lone.write_text(
        f"# Apples\n\n## One\n\n{words}\n\n{words}\n\n{words}\n\n{words}\n\n## Two\n\nShort.\n"
    )
    mail = render_email(issue_of(lone), orchard)
    assert [cut.title for cut in mail.cuts] == ["One"]
    assert (
        " ".join(mail.text.split()).count("The cellar") == mail.html.count("The cellar") == 2 * 400
    )
    assert f"{mail.picture_base}#one" in mail.text


def test_the_masthead_breaks_with_no_point_left_over(mail: EmailEdition) -> None:
    line = re.search(r'<p class="issue-line"[^>]*>(.*?)</p>', mail.html)
    assert line is not None
    facts = re.findall(r'<span class="nw(?: last)?">([^<]+)</span>', line[1])
    shown = line[1].replace("\u00a0", "&nbsp;")
    assert len(facts) == shown.count("·") + 1
    assert shown.endswith(f"{facts[-1]}</span>")
    if len(facts) == 3:
        assert shown.count('class="point"') == 1
        assert ".point { display: none !important }" in mail.html
