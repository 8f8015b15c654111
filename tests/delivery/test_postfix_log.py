"""What a Postfix has taken, by logs in the forms that Postfix, syslog, journald and log rotation write."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
from pathlib import Path

import pytest

from newsletter.delivery.postfix_log import STDIN, Taken, lines_of, taken
from newsletter.problems import NewsletterError

ID = "<c3.r1.s42.0123456789abcdef@news.example.com>"
OTHER = "<c3.r1.s43.0123456789abcdef@news.example.com>"
SYSLOG = "Nov  9 03:00:07 relay postfix"
ISO = "2026-11-09T03:00:07.123456+08:00 relay postfix"
LONG, SHORT = "4WzK1y2QbDz9rxN", "4A1B2C3D4E"
AGENT = "to=<li@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1.2, delays=0.1/0/0.5/0.6,"


def log(
    queue: str = SHORT, start: str = SYSLOG, message: str = ID, *, more: tuple[str, ...] = ()
) -> list[str]:
    return [
        f"{start}/smtpd[7]: connect from news.example.com[192.0.2.9]",
        f"{start}/smtpd[7]: {queue}: client=news.example.com[192.0.2.9]",
        f"{start}/cleanup[8]: {queue}: message-id={message}",
        f"{start}/qmgr[9]: {queue}: from=<bounces+b3.42.abc@news.example.com>, size=51234, nrcpt=1 (queue active)",
        *(f"{start}/{one}" for one in more),
    ]


@pytest.mark.parametrize("start", [SYSLOG, ISO, f"{SYSLOG}-out", "postfix"])
@pytest.mark.parametrize("queue", [LONG, SHORT])
def test_a_message_that_the_queue_holds_was_taken(start: str, queue: str) -> None:
    assert taken(log(queue, start)) == {ID: Taken(queue)}


def test_a_message_that_was_cut_off_was_not() -> None:
    lines = [*log()[:3], f"{SYSLOG}/smtpd[7]: lost connection after DATA (5000 bytes) from news[192.0.2.9]"]  # fmt: skip
    assert taken(lines) == {}


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (f"smtp[11]: {SHORT}: {AGENT} dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9X)", "sent"),
        (f"smtp[11]: {SHORT}: {AGENT} dsn=4.7.1, status=deferred (host mx.example.org said: 450 4.7.1 greylisted)", "deferred"),
        (f"smtp[11]: {SHORT}: {AGENT} dsn=5.1.1, status=bounced (host mx.example.org said: 550 5.1.1 unknown)", "bounced"),
        (f"lmtp[11]: {SHORT}: {AGENT} dsn=2.0.0, status=sent (250 2.0.0 saved)", "sent"),
        (f"error[11]: {SHORT}: to=<li@example.org>, orig_to=<w@example.org>, relay=none, delay=9, delays=9/0/0/0, dsn=4.4.1, status=deferred (timed out)", "deferred"),
        (f"qmgr[9]: {SHORT}: from=<bounces@news.example.com>, status=expired, returned to sender", "expired"),
    ],
)  # fmt: skip
def test_how_it_went_on_is_told_and_proves_that_it_was_taken(line: str, status: str) -> None:
    assert taken(log(more=(line,))) == {ID: Taken(SHORT, status)}
    without_queue = [*log()[:3], f"{SYSLOG}/{line}"]
    assert taken(without_queue) == {ID: Taken(SHORT, status)}, (
        "“queue active” may be in another file"
    )
    assert str(taken(without_queue)[ID]) == f"{SHORT} ({status})"


def test_the_last_that_is_told_counts() -> None:
    later = (f"smtp[1]: {SHORT}: {AGENT} dsn=4.2.0, status=deferred (later)",
             f"qmgr[9]: {SHORT}: from=<b@news.example.com>, size=1, nrcpt=1 (queue active)",
             f"smtp[1]: {SHORT}: {AGENT} dsn=2.0.0, status=sent (ok)",
             f"qmgr[9]: {SHORT}: removed")  # fmt: skip
    assert taken(log(more=later)) == {ID: Taken(SHORT, "sent")}


def test_a_message_to_several_people_is_one() -> None:
    both = (f"smtp[1]: {SHORT}: {AGENT} dsn=2.0.0, status=sent (ok)",
            f"smtp[1]: {SHORT}: {AGENT.replace('li@', 'wang@')} dsn=2.0.0, status=sent (ok)")  # fmt: skip
    lines = [one.replace("nrcpt=1", "nrcpt=2") for one in log(more=both)]
    assert taken([*lines, *log(LONG, message=OTHER)]) == {
        ID: Taken(SHORT, "sent"),
        OTHER: Taken(LONG),
    }


@pytest.mark.parametrize("other", ["", OTHER, "not an id"])
def test_a_queue_id_that_is_given_again_stands_for_another_message(other: str) -> None:
    """Ours was cut off; a message without a Message-ID got the same short id the next day."""
    lines = [*log()[:3], *log(message=other)]
    assert ID not in taken(lines)


def test_what_strangers_wrote_into_a_log_proves_nothing() -> None:
    said = f"header Subject: {SHORT}: message-id={ID} from stranger[192.0.2.66]"
    lines = [
        f"{SYSLOG}/cleanup[8]: 5C6D7E8F90: warning: {said}",
        f"{SYSLOG}/cleanup[8]: 5C6D7E8F90: warning: header Subject: {SHORT}: from=<>, size=1, nrcpt=1 (queue active)",
    ]
    assert taken(lines) == {}


def test_journalctl_is_read_in_its_forms() -> None:
    whole = log(more=(f"smtp[1]: {SHORT}: {AGENT} dsn=2.0.0, status=sent (ok)",))
    objects, bare = [], []
    for line in whole:
        program, _, said = line.removeprefix("Nov  9 03:00:07 relay ").partition("[")
        said = said.partition("]: ")[2]
        objects.append(json.dumps({"SYSLOG_IDENTIFIER": program, "_PID": "7", "MESSAGE": said}))
        bare.append(said)
    broken = ["{", "{}", '{"MESSAGE": [1, 2]}', "[]", "-- Boot 0123 --"]
    for lines in (objects, bare):
        assert taken([*broken, *lines]) == {ID: Taken(SHORT, "sent")}


def test_rotated_logs_are_read_from_the_oldest_whatever_packed_them(tmp_path: Path) -> None:
    lines = [f"{line}\n" for line in log(more=(f"smtp[1]: {SHORT}: {AGENT} dsn=2.0.0, status=sent (ok)",))]  # fmt: skip
    files = [tmp_path / name for name in ("mail.log", "mail.log.1", "mail.log.2.gz", "mail.log.3.bz2", "mail.log.4.xz")]  # fmt: skip
    openers = [open, open, gzip.open, bz2.open, lzma.open]
    for age, (file, opener, line) in enumerate(zip(files, openers, reversed(lines), strict=True)):
        with opener(file, "wt") as opened:  # type: ignore[operator]
            opened.write(line)
        os.utime(file, (1_000_000 - age, 1_000_000 - age))
    assert taken(lines_of(files)) == {ID: Taken(SHORT, "sent")}


def test_standard_input_is_read_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, rest = log()[:3], log()[3:]
    (tmp_path / "mail.log").write_text("\n".join(first) + "\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(rest)))
    assert taken(lines_of([STDIN, tmp_path / "mail.log"])) == {ID: Taken(SHORT)}


@pytest.mark.parametrize("name", ["none.log", "broken.gz", "cut.gz", "broken.xz"])
def test_a_log_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    if name.startswith("broken"):
        (tmp_path / name).write_bytes(b"no archive")
    if name.startswith("cut"):
        (tmp_path / name).write_bytes(gzip.compress(os.urandom(9_000))[:4_000])
    with pytest.raises(NewsletterError, match=f"cannot read .*{name}"):
        list(lines_of([tmp_path / name]))
