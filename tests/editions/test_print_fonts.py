"""Which fonts print uses: ours, the extras, the publication's own; never the machine's."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pikepdf
import pytest

from newsletter.editions import print_fonts
from newsletter.editions.print import render_print
from newsletter.editions.print_fonts import FONTS, font_book, script
from newsletter.issues.reader import read_issue
from newsletter.publication import Publication, load_publication, with_settings

SENTENCES = {
    "zh-Hans": "冷链里消失的四个小时，追到最后是一扇没有关严的门。",
    "ja": "細胞治療の最前線：つくることより、同じものをつくり続けること。",
    "ko": "세포 치료제의 최전선: 만드는 것보다 똑같이 만드는 것.",
    "ar": "العلاج بالخلايا التائية CAR-T نهج جديد في 2026.",
    "he": "הטיפול בתאי CAR-T הוא גישה חדשה בשנת 2026.",
    "hi": "कोशिका चिकित्सा में सबसे कठिन है हर बार एक जैसा बनाना।",
    "ta": "ஒவ்வொரு முறையும் ஒரே மாதிரி செய்வதே கடினம்.",
    "th": "การทำซ้ำให้เหมือนเดิมทุกครั้งคือสิ่งที่ยากที่สุด",
    "ru": "Труднее всего сделать одинаково в сотый раз.",
    "el": "Το δυσκολότερο είναι η εκατοστή φορά.",
    "vi": "Khó nhất là làm giống hệt nhau ở lần thứ một trăm.",
}


def publication_in(folder: Path) -> Publication:
    (folder / "newsletter.toml").write_text('name = "T"\n[sender]\nemail = "a@b.example"\n')
    return load_publication(folder, {})


def printed(
    folder: Path, publication: Publication, language: str, text: str
) -> tuple[bytes, list[str]]:
    file = folder / "2026-11-01.md"
    body = f"---\ntitle: {text}\nlanguage: {language}\n---\n\n## {text}\n\n{text} **{text}** 😀\n"
    file.write_text(body, "utf-8")
    issue = read_issue(file, default_language=language).issue
    assert issue is not None
    edition = render_print(issue, publication)
    return edition.pdf, [problem.code for problem in edition.problems]


def embedded(pdf: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [o for o in document.objects if isinstance(o, pikepdf.Dictionary)]
        names = {str(o.BaseFont) for o in fonts if o.get("/Type") == "/Font" and "/BaseFont" in o}
    return {name.rpartition("+")[2] for name in names}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_laid_fonts_print_the_worlds_larger_scripts_without_a_missing_sign(
    language: str, tmp_path: Path
) -> None:
    _, codes = printed(tmp_path, publication_in(tmp_path), language, SENTENCES[language])
    assert codes == []


def test_korean_written_as_parts_prints_as_syllables(tmp_path: Path) -> None:
    import unicodedata

    parts = unicodedata.normalize("NFD", SENTENCES["ko"])
    assert parts != SENTENCES["ko"]
    _, codes = printed(tmp_path, publication_in(tmp_path), "ko", parts)
    assert codes == []


def test_a_font_in_the_publication_is_used_and_an_unreadable_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for somebody who lays a font for a script that ours lack."""
    few = tmp_path / "few"
    few.mkdir()
    for path in FONTS.glob("*.ttf"):
        if not path.name.startswith("noto-sans-thai") and not path.name.startswith(
            "noto-serif-thai"
        ):
            (few / path.name).symlink_to(path)
    monkeypatch.setattr(print_fonts, "FONTS", few)
    monkeypatch.setattr(print_fonts, "EXTRA_FONTS", tmp_path / "none")
    root = tmp_path / "publication"
    root.mkdir()
    publication = publication_in(root)
    _, codes = printed(tmp_path, publication, "th", SENTENCES["th"])
    assert set(codes) == {"missing-glyph"}
    (root / "fonts").mkdir()
    for weight in (400, 700):
        shutil.copy(FONTS / f"noto-sans-thai-{weight}-normal.ttf", root / "fonts")
    (root / "fonts" / "broken.ttf").write_bytes(b"no font")
    pdf, codes = printed(tmp_path, publication, "th", SENTENCES["th"])
    assert codes == ["font-unreadable"]
    assert any("NotoSansThai" in name for name in embedded(pdf))


