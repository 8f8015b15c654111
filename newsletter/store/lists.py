"""Mailing lists in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from newsletter.model.subscriber import ListCounts, MailingList, Status
from newsletter.store.events import log, now
from newsletter.store.schema import lists, subscriptions


def find_list(connection: Connection, name: str) -> MailingList | None:
    row = connection.execute(select(lists).where(lists.c.name == name)).one_or_none()
    return mailing_list(row) if row else None


def list_by_id(connection: Connection, list_id: int) -> MailingList | None:
    row = connection.execute(select(lists).where(lists.c.id == list_id)).one_or_none()
    return mailing_list(row) if row else None


def make_list(
    connection: Connection,
    name: str,
    actor: str,
    *,
    title: str = "",
    public: bool = False,
    double_opt_in: bool = True,
) -> MailingList:
    values = {
        "name": name,
        "title": title,
        "public": public,
        "double_opt_in": double_opt_in,
        "created": now(),
    }
    made = connection.execute(insert(lists).values(values).returning(lists)).one()
    log(connection, "list made", actor, list_id=made.id)
    return mailing_list(made)


def change_list(
    connection: Connection,
    list_id: int,
    actor: str,
    *,
    title: str,
    public: bool,
    double_opt_in: bool = True,
) -> MailingList:
    row = connection.execute(
        update(lists)
        .where(lists.c.id == list_id)
        .values(title=title, public=public, double_opt_in=double_opt_in)
        .returning(lists)
    ).one()
    log(connection, "list changed", actor, list_id=list_id)
    return mailing_list(row)


def all_lists(connection: Connection) -> tuple[ListCounts, ...]:
    """Every list by name, with how many subscriptions it has in each status."""
    counted = connection.execute(
        select(subscriptions.c.list_id, subscriptions.c.status, func.count()).group_by(
            subscriptions.c.list_id, subscriptions.c.status
        )
    )
    counts: dict[int, dict[Status, int]] = {}
    for list_id, status, count in counted:
        counts.setdefault(list_id, {})[Status(status)] = count
    rows = connection.execute(select(lists).order_by(lists.c.name))
    return tuple(ListCounts(mailing_list(row), counts.get(row.id, {})) for row in rows)


def mailing_list(row: Row[Any]) -> MailingList:
    return MailingList(row.id, row.name, row.title, bool(row.public), bool(row.double_opt_in))
