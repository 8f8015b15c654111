"""Text that a page shows piece after piece, shown in one go as far as it belongs together.

Readers of PDF know words by what is shown in one go and by the room between such pieces. A space that is shown alone has
nothing to be seen of, and some leave it out, so that two words are one; a step to the right inside of a word is a space to
them. So pieces of one line become one, to the hundredth of a point where they were, and where there is such a step,
between a sign and the letter that it is drawn over, room behind each of both stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from newsletter.editions.print_glyphs import STRING, glyphs_in

_SHOWN = rb"[ \n]*0 Tr/(f\d+) ([\d.]+) Tf 1 0 0 -1 (-?[\d.]+) 0 Tm"
_SHOW = re.compile(
    rb"(?s)" + _SHOWN + rb"(?:(" + STRING + rb")\s?Tj|\[((?:[^\]()<]|" + STRING + rb")*)\]\s?TJ)"
)
_ITEM = re.compile(rb"(?s)(" + STRING + rb")|(-?[\d.]+)")

_NONE = 0.05
_GAP = 100
"""Thousandths of the letters' size: no step, and one that may be taken for a space."""


@dataclass(frozen=True)
class Widths:
    """How wide the glyphs of a font are, in thousandths of their size, and which of them are spaces."""

    of: Mapping[int, float]
    others: float
    spaces: frozenset[int]

    def __getitem__(self, glyph: int) -> float:
        return self.of.get(glyph, self.others)


@dataclass
class _Run:
    """Glyphs and steps between them, from `left` on; `pen` is where the next glyph would stand."""

    font: bytes
    size: bytes
    left: float
    pen: float
    items: list[int | float] = field(default_factory=list)
    room: float = 0
    """Behind each glyph."""

    def written(self) -> bytes:
        if not self.items:
            return b""
        out, glyphs = list[bytes](), list[bytes]()
        for item in self.items:
            if isinstance(item, int):
                glyphs.append(b"%04X" % item)
                continue
            out += [b"<%s>" % b"".join(glyphs)] if glyphs else []
            out.append(b"%.6g " % item)
            glyphs = []
        out += [b"<%s>" % b"".join(glyphs)] if glyphs else []
        room = (b"%.6g Tc " % self.room, b" 0 Tc") if self.room else (b"", b"")
        font = b" 0 Tr/%s %s Tf " % (self.font, self.size)
        return b"%s%s1 0 0 -1 %.8g 0 Tm[%s]TJ%s" % (
            font,
            room[0],
            self.left,
            b"".join(out),
            room[1],
        )


def in_one_go(content: bytes, fonts: Mapping[bytes, Widths]) -> bytes:
    """The content, with what stands in one line and belongs together in one."""
    out, done = list[bytes](), 0
    run: _Run | None = None
    for found in _SHOW.finditer(content):
        font, size, left = found[1], found[2], float(found[3])
        if font not in fonts:
            continue
        between = content[done : found.start()]
        done = found.end()
        if run is None or between.strip() or (run.font, run.size) != (font, size):
            out += [run.written()] if run else []
            out.append(between)
            run = _Run(font, size, left, left)
        *whole, run = _joined(run, left, list(_items(found)), fonts[font])
        out += [one.written() for one in whole]
    out += [run.written()] if run else []
    return b"".join([*out, content[done:]])


def _joined(run: _Run, left: float, items: list[int | float], widths: Widths) -> Iterator[_Run]:
    """The run with those behind it, and any that begins anew in between."""
    em = float(run.size) / 1000
    step = (run.pen - left) / em
    if abs(step) > _NONE:
        items.insert(0, step)
    at = 0
    while at < len(items):
        item, at = items[at], at + 1
        before = run.items[-1] if run.items else None
        behind = items[at] if at < len(items) else None
        if isinstance(item, int):
            run.pen += widths[item] * em
            run.items.append(item)
        elif item < -_GAP and _in_word(before, behind, widths):
            assert isinstance(before, int)
            assert isinstance(behind, int)
            run.items.pop()
            begins = run.pen - widths[before] * em
            if run.items:
                yield run
            pen = run.pen - item * em + widths[behind] * em
            yield _Run(run.font, run.size, begins, pen, [before, behind], room=-item * em)
            run = _Run(run.font, run.size, pen, pen)
            at += 1
        else:
            run.pen -= item * em
            run.items.append(item)
    yield run


def _in_word(before: int | float | None, behind: int | float | None, widths: Widths) -> bool:
    beside = [glyph for glyph in (before, behind) if isinstance(glyph, int)]
    return len(beside) == 2 and not widths.spaces.intersection(beside)


def _items(found: re.Match[bytes]) -> Iterator[int | float]:
    for item in _ITEM.finditer(found[5] if found[4] is None else found[4]):
        if item[1] is None:
            yield float(item[2])
        else:
            yield from glyphs_in(item[1])
