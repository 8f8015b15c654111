"""People and their subscriptions in the database. Which status follows which event is not decided here:
callers pass the status in, or a function that decides."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    ColumnElement,
    Connection,
    Row,
    and_,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from newsletter.model.subscriber import (
    Address,
    Consent,
    MailingList,
    Status,
    Subscriber,
    Subscription,
)
from newsletter.store.events import log, now
from newsletter.store.identities import folded, folded_address
from newsletter.store.merging import MERGED, current_id
from newsletter.store.schema import lists, subscribers, subscriptions, suppressions

Decide = Callable[[Status | None], Status]
"""From the status of a subscription (None: there is none) to the one that follows."""


def find_subscriber(connection: Connection, key: str) -> Subscriber | None:
    row = connection.execute(
        select(subscribers).where(subscribers.c.email_key == folded(connection, key))
    ).one_or_none()
    return subscriber(row) if row else None


def subscriber_by_id(connection: Connection, subscriber_id: int) -> Subscriber | None:
    """Somebody by number; who became one with somebody else is that one, who has another number."""
    row = connection.execute(
        select(subscribers).where(subscribers.c.id == subscriber_id)
    ).one_or_none()
    if row is not None and row.email_key.startswith(MERGED):
        return subscriber_by_id(connection, current_id(connection, subscriber_id))
    return subscriber(row) if row else None


def make_subscriber(connection: Connection, address: Address, name: str) -> Subscriber:
    values = subscriber_row(folded_address(connection, address), name, "", {})
    row = connection.execute(insert(subscribers).values(values).returning(subscribers)).one()
    return subscriber(row)


def rename(connection: Connection, subscriber_id: int, name: str) -> None:
    connection.execute(
        update(subscribers).where(subscribers.c.id == subscriber_id).values(name=name)
    )


def status_of(connection: Connection, list_id: int, subscriber_id: int) -> Status | None:
    found = connection.execute(
        select(subscriptions.c.status).where(
            subscriptions.c.list_id == list_id, subscriptions.c.subscriber_id == subscriber_id
        )
    ).scalar()
    return Status(found) if found else None


def list_ids_of(connection: Connection, subscriber_id: int) -> tuple[int, ...]:
    found = connection.execute(
        select(subscriptions.c.list_id)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .order_by(subscriptions.c.list_id)
    )
    return tuple(found.scalars())


def change_status(
    connection: Connection,
    list_id: int,
    subscriber_id: int,
    decide: Decide,
    *,
    kind: str,
    actor: str,
    consent: Consent | None = None,
    campaign: int | None = None,
) -> tuple[Status | None, Status]:
    """Lets `decide` change one subscription, and logs what changed. Returns the status before and after."""
    before = status_of(connection, list_id, subscriber_id)
    after = decide(before)
    if before == after:
        return before, after
    values: dict[str, Any] = {"status": str(after), "changed": now()}
    if consent is not None and after is Status.CONFIRMED:
        values |= consent_row(consent)
    if before is None:
        ids = {"list_id": list_id, "subscriber_id": subscriber_id}
        connection.execute(insert(subscriptions).values(consent_row(consent) | values | ids))
    else:
        connection.execute(
            update(subscriptions)
            .where(
                subscriptions.c.list_id == list_id, subscriptions.c.subscriber_id == subscriber_id
            )
            .values(values)
        )
    log(
        connection,
        kind,
        actor,
        subscriber=subscriber_id,
        list_id=list_id,
        campaign=campaign,
        before=str(before or ""),
        after=str(after),
    )
    return before, after


def suppress(connection: Connection, key: str, reason: str, kind: str = "manual") -> bool:
    """Adds an address to those never written to; False where it was there, whose older reason stays. A
    `bounce` is lifted by the person's own confirmation, a `complaint` or `manual` one is not."""
    plain, key = key, folded(connection, key)
    known = connection.execute(
        select(suppressions.c.id).where(suppressions.c.value == key)
    ).scalar()
    if known is None:
        values = {"value": key, "is_domain": False, "reason": reason, "since": now(), "kind": kind}
        values["typed"] = [plain] if plain != key else []
        connection.execute(insert(suppressions).values(values))
    return known is None


def suppression_of(connection: Connection, address: Address) -> str:
    """Why an address is never written to, else empty."""
    address = folded_address(connection, address)
    found = connection.execute(
        select(suppressions.c.reason).where(
            or_(
                and_(suppressions.c.value == address.key, suppressions.c.is_domain.is_(False)),
                and_(suppressions.c.value == address.domain, suppressions.c.is_domain.is_(True)),
            )
        )
    ).first()
    return str(found.reason) if found else ""


def suppressed() -> ColumnElement[bool]:
    """The condition that the subscriber at hand is suppressed, by address or by domain."""
    return or_(
        select(literal_column("1"))
        .where(suppressions.c.value == subscribers.c.email_key, suppressions.c.is_domain.is_(False))
        .exists(),
        select(literal_column("1"))
        .where(suppressions.c.value == subscribers.c.domain, suppressions.c.is_domain.is_(True))
        .exists(),
    )


