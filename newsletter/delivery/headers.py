"""Header lines with somebody's words in them: safe from injection, encoded (RFC 2047), folded (RFC 5322).

Whatever a name, subject or list title holds, one value stays one header: control characters and line
breaks become spaces before anything else happens.
"""

from __future__ import annotations

import re
from email.header import Header
from email.utils import quote

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ATOM_TEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_NOT_LABEL = re.compile(r"[^a-z0-9-]+")
MAX_LINE = 76


def one_line(value: str) -> str:
    """A value without line breaks, control characters and direction overrides; lone surrogates become `?`."""
    clean = _INVISIBLE.sub("", _CONTROL.sub(" ", value)).strip()
    return clean.encode("utf-8", "replace").decode("utf-8")


def text_header(name: str, value: str) -> bytes:
    """An unstructured header line (Subject), with its line end."""
    body = Header(one_line(value), _charset(value), MAX_LINE, header_name=name)
    return f"{name}: {body.encode(linesep=chr(13) + chr(10))}\r\n".encode("ascii")


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


def _phrase(name: str, shown: str) -> str:
    if shown.isascii() and len(shown) <= 60 and "=?" not in shown:
        return shown if _ATOM_TEXT.fullmatch(shown) else f'"{quote(shown)}"'
    header = Header(shown, "utf-8", MAX_LINE, header_name=name)
    return header.encode(linesep="\r\n")


def _charset(value: str) -> str:
    """Plain where that is safe: ASCII that can be folded and that nobody takes for an encoded word."""
    shown = one_line(value)
    foldable = all(len(word) <= 60 for word in shown.split(" "))
    return "us-ascii" if shown.isascii() and foldable and "=?" not in shown else "utf-8"
