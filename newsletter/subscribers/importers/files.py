"""A file of subscribers, whatever it is: its format is found by looking, told, and read as rows.

By content: a workbook, an archive (every table in it that holds addresses), JSON, else CSV. By columns: an
export of another product, else columns that say what they are. A format may be forced by its name.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from newsletter.problems import NewsletterError, UsageError
from newsletter.subscribers.exports import is_export, restored
from newsletter.subscribers.importers import archive, csv, json, xlsx
from newsletter.subscribers.importers.cells import addresses_in
from newsletter.subscribers.importers.columns import (
    ATTRIBUTE,
    FURTHER,
    IGNORED,
    check_mapped,
    field_of,
)
from newsletter.subscribers.importers.foreign import refuse_foreign, refuse_foreign_archive
from newsletter.subscribers.importers.products import Product, mapped, products
from newsletter.subscribers.importers.rows import (
    FLAGS,
    Reject,
    Row,
    Skip,
    known_status,
    moment,
    row_of,
    united,
)
from newsletter.subscribers.importers.settling import fields_of
from newsletter.subscribers.importers.sheets import Record, Sheet
from newsletter.subscribers.importers.words import FILES

_PEEKED = 200
_READERS: dict[str, Callable[[Path, str], Sheet]] = {
    "csv": csv.read,
    "tsv": csv.read,
    "json": json.read,
    "jsonl": json.read,
    "xlsx": xlsx.read,
}


_SAYING = frozenset(["status", "confirmed", *FLAGS])
"""Fields that say a status: beside one of these the name of the file says nothing."""


def formats() -> tuple[str, ...]:
    """The names by which a format can be forced."""
    return (*_READERS, *(product.NAME for product in products()))


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file, opened. `columns` tells what each is taken for; `rows` are read as they are asked for; `head` are
    the cells of the first lines, for a person to look at. `means` is the status that the file's name gives to
    everybody in it of whom no column says one."""

    format: str
    encoding: str
    delimiter: str
    columns: tuple[tuple[str, str], ...]
    rows: Iterator[Row | Reject]
    head: tuple[list[str], ...] = ()
    means: str = ""


def open_import(
    path: Path,
    mapping: Mapping[str, str] | None = None,
    format: str = "",
    *,
    encoding: str = "",
    delimiter: str = "",
) -> ImportFile:
    """Looks at a file; `encoding` and `delimiter` are found where they are not said, and mean nothing to a workbook
    or an archive. Raises UsageError when it is not there, unknown, or has no column of addresses."""
    if format and format not in formats():
        raise UsageError(f"no such format: {format}", f"There are: {', '.join(formats())}")
    if not path.is_file():
        raise UsageError(f"cannot read {path}: no such file")
    try:
        opened = _looked_at(path, mapping, format, encoding, delimiter)
    except NewsletterError:
        raise
    except Exception as caught:
        raise _unreadable(path, caught) from caught
    return replace(opened, rows=_guarded(path, opened.rows))


def _guarded(path: Path, rows: Iterator[Row | Reject]) -> Iterator[Row | Reject]:
    """Parsers raise whatever they met, at the first line or the last: to a person all of it is a broken file."""
    while True:
        try:
            row = next(rows, None)
        except NewsletterError:
            raise
        except Exception as caught:
            raise _unreadable(path, caught) from caught
        if row is None:
            return
        yield row


def _unreadable(path: Path, caught: Exception) -> UsageError:
    return UsageError(f"{path} cannot be read: {caught}", "Is it whole, and what its name says?")


def _looked_at(
    path: Path, mapping: Mapping[str, str] | None, format: str, encoding: str, delimiter: str
) -> ImportFile:
    kind = format if format in _READERS else _kind(path)
    product = format if format not in _READERS else ""
    if kind == "zip":
        return _archive(path, mapping or {}, product)
    sheet = _read(path, kind, encoding, delimiter)
    # The file's name tells a product what kind of export it is, but is not told with each line.
    return _opened(replace(sheet, file=path.name), mapping or {}, product, shown="")


