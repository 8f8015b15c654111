"""Who of the subscribers is looked at: search, filters and order, as the address of the list says them.

An address can be kept, shared and gone back to. What is not known in one falls back to what is usual. Every filter is
a chip that leads to the same list without it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from newsletter.model.people import Filters, Sort
from newsletter.model.subscriber import Status
from newsletter.problems import UsageError
from newsletter.web.studio.people_frame import AT
from newsletter.web.words import gettext

SORTS = {
    "-joined": (Sort.CREATED, True),
    "joined": (Sort.CREATED, False),
    "address": (Sort.EMAIL, False),
    "-address": (Sort.EMAIL, True),
    "name": (Sort.NAME, False),
    "-name": (Sort.NAME, True),
}
"""The orders, as an address says them; the first is the usual one."""
USUAL = "-joined"
FILTERS = (
    "list",
    "status",
    "segment",
    "language",
    "source",
    "tag",
    "attribute",
    "suppressed",
    "since",
    "until",
)
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: its words, and the address without it."""

    name: str
    text: str
    without: str


@dataclass(frozen=True, slots=True)
class PeopleChoice:
    """Empty is no filter. `attribute` is `city=Berlin`; `since` and `until` are days on which they joined;
    `after` is where a page begins, as the page before told it."""

    q: str = ""
    list: str = ""
    status: str = ""
    segment: str = ""
    language: str = ""
    source: str = ""
    tag: str = ""
    attribute: str = ""
    suppressed: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""
    after: str = ""

    @property
    def filtered(self) -> bool:
        return any(getattr(self, name) for name in ("q", *FILTERS))

    def query(self, **changes: str) -> str:
        """The choices as a query; another choice begins at the first page again."""
        there = replace(self, **{"after": "", **changes})
        pairs = [(one.name, getattr(there, one.name)) for one in fields(PeopleChoice)]
        return urlencode([(name, value) for name, value in pairs if value])

    def address(self, **changes: str) -> str:
        query = self.query(**changes)
        return f"{AT}?{query}" if query else AT

    def filters(self) -> Filters:
        """Whom the choices mean. Raises UsageError for a day that is none."""
        return Filters(
            text=self.q,
            list=self.list,
            status=self.status,
            segment=self.segment,
            language=self.language,
            source=self.source,
            tag=self.tag,
            suppressed={"yes": True, "no": False}.get(self.suppressed),
            since=_day(self.since),
            until=_day(self.until),
            condition=_of_attribute(self.attribute),
        )

    def hidden(self) -> tuple[tuple[str, str], ...]:
        """What a form carries along that means whoever is found."""
        names = ("q", *FILTERS)
        return tuple((name, getattr(self, name)) for name in names if getattr(self, name))

    def chips(self, lists: Mapping[str, str], statuses: Mapping[str, str]) -> tuple[Chip, ...]:
        """Every filter that is set; `lists` and `statuses` say what theirs are called."""
        told = {
            "q": gettext("“%(words)s”", words=self.q),
            "list": gettext("List: %(name)s", name=lists.get(self.list, self.list)),
            "status": statuses.get(self.status, self.status),
            "segment": gettext("Segment: %(name)s", name=self.segment),
            "language": gettext("Language: %(name)s", name=self.language),
            "source": gettext("From: %(name)s", name=self.source),
            "tag": gettext("Tag: %(name)s", name=self.tag),
            "attribute": self.attribute.replace("=", " = ", 1),
            "suppressed": gettext("not suppressed")
            if self.suppressed == "no"
            else gettext("suppressed"),
            "since": gettext("joined from %(day)s", day=self.since),
            "until": gettext("joined up to %(day)s", day=self.until),
        }
        return tuple(
            Chip(name, text, self.address(**{name: ""}))
            for name, text in told.items()
            if getattr(self, name)
        )


def people_choice(query: Mapping[str, str]) -> PeopleChoice:
    """The choices that an address, or a form, says."""
    found = {one.name: _text(query, one.name) for one in fields(PeopleChoice)}
    if found["status"] not in set(Status):
        found["status"] = ""
    if found["suppressed"] not in ("yes", "no"):
        found["suppressed"] = ""
    if found["sort"] not in SORTS:
        found["sort"] = ""
    return PeopleChoice(**found)


def _text(query: Mapping[str, str], name: str) -> str:
    value = query.get(name, "")
    return value.strip()[:_LONGEST] if isinstance(value, str) else ""


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(
            gettext("Not a day: %(day)s", day=text), gettext("Write it so: 2026-05-31")
        ) from None


def _of_attribute(text: str) -> str:
    """`city=Berlin` as a segment says it; `city` alone is for whoever has one."""
    key, equals, value = (one.strip() for one in text.partition("="))
    if not key:
        return ""
    return f"attributes.{_quoted(key)} " + (f"= {_quoted(value)}" if equals else "exists")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
