"""Leaving a list by the link in a mail. Looking changes nothing; acting twice is acting once."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.model.subscriber import Status
from newsletter.publication import Publication
from newsletter.store import lists as store_lists
from newsletter.store import subscribers as people
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import log
from newsletter.store.merging import current_id
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.tokens import Grant, load_key, read_unsubscribe_token


@dataclass(frozen=True, slots=True)
class UnsubscribeView:
    """What the page shows. `address` is masked; `already` when there is nothing left to leave. `leaves` is what no more
    mail comes from: the list, where they are on another one as well, else empty, for all there is."""

    address: str
    list_name: str
    already: bool
    language: str = ""
    leaves: str = ""


def unsubscribe_page(publication: Publication, token: str) -> UnsubscribeView | None:
    """What the page behind an unsubscribe link shows; None for a token that is none of ours."""
    grant = read_unsubscribe_token(load_key(publication), token)
    if grant is None:
        return None
    with open_store(publication) as store, store.reading() as connection:
        return _view(connection, grant)


def unsubscribe(publication: Publication, token: str, via: str = "page") -> UnsubscribeView | None:
    """Unsubscribes whom the token names, and logs it; `via` is `page` or `one-click`. Idempotent: the view
    tells by `already` when there was nothing left to do. None for a token that is none of ours."""
    grant = read_unsubscribe_token(load_key(publication), token)
    if grant is None:
        return None
    with open_store(publication) as store, store.writing() as connection:
        view = _view(connection, grant)
        if view is None:
            return None
        actor = f"reader:{via}"
        reader = current_id(connection, grant.subscriber)
        before, status = people.change_status(
            connection,
            grant.list,
            reader,
            lambda before: after(before, Event.UNSUBSCRIBE),
            kind="unsubscribed",
            actor=actor,
        )
        if before is status:
            # Said again, it is still the person's word: no import that is undone later brings them back.
            ids = {"subscriber": reader, "list_id": grant.list}
            log(connection, "unsubscribed again", actor, **ids)
    return view


def masked(address: str) -> str:
    """An address that its owner knows and a stranger does not learn: `l•••@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}" if domain else "•••"


def _view(connection: Connection, grant: Grant) -> UnsubscribeView | None:
    person = people.subscriber_by_id(connection, grant.subscriber)
    to = store_lists.list_by_id(connection, grant.list)
    if person is None or to is None:
        return None
    status = people.status_of(connection, to.id, person.id)
    already = status is None or after(status, Event.UNSUBSCRIBE) is status
    elsewhere = any(
        status in (Status.CONFIRMED, Status.PENDING)
        for other in people.list_ids_of(connection, person.id)
        if other != to.id and (status := people.status_of(connection, other, person.id))
    )
    leaves = to.shown if elsewhere else ""
    return UnsubscribeView(masked(person.email), to.shown, already, person.language, leaves)
