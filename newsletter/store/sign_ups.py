"""Sign-ups that wait for their confirmation, and how often somebody tried: what limits are counted from."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from newsletter.model.subscriber import Address
from newsletter.store.identities import folded_address
from newsletter.store.schema import attempts, sign_ups, subscribers, suppressions
from newsletter.store.suppressions import find_suppression, lift_suppression


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody asked for. `text` is the consent that was shown; `name` is theirs once they confirm."""

    id: int
    subscriber: int
    asked: datetime.datetime
    lists: tuple[int, ...]
    name: str
    language: str
    text: str
    ip: str
    confirmed: datetime.datetime | None = None


def keep_sign_up(connection: Connection, wanted: SignUp, mailed: datetime.datetime | None) -> int:
    """Writes a sign-up down (its `id` is ignored); returns its number."""
    values = {
        "subscriber_id": wanted.subscriber,
        "asked": wanted.asked,
        "lists": list(wanted.lists),
        "name": wanted.name,
        "language": wanted.language,
        "text": wanted.text,
        "ip": wanted.ip,
        "mailed": mailed,
    }
    made = connection.execute(insert(sign_ups).values(values).returning(sign_ups.c.id))
    return int(made.scalar_one())


def find_sign_up(connection: Connection, number: int) -> SignUp | None:
    row = connection.execute(select(sign_ups).where(sign_ups.c.id == number)).one_or_none()
    if row is None:
        return None
    return SignUp(
        row.id,
        row.subscriber_id,
        row.asked,
        tuple(row.lists),
        row.name,
        row.language,
        row.text,
        row.ip,
        row.confirmed,
    )


def confirm_sign_up(connection: Connection, number: int, at: datetime.datetime) -> None:
    connection.execute(update(sign_ups).where(sign_ups.c.id == number).values(confirmed=at))


def not_mailed(connection: Connection, number: int) -> None:
    """The mail did not go out: it does not count against the address."""
    connection.execute(update(sign_ups).where(sign_ups.c.id == number).values(mailed=None))


def mails_since(connection: Connection, person: int, since: datetime.datetime) -> int:
    return _mails(connection, person, since)


def mails_unanswered(connection: Connection, person: int) -> int:
    """Confirmation mails since the person last confirmed one."""
    last = connection.execute(
        select(func.max(sign_ups.c.confirmed)).where(sign_ups.c.subscriber_id == person)
    ).scalar()
    return _mails(connection, person, last)


def _mails(connection: Connection, person: int, since: datetime.datetime | None) -> int:
    query = (
        select(func.count())
        .select_from(sign_ups)
        .where(sign_ups.c.subscriber_id == person, sign_ups.c.mailed.is_not(None))
    )
    if since is not None:
        query = query.where(sign_ups.c.mailed > since)
    return int(connection.execute(query).scalar_one())


def attempts_since(connection: Connection, bucket: str, since: datetime.datetime) -> int:
    return int(
        connection.execute(
            select(func.count())
            .select_from(attempts)
            .where(attempts.c.bucket == bucket, attempts.c.at > since)
        ).scalar_one()
    )


def keep_attempts(
    connection: Connection, buckets: Sequence[str], at: datetime.datetime, forget: datetime.datetime
) -> None:
    """Writes one attempt down for each bucket, and throws away those older than `forget`."""
    connection.execute(delete(attempts).where(attempts.c.at < forget))
    connection.execute(insert(attempts), [{"at": at, "bucket": bucket} for bucket in buckets])


def final_suppression(connection: Connection, address: Address) -> bool:
    """Whether an address is suppressed in a way that its owner's sign-up does not lift."""
    address = folded_address(connection, address)
    by_address = and_(suppressions.c.value == address.key, suppressions.c.is_domain.is_(False))
    by_domain = and_(suppressions.c.value == address.domain, suppressions.c.is_domain.is_(True))
    found = connection.execute(
        select(suppressions.c.id)
        .where(by_address | by_domain, suppressions.c.kind != "bounce")
        .limit(1)
    )
    return found.first() is not None


def lift_bounce(connection: Connection, address: Address) -> None:
    """A suppressed address that its owner has just confirmed takes mail again; it is logged as their doing."""
    found = find_suppression(connection, address.key)
    if found is not None and found.kind == "bounce" and not found.is_domain:
        lift_suppression(connection, address.key, "reader", "confirmed by the person")


def change_person(connection: Connection, person: int, name: str, language: str) -> bool:
    """Sets what a reader says of themselves; False when it was so."""
    before = connection.execute(
        select(subscribers.c.name, subscribers.c.language).where(subscribers.c.id == person)
    ).one()
    if tuple(before) == (name, language):
        return False
    connection.execute(
        update(subscribers).where(subscribers.c.id == person).values(name=name, language=language)
    )
    return True
