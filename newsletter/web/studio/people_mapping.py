"""What somebody says of a file to be imported: its encoding, delimiter and columns, the list, the consent.

Everything of it stands in the address of the page, so going back loses nothing. Columns are named by their
position, since their names change with the encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from newsletter.web.studio.people_frame import text_of
from newsletter.web.words import gettext
from newsletter.workflow.import_looks import (
    ATTRIBUTE,
    DELIMITERS,
    ENCODINGS,
    FIELDS,
    IGNORED,
    ColumnLook,
    ImportLook,
)
from newsletter.workflow.mappings import SavedMapping

OWN = "attribute"
"""A column that becomes an attribute of its own name."""
MOST_COLUMNS = 400


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """`mapping` is by the names of columns, as the import takes it. `text` tells that the file has lines."""

    encoding: str = ""
    delimiter: str = ""
    list_name: str = ""
    consent: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    text: bool = True


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column as the page shows it: what it may become, what is chosen, and what was found in it."""

    look: ColumnLook
    at: int
    chosen: str
    options: tuple[tuple[str, str], ...]
    found: str


def reading_of(fields: Mapping[str, Any]) -> tuple[str, str]:
    """The encoding and delimiter that are chosen; empty where none that is known is."""
    encoding, delimiter = text_of(fields, "encoding"), text_of(fields, "delimiter")
    named = dict(zip(_DELIMITER_KEYS, DELIMITERS, strict=True))
    return (encoding if encoding in ENCODINGS else ""), named.get(delimiter, "")


def read_otherwise(fields: Mapping[str, Any]) -> dict[str, str] | None:
    """The choices without what the columns become, when the file is to be read in another way than the page showed
    it: their names are others then. None where it is read as before."""
    shown = text_of(fields, "was")
    if not shown or shown == f"{text_of(fields, 'encoding')} {text_of(fields, 'delimiter')}":
        return None
    kept = ("encoding", "delimiter", "list", "consent")
    return {name: text_of(fields, name, 2000) for name in kept if text_of(fields, name)}


def shown_as(encoding: str, delimiter: str) -> str:
    """How a page shows a file, for the form on it to send back."""
    keys = dict(zip(DELIMITERS, _DELIMITER_KEYS, strict=True))
    return f"{encoding} {keys.get(delimiter, '')}"


def choice_of(fields: Mapping[str, Any], look: ImportLook) -> ImportChoice:
    """What the form says, for a file that looks like this."""
    encoding, delimiter = reading_of(fields)
    mapping: dict[str, str] = {}
    if look.header:
        for at, column in enumerate(look.columns[:MOST_COLUMNS]):
            said = text_of(fields, f"map-{at}")
            if said == OWN:
                mapping[column.name] = f"{ATTRIBUTE}{column.name.strip()}"
            elif said in FIELDS or said == IGNORED or said.startswith(ATTRIBUTE):
                mapping[column.name] = said
    return ImportChoice(
        encoding,
        delimiter,
        text_of(fields, "list", 200),
        text_of(fields, "consent", 2000),
        mapping,
        query_of(fields),
        look.readings is not None,
    )


def query_of(fields: Mapping[str, Any]) -> str:
    """The choices as the query of an address; what is not chosen is left out."""
    names = ("encoding", "delimiter", "list", "consent")
    kept = [(name, text_of(fields, name, 2000)) for name in names]
    kept += [(f"map-{at}", text_of(fields, f"map-{at}", 120)) for at in range(MOST_COLUMNS)]
    return urlencode([(name, value) for name, value in kept if value])


def kept_as(choice: ImportChoice) -> SavedMapping:
    """How a file is read, to be kept under a name."""
    return SavedMapping(
        dict(choice.mapping),
        list=choice.list_name,
        encoding=choice.encoding,
        delimiter=choice.delimiter,
        consent=choice.consent,
    )


