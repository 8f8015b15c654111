"""CSV and its kin: comma, semicolon, tab or bar; UTF-8, UTF-16 or GB18030; with a header or without one.

Encoding and delimiter are found by looking at the file: a byte order mark, else what the whole file can be
decoded by. The file is then read line by line, so its size does not matter. Line numbers are those an
editor shows, also where a cell holds line breaks (the number of the line a row begins on).
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from newsletter.problems import NewsletterError, UsageError
from newsletter.subscribers.exports import restored
from newsletter.subscribers.importers.rows import IGNORED, Reject, Row, fields_of, row_of

DELIMITERS = ",;\t|，"
_BLOCK = 1 << 16
_CANDIDATES = ("utf-8", "gb18030")


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Row | Reject]:
    """The rows of a file. Raises UsageError when it is not there or has no column of addresses."""
    encoding = find_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        lines = (line.replace("\0", "") for line in file)
        first = next((line for line in lines if line.strip()), "")
        if not first:
            raise UsageError(f"{path} is empty")
    delimiter = find_delimiter(first)
    with path.open(encoding=encoding, newline="") as file:
        lines = (line.replace("\0", "") for line in file)
        yield from _rows(lines, delimiter, mapping or {})


def find_encoding(path: Path) -> str:
    """The name of the encoding by which the whole file can be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_BLOCK)
            if head.startswith(codecs.BOM_UTF8):
                return "utf-8-sig"
            if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            zeros = (head[::2].count(0), head[1::2].count(0))
            if sum(zeros) > len(head) // 8:
                return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
            for encoding in _CANDIDATES:
                if _decodes(path, encoding):
                    return encoding
    except OSError as caught:
        raise UsageError(f"cannot read {path}: {caught.strerror}") from caught
    raise NewsletterError(
        f"cannot tell the encoding of {path}", "Save it as UTF-8 (in Excel: CSV UTF-8)."
    )


def find_delimiter(header: str) -> str:
    """The character that parts the header's cells."""
    counts = {delimiter: header.count(delimiter) for delimiter in DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    return best if counts[best] else ","


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _rows(
    lines: Iterator[str], delimiter: str, mapping: Mapping[str, str]
) -> Iterator[Row | Reject]:
    reader = csv.reader(lines, delimiter=delimiter)
    fields: list[str] = []
    for line, cells in _cells(reader):
        if isinstance(cells, str):
            yield Reject(line, "", cells)
        elif not any(cell.strip() for cell in cells):
            continue
        elif not fields:
            if _is_header(cells):
                fields = fields_of(cells, mapping)
                continue
            fields = _without_header(cells, mapping)
            yield row_of(line, [restored(cell) for cell in cells], fields)
        else:
            yield row_of(line, [restored(cell) for cell in cells], fields)


def _cells(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | str]]:
    """Each row with the line it begins on; a string in its place says why it cannot be parsed."""
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as caught:
            yield line, f"not CSV: {caught}"


def _is_header(cells: list[str]) -> bool:
    return not any("@" in cell for cell in cells)


def _without_header(cells: list[str], mapping: Mapping[str, str]) -> list[str]:
    """A file that begins with an address has no header: that column is the address, the next the name."""
    if mapping:
        raise UsageError("the file has no header, so --map has no columns to name")
    email = next(at for at, cell in enumerate(cells) if "@" in cell)
    others = [at for at in range(len(cells)) if at != email]
    names = {email: "email"} | ({others[0]: "name"} if others else {})
    return [names.get(at, IGNORED) for at in range(len(cells))]
