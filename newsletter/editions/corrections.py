"""Notes of corrections, at the head of an issue, in every edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from newsletter.editions.words import load_words
from newsletter.model.blocks import Block, Note, Paragraph
from newsletter.model.inlines import Text
from newsletter.model.issue import Correction, Issue
from newsletter.problems import Source
from newsletter.publication import Publication


def with_corrections(
    issue: Issue, corrections: Sequence[Correction], publication: Publication
) -> Issue:
    """The issue with a dated note of each correction before its letter, the newest first."""
    if not corrections:
        return issue
    words = load_words(publication, issue.language)
    notes: list[Block] = []
    for one in reversed(corrections):
        place = Source(issue.source.file)
        told = Paragraph(place, (Text(one.note),))
        title = words.format("corrected_on", date=words.date(one.date))
        notes.append(Note(place, (told,), "important", (Text(title),)))
    return replace(issue, letter=(*notes, *issue.letter))
