"""Files that hold people, perhaps, but no table that is read here: what each is, and how to make a table of it.

Told from the first bytes, or from what an archive holds, never from the name: an HTML table is often called `.xls`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from newsletter.problems import UsageError

_AS_TABLE = "Open it in a spreadsheet program, and save it as .xlsx or CSV."
_OF_TABLE = "Copy its table into a spreadsheet, and save that as .xlsx or CSV."
_BY_HEAD = (
    (rb"\xd0\xcf\x11\xe0", "a workbook of an old kind (.xls)", ""),
    (rb"<(!doctype\s+html|html|head|meta|body|table|div|style)[\s>]", "a web page", ""),
    (rb"<\?xml\b", "XML", ""),
    (rb"%PDF-", "a PDF", "Ask for the table that it was made of, as .xlsx or CSV."),
    (rb"BEGIN:VCARD\b", "an address book (vCard)", "Export the contacts as CSV."),
    (rb"dn::? ", "an address book (LDIF)", "Export the contacts as CSV."),
    (rb"\{\\rtf", "a text document", _OF_TABLE),
    (rb"SQLite format 3", "a database", "Export its table of subscribers as CSV."),
    (rb"\x1f\x8b\x08|7z\xbc\xaf|Rar!|BZh\d|\xfd7zXZ", "a packed file", "Unpack it first."),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", "a picture", "Ask for the table, as .xlsx or CSV."),
)
_BY_MEMBER = (
    (r"word/.*", "a text document", _OF_TABLE),
    (r"ppt/.*", "a presentation", _OF_TABLE),
    (r"xl/workbook\.bin", "a binary workbook (.xlsb)", _AS_TABLE),
    (
        r"Index/.*\.iwa|Index\.zip",
        "a Numbers document",
        "Open it in Numbers, and export it as CSV.",
    ),
    (r"content\.xml", "an OpenDocument file", _AS_TABLE),
)
_MARKS = b"\xef\xbb\xbf\xff\xfe \t\r\n"


def refuse_foreign(name: str, head: bytes) -> None:
    """Raises UsageError for a file that begins as one of these does. UTF-16 is read as what it is in ASCII."""
    plain = head.replace(b"\0", b"").lstrip(_MARKS)
    for begins, kind, hint in _BY_HEAD:
        if re.match(begins, plain, re.IGNORECASE) or re.match(begins, head):
            raise UsageError(f"{name} is {kind}, which cannot be read here", hint or _AS_TABLE)


def refuse_foreign_archive(name: str, members: Collection[str]) -> None:
    """Raises UsageError for a document that is an archive inside."""
    for member, kind, hint in _BY_MEMBER:
        if any(re.fullmatch(member, one) for one in members):
            raise UsageError(f"{name} is {kind}, which cannot be read here", hint)
