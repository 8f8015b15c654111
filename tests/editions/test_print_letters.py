"""What is copied out of the PDF: addresses without a sign that nobody typed, words of every script whole and as they were
typed, and not a line of the page drawn otherwise for it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import typst
from PIL import ImageChops, ImageStat

from newsletter.editions.print import render_print
from newsletter.editions.print_fonts import font_book
from newsletter.editions.print_letters import with_own_letters
from newsletter.issues.reader import read_issue
from newsletter.publication import Publication

ARABIC = "أيضًا وقتًا غالبًا بدلاً تمامًا شيء سواء الـ مُهمّ"
PERSIAN = "آن‌ها می‌کند پروژه‌های درخواست‌های احتمالاً"
JOINED = "سلام علاقه لازم آن‌ها می‌کند"
HINDI = "मेंटेनर्स के लिए सबसे महत्वपूर्ण स्थानों में से एक जहां आप"
BENGALI = "নতুন সময় কিছু শুধু করা হয়"
TAMIL = "திட்டத்தை வேண்டும் செய்ய வேலை"

DOI = "10.1038/s41586-024-07000-extraordinarily-long-5.2024"


def engine_pdf(text: str, language: str, family: str) -> bytes:
    """As the engine itself writes it."""
    source = f'#set page(width: 300pt, height: 120pt)\n#set text(lang: "{language}", font: "{family}")\n{text}'
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in font_book(None).folders],
    )
    pdf = typst.compile(source.encode(), font_paths=fonts, format="pdf")
    assert isinstance(pdf, bytes)
    return pdf


def copied(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [
            document[number].get_textpage().get_text_range() for number in range(len(document))
        ]
    finally:
        document.close()
    return re.sub("[\u2060\u200e\u200f]", "", " ".join(pages)).split()


@pytest.mark.parametrize(
    ("text", "language", "family"),
    [
        (ARABIC, "ar", "Amiri"),
        (PERSIAN, "fa", "Amiri"),
        (JOINED, "fa", "Vazirmatn"),
        (HINDI, "hi", "Noto Serif Devanagari"),
        (BENGALI, "bn", "Noto Serif Bengali"),
        (TAMIL, "ta", "Noto Serif Tamil"),
    ],
    ids=["arabic", "persian", "headings", "hindi", "bengali", "tamil"],
)
def test_words_are_copied_whole_and_drawn_as_before(text: str, language: str, family: str) -> None:
    engine = engine_pdf(text, language, family)
    own = with_own_letters(engine)
    assert copied(own) == text.split()
    before, after = (
        pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().convert("L") for pdf in (engine, own)
    )
    # A glyph that moved would leave white where there was black.
    assert ImageChops.difference(before, after).getextrema()[1] < 128
    assert ImageStat.Stat(before).mean[0] < 254.5, "something is drawn at all"
    with pikepdf.open(io.BytesIO(own)) as pdf:
        assert pdf.check_pdf_syntax() == []


def test_the_engine_alone_doubles_letters_and_turns_signs_round() -> None:
    """Once it does not, all this can go."""
    assert copied(engine_pdf(ARABIC, "ar", "Amiri")) != ARABIC.split()
    assert copied(engine_pdf(BENGALI, "bn", "Noto Serif Bengali")) != BENGALI.split()


def test_a_file_that_is_built_otherwise_stays_as_it_is() -> None:
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(engine_pdf("x", "en", "Noto Serif"))) as pdf:
        pdf.save(saved, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    for pdf_bytes in (saved.getvalue(), b"%PDF-1.7\nnothing more", b""):
        assert with_own_letters(pdf_bytes) == pdf_bytes


def printed(folder: Path, publication: Publication, language: str, text: str) -> str:
    file = folder / "2026-11-01.md"
    file.write_text(f"---\ntitle: T\nlanguage: {language}\n---\n\n{text}\n", encoding="utf-8")
    issue = read_issue(file, default_language=language).issue
    assert issue is not None
    edition = render_print(issue, publication)
    assert edition.problems == ()
    return " ".join(copied(edition.pdf))


def test_a_long_address_that_is_copied_holds_no_sign_that_nobody_typed(
    tmp_path: Path, publication: Publication
) -> None:
    text = printed(tmp_path, publication, "en", f"See https://doi.org/{DOI} and `{DOI}`.")
    assert "\u200b" not in text
    # A hyphen at a line's end is told as another sign, by PDFium.
    assert "".join(re.sub("[\ufffe\x02]", "-", text).split()).count(DOI) == 2


def test_an_arabic_issue_is_copied_word_for_word(tmp_path: Path, publication: Publication) -> None:
    text = printed(
        tmp_path, publication, "ar", f"{ARABIC} {PERSIAN}\n\nنص https://doi.org/{DOI} نص"
    )
    assert f"{ARABIC} {PERSIAN}" in text
    assert not re.search("[\u200b\u202a-\u202e]", text)
