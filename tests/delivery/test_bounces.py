"""Mails that came back: what they are, whom they name, and whether it will pass."""

from __future__ import annotations

import json
import subprocess
import sys
import time
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


def words(
    text: str, *, sender: str = "MAILER-DAEMON@mx.example", subject: str = "failure notice"
) -> bytes:
    head = f"From: {sender}\nTo: bounces@news.example.com\nSubject: {subject}\n\n"
    return (head + text).encode()


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (
            "The following recipients failed:\n\nfull@example.org: 550 5.2.2 <full@example.org>... Mailbox Full\n"
            "gone@example.org: 550 5.1.1 <gone@example.org>... User Unknown\n\n    Below is a copy of the original message:\n\n"
            "Subject: May\nFrom: editor@news.example.com\n",
            {"full@example.org": "soft", "gone@example.org": "hard"},
        ),
        (
            "undeliverable to gone@example.org\n\n\nOriginal message follows.\n\nReceived: from a by b\n"
            "To: other@example.org\nMessage-ID: <20260501123456.1234@news.example.com>\n\nno such user\n",
            {"gone@example.org": "soft"},
        ),
        (
            "For further assistance, please contact <support@mx.example>.\n\n<slow@example.org>: Name service error for"
            " domain example.org: Host not found, try again\n",
            {"slow@example.org": "soft"},
        ),
        (
            "Your message did not reach some of the recipients.\n\n  To: list@news.example.com\n  Sent: 4/29/26\n\n"
            "The following recipient(s) could not be reached:\n\n  gone@example.org on 4/29/26\n   Recipient Not Found\n",
            {"gone@example.org": "hard"},
        ),
        (
            "   ----- Transcript of session follows -----\n550 example.org (smtp)... 550 Host unknown\n554 <a@example.org>..."
            " 550 Host unknown (Authoritative answer)\n   ----- Unsent message follows -----\nTo: b@example.net\n",
            {"a@example.org": "hard"},
        ),
        (
            "A message could not be delivered. Its fields:\n\nFinal-Recipient: rfc822; gone@example.org\nAction: failed\n"
            "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
            {"gone@example.org": "hard"},
        ),
        (
            "This is a permanent error. The following address(es) failed:\n\n  real@example.org\n"
            "    (generated from alias@example.net)\n    host mx.example.org: 550 5.2.0 Mail rejected as spam\n",
            {"real@example.org": "soft"},
        ),
    ],
)  # fmt: skip
def test_words_name_those_at_whose_address_a_failure_is_told(
    text: str, people: dict[str, str]
) -> None:
    told = read_bounce(words(text))
    assert told.kind is Class.BOUNCE
    assert {one.address: one.kind for one in told.recipients} == people


@pytest.mark.parametrize(
    "data",
    [
        words("Build 550 failed. See the log; ask dev@example.org.", sender="ci@example.org", subject="Build failed: main"),
        words("We could not deliver your parcel to ann@example.org. Code 550.", sender="parcels@example.org", subject="Delivery problem").replace(b"\n\n", b"\nList-Unsubscribe: <https://example.org/u>\n\n", 1),
        words("What does this mean?\n\n> <li@example.org>: 550 5.1.1 no such user", sender="ann@example.org", subject="Re: Undelivered Mail Returned to Sender"),
        words("I get 550 5.1.1 for li@example.org.", sender="ann@example.org", subject="[postfix] undelivered mail").replace(b"\n\n", b"\nList-Id: <postfix.example.org>\n\n", 1),
        words("Your message\n\nTo: li@example.org\n\nwas read on Tuesday.", subject="Read: May"),
        words("Your mailbox li@example.org is 95% full.", sender="Mail System <system@mx.example>", subject="Quota warning"),
        words("3 messages were quarantined: spam@example.org", subject="Quarantine summary"),
        words("Subscriber li@example.org was disabled: 550 5.1.1.", sender="list-bounces@lists.example", subject="Bounce action").replace(b"\n\n", b"\nList-Id: <l.lists.example>\n\n", 1),
        words("Thank you for the issue! My new address is li@example.org.", sender="wang@example.org", subject="The May issue"),
    ],
)  # fmt: skip
def test_people_who_write_about_failures_are_no_servers(data: bytes) -> None:
    assert read_bounce(data).kind is Class.OTHER


