"""Links that say nothing of where they lead: a screen reader lists them without their surroundings."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import IssueContext, passages
from newsletter.model.inlines import InlineImage, Link, plain, walk
from newsletter.problems import Problem, Source, warning

EMPTY_WORDS = frozenset(
    {
        "点击这里", "点击此处", "点此", "点这里", "请点击", "点击查看", "点击", "这里", "此处", "戳这里",
        "點擊這裡", "點擊此處", "這裡", "按此",
        "こちら", "ここ", "ここをクリック", "여기", "여기를 클릭",
        "here", "click here", "click", "click this link", "this link", "link", "this",
        "hier", "hier klicken", "ici", "cliquez ici", "aquí", "haz clic aquí", "aqui", "clique aqui",
        "qui", "clicca qui", "здесь", "тут", "هنا",
    }
)  # fmt: skip


def check(context: IssueContext) -> Iterator[Problem]:
    for passage in passages(context.issue):
        for inline in walk(passage.inlines):
            if isinstance(inline, Link):
                yield from _check_link(inline, passage.source)


def _check_link(link: Link, source: Source) -> Iterator[Problem]:
    words = plain(link.children).strip(" \t\n\u3000.。!！»>→")
    if not words and not any(isinstance(inline, InlineImage) for inline in walk(link.children)):
        yield warning(
            "link-text-empty",
            source,
            f"a link has no text: {link.url}",
            "Write what it leads to between the square brackets.",
        )
    elif words.lower() in EMPTY_WORDS:
        yield warning(
            "link-text-vague",
            source,
            f"the link text “{words}” does not say where it leads: {link.url}",
            "Put the link on the words that name what is behind it.",
        )
