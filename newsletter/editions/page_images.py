"""Pages of a PDF as pictures, for looking at them in a browser. The only module that opens a PDF with pypdfium2.

PDFium is not safe to call from two threads; a lock keeps it to one.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator

import pypdfium2

_lock = threading.Lock()


@contextlib.contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """A PDF to look into, alone."""
    with _lock:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()


def page_sizes(pdf: bytes) -> tuple[tuple[float, float], ...]:
    """Width and height of each page in points."""
    with opened(pdf) as document:
        return tuple(document.get_page_size(number) for number in range(len(document)))


def page_png(pdf: bytes, number: int, width: int) -> bytes:
    """Page `number` (from 1) as a PNG `width` pixels wide. Raises IndexError when there is no such page."""
    with opened(pdf) as document:
        if not 1 <= number <= len(document):
            raise IndexError(f"no page {number}")
        page = document[number - 1]
        image = page.render(scale=width / page.get_width()).to_pil()
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def cover_jpeg(pdf: bytes, width: int = 440) -> bytes:
    """The first page, small, for a list of issues."""
    with opened(pdf) as document:
        page = document[0]
        image = page.render(scale=width / page.get_width()).to_pil()
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def page_words(pdf: bytes) -> tuple[str, ...]:
    """The letters of each page, without what stands between them, for finding a paragraph by its first words."""
    with opened(pdf) as document:
        return tuple(_words(document[number]) for number in range(len(document)))


def letters(text: str) -> str:
    """Only letters: on a page, numbers of notes and hyphens come between them."""
    return "".join(filter(str.isalpha, text))


def _words(page: pypdfium2.PdfPage) -> str:
    text = page.get_textpage()
    try:
        return letters(text.get_text_bounded())
    finally:
        text.close()
