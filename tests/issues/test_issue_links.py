from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](https://x.org/b?c=d&e=f)", "p [a](https://x.org/b?c=d&e=f)"),
        ("[a][r]\n\n[r]: https://x.org", "p [a](https://x.org)"),
        ("<https://x.org>", "p [https://x.org](https://x.org)"),
        ("见https://x.org/a_b_c，后面", "p 见[https://x.org/a_b_c](https://x.org/a_b_c)，后面"),
        ("（www.x.org）。", "p （[www.x.org](http://www.x.org)）。"),
        ("see https://x.org/a_(b).", "p see [https://x.org/a_(b)](https://x.org/a_(b))."),
        ("me@x.org", "p [me@x.org](mailto:me@x.org)"),
        ("[t](tel:+123)", "p [t](tel:+123)"),
        ("[leave]({{ unsubscribe_url }})", "p [leave]({{ unsubscribe_url }})"),
        ("`https://x.org`", "p `https://x.org`"),
        ('<a href="https://x.org">*a*</a>', "p [_a_](https://x.org)"),
    ],
)
def test_links_that_lead_somewhere(read_text, show, text, expected):
    reading = read_text(text)
    assert show(reading) == expected
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("text", "shown", "code"),
    [
        ("[a](javascript:alert)", "p a", "link-refused"),
        ("[a](JAVA&#x09;SCRIPT:alert)", "p a", "link-refused"),
        ('<a href=" java\nscript:x">a</a>', "p a", "link-refused"),
        ("[a](data:text/html,x)", "p a", "link-refused"),
        ("[a](file:/etc/passwd)", "p a", "link-refused"),
        ("[a](//evil.org/x)", "p a (//evil.org/x)", "link-refused"),
        ("[a](ftp://x.org)", "p a (ftp://x.org)", "link-refused"),
        ("[a]()", "p a", "link-empty"),
        ("[a](/there.html)", "p a (/there.html)", "link-relative"),
        ("[a](#nowhere)", "p a", "link-anchor-missing"),
        ("[a](www.x.org)", "p [a](https://www.x.org)", "link-without-protocol"),
    ],
)
def test_links_that_are_refused_keep_their_words(read_text, show, text, shown, code):
    reading = read_text(text)
    assert show(reading) == shown
    assert [p.code for p in reading.problems] == [code]


def test_relative_links_lead_to_parts_of_the_issue(read_folder):
    reading = read_folder(
        {
            "issue.md": "[s](01-a/) [t](01-a/01-b.md) [h](01-a/01-b.md#the-heading) [e](02-c.md)",
            "01-a/section.md": "---\ntitle: A\n---\n",
            "01-a/01-b.md": "---\ntitle: B\n---\n# The heading\n\n[up](../issue.md) [self](#the-heading)",
            "02-c.md": "text",
        }
    )
    from newsletter.model.inlines import Link, walk

    issue = reading.issue
    urls = [i.url for i in walk(issue.letter[0].children) if isinstance(i, Link)]
    assert urls == ["#a", "#a-b", "#a-b-the-heading", "#c"]
    article = issue.sections[0].articles[0]
    assert [i.url for i in walk(article.blocks[1].children) if isinstance(i, Link)] == [
        "#letter",
        "#a-b-the-heading",
    ]
    assert reading.problems == ()


def test_merge_tags_are_a_closed_grammar(read_text, show):
    text = (
        'Hi {{ subscriber.name | default("读者_a_b") }}, {{ web_url }}\n`{{ anything }}`\n'
        "{{ 1 + 1 }} {% if x %}y{% endif %}"
    )
    reading = read_text(text)
    assert show(reading) == (
        "p Hi «subscriber.name|读者_a_b», «web_url|» `{{ anything }}` {{ 1 + 1 }} {% if x %}y{% endif %}"
    )
    assert [(p.code, p.severity.value, p.source.line) for p in reading.problems] == [
        ("merge-tag", "error", 3),
        ("template-tag", "warning", 3),
        ("template-tag", "warning", 3),
    ]


def test_citations_lead_to_references_and_those_without_are_told(read_folder, show):
    reading = read_folder(
        {
            "01-a/01-b.md": "---\ntitle: B\nreferences:\n- One\n- {text: Two, doi: 10.1000/2}\n---\n"
            "x[1] y[1,2] z[1-2]\nw[3] \\[2]"
        }
    )
    article = reading.issue.sections[0].articles[0]
    assert show(article.blocks) == "p xcite1 ycite1,cite2 zcite1-cite2 w[3] [2]"
    assert article.references[1].address == "https://doi.org/10.1000/2"
    assert [(p.code, p.source.line) for p in reading.problems] == [("citation-missing", 8)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '<a href="https://x.org">\n\na\n\nb\n\n</a>',
            "p [a](https://x.org)\np [b](https://x.org)",
        ),
        ('<a href="https://x.org">\n\na\n\nb', "p [a](https://x.org)\np b"),
        (
            '<a href="https://x.org">\n\n- a\n\n</a>',
            "ul\n  li\n    p a\np [https://x.org](https://x.org)",
        ),
    ],
)
def test_a_link_around_blocks_is_not_lost(read_text, show, text, expected):
    assert show(read_text(text)) == expected
