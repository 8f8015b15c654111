"""What of an issue is looked at, and how: every choice of the screen, as its address says it.

An address can be kept, shared and gone back to. What is not known in one falls back to what is usual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import quote, urlencode

from newsletter.workflow.shown import PrintLook

VIEWS = ("email", "inbox", "text", "web", "print", "source", "compare")
WIDTHS = ("320", "375", "414", "600", "768", "full")
SCHEMES = ("light", "dark", "inverted")
IMAGES = ("on", "off")
DRAWERS = ("problems", "links", "size", "structure", "history", "none")
PANES = ("write", "preview")
PARTS = ("markdown", "mjml", "html", "message")
ONLY = ("all", "error", "warning")
COLUMNS = ("1", "2")
PAPERS = ("a4", "us-letter")
AGAINST = OPENED, SAVED = ("opened", "saved")
"""What a file is compared with, besides its versions."""
_KNOWN = {
    "view": VIEWS,
    "scheme": SCHEMES,
    "images": IMAGES,
    "drawer": DRAWERS,
    "pane": PANES,
    "part": PARTS,
    "only": ONLY,
    "columns": COLUMNS,
    "paper": PAPERS,
}
LONGEST_FIND = 100
_PICK = re.compile(r"first|(after|before)-[0-9]{1,18}")
_NARROWEST, _WIDEST = 280, 2000


@dataclass(frozen=True, slots=True)
class Choice:
    """`file` is the one in the editor, `line` where its cursor is to be, 0 for nowhere in particular.
    `drawer` is empty until one is chosen: then the problems are shown where there is room."""

    slug: str
    file: str = ""
    line: int = 0
    view: str = "email"
    width: str = "600"
    scheme: str = "light"
    images: str = "on"
    person: str = ""
    """Who the mail is looked at as: a subscriber's number, `random`, `nameless`, or nobody in particular."""
    find: str = ""
    """Among whom that person is looked for: words of their names or addresses; empty for all."""
    pick: str = ""
    """Whether somebody is being chosen, and where in the list: `first`, `after-<number>` or `before-<number>`."""
    against: str = ""
    """What the file is compared with: one of AGAINST or the id of a version; empty for the newest version there is."""
    drawer: str = ""
    pane: str = "write"
    part: str = "html"
    only: str = "all"
    columns: str = ""
    """Of the printed pages; empty as the issue itself is set. So is `paper`."""
    paper: str = ""

    @property
    def look(self) -> PrintLook:
        return PrintLook(int(self.columns or 0), self.paper)

    def address(self, **changes: object) -> str:
        """The address of the screen with these choices; what is usual is left out."""
        there = replace(self, **changes)  # type: ignore[arg-type]  # names come from the templates
        usual = Choice(there.slug)
        query = {
            one.name: getattr(there, one.name)
            for one in fields(Choice)
            if one.name != "slug" and getattr(there, one.name) != getattr(usual, one.name)
        }
        path = f"/studio/{quote(there.slug, safe='')}"
        return f"{path}?{urlencode(query)}" if query else path


def choice_of(slug: str, query: Mapping[str, str]) -> Choice:
    """The choices that an address says."""
    known = {name: query[name] for name, words in _KNOWN.items() if query.get(name) in words}
    line = query.get("line", "")
    number = int(line) if line.isascii() and line.isdigit() and len(line) < 8 else 0
    return Choice(
        slug,
        query.get("file", ""),
        number,
        width=_width(query.get("width", "")),
        person=_person(query.get("person", "")),
        find=" ".join(query.get("find", "").split())[:LONGEST_FIND],
        pick=_pick(query.get("pick", "")),
        against=_against(query.get("against", "")),
        **known,
    )


def look_of(query: Mapping[str, str]) -> PrintLook:
    """How an address wants printed pages looked at."""
    return choice_of("", query).look


def _width(given: str) -> str:
    """One of the usual widths, or any number of pixels in reason."""
    if given in WIDTHS:
        return given
    known = given.isascii() and given.isdigit() and len(given) < 5
    return given if known and _NARROWEST <= int(given) <= _WIDEST else Choice("").width


def _person(given: str) -> str:
    known = given in ("random", "nameless") or (given.isascii() and given.isdigit())
    return given if known and len(given) < 19 else ""


def _pick(given: str) -> str:
    return given if _PICK.fullmatch(given) else ""


def _against(given: str) -> str:
    if given in AGAINST:
        return given
    return given if len(given) <= 64 and all(one in "0123456789abcdef" for one in given) else ""
