"""A mail's bytes as a message that can be asked anything: what it is made of may be broken in any way.

The standard library's parser keeps what it meets, and raises only when it is asked: for a text whose charset is no
charset of texts, for a parameter that has become three, for mails in mails without end. All of that comes back from
other servers, so it is mended here once, for everybody who reads such a mail. Nothing here raises.
"""

from __future__ import annotations

import email
import email.policy
import re
from email.message import Message
from email.utils import collapse_rfc2231_value

LONGEST_HEAD = 100_000
MOST_PARTS = 10_000
"""Lines in a mail that may begin a part of it: with more, it was made to be taken apart for minutes."""
_IN_HEAD = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|From ")
_KNOWN = re.compile(rb"(?:from|to|subject|date|mime-version|content-type|message-id) ?:", re.I)


def parsed(data: bytes) -> Message:
    """The mail, or one text with all its bytes where it cannot be taken apart."""
    lines = mended(data)
    if lines.count(b"\n--") > MOST_PARTS:
        return _one_text(lines)
    try:
        message = email.message_from_bytes(lines, policy=email.policy.compat32)
        for part in message.walk():
            _tame(part)
    except Exception:  # mails in mails without end, and what else nobody has thought of
        return _one_text(lines)
    return message


def _one_text(data: bytes) -> Message:
    message = Message()
    message.set_payload(data.decode("latin-1"))
    return message


def mended(data: bytes) -> bytes:
    """A mail with the line ends and the head that a parser expects. What saves mails leaves empty lines or a mark
    before them, and what passes them on cuts long fields into lines that do not begin with a space."""
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removeprefix(b"\xef\xbb\xbf")
    lines = lines.lstrip(b"\n")
    head, empty, body = lines.partition(b"\n\n")
    if len(head) > LONGEST_HEAD:
        return lines
    rows = head.split(b"\n")
    broken = [at for at, row in enumerate(rows) if at and not _IN_HEAD.match(row)]
    if not broken or not any(_KNOWN.match(row) for row in rows[broken[0] + 1 :]):
        return lines
    for at in broken:
        rows[at] = b" " + rows[at]
    return b"\n".join(rows) + empty + body


def _tame(part: Message) -> None:
    """A charset that the parser can decode with, whatever a mail calls it."""
    said = part.get_param("charset")
    if said is None:
        return
    charset = collapse_rfc2231_value(said)
    try:
        for probe in (b"\xff\xfe-", b"a-\xf3", b"xn--\xff."):
            probe.decode(charset, "replace")
    except LookupError:
        if isinstance(said, str):
            return  # unknown: the parser takes it as it lies there
        charset = "utf-8"
    except (ValueError, TypeError):
        charset = "utf-8"
    if charset != said:
        part.set_param("charset", charset)
