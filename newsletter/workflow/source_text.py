"""The text of a source file and its bytes: a change keeps every byte that nobody typed.

An editor in a browser knows only `\\n`. A file may begin with a byte order mark, end its lines with
`\\r\\n`, mix both, end without one. Writing a changed text back keeps all of it on the lines that did not
change; new lines end as most lines of the file do.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections import Counter

from newsletter.workflow.merging import same_lines

_ENDS = re.compile(r"\r\n|\r|\n")


class NotText(ValueError):
    """The bytes are no UTF-8 text, so that an editor could not write them back as they were."""


def version_of(data: bytes) -> str:
    """What names the bytes of a file: their SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def text_of(data: bytes) -> str:
    """The text as an editor has it: no byte order mark, lines end with `\\n`. Raises NotText."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as caught:
        line = data.count(b"\n", 0, caught.start) + 1
        raise NotText(f"line {line} is not UTF-8 text") from caught
    if "\0" in text:
        raise NotText("it holds binary data")
    return normal(text.removeprefix("\ufeff"))


def normal(text: str) -> str:
    """Text from a browser: every line ends with `\\n`; half characters, which no file can hold, are marked."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _ENDS.sub("\n", whole.replace("\0", ""))


def with_text(old: bytes, text: str) -> bytes:
    """The bytes of a file whose text became `text` (ends `\\n`). Lines that are as before keep their bytes."""
    if text_of(old) == text:
        return old
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    decoded = old.decode("utf-8").removeprefix("\ufeff")
    ends = _ENDS.findall(decoded)
    usual = Counter(ends).most_common(1)[0][0] if ends else "\n"
    if set(ends) <= {usual}:
        return mark + text.replace("\n", usual).encode("utf-8")
    data = mark + _with_ends(_ENDS.split(decoded), ends, text.split("\n"), usual).encode("utf-8")
    # An old `\r` right before an old `\n` would be one end of two lines: then all ends are alike.
    return data if text_of(data) == text else mark + text.replace("\n", usual).encode("utf-8")


def _with_ends(old: list[str], ends: list[str], new: list[str], usual: str) -> str:
    """Joins the new lines with the ends that the same lines had, else with the usual one."""
    before = {there: here for here, there in same_lines(old, new)}
    parts: list[str] = []
    for number, line in enumerate(new[:-1]):
        here = before.get(number, len(ends))
        parts += (line, ends[here] if here < len(ends) else usual)
    return "".join([*parts, new[-1]])
