"""Changing many subscribers at once: a selection by number, or everybody whom filters leave.

A change is one transaction, one batch and an event for each person, with the actor; all but forgetting can be
undone (`importing.undo_import`) as an import can: whoever changed since is left alone. A change that changes nobody leaves
the database as it was. What takes mail away from more
than one person wants their number typed. The law of imports holds: nobody is put back on a list that they left, and
nobody suppressed is put on one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from newsletter.model.people import BulkResult, Filters
from newsletter.model.segment import Segment
from newsletter.model.subscriber import Consent, Status
from newsletter.problems import NotConfirmed, UsageError
from newsletter.publication import Publication
from newsletter.store import bulk as store
from newsletter.store import import_batches as batches
from newsletter.store import lists as store_lists
from newsletter.store import subscribers as store_subscribers
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import now
from newsletter.store.finding import rub_out
from newsletter.store.forgotten import forget
from newsletter.subscribers.addresses import identity_of
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.importers.rows import cleaned
from newsletter.subscribers.tokens import Key, load_key
from newsletter.workflow.identities import hashes_of
from newsletter.workflow.lists import check_name, one_list
from newsletter.workflow.people import condition_of

Target = Filters | Sequence[int]
"""Whom a change is about: filters, or the numbers of people."""

FORMAT = "bulk"
"""The format of a batch that is no file."""
_AT_ONCE = 200
TAGS = "tags"


def chosen(publication: Publication, target: Target) -> int:
    """How many people a target is now: what has to be typed for dangerous changes."""
    with open_store(publication) as opened, opened.writing() as connection:
        count = store.choose(connection, _who(publication, connection, target))
        store.drop(connection)
    return count


def unsubscribe(
    publication: Publication,
    target: Target,
    list_name: str = "",
    *,
    actor: str,
    count: int | None = None,
) -> BulkResult:
    """Takes people off a list, or off all lists. Their rows stay, so that no import brings them back."""

    def change(connection: Connection, change: _Change) -> int:
        to = one_list(connection, list_name).id if list_name else None
        return sum(
            store.move(connection, change.batch, status, followed, to)
            for status in Status
            if (followed := after(status, Event.UNSUBSCRIBE)) is not status
        )

    what = f"unsubscribe from {list_name}" if list_name else "unsubscribe from all lists"
    return _changed(publication, target, what, "unsubscribed", actor, change, count, danger=True)


def add_to_list(
    publication: Publication, target: Target, list_name: str, *, consent: str, actor: str
) -> BulkResult:
    """Puts people on a list, which is made when there is none, with the text of their consent. Whoever has a
    subscription to it keeps it as it is, and nobody who is suppressed is put on it."""
    check_name(list_name)
    said = cleaned(consent.strip())
    if not said:
        raise UsageError(
            "why may they be written to?", "Say it: the text is kept with each of them."
        )

    def change(connection: Connection, change: _Change) -> int:
        to = store_lists.find_list(connection, list_name)
        to = to or store_lists.make_list(connection, list_name, actor)
        left = store.stand_with(connection, to.id, None)
        left -= store.stand_with(connection, to.id, Status.CONFIRMED)
        status = after(None, Event.ADD)
        proof = Consent(now(), f"bulk:{actor}", said)
        joined, barred = store.join(connection, change.batch, to.id, status, proof)
        change.blocked = left + barred
        return joined

    return _changed(publication, target, f"add to {list_name}", "added", actor, change)


def set_attribute(
    publication: Publication, target: Target, name: str, value: str, *, actor: str
) -> BulkResult:
    """Gives people an attribute; an empty value takes it away."""
    key, text = cleaned(name.strip()), cleaned(value.strip())
    if not key or len(key) > 200:
        raise UsageError(f"not an attribute's name: {name!r}", "A short word: city.")

    def changed(before: Mapping[str, str]) -> Mapping[str, str]:
        others = {one: kept for one, kept in before.items() if one != key}
        return before if before.get(key, "") == text else others | ({key: text} if text else {})

    return _of_attributes(publication, target, f"set {key}", actor, changed)


def tag(
    publication: Publication, target: Target, name: str, *, actor: str, remove: bool = False
) -> BulkResult:
    """Gives people a tag, or takes it away. Tags stand in the attribute `tags`."""
    wanted = cleaned(name.strip())
    if not wanted or ";" in wanted or "," in wanted:
        raise UsageError(f"not a tag: {name!r}", "A word without commas and semicolons.")

    def changed(before: Mapping[str, str]) -> Mapping[str, str]:
        known = tags_of(before)
        has = [one for one in known if one.lower() == wanted.lower()]
        if bool(has) is not remove:
            return before
        kept = [one for one in known if one not in has] if remove else [*known, wanted]
        others = {one: value for one, value in before.items() if one != TAGS}
        return others | ({TAGS: "; ".join(kept)} if kept else {})

    what = f"take tag {wanted} away" if remove else f"tag {wanted}"
    return _of_attributes(publication, target, what, actor, changed)


def suppress(
    publication: Publication,
    target: Target,
    *,
    reason: str,
    actor: str,
    count: int | None = None,
) -> BulkResult:
    """Suppresses every address: no mail goes to it, whatever a list says. Only an admin lifts that."""
    told = cleaned(reason.strip()) or "suppressed by hand"

    def change(connection: Connection, change: _Change) -> int:
        return store.suppress_chosen(connection, change.batch, told)

    return _changed(
        publication, target, "suppress", "suppressed", actor, change, count, danger=True
    )


def forget_people(
    publication: Publication,
    target: Target,
    *,
    actor: str,
    count: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> BulkResult:
    """Erases people for good, some at a time; what was erased when it is interrupted stays erased. A keyed hash of
    each address is kept, so that no import brings them back."""
    key = load_key(publication)
    with open_store(publication) as opened:
        with opened.writing() as connection:
            number = store.choose(connection, _who(publication, connection, target))
            _confirmed(number, count)
            ids = store.chosen_ids(connection)
            store.drop(connection)
        gone = 0
        try:
            for at in range(0, len(ids), _AT_ONCE):
                with opened.writing() as connection:
                    gone += _forget(connection, key, ids[at : at + _AT_ONCE], actor)
                progress(gone)
        finally:
            with opened.writing() as connection:
                rub_out(connection)
    return BulkResult(number, gone, number - gone)


def _forget(connection: Connection, key: Key, ids: Sequence[int], actor: str) -> int:
    gone = 0
    for one in ids:
        found = store_subscribers.subscriber_by_id(connection, one)
        if found is not None and found.email:
            identity = identity_of(found.email)
            hash = hashes_of(connection, key, identity)[0]
            forget(connection, one, identity, hash, actor, of_many=True)
            gone += 1
    return gone


def tags_of(attributes: Mapping[str, str]) -> list[str]:
    """The tags of somebody, in order."""
    parts = attributes.get(TAGS, "").replace(",", ";").split(";")
    return [part.strip() for part in parts if part.strip()]


@dataclass
class _Change:
    """A change that is being made: its batch, and whom it had to leave as they are."""

    batch: int
    blocked: int = 0


def _of_attributes(
    publication: Publication,
    target: Target,
    what: str,
    actor: str,
    changed: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> BulkResult:
    def change(connection: Connection, change: _Change) -> int:
        return store.change_attributes(connection, change.batch, changed)

    return _changed(publication, target, what, "changed", actor, change)


def _changed(
    publication: Publication,
    target: Target,
    what: str,
    kind: str,
    actor: str,
    change: Callable[[Connection, _Change], int],
    count: int | None = None,
    *,
    danger: bool = False,
) -> BulkResult:
    result = BulkResult(0, 0, 0)
    with (
        open_store(publication) as opened,
        contextlib.suppress(_NothingChanged),
        opened.writing() as connection,
    ):
        number = store.choose(connection, _who(publication, connection, target))
        if danger:
            _confirmed(number, count)
        made = _Change(batches.begin_batch(connection, actor, what, FORMAT))
        changed = change(connection, made)
        unchanged = max(number - changed - made.blocked, 0)
        result = BulkResult(number, changed, unchanged, made.blocked, made.batch if changed else 0)
        if not changed:
            raise _NothingChanged
        counts = {
            "new": 0,
            "updated": changed,
            "unchanged": unchanged,
            "blocked": made.blocked,
            "invalid": 0,
            "pending": 0,
        }
        batches.end_batch(connection, made.batch, actor, counts, kind=kind)
        store.drop(connection)
    return result


class _NothingChanged(Exception):
    """It is so already: the transaction is rolled back, and the database is as it was, without a batch."""


def _who(
    publication: Publication, connection: Connection, target: Target
) -> Segment | Sequence[int]:
    if isinstance(target, Filters):
        return condition_of(publication, connection, target)
    return target


def _confirmed(number: int, typed: int | None) -> None:
    """One person is confirmed by pointing at them, more by typing how many they are."""
    if number > 1 and typed != number:
        told = "no count was typed" if typed is None else f"{typed} was typed"
        raise NotConfirmed(
            f"not confirmed: {told}, it is about {number} people", "Nothing was changed."
        )
