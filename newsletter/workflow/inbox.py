"""How a mail stands in a list of mails: what is left of subject and preheader where there is little room.

Programs cut by pixels, each in its own font; columns, of which a Han character takes two, come near that.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.model.language import columns

_PLACES = (("phone", 22, 38, 76), ("narrow", 24, 60, 60), ("wide", 26, 120, 0))
"""Columns of sender, subject and preheader; a preheader of 0 shares the subject's line."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    place: str
    sender: str
    subject: str
    preheader: str
    cut: bool
    """Whether the subject lost words."""


def inbox_rows(sender: str, subject: str, preheader: str) -> tuple[InboxRow, ...]:
    """The mail in three lists: on a phone, in a narrow pane, across a wide window."""
    return tuple(_row(place, sender, subject, preheader, *room) for place, *room in _PLACES)


def _row(
    place: str, sender: str, subject: str, preheader: str, most: int, line: int, below: int
) -> InboxRow:
    shown = _cut(subject, line)
    room = below or max(0, line - columns(shown) - 3)
    return InboxRow(place, _cut(sender, most), shown, _cut(preheader, room), shown != subject)


def _cut(text: str, most: int) -> str:
    if columns(text) <= most:
        return text
    while text and columns(text) > most - 1:
        text = text[:-1]
    return text.rstrip() + "…" if text else ""