def query_of_kept(kept: SavedMapping, look: ImportLook) -> str:
    """The choices that a kept mapping makes for a file that looks like this."""
    keys = dict(zip(DELIMITERS, _DELIMITER_KEYS, strict=True))
    fields = {
        "encoding": kept.encoding,
        "delimiter": keys.get(kept.delimiter, ""),
        "list": kept.list,
        "consent": kept.consent,
    }
    for at, column in enumerate(look.columns[:MOST_COLUMNS]):
        to = kept.columns.get(column.name, "")
        if to and to not in FIELDS and to != IGNORED:
            own = to.removeprefix(ATTRIBUTE) == column.name.strip()
            to = OWN if own else f"{ATTRIBUTE}{to.removeprefix(ATTRIBUTE)}"
        fields[f"map-{at}"] = to
    return query_of(fields)


def columns_of(fields: Mapping[str, Any], look: ImportLook) -> tuple[ColumnChoice, ...]:
    """Each column with what it may become."""
    words = field_words()
    return tuple(
        _column(at, column, text_of(fields, f"map-{at}"), words, look)
        for at, column in enumerate(look.columns[:MOST_COLUMNS])
    )


def delimiter_words() -> tuple[tuple[str, str, str], ...]:
    """The delimiters: the key in the address, the character, and the word."""
    words = (
        gettext("Comma"),
        gettext("Semicolon"),
        gettext("Tab"),
        gettext("Bar"),
        gettext("Chinese comma"),
    )
    return tuple(zip(_DELIMITER_KEYS, DELIMITERS, words, strict=True))


def field_words() -> dict[str, str]:
    """What a column may become, in words."""
    return {
        "email": gettext("Address"),
        "name": gettext("Name"),
        "first_name": gettext("First name"),
        "last_name": gettext("Last name"),
        "language": gettext("Language"),
        "status": gettext("Status"),
        "created": gettext("Joined"),
        "consent_when": gettext("Consent: when"),
        "consent_source": gettext("Consent: from where"),
        "consent_text": gettext("Consent: what was said"),
        "consent_ip": gettext("Consent: IP address"),
        "list": gettext("List"),
        "suppressed": gettext("Reason of a suppression"),
        "unsubscribed": gettext("Unsubscribed: yes, or when"),
        "bounced": gettext("Bounced: yes, or when"),
        "complained": gettext("Complained: yes, or when"),
        "confirmed": gettext("Confirmed: yes or no"),
        "active": gettext("Account in use: yes or no"),
    }


_DELIMITER_KEYS = ("comma", "semicolon", "tab", "bar", "wide")


def _column(
    at: int, look: ColumnLook, said: str, words: Mapping[str, str], whole: ImportLook
) -> ColumnChoice:
    taken = OWN if look.field.startswith(ATTRIBUTE) else look.field
    product = not look.field
    options = [("", gettext("as %(format)s means it", format=whole.format))] if product else []
    options += [(name, words.get(name, name)) for name in FIELDS]
    options.append((OWN, gettext("Attribute: %(name)s", name=look.name.strip())))
    if said.startswith(ATTRIBUTE):
        options.append((said, gettext("Attribute: %(name)s", name=said.removeprefix(ATTRIBUTE))))
    options.append((IGNORED, gettext("Leave out")))
    known = {key for key, _ in options}
    chosen = said if said in known and said else taken
    return ColumnChoice(look, at, chosen, tuple(options), _found(look, chosen, whole.looked_at))


def _found(look: ColumnLook, chosen: str, lines: int) -> str:
    if chosen == "email" and look.field == "email":
        return gettext(
            "%(good)s valid, %(bad)s not", good=f"{lines - look.odd:,}", bad=f"{look.odd:,}"
        )
    if chosen == "status" and look.field == "status" and look.odd:
        return gettext("%(n)s not understood", n=f"{look.odd:,}")
    if chosen == IGNORED:
        return ""
    if look.filled < lines:
        return gettext("%(n)s empty", n=f"{lines - look.filled:,}")
    return gettext("%(n)s different", n=f"{look.different:,}")


def chosen_fields(columns: Iterable[ColumnChoice]) -> set[str]:
    return {one.chosen for one in columns}
