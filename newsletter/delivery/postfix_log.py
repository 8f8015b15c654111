"""Which messages a Postfix has taken, by its log, and how it went on with them.

`cleanup` notes a Message-ID while the content still arrives. Only what `qmgr` says (“queue active”), or a delivery
agent (`status=sent`, `deferred`, `bounced`; `expired`), shows that the message was taken whole and its sender told so,
or about to be. All these lines carry the queue's id: short ones are given again once a message has left, so a later
Message-ID under the same id stands for another message.

Read are the logs of Postfix 2 and 3, with times in either form, as syslog, `maillog_file` or journalctl writes them
(`-o json` and `-o cat` too), also packed by a log rotation. A log holds what strangers have written, so nothing but
these forms counts.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from newsletter.problems import NewsletterError

STDIN = Path("-")
_ID = r"([0-9A-Za-z]{3,20})"
_MESSAGE = re.compile(rf"(?:/cleanup\[\d+\]: |^){_ID}: (?:resent-)?message-id=(<[^<>\s]+>)?")
_ACTIVE = re.compile(
    rf"(?:/qmgr\[\d+\]: |^){_ID}: from=<[^>]*>, size=\d+, nrcpt=\d+ \(queue active\)"
)
_AGENT = re.compile(
    rf"(?:/[\w-]+\[\d+\]: |^){_ID}: to=<[^>]*>, .*?\bdelay=[\d.]+, .*?\bstatus=(sent|deferred|bounced|expired)\b"
)
_EXPIRED = re.compile(rf"(?:/qmgr\[\d+\]: |^){_ID}: from=<[^>]*>, status=(expired)\b")
_REMOVED = re.compile(rf"(?:/qmgr\[\d+\]: |^){_ID}: removed$")
_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@dataclass(frozen=True, slots=True)
class Taken:
    """`queue` is the id under which a message was taken, `status` how it went on, as far as the log tells."""

    queue: str
    status: str = ""

    def __str__(self) -> str:
        return f"{self.queue} ({self.status})" if self.status else self.queue


def taken(lines: Iterable[str]) -> dict[str, Taken]:
    """The messages that were taken, by their Message-IDs."""
    ids: dict[str, str] = {}
    found: dict[str, Taken] = {}
    for line in map(_plain, lines):
        if message := _MESSAGE.search(line):
            ids[message[1]] = message[2] or ""
        elif removed := _REMOVED.search(line):
            ids.pop(removed[1], None)
        elif seen := _ACTIVE.search(line) or _AGENT.search(line) or _EXPIRED.search(line):
            status = seen[2] if seen.re is not _ACTIVE else ""
            if its_id := ids.get(seen[1]):
                known = found.get(its_id)
                found[its_id] = Taken(seen[1], status or (known.status if known else ""))
    return found


def lines_of(paths: Sequence[Path]) -> Iterator[str]:
    """The lines of logs, the oldest log first, whatever packed them; `-` is standard input, and comes last. Raises
    NewsletterError for one that cannot be read."""
    for path in sorted(paths, key=_age):
        try:
            with _opened(path) as log:
                yield from log
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as caught:
            told = getattr(caught, "strerror", None) or str(caught)
            raise NewsletterError(f"cannot read {path}: {told}") from caught


def _age(path: Path) -> float:
    try:
        return float("inf") if path == STDIN else path.stat().st_mtime
    except OSError:
        return 0.0  # opening it will tell


def _opened(path: Path) -> IO[str]:
    if path == STDIN:
        return sys.stdin
    found: IO[str] = _OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8", errors="replace")
    return found


def _plain(line: str) -> str:
    """A line as syslog has it; journalctl writes objects too."""
    line = line.rstrip("\r\n")
    if not line.startswith("{"):
        return line
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return line
    said = entry.get("MESSAGE") if isinstance(entry, dict) else None
    if not isinstance(said, str):
        return ""
    return f"{entry.get('SYSLOG_IDENTIFIER', '')}[0]: {said}"
