"""Mailing lists: which there are, how many are on them, and finding the one that was meant."""

from __future__ import annotations

import difflib

from newsletter.model.subscriber import ListCounts, MailingList
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import lists as store
from newsletter.store.engine import Connection, open_store


def all_lists(publication: Publication) -> tuple[ListCounts, ...]:
    """Every list by name, with its counts by status."""
    with open_store(publication) as opened, opened.reading() as connection:
        return store.all_lists(connection)


def one_list(connection: Connection, name: str) -> MailingList:
    """The list of this name; raises UsageError with the nearest one there is."""
    found = store.find_list(connection, name)
    if found is not None:
        return found
    names = [counts.list.name for counts in store.all_lists(connection)]
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        hint = f"Did you mean {near[0]}?"
    elif names:
        hint = f"There are: {', '.join(names)}"
    else:
        hint = "There is none yet. An import makes one: newsletter subscribers import FILE --list NAME --apply"
    raise UsageError(f"no such list: {name}", hint)


def check_name(name: str) -> None:
    """Refuses what cannot be the name of a list."""
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise UsageError(f"not a list's name: {name!r}", "A short word: weekly, 月刊.")
