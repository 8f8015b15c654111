"""How a file parts and quotes its cells, found in its first lines: the delimiter by which most of them have the same
number of cells, `sep=;` as Excel writes it, single quotes, quotes with a backslash before them.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from newsletter.subscribers.importers.columns import field_of

DELIMITERS = ",;\t|，"
_SEP = re.compile(r"\ufeff?\"?sep=(.)\"?[;,\t]*\s*", re.IGNORECASE)
_CURLY = str.maketrans("“”„", '"""')
_SPACED = re.compile(r'[,;|] +"(?:[^"]|"")*"(?=[,;|\r\n]|$)')
_BACKSLASHED = re.compile(r'\\"[^,;\t|\r\n]')


@dataclass(frozen=True, slots=True)
class Dialect:
    """`skipped` lines at the beginning say how the file is written, and are no rows of it. `curly` quotes are round
    ones, as a word processor makes them; before a quote of a `spaced` file
    stands a blank; in a `wrapped` file each line is quoted as a whole, as a cell of its own."""

    delimiter: str
    quote: str = '"'
    backslash: bool = False
    skipped: int = 0
    curly: bool = False
    wrapped: bool = False
    spaced: bool = False

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        if self.wrapped:
            inner = replace(self, wrapped=False)
            return (
                next(inner.reader(iter(cells)), []) if len(cells) == 1 else cells
                for cells in csv.reader(lines, delimiter=self.delimiter)
            )
        if self.curly:
            lines = (line.translate(_CURLY) for line in lines)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar="\\" if self.backslash else None,
            skipinitialspace=self.spaced,
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
    curly = bool(rest) and _in_quotes(rest[0], "“”")
    wrapped = bool(rest) and all(map(_is_wrapped, rest)) and _names_addresses(rest[0])
    if wrapped:
        rest = [cells[0] for line in rest if (cells := next(csv.reader([line]), []))]
    rest = [line.translate(_CURLY) for line in rest] if curly else rest
    quote = "'" if rest and _in_quotes(rest[0], "''") else '"'
    backslash = any(_BACKSLASHED.search(line) for line in rest) and not any(
        '""' in line for line in rest
    )
    spaced = any(_SPACED.search(line) for line in rest)
    found = delimiter or (said[1] if said else "") or _delimiter(rest, quote, spaced)
    return Dialect(found, quote, backslash, skipped, curly, wrapped, spaced)


def _delimiter(lines: Sequence[str], quote: str, spaced: bool) -> str:
    """The one by which most lines have the same number of cells, and more than one; of equals the one that makes
    more of the first line."""
    best, rank = ",", (0, 0)
    for delimiter in DELIMITERS:
        try:
            rows = list(
                csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=spaced)
            )
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if widths:
            (width, times), *_ = widths.most_common(1)
            if (times, width) > rank:
                best, rank = delimiter, (times, width)
    return best


def _in_quotes(line: str, pair: str) -> bool:
    parts = re.split(r"[,;\t|]", line.strip())
    return all(len(part) > 1 and part[0] == pair[0] and part[-1] == pair[1] for part in parts)


def _names_addresses(line: str) -> bool:
    return any(field_of(cell) == "email" for cell in re.split(r"[,;\t|]", line.strip('" \r\n')))


def _is_wrapped(line: str) -> bool:
    """Whether a line is one quoted cell that holds several."""
    cells = next(csv.reader([line]), [])
    return line[:1] == '"' and len(cells) == 1 and bool(re.search(r"[,;\t|]", cells[0]))
