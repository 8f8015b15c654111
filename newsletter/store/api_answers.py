"""Answers to requests that may be repeated: kept for a day, by key and Idempotency-Key."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select, update

from newsletter.store.schema_access import api_answers


@dataclass(frozen=True, slots=True)
class Kept:
    """`asked` is the digest of the request; `status` is None while it is under way."""

    asked: str
    at: datetime.datetime
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def find(connection: Connection, key: int, hashed: str) -> Kept | None:
    row = connection.execute(
        select(api_answers).where(api_answers.c.api_key_id == key, api_answers.c.hash == hashed)
    ).one_or_none()
    if row is None:
        return None
    return Kept(row.asked, row.at, row.status, row.headers, row.body)


def begin(connection: Connection, key: int, hashed: str, asked: str, at: datetime.datetime) -> None:
    connection.execute(
        insert(api_answers).values(
            api_key_id=key, hash=hashed, asked=asked, at=at, headers={}, body=b""
        )
    )


def end(
    connection: Connection,
    key: int,
    hashed: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    subscriber: int | None,
) -> None:
    connection.execute(
        update(api_answers)
        .where(api_answers.c.api_key_id == key, api_answers.c.hash == hashed)
        .values(status=status, headers=dict(headers), body=body, subscriber_id=subscriber)
    )


def drop(connection: Connection, key: int, hashed: str) -> None:
    """The request may be made again as if it had never been."""
    connection.execute(
        delete(api_answers).where(api_answers.c.api_key_id == key, api_answers.c.hash == hashed)
    )


def drop_older(connection: Connection, than: datetime.datetime) -> None:
    connection.execute(delete(api_answers).where(api_answers.c.at < than))