def test_a_theme_sets_text_in_the_families_it_names_first_and_is_told_of_those_that_are_not_there(
    tmp_path: Path,
) -> None:
    parts = tmp_path / "templates" / "print" / "starter" / "parts"
    parts.mkdir(parents=True)
    first = '#let first = (serif: ("Noto Sans Mono",), sans: "Nowhere", mono: ())'
    (parts / "fonts.typ").write_text(first, "utf-8")
    pdf, codes = printed(
        tmp_path, publication_in(tmp_path), "en", "A brook that reports its own nitrate."
    )
    assert any("NotoSansMono" in name for name in embedded(pdf))
    assert not any("NotoSerif-" in name or "NotoSerifRegular" in name for name in embedded(pdf))
    assert set(codes) == {"print-template"}


def test_print_follows_the_fonts_of_the_tokens_where_their_files_are_laid(tmp_path: Path) -> None:
    chosen = {"font-serif": "'Noto Sans Mono',Georgia,serif"}
    publication = with_settings(publication_in(tmp_path), tokens=chosen)
    text = "A brook that reports its own nitrate."
    pdf, codes = printed(tmp_path, publication, "en", text)
    assert not any("NotoSansMono" in name for name in embedded(pdf))
    (tmp_path / "fonts").mkdir()
    shutil.copy(FONTS / "noto-sans-mono-400-normal.ttf", tmp_path / "fonts")
    pdf, more = printed(tmp_path, publication, "en", text)
    assert any("NotoSansMono" in name for name in embedded(pdf))
    assert (codes, more) == ([], [])


def test_what_one_kind_can_draw_all_can(publication: Publication) -> None:
    """Else a title or a line of code would lack what the text has."""
    book = font_book(publication)
    for language in SENTENCES:
        chains = book.of_language(language)
        assert set(chains["serif"]) == set(chains["sans"]), language
        assert set(chains["serif"]) >= set(book.families) - {"Noto Sans Mono"}


def test_a_language_is_set_in_its_own_forms_where_their_fonts_are_laid(
    publication: Publication,
) -> None:
    book = font_book(publication)
    assert book.of_language("ar")["serif"][0] == "Amiri"
    assert book.of_language("zh-Hans")["sans"][0] == "Noto Sans SC"
    assert book.of_language("en")["serif"][0] == "Noto Serif"
    wanted = "Noto Serif JP" if "Noto Serif JP" in book.families else "Noto Serif SC"
    assert book.of_language("ja")["serif"][0] == wanted
    assert bool(book.lacks("ja")) == (wanted == "Noto Serif SC")
    assert book.lacks("zh-Hans") == ()


@pytest.mark.parametrize(
    ("tag", "key"),
    [
        ("zh-Hans", "zh"),
        ("zh-TW", "zh-hant"),
        ("zh_Hant_HK", "zh-hant"),
        ("yue", "zh-hant"),
        ("zh-Hans-TW", "zh"),
        ("ja-JP", "ja"),
    ],
)
def test_chinese_as_in_taiwan_and_hong_kong_has_fonts_of_its_own(tag: str, key: str) -> None:
    assert script(tag) == key


def test_no_font_has_one_bracket_of_a_pair_without_the_other() -> None:
    """The engine turns a bracket round in a text that runs to the left only where the font has its counterpart."""
    alone = []
    for font in json.loads((FONTS / "manifest.json").read_text())["fonts"]:
        ranges = zip(font["ranges"][::2], font["ranges"][1::2], strict=True)
        codes = {code for first, length in ranges for code in range(first, first + length)}
        pairs = ("()", "[]", "{}", "«»", "‹›")
        alone += [
            (font["file"], pair) for pair in pairs if len(codes & {ord(sign) for sign in pair}) == 1
        ]
    assert alone == []
