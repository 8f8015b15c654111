"""Mails that came back: what they are, whom they name, and whether it will pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.delivery.bounces import Class, Returned, read_bounce

REPORT = """\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: bounces@news.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain; charset=utf-8

Your message could not be delivered.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

{groups}
--x
Content-Type: message/rfc822

From: editor@news.example.com
To: li@example.org
Subject: May

Hello
--x--
"""
UNKNOWN = """Final-Recipient: rfc822; li@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <li@example.org>: Recipient address rejected: User unknown
"""
FULL = """Original-Recipient: rfc822;wang@example.org
Final-Recipient: rfc822;wang@backend.example.org
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 mailbox full
"""
LATER = """Final-Recipient: rfc822; li@example.org
Action: delayed
Status: 4.4.1
Will-Retry-Until: Tue, 5 May 2026 10:00:00 +0000
"""


def report(*groups: str) -> bytes:
    return REPORT.replace("{groups}", "\n".join(groups)).encode()


def test_a_person_who_is_unknown_there_is_hard() -> None:
    told = read_bounce(report(UNKNOWN))
    assert told.kind is Class.BOUNCE
    (one,) = told.recipients
    assert (one.address, one.kind, one.status) == ("li@example.org", "hard", "5.1.1")
    assert one.diagnostic.startswith("550 5.1.1")


def test_each_person_of_a_report_is_judged_alone_and_by_the_address_that_was_written_to() -> None:
    told = read_bounce(report(UNKNOWN, FULL))
    assert [(one.address, one.kind) for one in told.recipients] == [
        ("li@example.org", "hard"),
        ("wang@example.org", "soft"),
    ]


def test_a_delay_is_no_failure() -> None:
    assert read_bounce(report(LATER)).kind is Class.DELAYED
    assert read_bounce(report(LATER)).recipients[0].kind == "delayed"


def test_the_sender_s_own_fault_is_never_hard() -> None:
    blocked = UNKNOWN.replace("5.1.1", "5.7.1").replace("User unknown", "blocked using spamhaus")
    assert read_bounce(report(blocked)).recipients[0].kind == "soft"


def test_a_complaint_names_whoever_complained() -> None:
    told = read_bounce(
        b"""From: feedback@mailbox.example
Subject: FW: May
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="x"

--x
Content-Type: text/plain

This is an abuse report.
--x
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1
Original-Rcpt-To: <li@example.org>
--x
Content-Type: message/rfc822

To: someone@else.example

x
--x--
"""
    )
    assert told.kind is Class.COMPLAINT
    assert told.recipients == (Returned("li@example.org", ""),)


def test_an_authentication_report_and_a_vacation_notice_are_neither() -> None:
    failure = b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nAuth-Failure: dmarc\n--x--\n"
    assert read_bounce(failure).kind is Class.AUTH_FAILURE
    away = "From: li@example.org\nSubject: 自动回复: 五月\nAuto-Submitted: auto-replied\n\n我在休假。\n"
    assert read_bounce(away.encode()).kind is Class.AUTO_REPLY


def test_a_report_in_words_alone_is_read_too() -> None:
    told = read_bounce(
        b"From: Mail Delivery Subsystem <mailer-daemon@mx.example>\nTo: bounces@news.example.com\n"
        b"Subject: failure notice\n\nHi. This is the qmail-send program at mx.example.\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        b"<li@example.org>:\n550 5.1.1 no such user here\n\n--- Below this line is a copy of the message.\n"
    )
    assert told.kind is Class.BOUNCE
    assert [(one.address, one.kind) for one in told.recipients] == [("li@example.org", "hard")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff" * 500,
        b"From: a@b.example\nSubject: Hello\n\nHow are you, li@example.org?\n",
        b"Content-Type: multipart/report; boundary=x\n\n--x\n",
        b"Content-Type: message/delivery-status\n\nnonsense",
        b"Subject: =?utf-8?b?!!!?=\n\n",
    ],
)
def test_what_is_no_report_is_other_and_nothing_raises(data: bytes) -> None:
    assert read_bounce(data).kind is Class.OTHER
    assert read_bounce(data).recipients == ()


def test_the_command_prints_an_object_a_file_and_needs_no_publication(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(report(UNKNOWN))
    (tmp_path / "b.eml").write_bytes(b"Hello\n")
    done = subprocess.run(
        [sys.executable, "-m", "newsletter", "bounces", "parse", "a.eml", "b.eml", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["class"] == "bounce"
    assert first["recipients"][0]["kind"] == "hard"
    assert second == {"file": "b.eml", "class": "other", "recipients": []}
