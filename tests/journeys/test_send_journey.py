"""An issue goes from the command line to a real SMTP server, through everything that can go wrong."""

from __future__ import annotations

import email
import re
import resource
import signal
from collections.abc import Callable
from email.policy import default
from typing import Any

People = Callable[..., list[str]]


def states(result: dict[str, Any]) -> dict[str, int]:
    return dict(result["books"]["states"])


def balanced(result: dict[str, Any]) -> bool:
    books = result["books"]
    return bool(
        books["balanced"]
        and books["candidates"] == books["prepared"] + sum(books["excluded"].values())
        and books["prepared"] == sum(books["states"].values())
    )


def test_an_issue_is_shown_confirmed_and_sent_once(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(3)
    newsletter("subscribers", "remove", addresses[0])
    shown = newsletter("send", "first", "--list", "weekly", typed="99\n", code=6)
    for told in ("A short issue", "The Orchard <editor@orchard.example.com>", "weekly: 2"):
        assert told in shown
    assert "1: unsubscribed" in shown
    assert "not confirmed: 99 was typed, the issue has 2 recipients" in shown
    newsletter("send", "first", "--list", "weekly", typed="", code=6)
    assert sink.accepted == []
    assert not (newsletter.root / "published").exists()

    newsletter("send", "first", "--list", "weekly", typed="2\n")
    assert sorted(sink.recipients) == addresses[1:]
    assert (newsletter.root / "published" / "issues" / "first" / "index.html").is_file()

    message = email.message_from_bytes(dict(sink.accepted)[addresses[1]], policy=default)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "Dear p001" in text
    assert "Dear p001" in re.sub("<[^>]+>", "", html)
    link = re.fullmatch(
        "<(https://orchard.example.com/unsubscribe/.{39})>", message["list-unsubscribe"]
    )
    assert link
    assert link.group(1) in text
    assert link.group(1) in html

    assert "nobody left" in newsletter("send", "first", "--list", "weekly", "--confirm-count", "2")
    (campaign,) = newsletter.json("status")["campaigns"]
    assert campaign["status"] == "finished"
    assert states(campaign) == {"accepted": 2}
    assert campaign["books"]["excluded"] == {"unsubscribed": 1}
    assert balanced(campaign)


def test_somebody_on_two_lists_gets_one_mail_and_again_sends_another(
    newsletter: Any, people: People, sink: Any
) -> None:
    people(2, "weekly")
    people(3, "monthly")
    send = ("send", "first", "--list", "weekly", "--list", "monthly")
    result = newsletter.json(*send, "--confirm-count", "3")
    assert sorted(sink.recipients) == ["p000@example.com", "p001@example.com", "p002@example.com"]
    assert states(result) == {"accepted": 3}
    one = newsletter.json("send", "first", "--list", "monthly", "--confirm-count", "3")
    assert one == {"campaign": None, "excluded": {"already has this issue": 3}}
    newsletter("send", "first", "--list", "weekly", "--again", "--confirm-count", "2")
    assert len(sink.accepted) == 5


def test_a_killed_send_goes_on_and_names_those_it_cannot_know_of(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(60)
    sink.delay = 0.2
    send = ("send", "first", "--list", "weekly", "--confirm-count", "60")
    process = newsletter.start(*send)
    newsletter.wait_for(lambda: len(sink.accepted) >= 9)
    process.kill()
    process.communicate()
    at_the_kill = len(sink.accepted)
    (campaign,) = newsletter.json("status")["campaigns"]
    assert campaign["status"] == "sending"
    sink.delay = 0.0

    result = newsletter.json(*send, code=5)
    assert at_the_kill < 60
    assert len(sink.recipients) == len(set(sink.recipients))
    unknown = [one["address"] for one in result["not_delivered"]]
    assert {one["status"] for one in result["not_delivered"]} == {"unknown"}
    assert 1 <= len(unknown) <= 12, "a slow server has few in flight, not whole windows"
    assert states(result) == {"accepted": 60 - len(unknown), "unknown": len(unknown)}
    assert set(sink.recipients) | set(unknown) == set(addresses)
    assert balanced(result)
    assert result["status"] == "finished"

    after = newsletter("send", "first", "--list", "weekly", "--confirm-count", "60")
    assert "may have this issue (unknown)" in after
    assert len(sink.recipients) == len(set(sink.recipients))


def test_a_fast_send_killed_again_and_again_loses_and_doubles_nobody(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(900)
    send = ("send", "first", "--list", "weekly", "--confirm-count", "900")
    kills = 0
    for at in (100, 300, 500):
        process = newsletter.start(*send)
        newsletter.wait_for(lambda at=at: len(sink.accepted) >= at or process.poll() is not None)  # noqa: B023
        kills += process.poll() is None
        process.kill()
        process.communicate()
    result = newsletter.json(*send, code=5)
    unknown = {one["address"] for one in result["not_delivered"]}
    assert kills
    assert len(unknown) <= kills * 4 * 50
    assert set(sink.recipients) | unknown == set(addresses)
    assert len(sink.recipients) == len(set(sink.recipients))
    assert states(result) == {"accepted": 900 - len(unknown), "unknown": len(unknown)}
    assert balanced(result)


def test_a_full_disk_stops_a_send_and_what_could_not_be_written_down_is_unknown(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(60)
    sink.delay = 0.1
    send = ("send", "first", "--list", "weekly", "--confirm-count", "60")
    process = newsletter.start(*send)
    newsletter.wait_for(lambda: len(sink.accepted) >= 3)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, 1))  # no file may grow any more
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "the database failed" in err
    sink.delay = 0.0
    result = newsletter.json(*send, code=5)
    assert len(sink.recipients) == len(set(sink.recipients))
    unknown = {one["address"] for one in result["not_delivered"]}
    assert {one["status"] for one in result["not_delivered"]} == {"unknown"}
    assert set(sink.recipients) | unknown == set(addresses)
    assert balanced(result)


def test_what_was_begun_goes_on_when_its_issue_is_broken_or_gone(
    newsletter: Any, people: People, sink: Any, server: Any
) -> None:
    addresses = people(4)
    server.stop()
    send = ("send", "first", "--list", "weekly", "--confirm-count", "4")
    newsletter(*send, code=75)
    server.start()
    sink.rcpt = lambda address: "451 later" if address != addresses[0] else None
    issue = newsletter.root / "issues" / "first.md"
    issue.write_text("# Broken\n\n![](missing.png)\n", encoding="utf-8")
    newsletter(*send, code=5)
    assert sink.recipients == addresses[:1]
    issue.unlink()
    sink.rcpt = lambda address: None
    newsletter(*send)
    assert sorted(sink.recipients) == addresses
    assert "no such issue" in newsletter(*send, code=2)


def test_an_interrupt_lets_the_message_in_hand_end_and_the_rest_goes_later(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(30)
    sink.delay = 0.2
    send = ("send", "first", "--list", "weekly", "--confirm-count", "30")
    process = newsletter.start(*send)
    newsletter.wait_for(lambda: len(sink.accepted) >= 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    (campaign,) = newsletter.json("status")["campaigns"]
    assert campaign["status"] == "paused"
    assert set(states(campaign)) == {"accepted", "queued"}
    sink.delay = 0.0
    (newsletter.root / "issues" / "first.md").write_text("# Changed meanwhile\n\nOther words.\n")
    assert "as frozen then" in newsletter(*send)
    assert sorted(sink.recipients) == addresses
    assert all(b"Subject: A short issue" in content for _, content in sink.accepted)


def test_a_campaign_is_paused_resumed_and_its_unknown_one_settled(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(60)
    sink.delay = 0.5
    sink.cut = lambda address: address == addresses[0]
    process = newsletter.start("send", "first", "--list", "weekly", "--confirm-count", "60")
    newsletter.wait_for(lambda: len(sink.accepted) >= 5)
    assert "1  first r1 → weekly: paused" in newsletter("campaigns", "pause", "1")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 75, err
    assert "it was paused by hand" in err
    assert "newsletter campaigns resume 1" in err
    planned = newsletter("send", "first", "--list", "weekly", "--newcomers", "--dry-run")
    assert "nobody by --newcomers: first this campaign ends" in planned
    shown = newsletter.json("campaigns", "show", "1")
    assert set(states(shown)) == {"accepted", "queued", "unknown"}
    sink.delay = 0.0
    result = newsletter.json("campaigns", "resume", "1", code=5)
    assert states(result) == {"accepted": 59, "unknown": 1}
    newsletter("campaigns", "settle", "1", code=2)
    told = newsletter("campaigns", "settle", "1", "--not-accepted", addresses[0])
    assert told == f"refused: {addresses[0]}: settled by hand\n"
    assert "not confirmed" in newsletter("campaigns", "cancel", "1", code=6)
    assert "is finished" in newsletter("campaigns", "cancel", "1", "--yes", code=2)
    sink.cut = lambda address: False
    newsletter("send", "first", "--list", "weekly", "--confirm-count", "1")
    assert sorted(sink.recipients) == addresses


def test_who_unsubscribes_before_their_turn_is_skipped(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(12)
    sink.delay = 0.5
    process = newsletter.start(
        "send", "first", "--list", "weekly", "--confirm-count", "12", "--json"
    )
    newsletter.wait_for(lambda: len(sink.accepted) >= 1)
    newsletter("subscribers", "remove", addresses[-1], "--list", "weekly")
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert sorted(sink.recipients) == addresses[:-1]
    (campaign,) = newsletter.json("status")["campaigns"]
    assert states(campaign) == {"accepted": 11, "skipped": 1}


def test_a_second_process_is_refused_while_the_first_one_sends(
    newsletter: Any, people: People, sink: Any
) -> None:
    people(12)
    sink.delay = 1.0
    send = ("send", "first", "--list", "weekly", "--confirm-count", "12")
    process = newsletter.start(*send)
    newsletter.wait_for(lambda: len(sink.accepted) >= 1)
    assert "another process" in newsletter(*send, code=75)
    sink.delay = 0.0
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(sink.recipients) == len(set(sink.recipients)) == 12


def test_refused_addresses_are_never_tried_again_and_deferred_ones_are(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(5)
    answers = {
        addresses[0]: "550 5.1.1 no such user",
        addresses[1]: "550 5.7.1 policy",
        addresses[2]: "451 4.7.1 greylisted",
    }
    asked: list[str] = []
    sink.rcpt = lambda address: (asked.append(address), answers.get(address))[1]
    send = ("send", "first", "--list", "weekly", "--confirm-count", "5")
    result = newsletter.json(*send, code=5)
    assert states(result) == {"accepted": 2, "deferred": 1, "refused": 2}
    assert result["status"] == "paused"
    assert balanced(result)
    assert [asked.count(address) for address in addresses] == [1, 1, 3, 1, 1]
    codes = {one["address"]: (one["status"], one["code"]) for one in result["not_delivered"]}
    assert codes[addresses[2]] == ("deferred", 451)

    people_now = newsletter("subscribers", "list", "--list", "weekly")
    assert f"bounced       weekly  {addresses[0]} (suppressed)" in people_now
    assert f"confirmed     weekly  {addresses[1]}" in people_now

    answers.pop(addresses[2])
    result = newsletter.json(*send, code=5)
    assert states(result) == {"accepted": 3, "refused": 2}
    assert result["status"] == "finished"
    assert asked.count(addresses[0]) == 1
    report = newsletter.json(
        "subscribers", "import", str(newsletter.root / "people.csv"), "--list", "weekly", "--apply"
    )
    assert (report["unchanged"], report["blocked"]) == (4, 1)
    assert report["blocked_lines"][0]["line"] == 2


def test_a_server_that_goes_away_pauses_the_campaign_and_blames_nobody(
    newsletter: Any, people: People, sink: Any, server: Any
) -> None:
    addresses = people(3)
    server.stop()
    send = ("send", "first", "--list", "weekly", "--confirm-count", "3")
    assert "the connection was refused" in newsletter(*send, code=75)
    (campaign,) = newsletter.json("status")["campaigns"]
    assert campaign["status"] == "paused"
    assert states(campaign) == {"queued": 3}
    server.start()
    newsletter(*send)
    assert sorted(sink.recipients) == addresses


def test_a_connection_cut_after_the_content_leaves_its_message_unknown(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(3)

    sink.cut = lambda address: address == addresses[1]
    result = newsletter.json("send", "first", "--list", "weekly", "--confirm-count", "3", code=5)
    assert sorted(sink.recipients) == [addresses[0], addresses[2]]
    assert states(result) == {"accepted": 2, "unknown": 1}
    assert [one["address"] for one in result["not_delivered"]] == [addresses[1]]
    assert result["status"] == "finished"


def test_an_audience_or_issue_that_changed_since_it_was_shown_is_not_mailed(
    newsletter: Any, people: People, sink: Any
) -> None:
    people(2)
    for change in (
        lambda: newsletter("subscribers", "add", "late@example.com", "--list", "weekly"),
        lambda: (newsletter.root / "issues" / "first.md").write_text("# Other\n\nWords.\n"),
    ):
        told = newsletter.root / "told.txt"
        with told.open("w") as asked:
            process = newsletter.start("send", "first", "--list", "weekly", stderr=asked)
        newsletter.wait_for(lambda told=told: "recipients to send" in told.read_text())
        count = len(newsletter("subscribers", "list", "--list", "weekly").splitlines())
        change()
        process.communicate(f"{count}\n", timeout=60)
        assert process.returncode == 7, told.read_text()
    assert sink.accepted == []


def test_a_reviewer_gets_a_test_that_unsubscribes_nobody(
    newsletter: Any, people: People, sink: Any
) -> None:
    (address,) = people(1)
    newsletter("test-send", "first", "--to", "boss@example.com", "--as", address)
    ((to, content),) = sink.accepted
    assert to == "boss@example.com"
    message = email.message_from_bytes(content, policy=default)
    assert message["subject"] == "[Test] A short issue"
    assert message["list-unsubscribe"] is None
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Dear p000" in text
    assert "/unsubscribe/preview" in text
    assert newsletter.json("status") == {"campaigns": []}
    sink.rcpt = lambda address: "550 5.1.1 who?"
    assert "was refused" in newsletter("test-send", "first", "--to", "x@example.com", code=1)
