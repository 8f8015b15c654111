"""A PDF as the print engine writes it, taken apart into its numbered objects and put together again.

Bytes in, bytes out: what nobody changed stays as it was. Only what the engine writes is understood, a plain table of
references and streams packed by zlib; any other file is None, and whoever wanted to change it leaves it alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_TABLE = re.compile(rb"xref\n0 (\d+)\n")
_ENTRY = re.compile(rb"(\d{10}) \d{5} ([nf])")
_TRAILER = re.compile(rb"trailer\n(.*)\nstartxref\n(\d+)\n%%EOF\s*$", re.S)
_STREAM = re.compile(rb"(?s)(\d+ 0 obj\n<<.*?)/Length (\d+)(.*?>>\nstream\n)")
_PACKING = 6


class PdfObjects:
    """Its objects by number, from `N 0 obj` to `endobj`."""

    def __init__(self, head: bytes, objects: dict[int, bytes], trailer: bytes) -> None:
        self._head = head
        self._objects = objects
        self._trailer = trailer

    @classmethod
    def read(cls, pdf: bytes) -> PdfObjects | None:
        trailer = _TRAILER.search(pdf, max(0, len(pdf) - 2048))
        table = _TABLE.match(pdf, int(trailer[2])) if trailer else None
        if trailer is None or table is None or b"/Prev" in trailer[1]:
            return None
        entries = _ENTRY.findall(pdf, table.end(), trailer.start())
        places = sorted(
            (int(place), number) for number, (place, kind) in enumerate(entries) if kind == b"n"
        )
        if len(entries) != int(table[1]) or not places:
            return None
        ends = [place for place, _ in places[1:]] + [table.start()]
        objects = {
            number: pdf[place:end] for (place, number), end in zip(places, ends, strict=True)
        }
        whole = all(body.startswith(b"%d 0 obj" % number) for number, body in objects.items())
        return cls(pdf[: places[0][0]], objects, trailer[1]) if whole else None

    def __getitem__(self, number: int) -> bytes:
        return self._objects.get(number, b"")

    def __iter__(self) -> Iterator[int]:
        return iter(self._objects)

    def unpacked(self, number: int) -> bytes | None:
        """What a stream holds; None of one that is packed in another way."""
        found = _STREAM.match(self[number])
        if found is None or b"/FlateDecode" not in found[1] + found[3]:
            return None
        try:
            return zlib.decompress(self[number][found.end() : found.end() + int(found[2])])
        except zlib.error:
            return None

    def pack(self, number: int, content: bytes) -> None:
        """Puts other content into a stream."""
        found = _STREAM.match(self[number])
        assert found is not None
        packed = zlib.compress(content, _PACKING)
        head = found[1] + b"/Length %d" % len(packed) + found[3]
        self._objects[number] = head + packed + b"\nendstream\nendobj\n"

    def written(self) -> bytes:
        out, places = bytearray(self._head), dict[int, int]()
        for number, body in self._objects.items():
            places[number] = len(out)
            out += body
        start, most = len(out), max(places) + 1
        rows = [
            b"%010d 00000 n\r\n" % places[n] if n in places else b"0000000000 65535 f\r\n"
            for n in range(most)
        ]
        out += b"xref\n0 %d\n" % most + b"".join(rows)
        out += b"trailer\n" + self._trailer + b"\nstartxref\n%d\n%%%%EOF" % start
        return bytes(out)
