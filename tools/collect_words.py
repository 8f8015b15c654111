"""Collects the texts of the studio's pages and scripts into a gettext catalogue, keeping what is translated there.

    .venv/bin/python tools/collect_words.py zh-Hans     # newsletter/web/words/zh-Hans.po

New texts come in without a translation, texts that are gone leave. Run it after wording a page anew.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).resolve().parent.parent / "newsletter" / "web"
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_MANY = re.compile(rf"\bngettext\(\s*{_TEXT}\s*,\s*{_TEXT}")
_ONE = re.compile(rf"(?:(?<!\w)_|(?<!n)gettext)\(\s*{_TEXT}")
_SCRIPT = re.compile(rf"\bt\(\s*{_TEXT}")


def texts() -> dict[str, str]:
    """Every text, with its plural where it has one, and \"\" where not."""
    found: dict[str, str] = {}
    for path in sorted([*WEB.rglob("*.html"), *WEB.rglob("*.py")]):
        source = path.read_text(encoding="utf-8")
        for one, many in _MANY.findall(source):
            found[_plain(one)] = _plain(many)
        for one in _ONE.findall(source):
            found.setdefault(_plain(one), "")
    for path in sorted((WEB / "static").rglob("*.js")):
        for one in _SCRIPT.findall(path.read_text(encoding="utf-8")):
            found.setdefault(_plain(one), "")
    return found


def _plain(text: str) -> str:
    return text.replace('\\"', '"')


def main() -> int:
    name = sys.argv[1]
    file = WEB / "words" / f"{name}.po"
    catalogue = Catalog(locale=name.replace("-", "_"), fuzzy=False)
    known = {}
    if file.is_file():
        with file.open("rb") as stream:
            for message in read_po(stream):
                key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
                told = message.string
                known[key] = told[0] if isinstance(told, (tuple, list)) else told
    for one, many in texts().items():
        told = known.get(one, "")
        catalogue.add((one, many) if many else one, (told,) if many else told)
    file.parent.mkdir(exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, catalogue, omit_header=True, sort_output=True, width=100)
    missing = sorted(one for one in texts() if not known.get(one))
    for one in missing:
        print(f"not translated: {one}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