def table_of(path: Path, format: str = "", encoding: str = "", delimiter: str = "") -> Sheet:
    """The table of a file as it stands, whatever its columns mean. Raises UsageError for an archive of tables."""
    kind = format if format in _READERS else _kind(path)
    if kind == "zip":
        raise UsageError(f"{path.name} holds no table of subscribers")
    return _read(path, kind, encoding, delimiter)


def _read(path: Path, kind: str, encoding: str, delimiter: str) -> Sheet:
    if kind in ("csv", "tsv"):
        return csv.read(path, "", encoding, delimiter)
    return _READERS[kind](path, "")


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as found:
                members = found.namelist()
                refuse_foreign_archive(path.name, members)
                return "xlsx" if "[Content_Types].xml" in members else "zip"
        except zipfile.BadZipFile as caught:
            raise UsageError(f"{path} is a broken archive: {caught}") from caught
    refuse_foreign(path.name, head)
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    begins_json = text[:1] in (b"{", b"[") and path.suffix.lower() not in (".csv", ".tsv", ".txt")
    return "json" if begins_json else "csv"


def _archive(path: Path, mapping: Mapping[str, str], product: str) -> ImportFile:
    """Every table of an archive that holds addresses, one after the other."""
    stack = ExitStack()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    opened: list[ImportFile] = []
    try:
        for name, member in archive.unpacked(path, folder):
            try:
                sheet = _READERS["json" if name.lower().endswith(".json") else "csv"](member, name)
                opened.append(_opened(sheet, mapping, product, shown=name))
            except UsageError:
                continue  # a table of something else: posts, notes
        if not opened:
            raise UsageError(
                f"{path} holds no table of subscribers",
                "Tables in an archive are .csv, .tsv or .json; unpack others, and import them.",
            )
        # Beside the list of subscribers a product's archive has tables of who opened what, and of who once was there.
        known = {product.NAME for product in products()}
        opened = [one for one in opened if one.format in known] or opened
    except BaseException:
        stack.close()
        raise

    def rows() -> Iterator[Row | Reject]:
        with stack:
            for one in opened:
                yield from one.rows

    first = opened[0]
    return ImportFile(
        f"{first.format} (zip)",
        first.encoding,
        first.delimiter,
        first.columns,
        rows(),
        first.head,
    )


def _opened(sheet: Sheet, mapping: Mapping[str, str], forced: str, shown: str) -> ImportFile:
    columns = frozenset(sheet.header)
    if not forced and is_export(sheet.header):
        return _by_columns(sheet, mapping, shown)
    for product in products():
        if forced == product.NAME or (not forced and product.recognises(columns, sheet.file)):
            return _of_product(product, sheet, mapping, shown)
    return _by_columns(sheet, mapping, shown)


def _of_product(
    product: Product, sheet: Sheet, mapping: Mapping[str, str], shown: str
) -> ImportFile:
    check_mapped(sheet.header, mapping)
    head = list(islice(sheet.records, _PEEKED))

    def rows() -> Iterator[Row | Reject]:
        for record in chain(head, sheet.records):
            if isinstance(record, Reject):
                yield record
                continue
            line, texts = record
            cells = {
                column: text.strip()
                for column, text in zip(sheet.header, _padded(texts, sheet.header), strict=False)
            }
            try:
                values = product.values(cells, sheet.file) | mapped(cells, mapping)
            except Skip as caught:
                yield Reject(line, "", str(caught), shown)
            except KeyError as caught:
                raise UsageError(
                    f"this is no export of {product.NAME}: there is no column {caught}"
                ) from None
            else:
                yield row_of(line, values, shown)

    taken = tuple((column, mapping.get(column, "")) for column in sheet.header)
    return ImportFile(product.NAME, sheet.encoding, sheet.delimiter, taken, rows(), _cells_of(head))


def _padded(texts: list[str], header: list[str]) -> list[str]:
    return texts + [""] * (len(header) - len(texts))


