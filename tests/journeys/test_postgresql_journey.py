"""A campaign on PostgreSQL: imported, shown, sent, killed, resumed, unsubscribed. The same road as on SQLite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("postgresql")]


@pytest.fixture
def database_url(postgresql: Callable[[], str]) -> str:
    return postgresql()


def test_a_campaign_on_postgresql_is_killed_and_resumed(
    newsletter: Any, people: Callable[..., list[str]], sink: Any
) -> None:
    addresses = people(60)
    newsletter("subscribers", "remove", addresses[0])
    assert len(newsletter("subscribers", "list", "--list", "weekly").splitlines()) == 60
    send = ("send", "first", "--list", "weekly", "--confirm-count", "59")
    sink.delay = 0.2
    process = newsletter.start(*send)
    newsletter.wait_for(lambda: len(sink.accepted) >= 9)
    assert "another process" in newsletter(*send, code=75)
    process.kill()
    process.communicate()
    sink.delay = 0.0

    result = newsletter.json(*send, code=5)
    assert result["status"] == "finished"
    assert result["books"]["balanced"]
    assert result["books"]["excluded"] == {"unsubscribed": 1}
    unknown = {one["address"] for one in result["not_delivered"]}
    assert {one["status"] for one in result["not_delivered"]} == {"unknown"}
    assert set(sink.recipients) | unknown == set(addresses[1:])
    assert len(sink.recipients) == len(set(sink.recipients))
    after = newsletter.json(*send)
    assert after["campaign"] is None
    assert newsletter.json("status")["campaigns"][0]["books"]["states"]["unknown"] == len(unknown)


def test_a_database_that_is_not_there_is_told(newsletter: Any) -> None:
    newsletter.environment["NEWSLETTER__STORE__URL"] = "postgresql+psycopg://x@/y?host=/nowhere"
    assert "the database failed" in newsletter("status", code=1)
