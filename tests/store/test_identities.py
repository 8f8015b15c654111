"""Rules by which addresses are one person's: from the first day, later, and back; nobody is written to who was not to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from newsletter.cli.main import cli
from newsletter.model.identity import PLAIN, IdentityRules
from newsletter.model.subscriber import Status
from newsletter.problems import NotConfirmed, UsageError
from newsletter.publication import Publication, with_settings
from newsletter.settings import AddressSettings
from newsletter.store.engine import open_store
from newsletter.store.identities import rules_in_force
from newsletter.store.merging import lowest
from newsletter.store.subscribers import find_subscriber, subscriber_by_id, suppression_of
from newsletter.subscribers.addresses import parse_address
from newsletter.subscribers.tokens import Grant, load_key, make_key_file, unsubscribe_token
from newsletter.web.public import public_app
from newsletter.workflow import identities, segments, subscribers, suppressions
from newsletter.workflow.importing import import_file

RULES = IdentityRules(plus_tags=True, dots=("gmail.com",))
DOTTED, BARE, TAGGED = "Ann.Lee@gmail.com", "annlee@gmail.com", "annlee+news@gmail.com"


@pytest.fixture
def here(fresh: Publication) -> Publication:
    make_key_file(fresh.root / "subscribers" / "secret.key")
    return fresh


def with_rules(publication: Publication) -> Publication:
    said = AddressSettings(plus_tags="ignore", dots=("gmail.com",))
    return with_settings(publication, addresses=said)


def in_force(publication: Publication) -> IdentityRules:
    with open_store(publication) as store, store.reading() as connection:
        return rules_in_force(connection)


def known(publication: Publication, address: str) -> str:
    """The address under which somebody is known who types this one; empty for nobody."""
    with open_store(publication) as store, store.reading() as connection:
        found = find_subscriber(connection, parse_address(address).key)
    return found.email if found else ""


def statuses(publication: Publication) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for one in subscribers.subscriptions(publication):
        found.setdefault(one.subscriber.email, {})[one.list.name] = str(one.status)
    return found


def is_suppressed(publication: Publication, address: str) -> bool:
    with open_store(publication) as store, store.reading() as connection:
        return bool(suppression_of(connection, parse_address(address)))


def test_by_themselves_addresses_differ_in_dots_and_tags(here: Publication) -> None:
    for address in (DOTTED, BARE, TAGGED):
        subscribers.add(here, address, "weekly")
    assert len(statuses(here)) == 3
    assert in_force(here) == PLAIN


def test_from_the_first_day_one_person_is_one_and_mail_goes_to_what_was_typed(
    here: Publication,
) -> None:
    ruled = with_rules(here)
    for address in (DOTTED, BARE, TAGGED):
        subscribers.add(ruled, address, "weekly")
    assert in_force(ruled) == RULES
    assert statuses(ruled) == {DOTTED: {"weekly": "confirmed"}}
    assert known(ruled, TAGGED) == DOTTED
    assert subscribers.record(ruled, BARE)["email"] == DOTTED


def test_rules_switched_on_later_wait_until_they_are_applied(here: Publication) -> None:
    subscribers.add(here, DOTTED, "weekly")
    ruled = with_rules(here)
    assert (in_force(ruled), known(ruled, BARE), known(ruled, DOTTED)) == (PLAIN, "", DOTTED)
    shown = identities.show(ruled)
    assert (shown.wanted, shown.in_force, shown.people, shown.clashes) == (RULES, PLAIN, 1, ())
    assert identities.apply_rules(ruled, merge=False, actor="ann").applied
    assert (in_force(ruled), known(ruled, BARE)) == (RULES, DOTTED)
    assert identities.show(ruled).people == 0


def test_nobody_is_made_one_with_somebody_without_being_asked_for(here: Publication) -> None:
    for address in (DOTTED, BARE):
        subscribers.add(here, address, "weekly")
    ruled = with_rules(here)
    (clash,) = identities.show(ruled).clashes
    assert [email for _, email in clash.people] == [DOTTED, BARE]
    with pytest.raises(NotConfirmed, match="several people would become one"):
        identities.apply_rules(ruled, merge=False, actor="ann")
    assert len(statuses(ruled)) == 2
    assert in_force(ruled) == PLAIN


def test_made_one_the_lowest_status_of_each_list_stands(here: Publication) -> None:
    subscribers.add(here, DOTTED, "weekly", name="Ann")
    subscribers.add(here, DOTTED, "monthly")
    subscribers.add(here, BARE, "weekly")
    subscribers.add(here, TAGGED, "daily")
    subscribers.remove(here, BARE, "weekly")
    ruled = with_rules(here)
    identities.apply_rules(ruled, merge=True, actor="ann")
    assert statuses(ruled) == {
        DOTTED: {"weekly": "unsubscribed", "monthly": "confirmed", "daily": "confirmed"}
    }
    record = subscribers.record(ruled, TAGGED)
    assert [one["kind"] for one in record["events"]].count("merged") == 3
    assert [one for one in record["events"] if one["kind"] == "unsubscribed"], "of the other too"


def test_a_link_in_an_old_mail_to_the_other_address_still_leaves(here: Publication) -> None:
    subscribers.add(here, DOTTED, "weekly")
    subscribers.add(here, BARE, "weekly")
    with open_store(here) as store, store.reading() as connection:
        other = find_subscriber(connection, BARE)
    assert other is not None
    token = unsubscribe_token(load_key(here), Grant(1, other.id))
    ruled = with_rules(here)
    identities.apply_rules(ruled, merge=True, actor="ann")
    with open_store(ruled) as store, store.reading() as connection:
        stays = subscriber_by_id(connection, other.id)
    assert stays is not None
    assert (stays.email, stays.id != other.id) == (DOTTED, True)
    with TestClient(public_app(ruled), base_url="https://orchard.example.com") as client:
        assert client.get(f"/unsubscribe/{token}").status_code == 200
        assert statuses(ruled) == {DOTTED: {"weekly": "confirmed"}}, "looking changes nothing"
        assert client.post(f"/unsubscribe/{token}").status_code == 200
    assert statuses(ruled) == {DOTTED: {"weekly": "unsubscribed"}}


def test_who_is_suppressed_by_one_spelling_is_by_every_one(here: Publication) -> None:
    ruled = with_rules(here)
    suppressions.add(ruled, DOTTED, reason="asked", actor="ann")
    assert is_suppressed(ruled, BARE)
    assert is_suppressed(ruled, TAGGED)
    assert not is_suppressed(ruled, "annlee@example.com")
    with pytest.raises(UsageError, match="is suppressed"):
        subscribers.add(ruled, BARE, "weekly")
    assert suppressions.lift(ruled, TAGGED, actor="ann", admin=True).kind == "manual"
    assert not is_suppressed(ruled, DOTTED)


def test_suppressions_become_one_and_have_their_own_again_when_rules_are_taken_back(
    here: Publication,
) -> None:
    subscribers.add(here, BARE, "weekly")
    suppressions.add(here, DOTTED, kind="bounce", actor="ann")
    suppressions.add(here, TAGGED, kind="complaint", actor="ann")
    ruled = with_rules(here)
    identities.apply_rules(ruled, merge=True, actor="ann")
    (one,) = suppressions.all_suppressions(ruled)
    assert (one.value, one.kind) == (BARE, "complaint")
    suppressions.add(ruled, "a.nnlee@gmail.com", actor="ann")
    identities.apply_rules(here, merge=False, actor="ann")
    assert in_force(here) == PLAIN
    for address in (DOTTED, TAGGED, "a.nnlee@gmail.com", BARE):
        assert is_suppressed(here, address), address
    assert not is_suppressed(here, "annle.e@gmail.com")


def test_an_import_knows_a_person_by_any_spelling_and_raises_nobody(
    here: Publication, tmp_path: Path
) -> None:
    ruled = with_rules(here)
    subscribers.add(ruled, DOTTED, "weekly")
    subscribers.remove(ruled, DOTTED, "weekly")
    suppressions.add(ruled, "bob@gmail.com", actor="ann")
    file = tmp_path / "people.csv"
    file.write_text(f"email\n{BARE}\n{TAGGED}\nB.o.b@gmail.com\nnew+1@gmail.com\nnew@gmail.com\n")
    report = import_file(ruled, file, "weekly", apply=True, consent="said so")
    assert report.new == 1
    assert statuses(ruled) == {
        DOTTED: {"weekly": "unsubscribed"},
        "new+1@gmail.com": {"weekly": "confirmed"},
    }
    again = import_file(ruled, file, "weekly", apply=True, consent="said so")
    assert (again.new, again.updated) == (0, 0)


def test_who_was_forgotten_is_not_brought_back_by_another_spelling(here: Publication) -> None:
    ruled = with_rules(here)
    subscribers.add(ruled, DOTTED, "weekly")
    subscribers.forget_person(ruled, BARE)
    assert statuses(ruled) == {}
    with pytest.raises(UsageError, match="asked to be forgotten"):
        subscribers.add(ruled, TAGGED, "weekly")


def test_who_was_forgotten_before_the_rules_stays_so_by_their_own_spelling(
    here: Publication,
) -> None:
    subscribers.add(here, DOTTED, "weekly")
    subscribers.forget_person(here, DOTTED)
    ruled = with_rules(here)
    identities.apply_rules(ruled, merge=False, actor="ann")
    with pytest.raises(UsageError, match="asked to be forgotten"):
        subscribers.add(ruled, DOTTED, "weekly")


def test_a_segment_finds_people_by_any_spelling_and_by_parts_as_written(
    here: Publication,
) -> None:
    ruled = with_rules(here)
    subscribers.add(ruled, DOTTED, "weekly")
    for condition in (
        f'email = "{TAGGED}"',
        f'email in ("{BARE}", "x@example.com")',
        'email starts "ann.lee"',
    ):
        assert segments.try_condition(ruled, condition) == 1, condition


def test_the_command_shows_applies_and_asks_before_it_merges(on_sqlite: Publication) -> None:
    here = on_sqlite
    make_key_file(here.root / "subscribers" / "secret.key")
    for address in (DOTTED, BARE):
        subscribers.add(here, address, "weekly")
    settings = here.root / "newsletter.toml"
    settings.write_text(
        f'{settings.read_text()}\n[addresses]\nplus_tags = "ignore"\ndots = ["gmail.com"]\n'
    )

    def run(*arguments: str, text: str = "") -> tuple[int, str]:
        told = CliRunner().invoke(
            cli, ["--publication", str(here.root), "addresses", *arguments], input=text
        )
        if told.exception is not None and not isinstance(told.exception, SystemExit):
            raise told.exception
        return told.exit_code, told.stdout

    code, told = run("rules")
    assert code == 0
    assert f"{BARE} would become {DOTTED}" in told
    assert "newsletter addresses rules --apply --merge" in told
    with pytest.raises(NotConfirmed, match="several people would become one"):
        run("rules", "--apply")
    code, told = run("rules", "--apply", "--merge", "--json")
    data = json.loads(told)
    assert (code, data["applied"], data["in_force"]["dots"]) == (0, True, ["gmail.com"])
    assert [one["address"] for one in data["clashes"][0]] == [DOTTED, BARE]
    code, told = run("check", "--json", text=f"{TAGGED}\n")
    assert json.loads(told)["identity"] == BARE
    assert json.loads(told)["normal"] == TAGGED


@given(st.lists(st.sampled_from(list(Status)), min_size=1, max_size=4))
def test_the_lowest_status_raises_nobody(several: list[Status]) -> None:
    found = lowest(*several)
    assert found in several
    if found is Status.CONFIRMED:
        assert set(several) == {Status.CONFIRMED}
    if Status.COMPLAINED in several:
        assert found is Status.COMPLAINED
    elif Status.UNSUBSCRIBED in several:
        assert found is Status.UNSUBSCRIBED
