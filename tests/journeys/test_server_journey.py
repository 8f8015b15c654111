"""A server sends what waits: it is killed in the middle, and another goes on by itself; the report tells of all of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

from newsletter.publication import load_publication
from newsletter.workflow import campaigns

People = Callable[..., list[str]]


def serve(newsletter: Any) -> subprocess.Popen[str]:
    process: subprocess.Popen[str] = newsletter.start("serve", "--port", "0")
    assert process.stdout is not None
    assert "Published issues: http" in process.stdout.readline()
    return process


def status(newsletter: Any) -> dict[str, Any]:
    (found,) = newsletter.json("status")["campaigns"]
    return dict(found)


def test_a_server_that_is_killed_is_followed_by_one_that_goes_on_by_itself(
    newsletter: Any, people: People, sink: Any
) -> None:
    addresses = people(80)
    sink.delay = 0.05
    here = load_publication(newsletter.root, newsletter.environment)
    campaigns.hold(here, campaigns.plan(here, "first", []), 80, 0.0)
    first = serve(newsletter)
    newsletter.wait_for(lambda: len(sink.accepted) >= 20)
    first.kill()
    first.communicate()
    before = len(sink.accepted)
    assert status(newsletter)["status"] == "sending"

    second = serve(newsletter)
    try:
        newsletter.wait_for(lambda: status(newsletter)["status"] == "finished")
    finally:
        second.terminate()
        second.communicate(timeout=30)
    assert before < 80
    assert len(sink.recipients) == len(set(sink.recipients)), "nobody is mailed twice"
    unknown = newsletter.json("deliveries", "list", "1", "--state", "unknown")["deliveries"]
    assert set(sink.recipients) | {one["address"] for one in unknown} == set(addresses)
    assert status(newsletter)["books"]["balanced"]

    report = newsletter.json("campaigns", "report", "1")
    assert sum(report["domains"][0]["states"].values()) == 80
    assert report["samples"][-1]["done"] == 80
    assert "0 of 80 remaining" in newsletter("status", "1", "--watch")


def test_a_schedule_is_taken_back_before_its_time_and_told_when_no_server_is_awake(
    newsletter: Any, people: People, sink: Any
) -> None:
    people(2)
    at = ("send", "first", "--list", "weekly", "--confirm-count", "2", "--at", "2099-12-01 09:00")
    told = newsletter(*at)
    assert "scheduled for Tue 2099-12-01 09:00 UTC" in told
    assert "No server is awake" in told
    assert newsletter("send", "first", "--list", "weekly", "--dry-run").count("scheduled") == 1
    newsletter("send", "first", "--list", "weekly", "--confirm-count", "2", code=2)
    newsletter("campaigns", "cancel", "1", "--yes")
    assert status(newsletter)["status"] == "cancelled"
    newsletter("send", "first", "--list", "weekly", "--confirm-count", "2")
    assert len(sink.accepted) == 2


def test_what_was_approved_by_command_is_void_after_an_edit(
    newsletter: Any, people: People, sink: Any
) -> None:
    people(2)
    approved = newsletter.json("campaigns", "approve", "first", "--list", "weekly")
    assert (approved["status"], len(approved["digest"])) == ("approved", 64)
    issue = newsletter.root / "issues" / "first.md"
    issue.write_text(issue.read_text() + "\nOne more word.\n")
    send = ("send", "first", "--list", "weekly", "--confirm-count", "2")
    assert "the approval of campaign 1 is void" in newsletter(*send, code=7)
    assert sink.accepted == []
    newsletter(*send)
    assert all(b"One more word" in data for _, data in sink.accepted)
