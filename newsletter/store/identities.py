"""By which rules this database compares addresses, and what follows from other ones.

The rules in force are those that the rows were written by, so that whoever looks for an address finds it; those of the
settings come into force by `apply_rules`, or by themselves while nobody is known. Every address that is compared passes
through `folded`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from newsletter.model.identity import PLAIN, IdentityRules
from newsletter.model.subscriber import Address
from newsletter.store.events import log, now
from newsletter.store.merging import confirmed_lists, merge
from newsletter.store.schema import forgotten, identity_rules, subscribers, suppressions

_AT_ONCE = 5_000
_MOVING = "moving:"
_WEIGHT = {"complaint": 0, "manual": 1, "bounce": 2}
"""Of two suppressions that become one, the kind that is harder to lift stays."""
Identify = Callable[[str], str]
"""From the address that mail is sent to, to its identity without further rules."""


@dataclass(frozen=True, slots=True)
class Clash:
    """People who would become one: number and address, the one who stays first."""

    people: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class RulesChange:
    """What other rules would change: identities of people, and people who would become one."""

    people: int
    clashes: tuple[Clash, ...]


def rules_in_force(connection: Connection) -> IdentityRules:
    row = connection.execute(select(identity_rules)).one_or_none()
    return IdentityRules(bool(row.plus_tags), tuple(row.dots)) if row else PLAIN


def folded(connection: Connection, key: str) -> str:
    """The identity of an address by the rules in force; anything else as it is."""
    return rules_in_force(connection).fold(key)


def folded_address(connection: Connection, address: Address) -> Address:
    return replace(address, key=folded(connection, address.key))


def adopt(connection: Connection, rules: IdentityRules) -> bool:
    """Lets the rules of the settings come into force where nobody is known yet; False where somebody is."""
    if not nobody_known(connection):
        return False
    _keep(connection, rules)
    return True


def nobody_known(connection: Connection) -> bool:
    """Whether no address has been written down yet."""
    tables = (subscribers, suppressions, forgotten)
    return not any(connection.execute(select(one).limit(1)).first() for one in tables)


def change_to(connection: Connection, rules: IdentityRules, identify: Identify) -> RulesChange:
    """What these rules would change. Nothing is changed."""
    changed, groups = _regrouped(connection, rules, identify)
    addresses = {number: email for group in groups for number, email in group}
    clashes = (
        Clash(tuple((number, addresses[number]) for number in _order(connection, group)))
        for group in groups
    )
    return RulesChange(len(changed), tuple(clashes))


def apply_rules(
    connection: Connection, rules: IdentityRules, identify: Identify, actor: str
) -> RulesChange:
    """Lets rules come into force. People who become one are made one: the lowest status of each list stands."""
    found = change_to(connection, rules, identify)
    for clash in found.clashes:
        keep, *others = (number for number, _ in clash.people)
        for other in others:
            merge(connection, keep, other, actor)
    _refold_suppressions(connection, rules, identify)
    changed, _ = _regrouped(connection, rules, identify)
    person = subscribers.c.id == bindparam("number")
    move = update(subscribers).where(person).values(email_key=bindparam("key"))
    for at in range(0, len(changed), _AT_ONCE):
        part = changed[at : at + _AT_ONCE]
        connection.execute(move, [{"number": n, "key": f"{_MOVING}{n}"} for n, _ in part])
    for at in range(0, len(changed), _AT_ONCE):
        part = changed[at : at + _AT_ONCE]
        connection.execute(move, [{"number": n, "key": key} for n, key in part])
    _keep(connection, rules)
    log(
        connection,
        "address rules",
        actor,
        plus_tags=rules.plus_tags,
        dots=list(rules.dots),
        merged=sum(len(one.people) - 1 for one in found.clashes),
    )
    return found


def _keep(connection: Connection, rules: IdentityRules) -> None:
    connection.execute(delete(identity_rules))
    connection.execute(
        insert(identity_rules).values(
            id=1, plus_tags=rules.plus_tags, dots=list(rules.dots), since=now()
        )
    )


def _regrouped(
    connection: Connection, rules: IdentityRules, identify: Identify
) -> tuple[list[tuple[int, str]], list[list[tuple[int, str]]]]:
    """The people whose identity is another by these rules, with it; and those who then have the same."""
    first: dict[str, tuple[int, str]] = {}
    groups: dict[str, list[tuple[int, str]]] = {}
    changed: list[tuple[int, str]] = []
    rows = connection.execute(
        select(subscribers.c.id, subscribers.c.email, subscribers.c.email_key)
        .where(subscribers.c.email != "")
        .order_by(subscribers.c.id)
    )
    for number, email, before in rows:
        key = rules.fold(identify(email))
        if key != before:
            changed.append((number, key))
        if key in first:
            groups.setdefault(key, [first[key]]).append((number, email))
        else:
            first[key] = (number, email)
    return changed, list(groups.values())


def _order(connection: Connection, group: Iterable[tuple[int, str]]) -> list[int]:
    """The one who stays first: on most lists by their word, and of these the one who has been here longest."""
    return sorted(
        (number for number, _ in group), key=lambda n: (-confirmed_lists(connection, n), n)
    )


def _refold_suppressions(connection: Connection, rules: IdentityRules, identify: Identify) -> None:
    """Each suppressed address under the identity that it has by the new rules. Nothing that was suppressed is free
    afterwards: what several addresses became is remembered, and each has its own again under narrower rules."""
    rows = connection.execute(
        select(suppressions).where(suppressions.c.is_domain.is_(False)).order_by(suppressions.c.id)
    ).all()
    wanted: dict[str, dict[str, object]] = {}
    first: dict[int, str] = {}
    for row in rows:
        known = connection.execute(
            select(subscribers.c.email).where(
                subscribers.c.email_key == row.value, subscribers.c.email != ""
            )
        ).scalars()
        plain = sorted({row.value, *row.typed, *(identify(email) for email in known)})
        for one in plain:
            value = rules.fold(one)
            kept = wanted.get(value)
            if kept is None:
                wanted[value] = {
                    "kind": row.kind,
                    "reason": row.reason,
                    "since": row.since,
                    "typed": {one},
                }
                first.setdefault(row.id, value)
                continue
            kept["typed"].add(one)  # type: ignore[attr-defined]
            kept["since"] = min(kept["since"], row.since)
            if _WEIGHT.get(row.kind, 1) < _WEIGHT.get(str(kept["kind"]), 1):
                kept["kind"], kept["reason"] = row.kind, row.reason
    for row in rows:
        connection.execute(
            update(suppressions)
            .where(suppressions.c.id == row.id)
            .values(value=f"{_MOVING}{row.id}")
        )
    mine = {value: number for number, value in first.items()}
    for value, kept in wanted.items():
        typed = sorted(kept["typed"])  # type: ignore[call-overload]
        values = kept | {"value": value, "typed": [] if typed == [value] else typed}
        if value in mine:
            connection.execute(
                update(suppressions).where(suppressions.c.id == mine[value]).values(values)
            )
        else:
            connection.execute(insert(suppressions).values(values | {"is_domain": False}))
    connection.execute(delete(suppressions).where(suppressions.c.value.startswith(_MOVING)))
