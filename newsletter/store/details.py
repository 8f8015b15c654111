"""What is known of a person beside the address: name, language, attributes. The log says which of them changed, and
not to what, since erasing a person does not visit it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from newsletter.store.events import log
from newsletter.store.schema import subscribers
from newsletter.store.subscribers import subscriber_by_id


def change_details(
    connection: Connection,
    subscriber_id: int,
    name: str,
    language: str,
    attributes: Mapping[str, str],
    actor: str,
) -> tuple[str, ...]:
    """Sets them, and returns the names of those that were otherwise; nothing is logged when none was."""
    before = subscriber_by_id(connection, subscriber_id)
    if before is None:
        return ()
    known = dict(before.attributes)
    changed = [
        *(["name"] if name != before.name else []),
        *(["language"] if language != before.language else []),
        *(key for key in sorted({*known, *attributes}) if known.get(key) != attributes.get(key)),
    ]
    if not changed:
        return ()
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(name=name, language=language, attributes=dict(attributes))
    )
    log(connection, "changed", actor, subscriber=subscriber_id, what=changed)
    return tuple(changed)


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
