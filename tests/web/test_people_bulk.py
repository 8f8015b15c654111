"""Changing many people at once in the studio, and undoing it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.model.account import Role
from newsletter.publication import Publication, load_publication
from newsletter.store.engine import open_store
from newsletter.store.schema import metadata
from newsletter.subscribers.tokens import make_key_file
from newsletter.web.studio import people_jobs
from newsletter.workflow import bulk, importing, lists, subscribers
from newsletter.workflow.importing import import_file

AT = "/subscribers/bulk"


@pytest.fixture
def many(orchard: Path) -> Publication:
    """Five people on `weekly`, of whom the first two live in Berlin, and an empty list `monthly`."""
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = load_publication(orchard, {})
    file = orchard / "people.csv"
    file.write_text(
        "email,city\n"
        + "".join(f"p{n}@example.com,{'Berlin' if n < 2 else ''}\n" for n in range(5))
    )
    import_file(publication, file, "weekly", apply=True, consent="yes")
    lists.make_list(publication, "monthly", title="The monthly letter")
    return publication


def statuses(publication: Publication, name: str) -> dict[str, str]:
    found = subscribers.subscriptions(publication)
    return {
        one.subscriber.email.partition("@")[0]: str(one.status)
        for one in found
        if one.list.name == name
    }


def form_of(page: str) -> dict[str, object]:
    """The hidden fields of the panel's form, as the browser sends them."""
    form = re.search(r'<form method="post" action="/subscribers/bulk".*?</form>', page, re.S)
    assert form is not None, page
    fields: dict[str, object] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]):
        if name == "id":
            fields.setdefault("id", []).append(value)  # type: ignore[attr-defined]
        else:
            fields[name] = value
    return fields


def test_a_selection_is_added_to_a_list_with_the_consent_and_it_is_undone(
    preview: TestClient, many: Publication
) -> None:
    panel = preview.get(f"{AT}?do=join&id=1&id=2").text
    assert "2 people" in panel
    assert "typed-count" not in panel
    form = form_of(panel) | {"to": "monthly", "consent": "asked on the phone"}
    done = preview.post(AT, data=form).text
    assert "2 people added to the list." in done
    assert statuses(many, "monthly") == {"p0": "confirmed", "p1": "confirmed"}
    record = subscribers.record(many, "p0@example.com")
    consent = next(one for one in record["subscriptions"] if one["list"] == "monthly")["consent"]
    assert consent["text"] == "asked on the phone"
    batch = re.search(r'name="what" value="(\d+)"', done)
    assert batch is not None
    undone = preview.post("/subscribers/undo", data={"what": batch[1]}).text
    assert "Undone for 2 people." in undone
    assert statuses(many, "monthly") == {}


def test_nobody_is_added_without_a_consent(preview: TestClient, many: Publication) -> None:
    form = form_of(preview.get(f"{AT}?do=join&id=1").text) | {"to": "monthly", "consent": " "}
    answer = preview.post(AT, data=form)
    assert answer.status_code == 409
    assert "why may they be written to?" in answer.text
    assert statuses(many, "monthly") == {}


def test_everybody_found_is_unsubscribed_only_when_the_number_is_typed(
    preview: TestClient, many: Publication
) -> None:
    panel = preview.get(f"{AT}?do=leave&attribute=city%3DBerlin").text
    assert 'wanted="2"' in panel
    form = form_of(panel) | {"to": "weekly"}
    for wrong in ({}, {"count": "5"}, {"count": "two"}):
        answer = preview.post(AT, data={**form, **wrong})
        assert answer.status_code == 409
        assert "That is not the number of people" in answer.text
    assert set(statuses(many, "weekly").values()) == {"confirmed"}
    preview.post(AT, data={**form, "count": " 2 "})
    assert [name for name, one in statuses(many, "weekly").items() if one == "unsubscribed"] == [
        "p0",
        "p1",
    ]


def test_another_number_than_the_one_shown_changes_nobody(
    preview: TestClient, many: Publication
) -> None:
    form = form_of(preview.get(f"{AT}?do=leave&list=weekly").text)
    subscribers.add(many, "new@example.com", "weekly")
    answer = preview.post(AT, data={**form, "to": "weekly", "count": "5"})
    assert answer.status_code == 409
    assert "Meanwhile it is another number of people: 6" in answer.text
    assert 'name="seen" value="6"' in answer.text
    assert set(statuses(many, "weekly").values()) == {"confirmed"}


