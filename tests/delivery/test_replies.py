"""What replies of servers say, as they are seen in the wild: level, hard or soft, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.replies import Kind, Level, classify, classify_line
from newsletter.delivery.reply_words import Cause

HARD = {
    "550 5.1.1 <a@example.com>: Recipient address rejected: User unknown in virtual mailbox table": Cause.UNKNOWN_MAILBOX,
    "550-5.1.1 The email account that you tried to reach does not exist. Please try": Cause.UNKNOWN_MAILBOX,
    "550 Mailbox not found. http://service.mail.example.com": Cause.UNKNOWN_MAILBOX,
    "554 delivery error: dd This user doesn't have an example.com account (x@example.com) [0]": Cause.UNKNOWN_MAILBOX,
    "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)": Cause.UNKNOWN_MAILBOX,
    "550 Requested action not taken: mailbox unavailable": Cause.UNKNOWN_MAILBOX,
    "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)": Cause.UNKNOWN_MAILBOX,
    "550 Unrouteable address": Cause.UNKNOWN_MAILBOX,
    "550 收件人不存在": Cause.UNKNOWN_MAILBOX,
    "550 5.0.0 <a@example.com>... 用户不存在": Cause.UNKNOWN_MAILBOX,
    "550 无此用户": Cause.UNKNOWN_MAILBOX,
    "550 5.1.2 <a@example.invalid>: Recipient address rejected: Domain not found": Cause.UNKNOWN_DOMAIN,
    "556 5.1.10 Recipient domain has a null MX": Cause.UNKNOWN_DOMAIN,
    "550 2f1c655-a1f55 User not found:a@example.com": Cause.UNKNOWN_MAILBOX,
    "550 mailbox a@example.com unavailable": Cause.UNKNOWN_MAILBOX,
    "554 RCPT (a@example.com) dosn't exist": Cause.UNKNOWN_MAILBOX,
    "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable": Cause.UNKNOWN_MAILBOX,
    "User Ann (a@example.com) not listed in public Name & Address Book 550": Cause.UNKNOWN_MAILBOX,
    "550 5.4.4 Sorry, I couldn't find any host by that name.": Cause.UNKNOWN_DOMAIN,
    "550 5.1.1 <a@example.com>: inactive email address": Cause.UNKNOWN_MAILBOX,
}
SOFT = {
    "452-4.2.2 The email account that you tried to reach is over quota": Cause.FULL,
    "552 5.2.2 The recipient's inbox is out of storage space": Cause.FULL,
    "550 用户的邮箱已满": Cause.FULL,
    "550 5.2.1 The email account that you tried to reach is disabled": Cause.DISABLED,
    "550 帐号已停用": Cause.DISABLED,
    "450 4.1.1 <a@example.com>: unverified address: user unknown": Cause.UNKNOWN_MAILBOX,
    "450 4.2.0 <a@example.com>: Recipient address rejected: Greylisted": Cause.GREYLISTED,
    "550 Domain frequency limited": Cause.LIMITED,
    "550 发送过于频繁": Cause.LIMITED,
    "421 RP:QRC 163 mx1,some,number": Cause.LIMITED,
    "550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy": Cause.AUTHENTICATION,
    "535 5.7.8 Error: authentication failed": Cause.LOGIN,
    "550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using a list": Cause.BLOCKED,
    "554 DT:SPM 163 smtp8,some,number": Cause.SPAM,
    "550 5.1.8 <a@example.com>: Sender address rejected: Domain not found": Cause.SENDER,
    "550 5.1.0 a@example.com sender rejected": Cause.SENDER,
    "550 发件人地址不合法": Cause.SENDER,
    "554 5.7.1 <a@example.com>: Relay access denied": Cause.POLICY,
    "552 5.3.4 Message size exceeds fixed limit": Cause.TOO_LARGE,
    "554 邮件过大": Cause.TOO_LARGE,
    "connect to mx.example.com[192.0.2.1]:25: Connection timed out": Cause.NETWORK,
    "550 no": Cause.OTHER,
    "550 the recipient is over disk quota. This account will not be able to receive mail": Cause.FULL,
    "552 Account <a@example.com> does not have enough space": Cause.FULL,
    "550 5.1.1 [SUSPEND] Mailbox currently suspended": Cause.DISABLED,
    "550 5.1.1 <bounces@example.com>: unauthorized sender": Cause.SENDER,
    "550 5.1.1 Refused due to recipient preferences": Cause.SPAM,
    "550-Your message was rejected by this user and was not delivered": Cause.SPAM,
    "554 5.5.1 Error: no valid recipients": Cause.OTHER,
    "550 Mailbox unavailable or access denied": Cause.POLICY,
    "550 This account may not exist, or you may not have permission: recipient invalid": Cause.POLICY,
    "550 DNS error when resolving the server of example.com: Domain name not found": Cause.NETWORK,
    "554 5.4.4 Host or domain name not found. Name service error: Host not found, try again": Cause.NETWORK,
    "571 Message refused, spam detected": Cause.SPAM,
    "591 a@example.com your host [192.0.2.1] is blacklisted by dnsbl.example": Cause.BLOCKED,
}


@pytest.mark.parametrize(("line", "cause"), HARD.items())
def test_an_address_that_does_not_exist_is_hard(line: str, cause: Cause) -> None:
    failure = classify_line(line)
    assert (failure.kind, failure.level, failure.cause) == (Kind.HARD, Level.ADDRESS, cause)
    assert failure.suppress


@pytest.mark.parametrize(("line", "cause"), SOFT.items())
def test_everything_else_is_soft_and_suppresses_nobody(line: str, cause: Cause) -> None:
    failure = classify_line(line)
    assert (failure.kind, failure.cause) == (Kind.SOFT, cause)
    assert not failure.suppress


@pytest.mark.parametrize(
    "line", ["550 5.7.1 No such user", "550 5.2.1 <a@example.com>... User unknown"]
)
def test_words_beside_a_code_that_says_something_else_must_be_told_again_and_again(
    line: str,
) -> None:
    """5.7.x is about the sender and 5.2.x about a mailbox that is there, whatever a server adds in words."""
    failure = classify_line(line)
    assert (failure.kind, failure.cause) == (Kind.SOFT, Cause.UNKNOWN_MAILBOX)
    assert failure.repeats
    assert not failure.ours
    assert not failure.suppress


def test_what_servers_of_the_world_answer_is_read_as_a_person_reads_it() -> None:
    """Some 260 replies of mailbox providers, gateways and mail servers, judged by hand (`replies.txt`)."""
    lines = Path(__file__).with_name("replies.txt").read_text(encoding="utf-8").splitlines()
    judged = [line.split(" | ", 1) for line in lines if " | " in line and line[0] != "#"]
    read = [(failure := classify_line(reply)).level + " " + failure.kind for _, reply in judged]
    wrong = [
        f"{told}, read as {as_}: {reply}"
        for (told, reply), as_ in zip(judged, read, strict=True)
        if told != as_
    ]
    assert len(judged) > 250
    assert wrong == []


def test_words_that_are_glued_to_an_address_count() -> None:
    for reply in ("550 ann@example.com...User unknown", "550 ann@example.com:user not exist"):
        assert classify_line(reply).kind is Kind.HARD


def test_what_is_wrong_with_the_sender_is_tried_again_once_it_is_mended() -> None:
    """Postfix refuses a sender, or a host on a list, in answer to RCPT: it is nothing that ends a delivery."""
    for reply in (
        "550 5.1.8 <editor@example.com>: Sender address rejected: Domain not found",
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.net",
    ):
        failure = classify_line(reply)
        assert (failure.level, failure.retry, failure.ours) == (Level.EVERYTHING, True, True)
    repeated = "550 5.7.1 <ann@example.com>: Recipient address rejected: host mx said: 550 Sender address rejected"
    assert classify_line(repeated).level is Level.ADDRESS


def test_a_disabled_mailbox_counts_and_a_policy_is_the_senders_fault() -> None:
    assert classify(550, "5.2.1", "disabled").repeats
    assert classify(550, "5.7.1", "policy").ours
    assert not classify(550, "5.1.1", "").ours


@given(st.integers(0, 999), st.sampled_from(["", "4.1.1", "5.7.1", "5.1.1"]), st.text(max_size=60))
def test_nothing_raises_and_what_is_temporary_is_never_hard(
    code: int, enhanced: str, text: str
) -> None:
    failure = classify(code, enhanced, text)
    classify_line(text)
    if 400 <= code < 500 or enhanced.startswith("4."):
        assert failure.kind is not Kind.HARD
    if 200 <= code < 400:
        assert failure.kind is Kind.NONE
    if failure.suppress:
        assert failure.kind is Kind.HARD
