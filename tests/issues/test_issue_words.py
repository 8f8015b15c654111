"""No word of a text is ever lost: held against markdown-it's own HTML, for texts of every shape."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import lxml.html
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsletter.issues.reader import read_issue
from newsletter.model.blocks import Doi, walk_blocks
from newsletter.model.measure import block_text

_PIECES = st.sampled_from(
    [
        "word",
        "字",
        "中文",
        "نص",
        "\n",
        "\n\n",
        " ",
        "- ",
        "1. ",
        "> ",
        "# ",
        "### ",
        "**",
        "*",
        "~~",
        "`",
        "```\n",
        "|",
        "\n|a|b|\n|-|-|\n",
        "[",
        "](https://x.org)",
        "![",
        "](x.png)",
        "<div>",
        "</div>",
        "<td>",
        "</td>",
        "<table>",
        "</table>",
        "<tr>",
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<li>",
        "<ul>",
        "</ul>",
        "<details>",
        "<summary>",
        "</summary>",
        "</details>",
        "<a href='https://x.org'>",
        "</a>",
        "<br>",
        "    ",
        "&amp;",
        "\\",
        "{{",
        "}}",
        ":::",
        " note\n",
        "$",
        "^[",
        "]",
        "[^1]",
        "\n[^1]: ",
        "\n: ",
        "---\n",
        "<img src=x.png>",
    ]
)


def _visible(markdown: str) -> Counter[str]:
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
    return Counter(
        re.findall(r"word|字|中文|نص", lxml.html.fromstring(f"<div>{html}</div>").text_content())
    )


def _read(folder: Path, markdown: str) -> Counter[str]:
    path = folder / "text.md"
    path.write_text("---\ntitle: t\n---\n" + markdown, encoding="utf-8")
    issue = read_issue(path, default_language="en").issue
    assert issue is not None
    blocks = [*issue.letter, *(b for n in issue.letter_footnotes for b in n.blocks)]
    titles = []
    for section in issue.sections:
        titles.append(section.title)
        blocks += [*section.blocks, *(b for n in section.footnotes for b in n.blocks)]
    dois = [block.doi for block in walk_blocks(blocks) if isinstance(block, Doi)]
    text = " ".join([*titles, *dois, block_text(blocks)])
    return Counter(re.findall(r"word|字|中文|نص", text))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(_PIECES, max_size=40))
def test_every_visible_word_is_in_the_issue(tmp_path, pieces):
    markdown = "".join(pieces)
    lost = _visible(markdown) - _read(tmp_path, markdown)
    assert not lost, markdown