def test_a_report_of_success_is_no_bounce() -> None:
    for action, status in (("delivered", "2.0.0"), ("deliverable", "2.1.5"), ("relayed", "2.0.0")):
        done = UNKNOWN.replace("failed", action).replace("5.1.1", status)
        assert read_bounce(report(done)).kind is Class.OTHER


def test_a_report_of_those_who_failed_names_those_who_wait_too() -> None:
    waiting = LATER.replace("li@example.org", "zhao@example.org")
    told = read_bounce(report(UNKNOWN, waiting))
    assert told.kind is Class.BOUNCE
    assert [(one.address, one.kind) for one in told.recipients] == [
        ("li@example.org", "hard"),
        ("zhao@example.org", "delayed"),
    ]


def test_people_are_told_apart_where_no_empty_line_stands_between_them() -> None:
    data = report(UNKNOWN + FULL)
    assert [(one.address, one.kind) for one in read_bounce(data).recipients] == [
        ("li@example.org", "hard"),
        ("wang@example.org", "soft"),
    ]


@pytest.mark.parametrize(
    "before",
    [b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"From MAILER-DAEMON Tue May  5 10:00:00 2026\n"],
)
def test_what_saves_mails_may_put_something_before_them(before: bytes) -> None:
    assert [one.address for one in read_bounce(before + report(UNKNOWN)).recipients] == [
        "li@example.org"
    ]


def test_a_long_field_may_have_been_cut_into_lines_that_look_like_none() -> None:
    cut = report(UNKNOWN).replace(b"From: MAILER", b"Received: from mx.example\nwith ESMTP id 1\nFrom: MAILER", 1)  # fmt: skip
    assert read_bounce(cut).kind is Class.BOUNCE


def test_the_addresses_that_a_server_s_reply_mentions_are_not_those_that_failed() -> None:
    told = read_bounce(
        words(
            "I'm sorry to have to inform you that your message could not be delivered.\n\n"
            "<li@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1\n"
            "    <bounces+1@news.example.com>: unauthorized sender (in reply to RCPT TO\n    command)\n\n"
            "<wang@example.org> (expanded from <w@example.org>): host mx.example.org said: 550\n"
            "    5.1.1 <wang2@example.org>... Addressee unknown (in reply to RCPT TO command)\n"
        )
    )
    assert {one.address: one.kind for one in told.recipients} == {
        "li@example.org": "soft",
        "wang@example.org": "hard",
    }


def test_a_complaint_about_many_names_them_all() -> None:
    told = read_bounce(
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n"
        b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <li@example.org>\n"
        b"Original-Rcpt-To: <wang@example.org>\n--x--\n"
    )
    assert [one.address for one in told.recipients] == ["li@example.org", "wang@example.org"]


def test_a_notice_that_a_mail_was_rejected_after_all_is_a_bounce_and_one_that_it_was_read_is_none() -> (
    None
):
    """Dovecot tells so of a full mailbox, and of a rule of its owner's."""
    notice = (
        "From: Mail Delivery Subsystem <postmaster@mx.example.org>\nSubject: Rejected: May\n"
        "Auto-Submitted: auto-replied (rejected)\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n--x\n"
        "Content-Type: text/plain\n\n"
        "Your message to <li@example.org> was automatically rejected:\nQuota exceeded (mailbox for user is full)\n--x\n"
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; li@example.org\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n--x--\n"
    )
    told = read_bounce(notice.encode())
    assert [(one.address, one.kind) for one in told.recipients] == [("li@example.org", "soft")]
    read = notice.replace("was automatically rejected:", "was read").replace("deleted", "displayed")
    assert read_bounce(read.encode()).recipients == ()


def test_what_answers_for_somebody_is_no_person_who_writes() -> None:
    for mark in ("Return-Path: <>", "Precedence: junk", "Precedence: auto_reply"):
        data = f"{mark}\nFrom: li@example.org\nSubject: Thank you for your mail\n\nI will answer soon.\n"
        assert read_bounce(data.encode()).kind is Class.AUTO_REPLY


