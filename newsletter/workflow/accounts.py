"""Accounts of the studio: making, changing and removing them, logging in and out.

Passwords are hashed by argon2id with that library's own present parameters; an older hash is renewed when its
password is given. Wrong names and wrong passwords are told apart neither by words nor by time, and only so
many tries are heard in an hour.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from newsletter.model.account import Account, Role
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import accounts as store
from newsletter.store.engine import Connection, open_store, store_exists
from newsletter.store.events import log, now
from newsletter.store.sign_ups import attempts_since, keep_attempts

SHORTEST, LONGEST = 12, 1000
"""Characters of a password (NIST SP 800-63B § 3.1.1.2 asks for eight or more where it stands alone)."""
SESSION = datetime.timedelta(days=7)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
MOST_TRIES = 20
"""In an hour, from one address and for one name."""
OPERATOR = "cli"
_hasher = PasswordHasher()


class Refused(StrEnum):
    """Why somebody was not logged in."""

    WRONG = "wrong"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who just logged in; `token` is for their browser alone."""

    account: Account
    token: str
    seconds: int


def all_accounts(publication: Publication) -> tuple[Account, ...]:
    """Every account by name; none where there is no database yet."""
    if not store_exists(publication):
        return ()
    with open_store(publication) as opened, opened.reading() as connection:
        return store.all_accounts(connection)


def add(publication: Publication, name: str, role: Role, password: str) -> None:
    """Makes an account. Raises UsageError for a name that is taken or a password that is too short."""
    _check_name(name)
    hashed = _hashed(password)
    with open_store(publication) as opened, opened.writing() as connection:
        if store.find_account(connection, name) is not None:
            raise UsageError(
                f"there is an account {name}", f"newsletter accounts password {name} changes it."
            )
        store.make_account(connection, name, role, hashed, now())
        log(connection, "account made", OPERATOR, name=name, role=str(role))


def set_password(publication: Publication, name: str, password: str) -> None:
    """Gives an account another password; whoever was logged in with the old one no longer is."""
    hashed = _hashed(password)
    with open_store(publication) as opened, opened.writing() as connection:
        account = _one(connection, name)
        store.change_password(connection, account.id, hashed)
        store.end_sessions(connection, account.id)
        log(connection, "account changed", OPERATOR, name=name)


def remove(publication: Publication, name: str) -> None:
    """Removes an account and ends its sessions."""
    with open_store(publication) as opened, opened.writing() as connection:
        store.remove_account(connection, _one(connection, name).id)
        log(connection, "account removed", OPERATOR, name=name)


def log_in(publication: Publication, name: str, password: str, ip: str) -> Session | Refused:
    """A session for whoever knows the password. `ip` is where the request came from, for the limits."""
    with open_store(publication) as opened:
        with opened.writing() as connection:
            if _too_many(connection, name, ip):
                return Refused.TOO_MANY
            found = store.find_account(connection, name)
        known = _matches(found[1] if found is not None else _nobodys(), password)
        if found is None or not known:
            return Refused.WRONG
        account, hashed = found
        token = secrets.token_urlsafe(32)
        with opened.writing() as connection:
            if _hasher.check_needs_rehash(hashed):
                store.change_password(connection, account.id, _hasher.hash(password))
            store.keep_session(connection, _digest(token), account.id, now(), now() + SESSION)
            log(connection, "logged in", name)
    return Session(account, token, int(SESSION.total_seconds()))


def log_out(publication: Publication, token: str) -> None:
    with open_store(publication) as opened, opened.writing() as connection:
        store.end_session(connection, _digest(token))


def session(publication: Publication, token: str) -> Account | None:
    """Who is logged in with this token."""
    if not token or not store_exists(publication):
        return None
    with open_store(publication) as opened, opened.reading() as connection:
        return store.session_of(connection, _digest(token), now())


def _one(connection: Connection, name: str) -> Account:
    found = store.find_account(connection, name)
    if found is None:
        raise UsageError(f"no such account: {name}", "newsletter accounts list shows them.")
    return found[0]


def _check_name(name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > 100 or not name.isprintable():
        raise UsageError(f"not a name for an account: {name!r}", "A word or an address: maria.")


def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST:,} characters")
    return _hasher.hash(password)


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash that no password has, so that an unknown name takes as long as a known one."""
    return _hasher.hash(secrets.token_urlsafe(32))


def _too_many(connection: Connection, name: str, ip: str) -> bool:
    buckets = [_digest(f"login-name\0{name}\0{ip}"), _digest(f"login-address\0{ip}")]
    full = any(
        attempts_since(connection, bucket, now() - HOUR) >= most
        for bucket, most in zip(buckets, (MOST_TRIES, 5 * MOST_TRIES), strict=True)
    )
    if not full:
        keep_attempts(connection, buckets, now(), now() - DAY)
    return full


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
