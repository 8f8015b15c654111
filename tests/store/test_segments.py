"""Segments on either database: every test of the grammar, counting and listing, indexes, mail to a segment."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import column as a_column
from sqlalchemy import select, table, text

from newsletter.model.campaign import Selection
from newsletter.model.segment import ALWAYS, Condition, Segment
from newsletter.model.subscriber import Suppression
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import spelling_out
from newsletter.store.audiences import OUTSIDE, audience_of
from newsletter.store.counting import count_in
from newsletter.store.engine import Store
from newsletter.store.segments import members
from newsletter.store.suppressions import add_suppression
from newsletter.subscribers.segments import parse
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import segments, subscribers
from newsletter.workflow.importing import import_file
from newsletter.workflow.lists import one_list

_PEOPLE = """email,name,language,city,age,tags,home town,created,consent_when,list,status
anna@example.com,Anna Ähre,de,Berlin,30,"VIP, x",Ulm,2020-05-01,2020-05-01T10:00:00Z,weekly,confirmed
bob@example.org,Bob,en,上海,9,x; y,,2021-06-15,2021-06-15T10:00:00Z,weekly,confirmed
cleo@example.com,,,,12abc,,Bonn,2022-01-01,,weekly,unsubscribed
dora@sub.example.com,Dora,de-AT,Berlin,-3.5,vip2,,2023-01-01T00:00:00Z,2023-01-01T00:00:00Z,other,confirmed
emil@example.net,"O'Neil ""the"" 100% _x",zh,o'city,,100%,,2024-01-01,2024-02-02T10:00:00Z,other,confirmed
"""


@pytest.fixture
def people(fresh: Publication, store: Store, tmp_path: Path) -> Publication:
    file = tmp_path / "people.csv"
    file.write_text(_PEOPLE, encoding="utf-8")
    report = import_file(fresh, file, apply=True)
    assert (report.new, report.invalid) == (5, 0)
    with store.writing() as connection:
        add_suppression(connection, Suppression("example.net", "no", is_domain=True), "test")
        add_suppression(connection, Suppression("bob@example.org", "no"), "test")
    return fresh


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ("list = weekly", "ab"),
        ("list = WEEKLY", "ab"),
        ("list != weekly", "cde"),
        ("list in (weekly, other)", "abde"),
        ("list exists", "abde"),
        ("status = unsubscribed", "c"),
        ("status.weekly = confirmed", "ab"),
        ("status.other = unsubscribed", ""),
        ("joined > 2021-06-15", "de"),
        ("joined >= 2021-06-15", "bde"),
        ("joined.weekly <= 2021-06-15", "ab"),
        ("joined = 2023-01-01", "d"),
        ("joined > 30 days ago", ""),
        ("created < 2021-06-15", "a"),
        ('created >= "2023-01-01 00:00"', "de"),
        ("attributes.city = Berlin", "ad"),
        ("attributes.city = berlin", ""),
        ("attributes.city != Berlin", "bce"),
        ("attributes.city in (Berlin, 上海)", "abd"),
        ("attributes.city exists", "abde"),
        ("not attributes.city exists", "c"),
        ('attributes.city = "o\'city"', "e"),
        ("attributes.city contains ERL", "ad"),
        ("attributes.city not contains ERL", "bce"),
        ('attributes."home town" = Ulm', "a"),
        ("attributes.age > 8", "ab"),
        ("attributes.age >= 9 and attributes.age < 30", "b"),
        ("attributes.age < 0", "d"),
        ("attributes.nothing = 1", ""),
        ("tag = vip", "a"),
        ("tag = Y", "b"),
        ("tag in (vip2, y)", "bd"),
        ("tag = 100%", "e"),
        ("tag exists", "abde"),
        ("not tag = vip", "bcde"),
        ("name contains ähre", "a"),
        ("name contains 'the\" 100% _'", "e"),
        ("name starts bo", "b"),
        ("name ends RA", "d"),
        ("name = Bob", "b"),
        ("language = DE", "a"),
        ("language starts de", "ad"),
        ("email = ANNA@example.com", "a"),
        ("email starts anna@", "a"),
        ("domain = example.com", "ac"),
        ("domain ends .example.com", "d"),
        ("source contains people.csv", "abde"),
        ("suppressed = yes", "be"),
        ("suppressed = no", "acd"),
        ("received exists", ""),
        ("not received = one", "abcde"),
        ("list = weekly and not suppressed = yes and not attributes.city = 上海", "a"),
        ("(list = weekly or list = other) and not (tag = vip or tag = y)", "de"),
        ("not (list = weekly and language = de)", "bcde"),
        ("not not list = weekly", "ab"),
    ],
)
def test_a_condition_holds_for(people: Publication, store: Store, condition: str, who: str) -> None:
    segment = segments.unnamed(people, condition)
    with store.reading() as connection:
        found = [one.email[0] for one in members(connection, segment)]
        assert "".join(found) == who
        assert count_in(connection, segment) == len(who)


def test_the_count_is_that_of_the_members_whatever_the_condition(
    people: Publication, store: Store
) -> None:
    """Counting goes other ways than listing; both must agree, also about whom nothing is known and who is erased."""
    make_key_file(people.root / "subscribers" / "secret.key")
    subscribers.forget_person(people, "dora@sub.example.com")
    chance = random.Random(5)
    tests = (
        "list = weekly",
        "status = confirmed",
        "attributes.city = Berlin",
        "attributes.age > 8",
        "tag = vip",
        "suppressed = yes",
        "received exists",
        "name contains o",
        "language = zh",
        "created > 2021-01-01",
        "joined.weekly > 2020-01-01",
        "status.weekly = confirmed",
        "attributes.city contains ERL",
        "attributes.city starts nowhere",
    )
    segments.save(people, "indexed", "attributes.city contains x and language = zh", actor="test")

    def some(depth: int) -> str:
        if depth == 0 or chance.random() < 0.3:
            return chance.choice(tests)
        if chance.random() < 0.4:
            return f"not ({some(depth - 1)})"
        word = chance.choice([" and ", " or "])
        return "(" + word.join(some(depth - 1) for _ in range(chance.randint(2, 3))) + ")"

    with store.reading() as connection:
        for _ in range(150):
            segment = segments.unnamed(people, some(3))
            assert count_in(connection, segment) == len(list(members(connection, segment))), (
                segment.text
            )
        everybody = Segment("", "", ALWAYS)
        assert count_in(connection, everybody) == len(list(members(connection, everybody))) == 4


def test_what_is_in_quotes_is_a_value_and_never_sql(people: Publication) -> None:
    for hostile in (
        "'; DROP TABLE subscribers; --",
        "%",
        "_",
        "\\",
        '" OR 1=1',
        "'||'",
        "%(x)s",
        ":x",
    ):
        quoted = '"' + hostile.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for test in (
            f"attributes.city = {quoted}",
            f"tag = {quoted}",
            f"attributes.{quoted} = x",
            f"name contains {quoted}",
            f"received = {quoted}",
        ):
            found = segments.save(people, "hostile", test, actor="test")
            count = segments.count(people, found.name)
            assert count == (test == 'name contains "%"') + (test == 'name contains "_"')
    segments.delete(people, "hostile", actor="test")
    assert segments.try_condition(people, "list exists") == 4


def test_saving_a_segment_makes_the_indexes_that_it_wants_and_deleting_takes_them_away(
    people: Publication, store: Store
) -> None:
    assert _indexes(store) == 0
    condition = (
        "attributes.city = Berlin and attributes.age > 8 and tag = vip and joined > 2020-01-01"
    )
    segments.save(people, "berlin", condition, actor="test")
    segments.save(people, "again", "attributes.city in (Berlin)", actor="test")
    assert _indexes(store) == 4
    segments.delete(people, "berlin", actor="test")
    assert _indexes(store) == 1
    segments.delete(people, "again", actor="test")
    assert _indexes(store) == 0


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("attributes.city = Berlin", "_attribute_text_"),
        ("attributes.age > 8", "_attribute_number_"),
        ("tag = vip", "_attribute_tag_"),
        ("list = weekly", "ix_subscriptions_list_id_status"),
        ("attributes.city contains erl", "_attribute_text_"),
        ("list = weekly and language = en", "_attribute_of_"),
    ],
)
def test_counting_uses_the_index(on_sqlite: Publication, condition: str, index: str) -> None:
    from newsletter.store.engine import open_store

    subscribers.add(on_sqlite, "anna@example.com", "weekly")
    segments.save(on_sqlite, "one", condition, actor="test")
    asked: list[str] = []
    with open_store(on_sqlite) as opened, opened.reading() as connection:
        from sqlalchemy import event

        @event.listens_for(connection, "before_cursor_execute")
        def told(conn, cursor, statement, parameters, context, many):  # type: ignore[no-untyped-def]
            if not statement.startswith("EXPLAIN"):
                raw = conn.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                asked.extend(str(row[3]) for row in raw)

        count_in(connection, segments.unnamed(on_sqlite, condition))
    assert any(index in line for line in asked), asked


def test_a_part_of_an_attribute_with_many_values_is_looked_for_in_everybody(
    people: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments.save(people, "one", "attributes.city contains ERL", actor="test")
    whole = segments.count(people, "one")
    for most in (0, 1, 2, 3):
        monkeypatch.setattr(spelling_out, "MOST", most)
        assert segments.count(people, "one") == whole == 2


def test_a_segment_is_kept_found_changed_and_removed(people: Publication) -> None:
    made = segments.save(people, "berliners", " attributes.city = Berlin ", actor="anna")
    assert (made.text, made.by) == ("attributes.city = Berlin", "anna")
    assert [one.name for one in segments.all_segments(people)] == ["berliners"]
    segments.save(people, "berliners", "attributes.city = 上海", actor="bob")
    assert segments.show(people, "berliners").by == "bob"
    with pytest.raises(UsageError, match="no such segment: berliner") as caught:
        segments.count(people, "berliner")
    assert caught.value.hint == "Did you mean berliners?"
    segments.delete(people, "berliners", actor="bob")
    assert segments.all_segments(people) == ()


def test_a_segment_of_a_list_that_is_not_there_is_refused(people: Publication) -> None:
    with pytest.raises(UsageError, match="no such list: wekly") as caught:
        segments.save(people, "w", "list = wekly", actor="test")
    assert caught.value.hint == "Did you mean weekly?"


def test_mail_to_a_segment_goes_to_those_on_the_list_who_are_in_it_and_says_why_not_to_the_others(
    people: Publication, store: Store
) -> None:
    segment = segments.unnamed(people, "attributes.city = Berlin")
    with store.reading() as connection:
        to = (one_list(connection, "weekly"),)
        found = audience_of(connection, to, "one", Selection(segment=segment))
        other = audience_of(connection, to, "one", Selection(segment=_of("language = en")))
    assert found.prepared == 1
    assert found.excluded == {"suppressed": 1, "unsubscribed": 1}
    assert other.excluded == {OUTSIDE: 1, "suppressed": 1, "unsubscribed": 1}


def _of(condition: str) -> Segment:
    tree: Condition = parse(condition)
    return Segment("s", condition, tree)


def _indexes(store: Store) -> int:
    with store.reading() as connection:
        if store.dialect == "sqlite":
            names = connection.execute(
                select(a_column("name")).select_from(table("sqlite_master"))
            ).scalars()
        else:
            query = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
            names = connection.execute(text(query)).scalars()
        return len([name for name in names if "_attribute_" in str(name)])
