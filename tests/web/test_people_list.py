"""The list of people in the studio: what is found, in which order, and how an address keeps it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.model.account import Role
from newsletter.publication import Publication, load_publication
from newsletter.workflow import segments, subscribers, suppressions
from newsletter.workflow.importing import import_file
from newsletter.workflow.operator import operator

PEOPLE = """email,name,city,language,status,created,tags
anna@example.com,Anna Apple,Berlin,de,confirmed,2026-01-01,fair
ben@example.org,Ben,"Köln",de,confirmed,2026-02-01,"fair; vip"
wang@example.cn,王敏,东莞,zh-Hans,unsubscribed,2026-03-01,
carl@example.com,Carl Zorn,Berlin,en,bounced,2026-04-01,
dora@example.com,,Paris,fr,pending,2026-05-01,
"""


@pytest.fixture
def filled(orchard: Path) -> Publication:
    publication = load_publication(orchard, {})
    file = orchard / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    import_file(publication, file, "weekly", apply=True)
    subscribers.add(publication, "anna@example.com", "monthly")
    suppressions.add(publication, "@example.org", reason="asked us to stop", actor="me")
    segments.save(publication, "berliners", "attributes.city = Berlin", actor="me")
    return publication


def found(page: str) -> list[str]:
    return re.findall(r'<a href="/subscribers/\d+">([^<]+)</a>', page)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "dora carl wang ben anna"),
        ("sort=joined", "anna ben wang carl dora"),
        ("sort=address", "anna ben carl dora wang"),
        ("sort=-address", "wang dora carl ben anna"),
        ("sort=nonsense", "dora carl wang ben anna"),
        ("q=zorn", "carl"),
        ("q=ZORN+carl", "carl"),
        ("q=王", "wang"),
        ("q=example.c", "dora carl wang anna"),
        ("q=%25", ""),
        ("q=_nn", ""),
        ("list=monthly", "anna"),
        ("list=weekly&status=confirmed", "ben anna"),
        ("status=unsubscribed", "wang"),
        ("status=nonsense", "dora carl wang ben anna"),
        ("segment=berliners", "carl anna"),
        ("segment=berliners&status=confirmed", "anna"),
        ("language=de", "ben anna"),
        ("source=import%3Apeople.csv&language=en", ""),
        ("source=import%3Apeople.csv&status=confirmed", "ben anna"),
        ("tag=vip", "ben"),
        ("attribute=city%3DBerlin", "carl anna"),
        ("attribute=tags", "ben anna"),
        ("attribute=city%3D%22%5C%22+or+email+exists", ""),
        ("sort=name", "dora anna ben carl wang"),
        ("suppressed=yes", "carl ben"),
        ("suppressed=no&list=weekly", "dora wang anna"),
        ("since=2026-02-01&until=2026-03-01", "wang ben"),
        ("list=none", ""),
    ],
)
def test_who_is_found_is_who_was_asked_for(
    preview: TestClient, filled: Publication, query: str, names: str
) -> None:
    page = preview.get(f"/subscribers?{query}")
    assert page.status_code == 200
    assert [one.partition("@")[0] for one in found(page.text)] == names.split()


def test_filters_are_chips_that_lead_to_the_list_without_them(
    preview: TestClient, filled: Publication
) -> None:
    page = preview.get("/subscribers?list=weekly&status=confirmed&q=anna").text
    chips = dict(re.findall(r'<span class="chip">([^<]+)<a href="([^"]+)"', page))
    assert chips["List: weekly"] == "/subscribers?q=anna&amp;status=confirmed"
    assert set(chips) == {"“anna”", "List: weekly", "Confirmed"}
    assert 'class="chip"' not in preview.get("/subscribers").text


@pytest.mark.parametrize("sort", ["", "joined", "address", "-address", "name", "-name"])
def test_pages_hold_everybody_once_and_a_place_that_is_none_is_told(
    preview: TestClient, orchard: Path, sort: str
) -> None:
    publication = load_publication(orchard, {})
    lines = "".join(f"p{number:03}@example.com\n" for number in range(60))
    file = orchard / "many.csv"
    file.write_text(f"email\n{lines}", encoding="utf-8")
    import_file(publication, file, "weekly", apply=True, consent="said so")
    first = preview.get(f"/subscribers?sort={sort}").text
    assert "1–50 of 60, " in first
    there = re.search(r'href="(/subscribers\?[^"]*after=[^"]+)"', first)
    assert there is not None
    second = preview.get(there[1].replace("&amp;", "&")).text
    assert "10 more, " in second
    both = found(first) + found(second)
    assert sorted(both) == [f"p{number:03}@example.com" for number in range(60)]
    if sort.endswith("address"):
        assert both == sorted(both, reverse=sort.startswith("-"))
    for broken in ("x", "%F0%9F%98%80", "W10", "WyJhIiwgImIiXQ"):
        page = preview.get(f"/subscribers?after={broken}")
        assert "there is no page after" in page.text


def test_a_segment_that_is_gone_and_a_day_that_is_none_are_told(
    preview: TestClient, filled: Publication
) -> None:
    assert "no such segment: none" in preview.get("/subscribers?segment=none").text
    assert "Not a day: tomorrow" in preview.get("/subscribers?since=tomorrow").text


def test_the_state_is_that_of_the_list_looked_at_and_suppression_goes_before_all(
    preview: TestClient, filled: Publication
) -> None:
    subscribers.remove(filled, "anna@example.com", "weekly")

    def states(query: str) -> list[str]:
        page = preview.get(f"/subscribers?{query}").text
        return re.findall(r'<td class="standing"><span class="state (\w+)">', page)

    assert states("q=anna") == ["confirmed"]
    assert states("q=anna&list=weekly") == ["unsubscribed"]
    assert states("q=ben") == ["suppressed"]


def test_names_addresses_and_attributes_are_never_markup(
    preview: TestClient, orchard: Path
) -> None:
    publication = load_publication(orchard, {})
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    file = orchard / "evil.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["email", "name", evil, "status", "consent_text", "created"])
        writer.writerow(['"<b>x</b>"@example.com', evil, evil, "confirmed", evil, "2026-01-01"])
        writer.writerow(["plain@example.com", evil, evil, "confirmed", evil, "2026-01-01"])
    import_file(publication, file, evil, apply=True)
    person = re.search(r'href="/subscribers/(\d+)"', preview.get("/subscribers").text)
    assert person is not None
    for path in ("", f"/{person[1]}", f"?q={evil}", "/growth", "/add", f"?list={evil}"):
        page = preview.get(f"/subscribers{path}").text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>x" not in page


def test_one_is_added_with_the_consent_and_who_left_is_not_brought_back(
    preview: TestClient, filled: Publication
) -> None:
    form = {"address": "eve@example.com", "name": "Eve", "list": "weekly", "consent": "at the fair"}
    page = preview.post("/subscribers/add", data=form).text
    assert found(page) == ["eve@example.com"]
    record = subscribers.record(filled, "eve@example.com")
    assert record["subscriptions"][0]["consent"]["text"] == "at the fair"
    assert record["subscriptions"][0]["consent"]["source"] == "studio"
    assert (record["events"][0]["kind"], record["events"][0]["by"]) == ("added", operator())
    preview.post("/subscribers/add", data={**form, "address": "wang@example.cn"})
    left = subscribers.record(filled, "wang@example.cn")
    assert left["subscriptions"][0]["status"] == "unsubscribed"
    for wrong in ({"address": "no address"}, {"consent": ""}, {"address": "ben@example.org"}):
        answer = preview.post("/subscribers/add", data={**form, **wrong})
        assert answer.status_code == 409
        assert 'value="Eve"' in answer.text


def test_the_export_is_that_of_the_command_line(preview: TestClient, filled: Publication) -> None:
    answer = preview.get("/subscribers/export?list=weekly")
    assert answer.text == "".join(subscribers.export(filled, "weekly"))
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 5
    assert preview.get("/subscribers/export?list=none").status_code == 404


def test_an_editor_sees_nobody_and_a_sender_changes_nobody(
    as_role: Callable[[Role], TestClient], filled: Publication
) -> None:
    editor, sender = as_role(Role.EDITOR), as_role(Role.SENDER)
    for path in ("", "/1", "/1/record.json", "/export", "/segments", "/suppressions", "/add"):
        assert editor.get(f"/subscribers{path}").status_code == 403, path
    assert "Subscribers" not in editor.get("/").text
    page = sender.get("/subscribers").text
    assert "anna@example.com" in page
    for words in ("Export", "Add one", 'name="id"', "Forget …"):
        assert words not in page
    assert sender.get("/subscribers/export").status_code == 403
    assert sender.get("/subscribers/1").status_code == 200
    for path in ("add", "1/change", "1/forget", "1/suppress", "segments", "suppressions"):
        assert sender.post(f"/subscribers/{path}", data={"x": "y"}).status_code == 403, path
    assert 'href="/subscribers"' in sender.get("/").text
