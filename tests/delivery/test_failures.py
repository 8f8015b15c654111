"""What a server's answer means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.failures import Level, Reply, Stage, judge
from newsletter.model.transitions import DeliveryEvent as E

CASES = [
    # stage, code, text → level, event, suppress, hopeless
    (Stage.CONTENT, 250, "2.0.0 queued", Level.NONE, E.ACCEPT, False, False),
    (Stage.RCPT, 550, "5.1.1 no such user", Level.ADDRESS, E.REFUSE, True, False),
    (Stage.RCPT, 550, "5.1.10 null MX", Level.ADDRESS, E.REFUSE, True, False),
    (Stage.RCPT, 550, "user unknown", Level.ADDRESS, E.REFUSE, True, False),
    (Stage.CONTENT, 550, "unknown user in a header", Level.ADDRESS, E.REFUSE, False, False),
    (Stage.RCPT, 550, "5.2.1 the mailbox is disabled", Level.ADDRESS, E.REFUSE, False, False),
    (Stage.RCPT, 550, "not now", Level.ADDRESS, E.REFUSE, False, False),
    (
        Stage.RCPT,
        550,
        "5.7.1 greylisted, try again in 5 minutes",
        Level.MESSAGE,
        E.DEFER,
        False,
        False,
    ),
    (Stage.RCPT, 550, "Domain frequency limited", Level.MESSAGE, E.DEFER, False, False),
    (Stage.CONTENT, 552, "5.3.4 the message is too big", Level.EVERYTHING, E.PUT_BACK, False, True),
    (
        Stage.CONTENT,
        552,
        "message size exceeds fixed limit",
        Level.EVERYTHING,
        E.PUT_BACK,
        False,
        True,
    ),
    (Stage.RCPT, 552, "5.2.2 mailbox full", Level.ADDRESS, E.REFUSE, False, False),
    (Stage.RCPT, 550, "5.7.1 policy", Level.ADDRESS, E.REFUSE, False, False),
    (Stage.CONTENT, 550, "5.7.515 authentication level", Level.EVERYTHING, E.PUT_BACK, False, True),
    (Stage.RCPT, 554, "Client host blocked using bl.example", Level.MESSAGE, E.DEFER, False, False),
    (Stage.RCPT, 550, "5.1.8 Sender address rejected", Level.MESSAGE, E.DEFER, False, False),
    (Stage.RCPT, 450, "4.7.1 greylisted", Level.MESSAGE, E.DEFER, False, False),
    (Stage.RCPT, 452, "4.5.3 too many recipients", Level.MESSAGE, E.DEFER, False, False),
    (Stage.CONTENT, 451, "4.3.0 try later", Level.MESSAGE, E.DEFER, False, False),
    (Stage.RCPT, 421, "4.7.0 closing", Level.EVERYTHING, E.PUT_BACK, False, False),
    (Stage.CONTENT, 421, "4.7.0 closing", Level.EVERYTHING, E.PUT_BACK, False, False),
    (Stage.CONNECT, 0, "refused", Level.EVERYTHING, E.PUT_BACK, False, False),
    (Stage.CONNECT, 554, "no service", Level.EVERYTHING, E.PUT_BACK, False, True),
    (Stage.LOGIN, 535, "5.7.8 wrong password", Level.EVERYTHING, E.PUT_BACK, False, True),
    (Stage.LOGIN, 454, "4.7.0 try later", Level.EVERYTHING, E.PUT_BACK, False, False),
    (Stage.MAIL, 530, "5.7.0 log in first", Level.EVERYTHING, E.PUT_BACK, False, True),
    (Stage.MAIL, 552, "5.3.4 too big", Level.EVERYTHING, E.PUT_BACK, False, True),
    (Stage.MAIL, 451, "4.3.0 later", Level.MESSAGE, E.DEFER, False, False),
    (Stage.DATA, 0, "cut off", Level.EVERYTHING, E.PUT_BACK, False, False),
    (Stage.CONTENT, 0, "cut off", Level.EVERYTHING, E.LOSE, False, False),
]


@pytest.mark.parametrize(("stage", "code", "text", "level", "event", "suppress", "hopeless"), CASES)
def test_each_answer_has_its_level(
    stage: Stage,
    code: int,
    text: str,
    level: Level,
    event: E,
    suppress: bool,
    hopeless: bool,
) -> None:
    verdict = judge(Reply(stage, code, text))
    assert (verdict.level, verdict.event) == (level, event)
    assert (verdict.suppress, verdict.hopeless) == (suppress, hopeless)


def test_a_sender_who_is_refused_again_and_again_is_suspicious() -> None:
    assert judge(Reply(Stage.RCPT, 554, "Client host blocked using bl.example")).suspicious
    assert not judge(Reply(Stage.RCPT, 550, "greylisted, try again later")).suspicious


@given(st.sampled_from(Stage), st.integers(0, 599), st.text(max_size=20))
def test_only_an_answer_to_the_content_accepts_and_only_a_refused_address_suppresses(
    stage: Stage, code: int, text: str
) -> None:
    verdict = judge(Reply(stage, code, text))
    if verdict.event is E.ACCEPT:
        assert stage is Stage.CONTENT
        assert 200 <= code < 300
    if verdict.event is E.LOSE:
        assert stage is Stage.CONTENT
        assert code < 200 or 300 <= code < 400
    if verdict.event is E.REFUSE:
        assert code >= 500
    if verdict.suppress:
        assert verdict.event is E.REFUSE
        assert text.startswith("5.1.") or stage is Stage.RCPT
