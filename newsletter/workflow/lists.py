"""Mailing lists: which there are, how many are on them, and finding the one that was meant."""

from __future__ import annotations

import difflib
from dataclasses import replace

from newsletter.model.subscriber import ListCounts, MailingList
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import lists as store
from newsletter.store.engine import Connection, open_store

OPERATOR = "cli"


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


def readers_title(publication: Publication, one: MailingList) -> str:
    """What readers are told a list is: its title; the publication's name for a default list without one."""
    default = one.name == publication.settings.default_list
    return one.title or (publication.name if default else one.name)


def make_list(
    publication: Publication,
    name: str,
    *,
    title: str | None = None,
    public: bool | None = None,
    double_opt_in: bool | None = None,
    actor: str = OPERATOR,
) -> MailingList:
    """Makes a list (private, of double opt-in), or gives one that is there another title, openness and way in; of what is
    not said it keeps what it has."""
    check_name(name)
    with open_store(publication) as opened, opened.writing() as connection:
        found = store.find_list(connection, name)
        if found is None:
            found = MailingList(0, name)
        wanted = replace(
            found,
            title=found.title if title is None else title,
            public=found.public if public is None else public,
            double_opt_in=found.double_opt_in if double_opt_in is None else double_opt_in,
        )
        if found.id and wanted == found:
            return found
        told = (wanted.title, wanted.public, wanted.double_opt_in)
        return _written(connection, found.id, name, actor, *told)


def _written(
    connection: Connection,
    number: int,
    name: str,
    actor: str,
    title: str,
    public: bool,
    double: bool,
) -> MailingList:
    if number:
        return store.change_list(
            connection, number, actor, title=title, public=public, double_opt_in=double
        )
    return store.make_list(
        connection, name, actor, title=title, public=public, double_opt_in=double
    )


def counts_of(publication: Publication, name: str) -> ListCounts:
    """One list with its counts by status."""
    with open_store(publication) as opened, opened.reading() as connection:
        wanted = one_list(connection, name)
        return next(one for one in store.all_lists(connection) if one.list.id == wanted.id)


def check_name(name: str) -> None:
    """Refuses what cannot be the name of a list."""
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise UsageError(f"not a list's name: {name!r}", "A short word: weekly, 月刊.")


def counts_by_id(publication: Publication, number: int) -> ListCounts | None:
    """One list by its number, with its counts by status."""
    return next((one for one in all_lists(publication) if one.list.id == number), None)


def make_new_list(
    publication: Publication, name: str, *, title: str, public: bool, actor: str
) -> MailingList | None:
    """Makes a list; None when there is one of that name, which is left as it is."""
    check_name(name)
    with open_store(publication) as opened, opened.writing() as connection:
        if store.find_list(connection, name) is not None:
            return None
        return store.make_list(connection, name, actor, title=title, public=public)


def change_by_id(
    publication: Publication, number: int, *, title: str | None, public: bool | None, actor: str
) -> ListCounts | None:
    """Changes what is given of a list; None when there is none of that number."""
    with open_store(publication) as opened, opened.writing() as connection:
        found = store.list_by_id(connection, number)
        if found is None:
            return None
        wanted = (
            found.title if title is None else title,
            found.public if public is None else public,
        )
        if wanted != (found.title, found.public):
            store.change_list(connection, number, actor, title=wanted[0], public=wanted[1])
    return counts_by_id(publication, number)
