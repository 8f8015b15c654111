"""The lists, and how they grew, in the studio."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.model.account import Role
from newsletter.publication import load_publication
from newsletter.web.studio.people_charts import growth_chart, source_bars, ticks
from newsletter.workflow import lists, subscribers
from newsletter.workflow.growth import Growth, Period, SourceCount, growth


def test_a_list_is_made_and_changed(preview: TestClient, orchard: Path) -> None:
    publication = load_publication(orchard, {})
    page = preview.post(
        "/subscribers/lists",
        data={"name": "monthly", "title": "The monthly letter", "public": "1", "double": "0"},
    ).text
    assert "The monthly letter" in page
    assert "public · single opt-in" in page
    (made,) = lists.all_lists(publication)
    assert (made.list.public, made.list.double_opt_in) == (True, False)
    preview.post("/subscribers/lists", data={"name": "monthly", "known": "1", "title": "Monthly"})
    (changed,) = lists.all_lists(publication)
    assert (changed.list.title, changed.list.public, changed.list.double_opt_in) == (
        "Monthly",
        False,
        True,
    )


def test_a_list_of_that_name_or_without_one_is_refused_and_nothing_typed_is_lost(
    preview: TestClient, orchard: Path
) -> None:
    lists.make_list(load_publication(orchard, {}), "weekly", title="Weekly")
    again = preview.post("/subscribers/lists", data={"name": "weekly", "title": "Other words"})
    assert again.status_code == 409
    assert "There is a list of this name already" in again.text
    assert 'value="Other words"' in again.text
    assert lists.counts_of(load_publication(orchard, {}), "weekly").list.title == "Weekly"
    assert preview.post("/subscribers/lists", data={"name": " "}).status_code == 409


def test_names_and_titles_are_never_markup(preview: TestClient, orchard: Path) -> None:
    evil = '"><script>alert(1)</script>'
    lists.make_list(load_publication(orchard, {}), evil, title=evil)
    for path in ("/subscribers/lists", "/subscribers/growth"):
        assert "<script>alert" not in preview.get(path).text


def test_growth_stands_in_the_chart_and_in_the_table(preview: TestClient, orchard: Path) -> None:
    publication = load_publication(orchard, {})
    for number in range(3):
        subscribers.add(publication, f"p{number}@example.com", "weekly")
    subscribers.remove(publication, "p0@example.com", "weekly")
    page = preview.get("/subscribers/growth?list=weekly").text
    row = re.search(r"<tbody><tr><th scope=\"row\">[\d-]+</th>(.*?)</tr>", page)
    assert row is not None
    assert re.findall(r"<td>(\d+)</td>", row[1]) == ["3", "1", "0", "2"]
    assert page.count('class="joined" x=') == 1
    assert page.count('fill="url(#leaving)" x=') == 2
    assert "command line" in page
    assert preview.get("/subscribers/growth?list=none").status_code == 404
    months = preview.get("/subscribers/growth?by=month").text
    assert len(re.findall(r'<tr><th scope="row">\d{4}-\d\d</th>', months)) == 13


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0), (0, 1), (3, 7), (0, 10), (845, 1331), (0, 999_999), (7, 7)]
)
def test_ticks_are_round_and_hold_what_they_are_for(low: int, high: int) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= 5
    assert found[0] <= low
    assert found[-1] >= high
    assert len({after - before for before, after in pairwise(found)}) == 1


def test_bars_never_leave_the_board_and_small_sources_are_seen(orchard: Path) -> None:
    publication = load_publication(orchard, {})
    for number in range(5):
        subscribers.add(publication, f"p{number}@example.com", "weekly")
        subscribers.remove(publication, f"p{number}@example.com", "weekly")
    chart = growth_chart(growth(publication, "weekly"))
    for one in chart.columns:
        for y, height in (one.joined, one.left, one.bounced):
            assert 0 <= y <= y + height <= chart.height - 20
    period = Period(datetime.date(2026, 5, 1), 1_000_000, 1, 0, 1_000_000)
    many = Growth("weekly", (period,), 1_000_000, 1_000_000)
    longest = max(len(tick.text) for tick in growth_chart(many).ticks)
    assert growth_chart(many).left - 8 > 9 * longest  # the label stands whole beside the line
    bars = source_bars((SourceCount("a", 1000, 900), SourceCount("b", 10, 0)))
    assert [(one.confirmed, one.rest) for one in bars] == [(900, 100), (0, 10)]


def test_who_may_send_may_look_and_only_an_admin_changes(
    as_role: Callable[[Role], TestClient],
) -> None:
    sender, editor = as_role(Role.SENDER), as_role(Role.EDITOR)
    assert sender.get("/subscribers/lists").status_code == 200
    assert "Make the list" not in sender.get("/subscribers/lists").text
    assert sender.post("/subscribers/lists", data={"name": "mine"}).status_code == 403
    for path in ("/subscribers/lists", "/subscribers/growth"):
        assert editor.get(path).status_code == 403
