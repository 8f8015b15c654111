"""What the running head and foot of a printed page say: the publication's name, the section's, the article's.

A running head is not read aloud (PDF/UA asks for an artifact), so it must be what it looks like, a name and not a sentence:
what looks for text that was hidden from those who listen takes a line of eight words for one, unless most begin with a
capital. A name on paper is short for the same reason that journals ask their authors for a running title. So section and
article have a line each, and what is too long for one is cut by the rule of `running_title`.
"""

from __future__ import annotations

import re
import unicodedata

from newsletter.model.language import columns

MOST_WORDS = 7
MOST_SMALL = 3
"""A line of more words than the first has at most so many of them in small letters."""
MOST_COLUMNS = 72
"""So much of a line's width, in Latin letters."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_SUBTITLE = re.compile(r"\s*(?:[：:]\s|：|——|\s[–—]\s).*", re.DOTALL)
_LEAST_MAIN = 16
"""Columns of what stands before a colon, below which it is a word of introduction and no title."""
_LITTLE = re.compile(r"[^\W\d_]{1,3}")
_SIGN = re.compile(r"[^\s\u2e80-\U0003ffff]")
_PART = re.compile(_SIGN.pattern + "+$")
"""What is left at a cut of a word in a script that has words apart."""
_MARKS = " ,;:.!?，、；：。！？"


def is_name(line: str) -> bool:
    """Whether nobody could take a line for a sentence of the text."""
    words = _WORD.findall(unicodedata.normalize("NFKC", line))
    return len(words) <= MOST_WORDS or sum(word[0].islower() for word in words) <= MOST_SMALL


def running_title(title: str) -> str:
    """A title as a running head has it: whole where it is short enough, else without its subtitle, else its first words."""
    if _fits(title):
        return title
    main = _SUBTITLE.sub("", title)
    if columns(main) < _LEAST_MAIN:
        main = title
    if _fits(main):
        return main
    words = main[: 8 * MOST_COLUMNS].split(" ")  # none of what stands behind will be shown
    while len(words) > 1 and not _fits(" ".join(words) + "…"):
        words.pop()
    # No line ends in "… of the": the little words before the cut go as well.
    while len(words) > 3 and _LITTLE.fullmatch(words[-1]) and words[-1].islower():
        words.pop()
    kept = " ".join(words)
    if not _fits(kept + "…"):  # one long word, or a script without spaces
        return short(kept, MOST_COLUMNS)
    return kept.rstrip(_MARKS) + "…"


def short(text: str, most: int) -> str:
    """A text of at most so many columns, cut between words where it has any."""
    if columns(text) <= most:
        return text
    kept = text
    while columns(kept) > most - 1:
        kept = kept[:-1]
    if _SIGN.match(text[len(kept)]) and columns(whole := _PART.sub("", kept)) > most * 0.7:
        kept = whole
    return kept.rstrip(_MARKS) + "…"


def names_beside(title: str, name: str, date: str) -> list[str]:
    """What may stand in one line with a running title, the fullest first: the publication with its date, its name."""
    together = in_one_line(running_title(name), date)
    return [one for one in (together, running_title(name)) if is_name(f"{one} {title}")]


def in_one_line(*parts: str) -> str:
    """Parts of a line that keep their places whatever script each is in: else a Latin or Chinese name and the
    number of a date change sides in an Arabic line."""
    return " · ".join(f"\u2068{part}\u2069" for part in parts if part)


def _fits(title: str) -> bool:
    return columns(title) <= MOST_COLUMNS and is_name(title)