def test_leaving_no_list_in_particular_is_not_leaving_all(
    preview: TestClient, many: Publication
) -> None:
    form = form_of(preview.get(f"{AT}?do=leave&id=1").text) | {"to": "", "count": "1"}
    assert preview.post(AT, data=form).status_code == 409
    assert set(statuses(many, "weekly").values()) == {"confirmed"}


@pytest.mark.parametrize(
    ("do", "fields", "attributes"),
    [
        ("tag", {"tag": "fair"}, {"city": "Berlin", "tags": "fair"}),
        ("attribute", {"key": "city", "value": "Bonn"}, {"city": "Bonn"}),
        ("attribute", {"key": "city", "value": ""}, {}),
    ],
)
def test_tags_and_attributes_are_set_and_undone(
    preview: TestClient,
    many: Publication,
    do: str,
    fields: dict[str, str],
    attributes: dict[str, str],
) -> None:
    form = form_of(preview.get(f"{AT}?do={do}&id=1").text) | fields
    done = preview.post(AT, data=form).text
    assert subscribers.record(many, "p0@example.com")["attributes"] == attributes
    batch = re.search(r'name="what" value="(\d+)"', done)
    assert batch is not None
    preview.post("/subscribers/undo", data={"what": batch[1]})
    assert subscribers.record(many, "p0@example.com")["attributes"] == {"city": "Berlin"}
    again = preview.post("/subscribers/undo", data={"what": batch[1]})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("do", "fields", "said"),
    [
        ("tag", {"tag": "nobody has it", "away": "1"}, "Nothing to change"),
        ("attribute", {"key": "city", "value": "Berlin"}, "Nothing to change"),
        ("join", {"to": "weekly", "consent": "at the fair"}, "Nobody was added"),
        ("join", {"to": "brand-new", "consent": "at the fair"}, "Nobody was added"),
        ("leave", {"to": "monthly", "count": "1"}, "Nothing to change"),
        ("suppress", {"reason": "once more", "count": "1"}, "Nothing to change"),
    ],
)
def test_what_changes_nobody_leaves_the_database_as_it_was(
    preview: TestClient, many: Publication, do: str, fields: dict[str, str], said: str
) -> None:
    if fields.get("to") == "brand-new" or do == "suppress":
        bulk.suppress(many, [1], reason="asked", actor="test", count=1)
    before = whole(many)
    form = form_of(preview.get(f"{AT}?do={do}&id=1").text) | fields
    done = preview.post(AT, data=form).text
    assert said in done
    assert 'action="/subscribers/undo"' not in done
    assert whole(many) == before


def whole(publication: Publication) -> list[str]:
    """Every row of every table."""
    with open_store(publication) as store, store.reading() as connection:
        return [
            f"{table.name}: {tuple(row)}"
            for table in metadata.sorted_tables
            if table.name != "workers"
            for row in connection.execute(table.select())
        ]


def test_suppressing_many_is_one_event_each_with_who_did_it(
    as_role: Callable[[Role], TestClient], many: Publication
) -> None:
    admin = as_role(Role.ADMIN)
    panel = admin.get(f"{AT}?do=suppress&list=weekly").text
    form = form_of(panel) | {"reason": "the company closed", "count": "5"}
    assert admin.post(AT, data=form).status_code == 303
    for number in range(5):
        record = subscribers.record(many, f"p{number}@example.com")
        assert record["suppressed"][0]["reason"] == "the company closed"
        assert (record["events"][-1]["kind"], record["events"][-1]["by"]) == (
            "suppressed",
            "account:admin",
        )


def test_forgetting_many_cannot_be_undone_and_no_import_brings_them_back(
    preview: TestClient, many: Publication
) -> None:
    form = form_of(preview.get(f"{AT}?do=forget&id=1&id=2").text) | {"count": "2"}
    done = preview.post(AT, data=form).text
    assert "2 people forgotten." in done
    assert "/subscribers/undo" not in done
    assert set(statuses(many, "weekly")) == {"p2", "p3", "p4"}
    report = importing.import_file(many, many.root / "people.csv", "weekly", consent="again")
    assert report.blocked == 2


