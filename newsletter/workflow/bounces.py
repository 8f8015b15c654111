"""Looking at mails that came back, without storing anything."""

from __future__ import annotations

from pathlib import Path

from newsletter.delivery.bounces import Report, read_bounce
from newsletter.delivery.replies import Failure, classify_line
from newsletter.problems import UsageError


def parse(path: Path) -> Report:
    """What a file with one mail is. Raises UsageError when there is no such file."""
    try:
        return read_bounce(path.read_bytes())
    except OSError as caught:
        raise UsageError(f"{path}: {caught.strerror}") from caught


def classify(line: str) -> Failure:
    """What an SMTP reply means."""
    return classify_line(line)
