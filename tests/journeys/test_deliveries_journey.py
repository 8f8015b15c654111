"""Did this person get it, which revision, and if not why?"""

from __future__ import annotations

from typing import Any


def test_everybody_can_be_asked_after(newsletter: Any, people: Any, sink: Any) -> None:
    people(3)
    newsletter("subscribers", "remove", "p002@example.com")
    sink.rcpt = lambda to: "550 5.1.1 no such user" if to.startswith("p001") else None
    newsletter("send", "first", "--list", "weekly", "--confirm-count", "2", code=5)

    (got,) = newsletter.json("deliveries", "who", "p000@example.com")["deliveries"]
    assert (got["issue"], got["revision"], got["status"]) == ("first", 1, "accepted")
    (refused,) = newsletter.json("deliveries", "who", "p001@example.com")["deliveries"]
    assert (refused["status"], refused["code"]) == ("refused", 550)
    (left_out,) = newsletter.json("deliveries", "who", "p002@example.com")["deliveries"]
    assert (left_out["status"], left_out["reason"]) == ("excluded", "unsubscribed")
    assert newsletter.json("deliveries", "who", "nobody@example.com")["deliveries"] == []

    listed = newsletter.json("deliveries", "list", "1", "--state", "refused")["deliveries"]
    assert [one["address"] for one in listed] == ["p001@example.com"]
    assert "no such state" in newsletter("deliveries", "list", "1", "--state", "lost", code=2)