def _by_columns(sheet: Sheet, mapping: Mapping[str, str], shown: str) -> ImportFile:
    head = list(islice(sheet.records, _PEEKED))
    if sheet.header:
        # In an export of ours each column is what it is called, whatever it holds.
        looked_at = () if is_export(sheet.header) else _cells_of(head)
        fields = fields_of(sheet.header, mapping, looked_at)
    else:
        fields = _without_header(head, mapping)
        if _only_addresses(head):
            sheet = replace(sheet, records=_one_each(chain(head, sheet.records)))
            head, fields = [], fields_of(["email"], {})
    records = chain(head, sheet.records)
    names = sheet.header or [""] * len(fields)
    means = "" if _SAYING & {_base(field) for field in fields} else _means(sheet.file)
    return ImportFile(
        sheet.format,
        sheet.encoding,
        sheet.delimiter,
        tuple((name, _base(field)) for name, field in zip(names, fields, strict=False)),
        _rows(replace(sheet, records=records), fields, shown, {"status": means} if means else {}),
        _cells_of(head),
        means,
    )


def _base(field: str) -> str:
    return field if field.startswith(ATTRIBUTE) else field.partition(FURTHER)[0]


def _only_addresses(head: list[Record]) -> bool:
    """Whether the file is a list of addresses, several in a line, as they stand in a mail's To."""
    return all("@" in cell for cells in _cells_of(head) for cell in cells if cell.strip())


def _one_each(records: Iterator[Record]) -> Iterator[Record]:
    for record in records:
        if isinstance(record, Reject):
            yield record
            continue
        for cell in record[1]:
            yield from ((record[0], [one]) for one in addresses_in(cell) or [cell] if one.strip())


def _cells_of(head: list[Record]) -> tuple[list[str], ...]:
    return tuple(one[1] for one in head if isinstance(one, tuple))


def _rows(
    sheet: Sheet, fields: list[str], shown: str, means: dict[str, str]
) -> Iterator[Row | Reject]:
    width, ours = len(fields), is_export(sheet.header)
    further = [name for name in fields if FURTHER in name and not name.startswith(ATTRIBUTE)]
    for record in sheet.records:
        if isinstance(record, Reject):
            yield record
            continue
        line, cells = record
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            reason = f"it has {len(cells)} cells, the header {width}"
            typed = dict(zip(fields, cells, strict=False)).get("email", "").strip()
            yield Reject(line, typed, reason, shown)
            continue
        if sheet.guarded:
            cells = [restored(cell) if cell[:1] == "'" else cell for cell in cells]
        values = means | {name: cell.strip() for name, cell in zip(fields, cells, strict=False)}
        for name in further:
            field = name.partition(FURTHER)[0]
            values[field] = united(field, values.get(field, ""), values.pop(name, ""))
        yield row_of(line, values, shown, ours=ours)


def _means(file: str) -> str:
    """The status of everybody in a file that is called by it: `unsubscribed.csv`, `bounces-2024.csv`."""
    name = unicodedata.normalize("NFC", file.rpartition("/")[2].lower())
    return next((status for status, starts in FILES.items() if re.match(starts, name)), "")


def _without_header(head: list[Record], mapping: Mapping[str, str]) -> list[str]:
    """A file that begins with an address has no header: that column is the address, the first of words the name, one of
    statuses the status; any other is kept under its number."""
    first = next((one for one in head if isinstance(one, tuple)), None)
    if first is None:
        raise UsageError("the file holds no line that can be read")
    if mapping:
        raise UsageError("the file has no header, so --map has no columns to name")
    cells: list[str] = first[1]
    email = next((at for at, cell in enumerate(cells) if "@" in cell), 0)
    fields = {email: field_of("email")}
    for at in range(len(cells)):
        held = [row[at].strip() for row in _cells_of(head) if at < len(row) and row[at].strip()]
        if at == email or not held:
            continue
        if all(map(known_status, held)) and "status" not in fields.values() and len(held) > 1:
            fields[at] = "status"
        elif "name" not in fields.values() and sum(map(_is_words, held)) * 2 > len(held):
            fields[at] = "name"
        else:
            fields[at] = f"{ATTRIBUTE}column {at + 1}"
    return [fields.get(at, IGNORED) for at in range(len(cells))]


def _is_words(cell: str) -> bool:
    return "@" not in cell and any(one.isalpha() for one in cell) and moment(cell) is None
