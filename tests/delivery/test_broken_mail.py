"""Mail that is broken in any way: nothing raises, nothing takes long, and what can still be read is read."""

from __future__ import annotations

import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.delivery.bounces import Class, read_bounce
from newsletter.delivery.clues import clues_of
from newsletter.delivery.parsing import parsed

MAIL = """\
Received: from mx.example.org by mx.news.example.com; Tue, 5 May 2026 10:00:00 +0800
From: =?utf-8?b?6YKu5Lu257O757uf?= <MAILER-DAEMON@mx.example.org>
To: bounces@news.example.com
Subject: =?gb18030?b?zbPSu83L0MU=?= Undelivered Mail Returned to Sender
Date: Tue, 5 May 2026 10:00:00 +0800
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain; charset=us-ascii
Content-Transfer-Encoding: 8bit

Your message could not be delivered: 用户不存在

<li@example.org>: 550 5.1.1 User unknown

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; li@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <li@example.org>: User unknown

--x
Content-Type: message/rfc822

From: editor@news.example.com
To: li@example.org
Subject: May
Content-Type: text/html; charset=us-ascii
Content-Transfer-Encoding: quoted-printable

Hello=20<a href=3D"https://news.example.com/unsubscribe/x">=E4=BD=A0</a>
--x--
""".encode()
COMPLAINT = MAIL.replace(b"delivery-status", b"feedback-report").replace(
    b"Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822;",
    b"Feedback-Type: abuse\nOriginal-Rcpt-To:",
)
CHARSETS = (b"utf-16", b"x-none", b"idna", b"punycode", b"utf-7", b"base64", b"rot13", b"unicode_escape", b"", b"\xff")  # fmt: skip
ENCODINGS = (b"base64", b"quoted-printable", b"x-uuencode", b"7bit", b"\xfe")


def broken(mail: bytes, seed: int) -> bytes:
    """The mail with one thing, or a few, done to it that some server has done to some mail."""
    dice = random.Random(seed)
    for _ in range(dice.choice((1, 1, 2, 3))):
        at = dice.randrange(len(mail) + 1)
        mail = dice.choice(
            (
                lambda m=mail, at=at: m[:at],
                lambda m=mail, at=at: m[at:],
                lambda m=mail: b"\n".join(dice.sample(rows := m.split(b"\n"), len(rows))),
                lambda m=mail: m.replace(b"us-ascii", dice.choice(CHARSETS)),
                lambda m=mail: m.replace(b"charset=", b"charset*="),
                lambda m=mail: m.replace(b"charset=us", b"charset*=%f0%9f''us"),
                lambda m=mail: m.replace(b"boundary=", b"boundary*0="),
                lambda m=mail: m.replace(b"8bit", dice.choice(ENCODINGS)),
                lambda m=mail: m.replace(b"\n\n", b"\n"),
                lambda m=mail: m.replace(b"\n", dice.choice((b"\r", b"\r\n", b"\n\n", b"\0"))),
                lambda m=mail: m.replace(b"=?", b"=?!"),
                lambda m=mail: b"Content-Type: message/rfc822\n\n" * dice.choice((1, 40, 3_000)) + m,
                lambda m=mail, at=at: m[:at] + dice.randbytes(40) + m[at:],
                lambda m=mail: m.replace(b" 5 May 2026 10", b" 99 May -1 77"),
            )
        )()  # fmt: skip
    return mail


@pytest.mark.parametrize("mail", [MAIL, COMPLAINT], ids=["bounce", "complaint"])
def test_no_broken_mail_raises_and_all_that_is_told_of_it_can_be_printed(mail: bytes) -> None:
    for seed in range(600):
        data = broken(mail, seed)
        report = read_bounce(data)
        clues = clues_of(data, "bounces@news.example.com")
        told = [[one.address, one.status, one.diagnostic, one.kind] for one in report.recipients]
        json.dumps(told, ensure_ascii=False).encode()
        assert len(clues.digest) == 64
        assert all(one.kind in ("", "hard", "soft", "delayed") for one in report.recipients)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(0, len(MAIL)))
def test_whatever_bytes_stand_in_a_mail_it_is_read(data: bytes, at: int) -> None:
    for mail in (data, MAIL[:at] + data + MAIL[at:]):
        read_bounce(mail)
        clues_of(mail)


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("form", [b"charset=", b"charset*=", b"charset*=utf-8''"])
def test_a_charset_that_is_none_hides_nobody(charset: bytes, form: bytes) -> None:
    data = MAIL.replace(b"charset=us-ascii", form + charset)
    assert [one.address for one in read_bounce(data).recipients] == ["li@example.org"]
    assert "bounces@news.example.com" in clues_of(data).to


def test_two_copies_of_a_broken_mail_are_one() -> None:
    data = MAIL.replace(b"charset=us-ascii", b"charset*=us-ascii''idna")
    other = b"Received: from elsewhere\n" + data.replace(b"\n", b"\r\n")
    assert clues_of(data).digest == clues_of(other).digest
    assert clues_of(data).digest != clues_of(data.replace(b"Hello", b"Good bye")).digest


def test_mails_in_mails_without_end_are_one_text() -> None:
    endless = parsed(b"Content-Type: message/rfc822\n\n" * 100_000 + MAIL)
    assert not endless.is_multipart()


def test_ten_megabytes_of_anything_are_read_in_seconds() -> None:
    start = time.process_time()
    head = b"Content-Type: multipart/mixed; boundary=x\n\n"
    for data in (
        MAIL + b"x" * 10_000_000,
        MAIL + b"abc def\n" * 1_250_000,
        b"X: y\n" * 2_000_000 + MAIL,
        b"\0" * 10_000_000,
        head + b"--x\nA: b\n\n\n" * 900_000,
        b"Content-Type: message/rfc822\n\n" * 300_000,
    ):
        assert read_bounce(data).kind in (Class.BOUNCE, Class.OTHER)
        clues_of(data)
    assert time.process_time() - start < 60
