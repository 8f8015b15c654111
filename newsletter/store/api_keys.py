"""Keys of programs, of which only the SHA-256 is here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from newsletter.model.api_key import ApiKey, Scope
from newsletter.store.schema_access import api_keys


def make_key(
    connection: Connection,
    name: str,
    hashed: str,
    hint: str,
    scopes: Iterable[Scope],
    *,
    made: datetime.datetime,
    made_by: str,
    until: datetime.datetime | None,
) -> ApiKey:
    values = {
        "name": name,
        "hash": hashed,
        "hint": hint,
        "scopes": sorted(str(scope) for scope in scopes),
        "made": made,
        "made_by": made_by,
        "until": until,
    }
    return _key(connection.execute(insert(api_keys).values(values).returning(api_keys)).one())


def all_keys(connection: Connection) -> tuple[ApiKey, ...]:
    """Every key that was ever made, the oldest first."""
    return tuple(_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.id)))


def key_by_id(connection: Connection, number: int) -> ApiKey | None:
    row = connection.execute(select(api_keys).where(api_keys.c.id == number)).one_or_none()
    return _key(row) if row is not None else None


def key_by_hash(connection: Connection, hashed: str) -> ApiKey | None:
    row = connection.execute(select(api_keys).where(api_keys.c.hash == hashed)).one_or_none()
    return _key(row) if row is not None else None


def revoke(connection: Connection, number: int, at: datetime.datetime) -> None:
    connection.execute(update(api_keys).where(api_keys.c.id == number).values(revoked=at))


def used(connection: Connection, number: int, at: datetime.datetime) -> None:
    connection.execute(update(api_keys).where(api_keys.c.id == number).values(used=at))


def _key(row: Row[Any]) -> ApiKey:
    known = {str(scope) for scope in Scope}
    return ApiKey(
        row.id,
        row.name,
        row.hint,
        frozenset(Scope(scope) for scope in row.scopes if scope in known),
        row.made,
        row.made_by,
        row.used,
        row.until,
        row.revoked,
    )
