"""Requests of programs that may be repeated: the same Idempotency-Key gets the same answer, and acts once.

    begin    what to do with a request: answer as before, refuse, or carry it out
    finish   keeps the answer for a day
    forget   nothing came of it: it may be tried again

A request that was begun and never finished (the server was killed) is refused for `STALE`, then carried out anew.
The database holds keyed hashes of header and request, and an answer that names a person goes with that person.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from newsletter.model.api_key import ApiKey
from newsletter.publication import Publication
from newsletter.store import api_answers as store
from newsletter.store.engine import open_store
from newsletter.store.events import now
from newsletter.subscribers.tokens import keyed_hash, load_key

KEPT = datetime.timedelta(hours=24)
STALE = datetime.timedelta(minutes=10)


class Verdict(StrEnum):
    NEW = "new"
    AGAIN = "again"
    OTHER = "other"
    """The header was used for another request."""
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Begun:
    """`hash` names the request to `finish` and `forget`; the rest is the answer of `AGAIN`."""

    verdict: Verdict
    hash: str
    status: int = 0
    headers: Mapping[str, str] | None = None
    body: bytes = b""


def begin(publication: Publication, key: ApiKey, header: str, request: bytes) -> Begun:
    """`request` is all that makes it this one: method, path and body."""
    secret = load_key(publication).secret
    hashed = keyed_hash(secret, "idempotency", header)
    asked = keyed_hash(secret, "request", request.hex())
    with open_store(publication) as opened, opened.writing() as connection:
        store.drop_older(connection, now() - KEPT)
        found = store.find(connection, key.id, hashed)
        if found is not None and found.status is None and now() - found.at > STALE:
            store.drop(connection, key.id, hashed)
            found = None
        if found is None:
            store.begin(connection, key.id, hashed, asked, now())
            return Begun(Verdict.NEW, hashed)
        if found.asked != asked:
            return Begun(Verdict.OTHER, hashed)
        if found.status is None:
            return Begun(Verdict.BUSY, hashed)
        return Begun(Verdict.AGAIN, hashed, found.status, found.headers, found.body)


def finish(
    publication: Publication,
    key: ApiKey,
    begun: Begun,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    subscriber: int | None,
) -> None:
    with open_store(publication) as opened, opened.writing() as connection:
        store.end(connection, key.id, begun.hash, status, headers, body, subscriber)


def forget(publication: Publication, key: ApiKey, begun: Begun) -> None:
    with open_store(publication) as opened, opened.writing() as connection:
        store.drop(connection, key.id, begun.hash)