def suppressed_because() -> ColumnElement[str]:
    """Why the subscriber at hand is suppressed, else empty."""
    by_address = select(suppressions.c.reason).where(
        suppressions.c.value == subscribers.c.email_key, suppressions.c.is_domain.is_(False)
    )
    by_domain = select(suppressions.c.reason).where(
        suppressions.c.value == subscribers.c.domain, suppressions.c.is_domain.is_(True)
    )
    return func.coalesce(by_address.scalar_subquery(), by_domain.scalar_subquery(), "")


def all_subscriptions(connection: Connection, list_id: int | None) -> Iterator[Subscription]:
    """Subscriptions by address (and list), of one list or of all, read as they are asked for."""
    query = (
        select(
            subscriptions,
            subscribers,
            lists,
            suppressed_because().label("suppressed"),
        )
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .join(lists, lists.c.id == subscriptions.c.list_id)
        .order_by(subscribers.c.email_key, lists.c.name)
    )
    if list_id is not None:
        query = query.where(subscriptions.c.list_id == list_id)
    rows = connection.execution_options(stream_results=True).execute(query)
    for partition in rows.partitions(1000):
        for row in partition:
            yield _subscription(row)


def attribute_names(connection: Connection, list_id: int | None) -> tuple[str, ...]:
    """The names of all attributes that anybody has."""
    query = select(subscribers.c.attributes)
    if list_id is not None:
        query = query.join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id).where(
            subscriptions.c.list_id == list_id
        )
    names: dict[str, None] = {}
    for attributes in connection.execute(query).scalars():
        names |= dict.fromkeys(attributes)
    return tuple(sorted(names))


def count_subscribers(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(subscribers)).scalar_one())


def subscriber_row(
    address: Address,
    name: str,
    language: str,
    attributes: Mapping[str, str],
    created: datetime.datetime | None = None,
) -> dict[str, Any]:
    return {
        "email": address.email,
        "email_key": address.key,
        "domain": address.domain,
        "name": name,
        "language": language,
        "attributes": dict(attributes),
        "created": created or now(),
    }


def consent_row(consent: Consent | None) -> dict[str, Any]:
    return {
        "consent_when": consent.when if consent else None,
        "consent_source": consent.source if consent else "",
        "consent_text": consent.text if consent else "",
        "consent_ip": consent.ip if consent else "",
    }


def subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(row.id, row.email, row.name, row.language, row.attributes or {}, row.created)


def _subscription(row: Row[Any]) -> Subscription:
    at = row._mapping
    person = Subscriber(
        at["subscribers_id"],
        at["subscribers_email"],
        at["subscribers_name"],
        at["subscribers_language"],
        at["subscribers_attributes"] or {},
        at["subscribers_created"],
    )
    consent = (
        Consent(
            at["subscriptions_consent_when"],
            at["subscriptions_consent_source"],
            at["subscriptions_consent_text"],
            at["subscriptions_consent_ip"],
        )
        if at["subscriptions_consent_when"]
        else None
    )
    return Subscription(
        person,
        MailingList(at["lists_id"], at["lists_name"], at["lists_title"]),
        Status(at["subscriptions_status"]),
        at["subscriptions_changed"],
        consent,
        at["suppressed"],
    )


def bounce_everywhere(
    connection: Connection,
    subscriber_id: int,
    address: str,
    told: str,
    decide: Decide,
    actor: str,
    campaign: int | None,
) -> bool:
    """A hard bounce: the address is suppressed, and `decide` changes each of its subscriptions. False when
    the person has another address by now, which nobody has refused."""
    key = connection.execute(
        select(subscribers.c.email_key).where(
            subscribers.c.id == subscriber_id, subscribers.c.email == address
        )
    ).scalar()
    if key is None:
        return False
    suppress(connection, key, told, "bounce")
    for list_id in list_ids_of(connection, subscriber_id):
        change_status(
            connection,
            list_id,
            subscriber_id,
            decide,
            kind="bounced",
            actor=actor,
            campaign=campaign,
        )
    return True


def complain_everywhere(
    connection: Connection, subscriber_id: int, decide: Decide, actor: str, campaign: int | None
) -> None:
    """A complaint: the address is suppressed for good, and `decide` changes each subscription of the person."""
    key = connection.execute(
        select(subscribers.c.email_key).where(subscribers.c.id == subscriber_id)
    ).scalar_one()
    if not suppress(connection, key, "complained", "complaint"):
        connection.execute(
            update(suppressions)
            .where(suppressions.c.value == key, suppressions.c.kind == "bounce")
            .values(kind="complaint", reason="complained")
        )
    for list_id in list_ids_of(connection, subscriber_id):
        change_status(
            connection,
            list_id,
            subscriber_id,
            decide,
            kind="complained",
            actor=actor,
            campaign=campaign,
        )
