"""Base64 of a text with values in it, without encoding the constant pieces anew for each recipient.

Base64 turns three bytes into four characters, so how a piece is encoded depends on how many bytes of a
triple were begun before it: 0, 1 or 2. Each long piece is encoded once for each of these; only what stands
around a value is encoded for each recipient. Lines are at most 76 columns, some are shorter (RFC 2045 §6.8
lets them).
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

_BASE64_COLUMNS = 57
"""Bytes that make a line of 76 columns."""
_SHORT = 3 * _BASE64_COLUMNS
_LINE_END = b"\r\n"


@dataclass(frozen=True, slots=True)
class _Aligned:
    """A piece whose first bytes complete a triple: `head` completes it, `middle` is encoded, `tail` begins
    the next one."""

    head: bytes
    middle: bytes
    tail: bytes


class Base64Pieces:
    """`joined(values)` is the whole text, encoded, with a value between each two pieces."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = tuple(pieces)

    @cached_property
    def _aligned(self) -> tuple[tuple[_Aligned, ...] | None, ...]:
        """Made when the first mail is encoded: a preview encodes none."""
        return tuple(
            tuple(_aligned(piece, missing) for missing in range(3))
            if len(piece) >= _SHORT
            else None
            for piece in self._pieces
        )

    def joined(self, values: Sequence[bytes]) -> bytes:
        return b"".join(self.stretches(values))

    def stretches(self, values: Sequence[bytes]) -> list[bytes]:
        """The same as whole lines, yet to be joined: who joins more besides copies the long ones once."""
        lines: list[bytes] = []
        begun = b""
        for piece, aligned, value in zip(self._pieces, self._aligned, (*values, b""), strict=True):
            if aligned is None:
                begun += piece
            else:
                fitting = aligned[-len(begun) % 3]
                begun += fitting.head
                if begun:
                    lines += (wrapped_base64(begun), _LINE_END)
                lines += (fitting.middle, _LINE_END)
                begun = fitting.tail
            begun += value
        if begun:
            lines.append(wrapped_base64(begun))
        elif lines:
            lines.pop()
        return lines


def wrapped_base64(data: bytes) -> bytes:
    return b"\r\n".join(
        binascii.b2a_base64(data[at : at + _BASE64_COLUMNS], newline=False)
        for at in range(0, len(data), _BASE64_COLUMNS)
    )


def _aligned(piece: bytes, missing: int) -> _Aligned:
    end = len(piece) - (len(piece) - missing) % 3
    return _Aligned(piece[:missing], wrapped_base64(piece[missing:end]), piece[end:])
