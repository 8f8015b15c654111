"""Accounts and their sessions. Passwords are here only as argon2 hashes, session tokens only as SHA-256."""

from __future__ import annotations

import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from newsletter.model.account import Account, Role
from newsletter.store.schema import accounts, sessions


def make_account(
    connection: Connection, name: str, role: Role, password: str, at: datetime.datetime
) -> None:
    connection.execute(insert(accounts).values(name=name, role=role, password=password, made=at))


def all_accounts(connection: Connection) -> tuple[Account, ...]:
    """Every account, by name."""
    found = connection.execute(select(accounts).order_by(accounts.c.name))
    return tuple(_account(row) for row in found)


def find_account(connection: Connection, name: str) -> tuple[Account, str] | None:
    """The account of this name, and the hash of its password."""
    row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
    return (_account(row), str(row.password)) if row is not None else None


def change_password(connection: Connection, account: int, password: str) -> None:
    """Sets another hash; whoever is logged in stays so (see `end_sessions`)."""
    connection.execute(update(accounts).where(accounts.c.id == account).values(password=password))


def remove_account(connection: Connection, account: int) -> None:
    end_sessions(connection, account)
    connection.execute(delete(accounts).where(accounts.c.id == account))


def keep_session(
    connection: Connection,
    hashed: str,
    account: int,
    at: datetime.datetime,
    until: datetime.datetime,
) -> None:
    """Writes a session down, and throws away those that ended before `at`."""
    connection.execute(delete(sessions).where(sessions.c.until < at))
    connection.execute(insert(sessions).values(hash=hashed, account_id=account, until=until))


def session_of(connection: Connection, hashed: str, at: datetime.datetime) -> Account | None:
    """Whose session this is, while it lasts."""
    row = connection.execute(
        select(accounts)
        .join(sessions, sessions.c.account_id == accounts.c.id)
        .where(sessions.c.hash == hashed, sessions.c.until > at)
    ).one_or_none()
    return _account(row) if row is not None else None


def end_session(connection: Connection, hashed: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.hash == hashed))


def end_sessions(connection: Connection, account: int) -> None:
    connection.execute(delete(sessions).where(sessions.c.account_id == account))


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(row.id, row.name, Role(row.role))