def test_a_report_inside_the_returned_mail_is_not_this_one() -> None:
    inner = report(FULL).decode()
    data = report(UNKNOWN).decode().replace('boundary="x"', 'boundary="outer"', 1)
    data = data.replace("--x", "--outer").replace("Hello\n", "").replace(
        "From: editor@news.example.com\nTo: li@example.org\nSubject: May\n", inner
    )  # fmt: skip
    assert [one.address for one in read_bounce(data.encode()).recipients] == ["li@example.org"]


@pytest.mark.parametrize(
    "piece", ["a", "a@", "<", "-", "- ", ">", "5.1.1 ", "<p", "用户", "a.", "=", "(", "550 ", "@a."]
)
def test_no_mail_takes_long_to_read(piece: str) -> None:
    endless = piece * (300_000 // len(piece))
    start = time.process_time()
    for mail in (
        words(endless),
        words("x", subject=endless),
        report(
            UNKNOWN.replace("<li@example.org>: Recipient address rejected: User unknown", endless)
        ),
        report(UNKNOWN.replace("li@example.org\nAction", f"{endless}\nAction")),
        b"Content-Type: text/html\n" + words(endless),
    ):
        read_bounce(mail)
    assert time.process_time() - start < 20


def test_a_report_with_line_ends_of_another_time_is_read_too() -> None:
    for ending in (b"\r\n", b"\r"):
        told = read_bounce(report(UNKNOWN).replace(b"\n", ending))
        assert [one.address for one in told.recipients] == ["li@example.org"]


def test_whoever_the_address_was_made_for_is_meant_where_a_report_names_nobody() -> None:
    data = words("The message was rejected: mailbox full.", subject="Undelivered Mail")
    assert read_bounce(data).recipients == ()
    assert [(one.address, one.kind) for one in read_bounce(data, "li@example.org").recipients] == [
        ("li@example.org", "soft")
    ]


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_servers_that_write_chinese_without_saying_so_are_read(charset: str) -> None:
    data = (
        "From: no-reply@mx.example\nTo: bounces@news.example.com\nSubject: 系统退信\n\n"
        "抱歉，您的邮件被退回来了……\n收件人：gone@example.org\n退信原因：收件人邮箱不存在\n"
    ).encode(charset)
    told = read_bounce(data)
    assert [(one.address, one.kind) for one in told.recipients] == [("gone@example.org", "hard")]


def test_a_notice_of_amazon_s_is_read() -> None:
    bounce = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "li@example.org", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]}  # fmt: skip
    inner = json.dumps({"notificationType": "Bounce", "bounce": bounce})
    for text in (inner, json.dumps({"Type": "Notification", "Message": inner})):
        told = read_bounce(words(f"{text}\n\n--\nTo unsubscribe: https://example.org", sender="no-reply@sns.example", subject="Notice"))  # fmt: skip
        assert [(one.address, one.kind, one.diagnostic) for one in told.recipients] == [
            ("li@example.org", "hard", "550 5.1.1 user unknown")
        ]
    complaint = {"complainedRecipients": [{"emailAddress": "li@example.org"}]}
    told = read_bounce(words(json.dumps({"eventType": "Complaint", "complaint": complaint})))
    assert (told.kind, told.recipients) == (Class.COMPLAINT, (Returned("li@example.org", ""),))
    for broken in (
        "{",
        '{"notificationType": "Bounce"}',
        '{"notificationType": "Delivery"}',
        "[1]",
    ):
        assert read_bounce(words(broken)).kind is Class.OTHER


def test_a_complaint_of_microsoft_s_own_form_names_whoever_complained() -> None:
    told = read_bounce(
        b"From: staff@hotmail.com\nSubject: complaint about message from 192.0.2.1\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: message/rfc822\n\n'
        b"X-HmXmrOriginalRecipient: li@hotmail.example\nFrom: editor@news.example.com\n\nx\n--x--\n"
    )
    assert (told.kind, told.recipients) == (Class.COMPLAINT, (Returned("li@hotmail.example", ""),))
    handed_on = (
        b"Return-Path: <staff@hotmail.com>\nX-HmXmrOriginalRecipient: li@hotmail.example\n"
        b"From: editor@news.example.com\nSubject: May\n\nx\n"
    )
    assert read_bounce(handed_on) == told


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
