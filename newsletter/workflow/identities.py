"""Whose address is whose: the rules of the settings, those that the database goes by, and the way from one to the other.

New rules come into force by `apply_rules` alone (or by themselves while nobody is known), since people may become one by
them. Until then everything goes by the old ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.model.identity import IdentityRules
from newsletter.problems import NotConfirmed
from newsletter.publication import Publication
from newsletter.store import identities as store
from newsletter.store.engine import Connection, open_store
from newsletter.subscribers.addresses import identity_of
from newsletter.subscribers.tokens import Key, address_hashes


@dataclass(frozen=True, slots=True)
class RulesShown:
    """`wanted` is what the settings say, `in_force` what the database goes by. `people` have another identity by the
    wanted ones; each clash is people who would become one, the one who stays first."""

    wanted: IdentityRules
    in_force: IdentityRules
    people: int
    clashes: tuple[store.Clash, ...]
    applied: bool = False


def show(publication: Publication) -> RulesShown:
    """What would change. Changes nothing."""
    wanted = publication.identity_rules
    with open_store(publication) as opened, opened.reading() as connection:
        in_force = store.rules_in_force(connection)
        change = store.change_to(connection, wanted, identity_of)
    return RulesShown(wanted, in_force, change.people, change.clashes)


def apply_rules(publication: Publication, *, merge: bool, actor: str) -> RulesShown:
    """Lets the rules of the settings come into force, whole or not at all. Raises NotConfirmed when people would
    become one and that was not asked for."""
    wanted = publication.identity_rules
    with open_store(publication) as opened, opened.writing() as connection:
        in_force = store.rules_in_force(connection)
        if not merge:
            change = store.change_to(connection, wanted, identity_of)
            if change.clashes:
                raise NotConfirmed(
                    f"{len(change.clashes)} times several people would become one",
                    "Look at them: newsletter addresses rules. To make each of them one: --apply --merge. "
                    "Nothing was changed.",
                )
        done = store.apply_rules(connection, wanted, identity_of, actor)
    return RulesShown(wanted, in_force, done.people, done.clashes, applied=True)


def in_force(publication: Publication) -> IdentityRules:
    with open_store(publication) as opened, opened.reading() as connection:
        return store.rules_in_force(connection)


def hashes_of(connection: Connection, key: Key, identity: str) -> tuple[str, ...]:
    """The keyed hashes by which somebody may have been forgotten; the first is the one that is kept."""
    both = dict.fromkeys((store.folded(connection, identity), identity))
    return tuple(hash for one in both for hash in address_hashes(key, one))
