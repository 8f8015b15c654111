"""The fonts that `make setup` lays for the print edition."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from fontTools.ttLib import TTFont

from newsletter.editions.print_fonts import FONTS

FACES = [
    "noto-serif-sc-400-normal",
    "noto-serif-sc-700-normal",
    "noto-sans-sc-400-normal",
    "noto-sans-sc-700-normal",
]


@pytest.fixture(scope="module")
def lay_fonts(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "lay_fonts", repository / "tools" / "lay_fonts.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["lay_fonts"] = module
    spec.loader.exec_module(module)
    return module


def test_every_file_is_what_the_manifest_says() -> None:
    manifest = json.loads((FONTS / "manifest.json").read_text())
    assert {path.name for path in FONTS.glob("*.ttf")} == {
        font["file"] for font in manifest["fonts"]
    }
    for font in manifest["fonts"]:
        assert hashlib.sha256((FONTS / font["file"]).read_bytes()).hexdigest() == font["sha256"]


def test_every_package_comes_with_its_licence() -> None:
    manifest = json.loads((FONTS / "manifest.json").read_text())
    for package in manifest["packages"]:
        assert "SIL OPEN FONT LICENSE" in (FONTS / f"{package}-LICENSE.txt").read_text().upper()


@pytest.mark.parametrize("face", FACES)
def test_one_face_holds_all_slices_of_its_family(face: str) -> None:
    with TTFont(FONTS / f"{face}.ttf") as font:
        characters = font.getBestCmap()
        name = font["name"]
        assert len(characters) > 13_000
        assert all(ord(character) in characters for character in "的邴禤①℃≥Aé")
        assert "kern" in {
            record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord
        }
        assert name.getDebugName(1) in ("Noto Serif SC", "Noto Sans SC")
        assert name.getDebugName(2) == ("Bold" if "700" in face else "Regular")
        assert font["OS/2"].usWeightClass == int(face.split("-")[3])


def test_bold_has_every_character_of_regular() -> None:
    for family in ("noto-serif-sc", "noto-sans-sc", "noto-serif", "noto-sans"):
        with (
            TTFont(FONTS / f"{family}-400-normal.ttf") as regular,
            TTFont(FONTS / f"{family}-700-normal.ttf") as bold,
        ):
            assert set(regular.getBestCmap()) == set(bold.getBestCmap())


def test_nothing_is_done_when_the_same_packages_are_laid(
    lay_fonts: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_place: object) -> None:
        raise AssertionError("npm was called")

    monkeypatch.setattr(lay_fonts, "_install_packages", never)
    before = {path.name: path.stat().st_mtime_ns for path in FONTS.iterdir()}
    assert lay_fonts.main() == 0
    assert {path.name: path.stat().st_mtime_ns for path in FONTS.iterdir()} == before


def test_a_failure_leaves_the_old_folder_whole(
    lay_fonts: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fonts = tmp_path / "_assets" / "fonts"
    fonts.mkdir(parents=True)
    (fonts / "old.ttf").write_bytes(b"old")

    def broken(stage: Path, _place: object) -> None:
        (stage / "half.ttf").write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(lay_fonts, "FONTS", fonts)
    monkeypatch.setattr(lay_fonts, "_install_packages", lambda _place: None)
    monkeypatch.setattr(lay_fonts, "_lay", broken)
    with pytest.raises(OSError, match="no space left"):
        lay_fonts.main()
    assert [path.name for path in fonts.parent.rglob("*")] == ["fonts", "old.ttf"]


def test_the_lock_file_names_no_host_and_hashes_everything(repository: Path) -> None:
    lock = json.loads((repository / "assets" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in entry for entry in packages.values())
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    asked = json.loads((repository / "assets" / "package.json").read_text())["dependencies"]
    assert all(version[0].isdigit() for version in asked.values())


def test_arabic_letters_are_told_apart_also_where_nothing_is_seen_of_them() -> None:
    """The non-joiner's glyph, and the alef of a lam-alef: empty ones that are not dropped."""
    for name in ("amiri-400-normal", "vazirmatn-700-normal"):
        with TTFont(FONTS / f"{name}.ttf") as font:
            lookups, characters = font["GSUB"].table.LookupList.Lookup, font.getBestCmap()
            changes = {
                glyph: glyphs
                for lookup in lookups
                if lookup.LookupType in (1, 2)
                for table in lookup.SubTable
                for glyph, glyphs in table.mapping.items()
            }
            kept = changes[characters[0x200C]]
            assert kept != characters[0x200C]
            assert font["hmtx"][kept][0] == 0
            if name.startswith("vazirmatn"):
                drawn, alef = changes[characters[0xFEFB]]
                assert drawn == characters[0xFEFB]
                assert font["hmtx"][alef][0] == 0
