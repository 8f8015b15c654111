"""What stands in a cell, as a person meant it: an address among other things, a text without what nobody sees."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\xa0 \t\r\n"
_ANGLED = re.compile(r"(?s)(.*?)<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+)\s*>")
_PLAIN = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
_LABEL = re.compile(r"(?i)mailto:")
_SEVERAL = " ::: "
"""What Google's address book puts between the addresses of one person."""


def picked(text: str) -> tuple[str, str]:
    """The address in a cell, and the name beside it: `Ann Lee <ann@example.com>`, `mailto:…`. A cell with two
    addresses is none, unless a product writes those of one person so. Raises ValueError."""
    if _PLAIN.fullmatch(text):
        return text, ""
    typed = text.strip(_UNSEEN)
    if _SEVERAL in typed:
        typed = typed.partition(_SEVERAL)[0].strip(_UNSEEN)
    name = ""
    if found := _ANGLED.fullmatch(typed.rstrip(";, ")):
        name, typed = found[1].strip(_UNSEEN).strip("\"'"), found[2]
    typed = _LABEL.sub("", typed, count=1) if _LABEL.match(typed) else typed
    typed = typed.rstrip(";,").strip(_UNSEEN)
    if typed.count("@") > 1 and not typed.startswith('"'):
        raise ValueError("there are two addresses in one cell: give each a line of its own")
    return typed, name


def cleaned(text: str) -> str:
    """A value in one form: line breaks and tabs are spaces, and there are no NULs and control characters, which no
    name has."""
    if text.isascii() and text.isprintable():
        return text.strip() if text[:1] == " " or text[-1:] == " " else text
    normal = unicodedata.normalize("NFC", text).strip(_UNSEEN)
    normal = re.sub(r"\r\n|[\r\n\t\v\f\x85\u2028\u2029]", " ", normal)
    return "".join(c for c in normal if c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff")
