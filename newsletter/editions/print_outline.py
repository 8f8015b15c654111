"""The targets of a PDF's outline, written where they are used.

The engine writes each target as an object of its own and refers to it, as PDF allows. Apache's preflight, by which
archives check PDF/A-1, does not follow such a reference. So the outline's entries are written once more behind the
file, with their targets in them: an update in the sense of PDF 1.4, 3.4.5. Bytes in, bytes out, the same for the same.
"""

from __future__ import annotations

import re

_ENTRY = re.compile(
    rb"\n(\d+) 0 obj\n(<<(?:(?!endobj).)*?/Dest (\d+) 0 R(?:(?!endobj).)*?>>)\nendobj", re.S
)
_TRAILER = re.compile(rb"trailer\n<<(.*)>>\nstartxref\n(\d+)\n%%EOF\s*$", re.S)


def with_direct_targets(pdf: bytes) -> bytes:
    """The file as it is when it is not built as expected."""
    trailer = _TRAILER.search(pdf)
    if trailer is None or b"/Type/ObjStm" in pdf:
        return pdf
    out, places = bytearray(pdf.rstrip() + b"\n"), {}
    for number, entry, target in _ENTRY.findall(pdf):
        found = re.search(rb"\n" + target + rb" 0 obj\n(\[.*?\])\nendobj", pdf, re.S)
        if found is None or b"/Title" not in entry:
            continue
        places[int(number)] = len(out)
        whole = entry.replace(b"/Dest " + target + b" 0 R", b"/Dest" + found[1])
        out += number + b" 0 obj\n" + whole + b"\nendobj\n"
    if not places:
        return pdf
    start = len(out)
    out += b"xref\n"
    for number, place in sorted(places.items()):
        out += b"%d 1\n%010d 00000 n\r\n" % (number, place)
    out += (
        b"trailer\n<<"
        + trailer[1]
        + b"/Prev "
        + trailer[2]
        + b">>\nstartxref\n%d\n%%%%EOF\n" % start
    )
    return bytes(out)
