"""What stands in a cell, as a person meant it: an address among other things, a text without what nobody sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from newsletter.subscribers.addresses import parse_address

UNSEEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    "\xa0\u3000 \t\r\n"
)
"""What nobody sees at the ends of a text that was copied from somewhere."""
_ANGLED = re.compile(r"(?s)(.*?)<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+)\s*>")
_PLAIN = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
_COMMENTED = re.compile(r"(?s)([^\s()@]+@[^\s()@]+)\s*\(([^()@]*)\)")
_BESIDE = re.compile(r"(\S+@\S+\.\w+)\s+([^@]+)")
_LABEL = re.compile(r"(?i)mailto:")
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_QUOTED = {("'", "'"), ('"', '"'), ("“", "”"), ("‘", "’"), ("«", "»")}
_SEVERAL = " ::: "
"""What Google's address book puts between the addresses of one person."""


def picked(text: str) -> tuple[str, str]:
    """The address in a cell, and the name beside it: `Ann Lee <ann@example.com>`, `ann@example.com (Ann Lee)`,
    `mailto:…`. A cell with two addresses is none, unless a product writes those of one person so. Raises ValueError."""
    if _PLAIN.fullmatch(text):
        return text, ""
    typed = text.strip(UNSEEN)
    if _SEVERAL in typed:
        typed = typed.partition(_SEVERAL)[0].strip(UNSEEN)
    name = ""
    if found := _ANGLED.fullmatch(typed.rstrip(";, ")):
        name, typed = found[1].strip(UNSEEN).strip("\"'“”"), found[2]
    elif found := _COMMENTED.fullmatch(typed) or _BESIDE.fullmatch(typed):
        typed, name = found[1], found[2].strip(UNSEEN).strip("\"'")
    typed = _LABEL.sub("", typed, count=1) if _LABEL.match(typed) else typed
    typed = typed.rstrip(";,").strip(UNSEEN)
    if len(typed) > 2 and (typed[0], typed[-1]) in _QUOTED:
        typed = typed[1:-1].strip(UNSEEN)
    if typed.count("@") > 1 and not typed.startswith('"'):
        raise ValueError("there are two addresses in one cell: give each a line of its own")
    return typed, name


def is_address(cell: str) -> bool:
    """Whether a cell holds one address, whatever stands beside it."""
    try:
        parse_address(picked(cell)[0])
    except ValueError:
        return False
    return True


def bare(text: str) -> str:
    """What a spreadsheet shows of `="00123"`, which is how programs keep it from taking a text for a number."""
    found = _FORMULA.fullmatch(text.strip())
    return found[1].replace('""', '"') if found else text


def addresses_in(text: str) -> list[str]:
    """The addresses of a cell that holds nothing else, parted by white space or a stroke."""
    words = re.split(r"[\s/;,]+", text.strip(UNSEEN))
    return words if len(words) > 1 and all(_PLAIN.fullmatch(word) for word in words) else []


def cleaned_attributes(changes: Mapping[str, str | None]) -> dict[str, str | None]:
    """Attributes in the form that an export of them is read back in; an empty value takes one away."""
    return {
        cleaned(name): cleaned(value) or None if value else None for name, value in changes.items()
    }


def cleaned(text: str) -> str:
    """A value in one form: line breaks and tabs are spaces, and there are no NULs and control characters, which no
    name has. What is cleaned once more stays as it is."""
    if text.isascii() and text.isprintable():
        return text.strip() if text[:1] == " " or text[-1:] == " " else text
    plain = re.sub(r"\r\n|[\r\n\t\v\f\x85\u2028\u2029]", " ", text)
    plain = "".join(c for c in plain if c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff")
    return unicodedata.normalize("NFC", plain).strip(UNSEEN)
