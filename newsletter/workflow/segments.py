"""Segments: conditions on subscribers that have a name. Saving one makes the indexes that it wants.

What is in a segment is asked anew each time; a campaign keeps the condition that was confirmed with it. Mail to a
segment goes to those of them who are confirmed on the lists of the send.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterator

from newsletter.model.clicks import Clicks
from newsletter.model.segment import Condition, Field, Segment, Test, list_names, tests_in
from newsletter.model.subscriber import Subscriber
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import segments as store
from newsletter.store.counting import count_in
from newsletter.store.engine import Connection, open_store
from newsletter.store.standing_counts import count_of
from newsletter.subscribers.segments import BadCondition as BadCondition
from newsletter.subscribers.segments import parse
from newsletter.workflow.lists import one_list


def save(publication: Publication, name: str, condition: str, *, actor: str) -> Segment:
    """Makes a segment, or changes the condition of one that is there. Raises BadCondition,
    with the position, and UsageError when it names a list that is not there."""
    _check_name(name)
    segment = Segment(
        name, condition.strip(), parse(condition), publication.settings.timezone, actor
    )
    _refuse_not_kept(publication, segment.tree)
    with open_store(publication) as opened, opened.writing() as connection:
        for test in tests_in(segment.tree):
            for one in list_names(test):
                one_list(connection, one)
        store.save_segment(connection, segment)
        _index(connection)
        return find(publication, connection, name)


def delete(publication: Publication, name: str, *, actor: str) -> None:
    """Removes a segment. A campaign that was confirmed with it keeps its condition."""
    with open_store(publication) as opened, opened.writing() as connection:
        find(publication, connection, name)
        store.delete_segment(connection, name, actor)
        _index(connection)


def all_segments(publication: Publication) -> tuple[Segment, ...]:
    """Every segment by name."""
    with open_store(publication) as opened, opened.reading() as connection:
        return _all(publication, connection)


def show(publication: Publication, name: str) -> Segment:
    with open_store(publication) as opened, opened.reading() as connection:
        return find(publication, connection, name)


def count(publication: Publication, name: str) -> int:
    """How many people are in a segment, whatever lists they are on."""
    with open_store(publication) as opened:
        with opened.reading() as connection:
            segment = find(publication, connection, name)
        return count_of(opened, segment)


def try_condition(publication: Publication, condition: str) -> int:
    """How many people a condition that nobody has saved holds for. Raises BadCondition."""
    segment = unnamed(publication, condition)
    with open_store(publication) as opened, opened.reading() as connection:
        return count_in(connection, segment)


def members(publication: Publication, name: str) -> Iterator[Subscriber]:
    """Everybody in a segment, by address."""
    with open_store(publication) as opened, opened.reading() as connection:
        yield from store.members(connection, find(publication, connection, name))


def find(publication: Publication, connection: Connection, name: str) -> Segment:
    """The segment of this name; raises UsageError with the nearest one there is."""
    kept = store.find_segment(connection, name)
    if kept is not None:
        return _segment(publication, kept["name"], kept["condition"], kept["by"], kept["saved"])
    names = [one["name"] for one in store.all_segments(connection)]
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        hint = f"Did you mean {near[0]}?"
    elif names:
        hint = f"There are: {', '.join(names)}"
    else:
        hint = "There is none yet. Make one: newsletter segments create NAME CONDITION"
    raise UsageError(f"no such segment: {name}", hint)


def unnamed(publication: Publication, condition: str) -> Segment:
    """A condition that has no name. Raises BadCondition."""
    segment = _segment(publication, "", condition.strip(), "", None)
    _refuse_not_kept(publication, segment.tree)
    return segment


def _refuse_not_kept(publication: Publication, tree: Condition) -> None:
    """Nothing is asked that is not kept: who follows a link is only where the publication says so."""
    asked = any(test.field is Field.CLICKED for test in tests_in(tree))
    if asked and publication.click_rules.mode is not Clicks.SUBSCRIBER:
        raise UsageError(
            "it is not kept who follows a link, so nobody can be found by that",
            'Where readers are told so: clicks = "subscriber" under [tracking] in newsletter.toml.',
        )


def _segment(
    publication: Publication, name: str, text: str, by: str, saved: datetime.datetime | None
) -> Segment:
    return Segment(name, text, parse(text), publication.settings.timezone, by, saved)


def _all(publication: Publication, connection: Connection) -> tuple[Segment, ...]:
    kept = store.all_segments(connection)
    return tuple(
        _segment(publication, one["name"], one["condition"], one["by"], one["saved"])
        for one in kept
    )


def _index(connection: Connection) -> None:
    """Every attribute that a segment asks of has its index, and no other."""
    asked: list[Test] = []
    for one in store.all_segments(connection):
        asked += tests_in(parse(one["condition"]))
    store.index_attributes(connection, asked)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise UsageError(f"not a segment's name: {name!r}", "A short word: berliners, 上海.")
