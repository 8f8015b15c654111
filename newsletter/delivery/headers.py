"""Header lines with somebody's words in them: safe from injection, encoded (RFC 2047), folded (RFC 5322).

Whatever a name, subject or list title holds, one value stays one header: control characters and line
breaks become spaces before anything else happens.
"""

from __future__ import annotations

import binascii
import re
from email.utils import quote

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ATOM_TEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_NOT_LABEL = re.compile(r"[^a-z0-9-]+")
MAX_LINE = 76
_WRAP = len("=?utf-8?b??=")
_WORD_BYTES = 45


def one_line(value: str) -> str:
    """A value without line breaks, control characters and direction overrides; lone surrogates become `?`."""
    if value.isprintable():  # no control, direction or separator character is
        return value.strip()
    clean = _INVISIBLE.sub("", _CONTROL.sub(" ", value)).strip()
    return clean.encode("utf-8", "replace").decode("utf-8")


def text_header(name: str, value: str) -> bytes:
    """An unstructured header line (Subject), with its line end."""
    shown = one_line(value)
    body = (
        _folded(shown, len(name) + 2) if _is_plain(shown) else encoded_words(shown, len(name) + 2)
    )
    return f"{name}: {body}\r\n".encode("ascii")


def mailbox_header(name: str, display: str, email: str) -> bytes:
    """A header line that names one mailbox (From, To, Reply-To), with its line end.

    An address with characters beyond ASCII is written in UTF-8, which only SMTPUTF8 servers take.
    """
    address = one_line(email).replace("<", "").replace(">", "").replace(" ", "")
    shown = one_line(display)
    if not shown:
        return f"{name}: {address}\r\n".encode()
    phrase = _phrase(name, shown)
    last = phrase.rpartition("\n")[2]
    used = len(last) + (0 if "\n" in phrase else len(name) + 2)
    gap = " " if used + len(address) + 3 <= MAX_LINE else "\r\n "
    return f"{name}: {phrase}{gap}<{address}>\r\n".encode()


def list_id_header(title: str, label: str, host: str) -> bytes:
    """RFC 2919: `The Weekly <weekly.news.example.com>`, the same for as long as the list lives."""
    return mailbox_header("List-Id", title, f"{dns_label(label)}.{host}")


def dns_label(text: str) -> str:
    """A name as one label of a domain; one of another script goes by its Punycode."""
    folded = one_line(text).lower().replace(" ", "-")
    if not folded.isascii():
        folded = "xn--" + folded.encode("punycode").decode("ascii").lower()
    return _NOT_LABEL.sub("-", folded).strip("-")[:63] or "list"


def encoded_words(shown: str, used: int) -> str:
    """A text as encoded words (RFC 2047, base64 of UTF-8), folded; `used` columns of the first line are taken.
    No word splits a character, none is longer than 75 columns."""
    words: list[str] = []
    room = max(1, (MAX_LINE - used - _WRAP) // 4 * 3)
    taken = bytearray()
    for character in shown:
        data = character.encode("utf-8")
        if taken and len(taken) + len(data) > room:
            words.append(_word(taken))
            taken, room = bytearray(), _WORD_BYTES
        taken += data
    return "\r\n ".join([*words, _word(taken)])


def _word(data: bytes | bytearray) -> str:
    return f"=?utf-8?b?{binascii.b2a_base64(data, newline=False).decode('ascii')}?="


def _phrase(name: str, shown: str) -> str:
    if shown.isascii() and len(shown) <= 60 and "=?" not in shown:
        return shown if _ATOM_TEXT.fullmatch(shown) else f'"{quote(shown)}"'
    return encoded_words(shown, len(name) + 2)


def _is_plain(shown: str) -> bool:
    """ASCII that can be folded and that nobody takes for an encoded word."""
    if not shown.isascii() or "=?" in shown:
        return False
    return len(shown) <= 60 or all(len(word) <= 60 for word in shown.split(" "))


def _folded(shown: str, used: int) -> str:
    """Lines of at most 76 columns, broken at spaces."""
    if used + len(shown) <= MAX_LINE:
        return shown
    lines: list[str] = []
    line = ""
    for word in shown.split(" "):
        room = MAX_LINE - (used if not lines else 1)
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])