def test_hostile_and_unknown_fields_do_nothing(preview: TestClient, many: Publication) -> None:
    evil = '"><script>alert(1)</script>'
    assert preview.get(f"{AT}?do=nothing", follow_redirects=False).status_code == 303
    page = preview.get(f"{AT}?do=tag&id={evil}&q={evil}&list={evil}").text
    assert "<script>alert" not in page
    assert preview.post(AT, data={"do": "drop"}, follow_redirects=False).status_code == 303
    assert preview.post("/subscribers/undo", data={"what": "99"}).status_code == 409
    assert len(statuses(many, "weekly")) == 5


def test_a_sender_changes_nobody(as_role: Callable[[Role], TestClient], many: Publication) -> None:
    sender = as_role(Role.SENDER)
    assert sender.post(AT, data={"do": "forget", "id": "1", "seen": "1"}).status_code == 403
    assert sender.post("/subscribers/undo", data={"what": "1"}).status_code == 403


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """No request waits, and no change goes on before this is set."""
    go_on = threading.Event()
    run = people_jobs.Jobs._run

    def wait(*given: object) -> None:
        assert go_on.wait(20)
        run(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(people_jobs, "PATIENCE", 0.0)
    monkeypatch.setattr(people_jobs.Jobs, "_run", wait)
    return go_on


def followed(preview: TestClient, there: str) -> str:
    """The page of a change once it has ended."""
    end = time.monotonic() + 20
    while 'data-running="yes"' in (page := preview.get(there).text):
        assert time.monotonic() < end
        time.sleep(0.02)
    return page


def test_what_takes_long_is_followed_on_a_page_and_undone_from_it(
    preview: TestClient, many: Publication, slow: threading.Event
) -> None:
    form = form_of(preview.get(f"{AT}?do=leave&list=weekly").text) | {"to": "weekly", "count": "5"}
    begun = preview.post(AT, data=form, follow_redirects=False)
    there = begun.headers["location"]
    assert there.startswith(f"{AT}/run/")
    page = preview.get(there).text
    assert 'data-running="yes"' in page
    assert "for all of them or for nobody" in page
    assert set(statuses(many, "weekly").values()) == {"confirmed"}
    slow.set()
    page = followed(preview, there)
    assert "5 people unsubscribed." in page
    assert set(statuses(many, "weekly").values()) == {"unsubscribed"}
    batch = re.search(r'name="what" value="(\d+)"', page)
    assert batch is not None
    undoing = preview.post(
        "/subscribers/undo", data={"what": batch[1]}, follow_redirects=False
    ).headers["location"]
    assert "Undone for 5 people." in followed(preview, undoing)
    assert set(statuses(many, "weekly").values()) == {"confirmed"}


def test_a_change_that_is_refused_later_says_so_and_has_changed_nobody(
    preview: TestClient, many: Publication, slow: threading.Event
) -> None:
    form = form_of(preview.get(f"{AT}?do=suppress&list=weekly").text)
    begun = preview.post(AT, data=form | {"reason": "x", "count": "5"}, follow_redirects=False)
    subscribers.add(many, "new@example.com", "weekly")
    slow.set()
    page = followed(preview, begun.headers["location"])
    assert "it is about 6 people" in page
    assert "Nothing was changed." in page
    assert not subscribers.record(many, "p0@example.com")["suppressed"]


def test_erasing_that_fails_in_the_middle_says_how_many_are_gone(
    preview: TestClient, many: Publication, slow: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_AT_ONCE", 2)
    erase, numbers = bulk._forget, iter(range(9))

    def fail(*given: object) -> int:
        if next(numbers) == 1:
            raise RuntimeError("the disk is full")
        return erase(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "_forget", fail)
    form = form_of(preview.get(f"{AT}?do=forget&list=weekly").text) | {"count": "5"}
    begun = preview.post(AT, data=form, follow_redirects=False)
    slow.set()
    page = followed(preview, begun.headers["location"])
    assert "the disk is full" in page
    assert "2 people were forgotten before, and stay so." in page
    assert len(statuses(many, "weekly")) == 3


def test_a_run_that_is_not_there_leads_to_the_list(preview: TestClient, many: Publication) -> None:
    answer = preview.get(f"{AT}/run/nothing", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/subscribers")
