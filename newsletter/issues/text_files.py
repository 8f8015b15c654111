"""The bytes of a file an editor wrote become text; what cannot is told with the likely encoding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newsletter.problems import Problem, Source, error

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class TextFile:
    """`text` has `\\n` line ends and no byte order mark; None when there is nothing to read."""

    text: str | None
    problems: tuple[Problem, ...] = ()


def read_text_file(path: Path, name: str) -> TextFile:
    """Reads a file of an issue; `name` is what problems call it."""
    source = Source(name)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as caught:
        reason = caught.strerror or str(caught)
        return TextFile(None, (error("file-unreadable", source, f"cannot be read: {reason}"),))
    if len(data) > MAX_BYTES:
        message = f"larger than {MAX_BYTES // 1_000_000} MB, too large for a text"
        return TextFile(None, (error("file-too-large", source, message),))
    return decode(data, source)


def decode(data: bytes, source: Source) -> TextFile:
    """UTF-8, with or without a byte order mark. Anything else is an error; text in a known old encoding is
    read all the same, so that a draft can show it."""
    try:
        return TextFile(_normal(data.decode("utf-8-sig")), _binary_problems(data, source))
    except UnicodeDecodeError as caught:
        line = data.count(b"\n", 0, caught.start) + 1
    guess = _guess(data)
    if guess is None:
        return TextFile(None, (_binary(source),))
    text = _normal(data.decode(guess, errors="replace"))
    problem = error(
        "file-encoding",
        Source(source.file, line),
        f"not UTF-8 text; it looks like {_NAMES[guess]}",
        f"Save it as UTF-8, or convert it: iconv -f {guess} -t utf-8 {source.file}",
    )
    return TextFile(text, (problem,))


_NAMES = {"utf-16": "UTF-16", "gb18030": "GB18030 (GBK)", "cp1252": "Windows-1252"}


def _guess(data: bytes) -> str | None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\0" in data or _controls(data) > len(data) // 50:
        return None
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return "cp1252"
    high = sum(byte > 0x7F for byte in data)
    han = sum(
        "\u4e00" <= character <= "\u9fff"
        or "\u3000" <= character <= "\u303f"
        or "\uff00" <= character <= "\uffef"
        for character in text
    )
    return "gb18030" if han * 2 > high * 0.7 and han > 1 else "cp1252"


def _controls(data: bytes) -> int:
    return sum(byte < 9 or 13 < byte < 32 for byte in data)


def _binary_problems(data: bytes, source: Source) -> tuple[Problem, ...]:
    return (_binary(source),) if b"\0" in data else ()


def _binary(source: Source) -> Problem:
    return error(
        "file-binary",
        source,
        "not a text: this is a binary file",
        "A file whose name ends in .md is read as Markdown. Rename it, or put _ before its name to leave it out.",
    )


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
