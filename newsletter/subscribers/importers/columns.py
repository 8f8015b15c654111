"""What the columns of a file are: the names that products and people give to a subscriber's fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from newsletter.problems import UsageError
from newsletter.subscribers.importers.words import (
    COLUMNS,
    FLAG_LIKE,
    NOT_MAIL,
    REASONS,
    STATUS_LIKE,
    WHY,
)

FIELDS = (
    "email",
    "name",
    "first_name",
    "last_name",
    "language",
    "status",
    "created",
    "consent_when",
    "consent_source",
    "consent_text",
    "consent_ip",
    "list",
    "suppressed",
    "unsubscribed",
    "bounced",
    "complained",
    "confirmed",
    "active",
)
"""What a column may be; any other one becomes an attribute of its own name. `active` is whether an account is in use, or its
address was tested: a no holds somebody back, a yes proves nothing."""

IGNORED = "-"
"""`--map COLUMN=-` leaves a column out."""

ATTRIBUTE = "attribute:"

FURTHER = "+"
"""A further column of a field that several may say something of: `unsubscribed+7`."""

_FIELD_OF = {alias: name for name, aliases in COLUMNS.items() for alias in aliases.split()}


_NUMBERED = re.compile(r"^q?\d{1,3}(?=\D)")
"""What forms write before a question: `1.您的姓名`."""
_DEMANDED = re.compile(
    r"\((required|optional|pflichtfeld|obligatoire|facultatif|obligatorio|requerido|opcional|必填项?|選填|选填|必須|任意|필수|선택)\)$"
)
"""What they write behind it: `姓名（必填）`."""


def check_mapped(header: Sequence[str], mapping: Mapping[str, str]) -> None:
    missing = [column for column in mapping if column not in header]
    if missing:
        raise UsageError(
            f"there is no column {missing[0]!r}", f"The file has: {', '.join(map(repr, header))}"
        )


def field_of(column: str, mapped: str = "") -> str:
    """What one column is, by what it is mapped to, else by its name."""
    if mapped == IGNORED or mapped in FIELDS:
        return mapped
    if mapped:
        return f"{ATTRIBUTE}{mapped.removeprefix(ATTRIBUTE)}"
    if column.startswith(ATTRIBUTE):
        return column
    plain = _plain(column)
    return (
        _FIELD_OF.get(plain)
        or _FIELD_OF.get(_DEMANDED.sub("", _NUMBERED.sub("", plain)))
        or _FIELD_OF.get(column.lower())
        or (f"{ATTRIBUTE}{column}" if column else IGNORED)
    )


def _plain(column: str) -> str:
    lowered = unicodedata.normalize("NFKC", column).lower()
    return "".join(c for c in lowered if c not in " _-.:'’\"“”\ufeff*?、")


def resembles(column: str) -> str:
    """The field that a column may be which `field_of` does not know, if what it holds agrees: `status`, a field that
    says one thing, `reason` for why somebody gets no mail; else empty."""
    plain = _plain(column)
    if plain in REASONS:
        return "reason"
    if re.search(NOT_MAIL, plain):
        return ""
    for field, pattern in FLAG_LIKE.items():
        if re.search(pattern, plain):
            return field
    return "status" if re.search(STATUS_LIKE, plain) else ""


def gives_reason(column: str) -> bool:
    """Whether a column says why somebody gets no mail: what stands in it says that they get none."""
    return re.search(WHY, _plain(column)) is not None


def column_of(attribute: str) -> str:
    """The header under which an attribute is read back: its name, marked where that would mean a field, or
    a formula."""
    marked = f"{ATTRIBUTE}{attribute}"
    plain = field_of(attribute) == marked and not resembles(attribute) and attribute[:1].isalnum()
    return attribute if plain else marked
