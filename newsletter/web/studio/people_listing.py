"""What the list of people shows, on its own page and beside every panel: rows, order, filters, how many, the growth.

Looking never changes anything. What cannot be found, a segment that is gone or a day that is none, is told in place of
the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsletter.model.people import Found, PeoplePage
from newsletter.model.subscriber import ListCounts, Status
from newsletter.problems import UsageError
from newsletter.web.problem_words import sentence
from newsletter.web.studio.people_charts import growth_chart, month_name
from newsletter.web.studio.people_choice import SORTS, USUAL, PeopleChoice
from newsletter.web.studio.people_frame import Frame
from newsletter.web.words import gettext
from newsletter.workflow import people, segments
from newsletter.workflow.growth import growth
from newsletter.workflow.lists import all_lists

SOURCES = ("sign-up form", "preferences page", "studio", "cli", "api")
"""Sources that are offered; those of imports begin with `import:`. Which there are takes a second to find out."""
_BEST = (
    Status.CONFIRMED,
    Status.PENDING,
    Status.UNSUBSCRIBED,
    Status.BOUNCED,
    Status.COMPLAINED,
)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One person as the table shows them. `state` is that on the list looked at, else the best of all."""

    id: int
    email: str
    name: str
    state: str
    lists: str
    value: str
    created: Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; `there` sorts by it, `order` says that it does."""

    name: str
    css: str = ""
    there: str = ""
    order: str = ""


class Listings:
    """Makes what `people-listing.html` shows."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def of(self, choice: PeopleChoice, *, grows: bool = True) -> dict[str, Any]:
        """`grows` is whether the growth of the list is shown as well, which costs more than the rows."""
        publication = self._frame.publication
        lists = all_lists(publication)
        known = {one.list.name for one in lists}
        refusal = ""
        try:
            found, total = self._found(choice)
        except UsageError as caught:
            refusal = sentence(caught)
            found, total = PeoplePage(()), 0
        looked_at = choice.list if choice.list in known else ""
        grown = growth(publication, looked_at, by="month") if grows else None
        attribute = _attribute(choice, found.people)
        titles = {one.list.name: one.list.shown for one in lists}
        return {
            "choice": choice,
            "rows": [_row(one, choice, attribute, titles) for one in found.people],
            "next": found.after,
            "range": _range(found, total, choice),
            "total_text": "" if total is None else f"{total:,}",
            "refusal": refusal,
            "lists": lists,
            "statuses": tuple(Status),
            "segments": segments.all_segments(publication),
            "sources": SOURCES,
            "chips": choice.chips(titles, status_words()),
            "counts": _counts(lists, choice),
            "further": any(getattr(choice, name) for name in _FURTHER),
            "grown": grown,
            "chart": growth_chart(grown) if grown else None,
            "month": month_name(grown.periods[-1].start.month) if grown else "",
            "attribute": attribute,
            "columns": _columns(choice, attribute),
            "actions": bulk_words(),
        }

    def _found(self, choice: PeopleChoice) -> tuple[PeoplePage, int | None]:
        """A page, and how many there are in all; that is not counted again on later pages."""
        publication, filters = self._frame.publication, choice.filters()
        sort, descending = SORTS[choice.sort or USUAL]
        page = people.search(
            publication, filters, sort=sort, descending=descending, after=choice.after
        )
        if choice.after:
            return page, None
        return page, people.count_shown(publication, filters) if page.after else len(page.people)


def bulk_words() -> tuple[tuple[str, str], ...]:
    """What can be done to many at once."""
    return (
        ("join", gettext("Add to list …")),
        ("leave", gettext("Unsubscribe …")),
        ("tag", gettext("Tag …")),
        ("attribute", gettext("Attribute …")),
        ("suppress", gettext("Suppress …")),
        ("forget", gettext("Forget …")),
    )


def status_words() -> dict[str, str]:
    return {
        "confirmed": gettext("Confirmed"),
        "pending": gettext("Awaits reply"),
        "unsubscribed": gettext("Unsubscribed"),
        "bounced": gettext("Bounced"),
        "complained": gettext("Complained"),
    }


_FURTHER = ("language", "source", "tag", "attribute", "suppressed", "since", "until")


def _row(found: Found, choice: PeopleChoice, attribute: str, titles: Mapping[str, str]) -> ListRow:
    statuses = found.statuses
    state: str = ""
    if found.suppressed:
        state = "suppressed"
    elif choice.list in statuses:
        state = str(statuses[choice.list])
    else:
        state = next((str(one) for one in _BEST if one in statuses.values()), "")
    person = found.person
    named = ", ".join(titles.get(name, name) for name in statuses)
    value = person.attributes.get(attribute, "")
    return ListRow(person.id, person.email, person.name, state, named, value, person.created)


def _attribute(choice: PeopleChoice, people: tuple[Found, ...]) -> str:
    """The attribute that has a column: the one asked for, else the one that most people of the page have."""
    if asked := choice.attribute.partition("=")[0].strip():
        return asked
    names = Counter(name for one in people for name in one.person.attributes)
    return names.most_common(1)[0][0] if names else ""


def _columns(choice: PeopleChoice, attribute: str) -> tuple[Column, ...]:
    def sorted_by(key: str, *, first: str) -> tuple[str, str]:
        """Where a click leads, and how it is sorted now; the list begins with the newest."""
        now = choice.sort or USUAL
        other = f"-{key}" if now == key else key
        if now.removeprefix("-") != key:
            return choice.address(sort="" if first == USUAL else first), ""
        there = choice.address(sort="" if other == USUAL else other)
        return there, "descending" if now.startswith("-") else "ascending"

    return (
        Column(gettext("Address"), "address", *sorted_by("address", first="address")),
        Column(gettext("Name"), "", *sorted_by("name", first="name")),
        Column(gettext("Status"), "standing"),
        Column(gettext("Lists"), "less"),
        *([Column(attribute, "less")] if attribute else []),
        Column(gettext("Joined"), "date", *sorted_by("joined", first="-joined")),
    )


def _counts(lists: tuple[ListCounts, ...], choice: PeopleChoice) -> list[tuple[Status, int]]:
    """How many subscriptions are in each status, of the list looked at or of all."""
    counts: Counter[Status] = Counter()
    for one in lists:
        if choice.list in ("", one.list.name):
            counts.update(one.counts)
    return [(status, counts[status]) for status in Status if counts[status]]


def _range(found: PeoplePage, total: int | None, choice: PeopleChoice) -> str:
    """“1–50 of 1,331, newest first”."""
    if not found.people:
        return ""
    orders = {
        "-joined": gettext("newest first"),
        "joined": gettext("oldest first"),
        "address": gettext("by address"),
        "-address": gettext("by address, backwards"),
        "name": gettext("by name"),
        "-name": gettext("by name, backwards"),
    }
    order = orders[choice.sort or USUAL]
    shown = len(found.people)
    if total is None and not choice.after:
        many = f"{people.MANY:,}"
        return gettext("1–%(n)s of more than %(many)s, %(order)s", n=shown, many=many, order=order)
    if total is None:
        return gettext("%(n)s more, %(order)s", n=shown, order=order)
    return gettext("1–%(n)s of %(total)s, %(order)s", n=shown, total=f"{total:,}", order=order)
