"""How a file parts and quotes its cells, found in its first lines: the delimiter by which most of them have the same
number of cells, `sep=;` as Excel writes it, single quotes, quotes with a backslash before them.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = ",;\t|，"
_SEP = re.compile(r"\ufeff?\"?sep=(.)\"?[;,\t]*\s*", re.IGNORECASE)
_BACKSLASHED = re.compile(r'\\"[^,;\t|\r\n]')


@dataclass(frozen=True, slots=True)
class Dialect:
    """`skipped` lines at the beginning say how the file is written, and are no rows of it."""

    delimiter: str
    quote: str = '"'
    backslash: bool = False
    skipped: int = 0

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar="\\" if self.backslash else None,
        )

    def address_in(self, line: str) -> str:
        """The cell of a line that looks like an address, for telling which line it is."""
        cells = (cell.strip(f"{self.quote} \t\r\n") for cell in line.split(self.delimiter))
        return next((cell for cell in cells if "@" in cell), "")

    def is_open(self, lines: Sequence[str]) -> bool:
        """Whether a quote in these lines of one row is never closed."""
        text = "".join(lines)
        if self.backslash:
            text = text.replace("\\\\", "").replace(f"\\{self.quote}", "")
        return text.count(self.quote) % 2 == 1


def find_dialect(lines: Sequence[str], delimiter: str = "") -> Dialect:
    """The dialect of a file that begins with these lines; `delimiter` is one that somebody insists on."""
    said = _SEP.fullmatch(lines[0])
    skipped = 1 if said else 0
    rest = [line.replace("\0", "") for line in lines[skipped:]]
    quote = "'" if rest and _in_single_quotes(rest[0]) else '"'
    backslash = any(_BACKSLASHED.search(line) for line in rest) and not any(
        '""' in line for line in rest
    )
    found = delimiter or (said[1] if said else "") or _delimiter(rest, quote)
    return Dialect(found, quote, backslash, skipped)


def _delimiter(lines: Sequence[str], quote: str) -> str:
    """The one by which most lines have the same number of cells, and more than one; of equals the one that makes
    more of the first line."""
    best, rank = ",", (0, 0)
    for delimiter in DELIMITERS:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, quotechar=quote))
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if widths:
            (width, times), *_ = widths.most_common(1)
            if (times, width) > rank:
                best, rank = delimiter, (times, width)
    return best


def _in_single_quotes(line: str) -> bool:
    parts = re.split(r"[,;\t|]", line.strip())
    return all(len(part) > 1 and part[0] == part[-1] == "'" for part in parts)
