"""Keys of programs: made, listed, revoked, and known again when one is shown.

A key is `nl_` and 43 letters (256 random bits). It is shown once, when it is made; the database keeps its SHA-256,
which is enough for what nobody can guess. When it was last used is written down once a minute at most.
"""

from __future__ import annotations

import datetime
import difflib
import hashlib
import secrets
from collections.abc import Sequence

from newsletter.model.api_key import ApiKey, Scope
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import api_keys as store
from newsletter.store.engine import open_store, store_exists
from newsletter.store.events import log, now

OPERATOR = "cli"
PREFIX = "nl_"
HINT = 8
"""So many letters of a key are kept, for a person to know it again."""
_SELDOM = datetime.timedelta(minutes=1)


def make(
    publication: Publication,
    name: str,
    scopes: Sequence[str],
    *,
    days: int | None = None,
    actor: str = OPERATOR,
) -> tuple[ApiKey, str]:
    """Makes a key; returns it with the secret, which is told nowhere again. `days` after it ends by itself."""
    _check_name(name)
    wanted = parse_scopes(scopes)
    token = PREFIX + secrets.token_urlsafe(32)
    at = now()
    until = at + datetime.timedelta(days=days) if days else None
    with open_store(publication) as opened, opened.writing() as connection:
        taken = [one for one in store.all_keys(connection) if one.name == name and one.alive(at)]
        if taken:
            raise UsageError(
                f"there is a key {name} already", f"newsletter keys revoke {taken[0].id} ends it."
            )
        made = store.make_key(
            connection,
            name,
            _digest(token),
            token[:HINT],
            wanted,
            made=at,
            made_by=actor,
            until=until,
        )
        log(connection, "key made", actor, key=made.id, scopes=sorted(map(str, wanted)))
    return made, token


def all_keys(publication: Publication) -> tuple[ApiKey, ...]:
    """Every key, those that have ended too; none where there is no database yet."""
    if not store_exists(publication):
        return ()
    with open_store(publication) as opened, opened.reading() as connection:
        return store.all_keys(connection)


def revoke(publication: Publication, named: str, *, actor: str = OPERATOR) -> ApiKey:
    """Ends a key, named by its number or name, at once."""
    with open_store(publication) as opened, opened.writing() as connection:
        found = [one for one in store.all_keys(connection) if one.alive(now())]
        matching = [one for one in found if named in (str(one.id), one.name)]
        if not matching:
            raise UsageError(f"no such key: {named}", "newsletter keys list shows them.")
        store.revoke(connection, matching[0].id, now())
        log(connection, "key revoked", actor, key=matching[0].id)
        ended = store.key_by_id(connection, matching[0].id)
        assert ended is not None
        return ended


def key_of(publication: Publication, token: str) -> ApiKey | None:
    """The key that somebody shows, while it is alive. Writes down that it was used, at most once a minute."""
    if not token.startswith(PREFIX) or len(token) > 100 or not store_exists(publication):
        return None
    at = now()
    with open_store(publication) as opened:
        with opened.reading() as connection:
            found = store.key_by_hash(connection, _digest(token))
        if found is None or not found.alive(at):
            return None
        if found.used is None or at - found.used > _SELDOM:
            with opened.writing() as connection:
                store.used(connection, found.id, at)
        return found


def parse_scopes(scopes: Sequence[str]) -> frozenset[Scope]:
    """The scopes of these names; raises UsageError with the nearest there is."""
    known = [str(scope) for scope in Scope]
    for name in scopes:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}"
            raise UsageError(f"no such scope: {name}", hint)
    if not scopes:
        raise UsageError("a key without a scope may do nothing", f"There are: {', '.join(known)}")
    return frozenset(Scope(name) for name in scopes)


def _check_name(name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > 100 or not name.isprintable():
        raise UsageError(f"not a name for a key: {name!r}", "A word: website, crm.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
