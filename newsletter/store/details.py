"""What is known of a person beside the address: name, language, attributes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from newsletter.store.schema import subscribers


def merge_attributes(
    connection: Connection, person: int, changes: Mapping[str, str | None]
) -> bool:
    """Lays values over a person's attributes; None takes one away. False when all was so."""
    before = connection.execute(
        select(subscribers.c.attributes).where(subscribers.c.id == person)
    ).scalar_one()
    merged = {**(before or {}), **changes}
    after = {name: value for name, value in merged.items() if value is not None}
    if after == (before or {}):
        return False
    connection.execute(
        update(subscribers).where(subscribers.c.id == person).values(attributes=after)
    )
    return True
