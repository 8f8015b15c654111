"""Whether a theme's MJML is MJML: unknown components, attributes, values and nesting, each with its line.

The compiler (see `mjml.py`) takes nearly everything silently: an unknown tag, a paragraph in a column, a
width that it then ignores; unbalanced HTML even makes it lose what follows. So what it is given is read
first, against the table `mjml_rules.toml`. Pure: a source in, findings out.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from typing import Any

MAX_DEPTH = 50
"""Far above what a layout needs; far below the ~10,000 levels at which the compiler takes the process down."""

_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
_LENGTH = r"(?:0|\d+(?:\.\d+)?(?:px|%))"
_KINDS = {
    "text": re.compile(".*", re.DOTALL),
    "number": re.compile(r"\d+"),
    "pixels": re.compile(r"0|\d+(?:\.\d+)?px"),
    "length": re.compile(f"-?{_LENGTH}"),
    "lengths": re.compile(rf"{_LENGTH}(?:\s+{_LENGTH}){{0,3}}"),
    "ratio": re.compile(r"\d*\.?\d+(?:px|%)?"),
    "color": re.compile(r"#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6}|rgba?\([0-9., %]+\)|[a-zA-Z]+"),
}
_SIDES = re.compile(r"\S+\s+(\S+)(?:\s+\S+)?(?:\s+(\S+))?$")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a line (from 1) of the MJML."""

    line: int
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    within: frozenset[str]
    content: str
    """`components`, `html`, `text`, `defaults` (of mj-attributes) or `empty`."""
    attributes: Mapping[str, str]
    required: tuple[str, ...]


@cache
def components() -> Mapping[str, Component]:
    """The table, by tag."""
    table = _table()
    return {
        tag: Component(
            frozenset(row["within"]),
            row["content"],
            _attributes(row, table["groups"]),
            tuple(row.get("required", ())),
        )
        for tag, row in table["components"].items()
    }


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(
        resources.files(__package__).joinpath("mjml_rules.toml").read_text(encoding="utf-8")
    )


def _attributes(row: Mapping[str, Any], groups: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    own = dict(row.get("attributes", {}))
    for group in row.get("groups", ()):
        own |= groups[group]
    return own


def check_mjml(source: str) -> tuple[Finding, ...]:
    """Everything that is wrong with an MJML document, in order of lines."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return tuple(sorted(reader.ended(), key=lambda finding: finding.line))


class _Reader(HTMLParser):
    """Walks the tags and keeps the open ones: (tag, line)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.findings: list[Finding] = []
        self.open: list[tuple[str, int]] = []
        self.too_deep = False

    def find(self, message: str, hint: str = "", *, further: int = 0) -> None:
        self.findings.append(Finding(self.getpos()[0] + further, message, hint))

    def ended(self) -> list[Finding]:
        for tag, line in () if self.too_deep else self.open:
            self.findings.append(Finding(line, f"<{tag}> is never closed"))
        return self.findings

    @property
    def inside(self) -> str:
        """The innermost open MJML component, empty at the top."""
        return next((tag for tag, _ in reversed(self.open) if _is_mjml(tag)), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.too_deep:
            return
        self._element(tag, attrs)
        if _is_mjml(tag) or tag not in _VOID:
            self.open.append((tag, self.getpos()[0]))
            if len(self.open) > MAX_DEPTH and not self.too_deep:
                self.too_deep = True
                self.find(f"nested more than {MAX_DEPTH} deep", "A layout needs far less.")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._element(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.too_deep:
            return
        names = [name for name, _ in self.open]
        if tag not in names:
            self.find(f"</{tag}> closes nothing that is open")
            return
        while self.open:
            name, line = self.open.pop()
            if name == tag:
                return
            # Told where it opens: the line of the closing one says nothing to whoever looks for it.
            self.findings.append(Finding(line, f"<{name}> is not closed before </{tag}>"))

    def handle_data(self, data: str) -> None:
        inside = self.inside
        if self.too_deep or not data.strip() or inside not in components():
            return
        if components()[inside].content not in ("html", "text"):
            self.find(
                f"text directly in <{inside}>: {_short(data)}",
                "Text belongs into mj-text, mj-table, mj-button or mj-raw.",
                further=data[: len(data) - len(data.lstrip())].count("\n"),
            )

    def _element(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = self.inside
        if not _is_mjml(tag):
            self._html(tag, inside)
        elif inside == "mj-attributes":
            self._defaults(tag, attrs)
        else:
            self._component(tag, attrs, inside)

    def _html(self, tag: str, inside: str) -> None:
        if inside in components() and components()[inside].content != "html":
            self.find(
                f"<{tag}> directly in <{inside}>",
                "HTML belongs into mj-text, mj-table, mj-button or mj-raw.",
            )
        elif not inside:
            self.find(f"<{tag}> outside <mjml>")

    def _component(self, tag: str, attrs: list[tuple[str, str | None]], inside: str) -> None:
        component = components().get(tag)
        if component is None:
            self._unknown(tag)
            return
        if inside not in component.within and (inside or component.within):
            where = ", ".join(f"<{name}>" for name in sorted(component.within))
            self.find(f"<{tag}> cannot stand in <{inside}>", f"It can stand in: {where}.")
        self._check_attributes(tag, attrs, component.attributes)
        for name in component.required:
            if name not in dict(attrs):
                self.find(f"<{tag}> needs the attribute {name}")
        if tag == "mj-section":
            self._section_padding(dict(attrs))

    def _unknown(self, tag: str) -> None:
        reason = _table()["refused"].get(tag)
        if reason:
            self.find(f"<{tag}> is not used here: {reason}")
            return
        near = difflib.get_close_matches(tag, components(), n=1)
        self.find(f"unknown component <{tag}>", f"Did you mean <{near[0]}>?" if near else "")

    def _defaults(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("mj-all", "mj-class"):
            every: dict[str, str] = {"name": "text"} if tag == "mj-class" else {}
            for component in components().values():
                every.update(dict.fromkeys(component.attributes, "text"))
            self._check_attributes(tag, attrs, every)
        elif tag in components():
            self._check_attributes(tag, attrs, components()[tag].attributes)
        else:
            self._unknown(tag)

    def _check_attributes(
        self, tag: str, attrs: list[tuple[str, str | None]], known: Mapping[str, str]
    ) -> None:
        seen: set[str] = set()
        for name, value in attrs:
            if name in seen:
                self.find(f"<{tag}> has the attribute {name} twice")
            seen.add(name)
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]}?" if near else ""
                self.find(f"<{tag}> has no attribute {name}", hint)
            elif not _is_value(value or "", known[name]):
                self.find(
                    f'<{tag}> {name}="{_short(value or "")}" is not a value of that attribute',
                    f"It takes: {known[name].replace('|', ', ')}.",
                )

    def _section_padding(self, attrs: Mapping[str, str | None]) -> None:
        """Outlook's columns are as wide as the section without its padding, so they would stick out."""
        sides = _SIDES.fullmatch(attrs.get("padding") or "")
        padded = [
            attrs.get("padding-left"),
            attrs.get("padding-right"),
            *(sides.groups() if sides else ()),
        ]
        if (attrs.get("padding") or "0").count(" ") == 0:
            padded.append(attrs.get("padding"))
        if any(value not in (None, "0", "0px", "0%") for value in padded):
            self.find(
                "<mj-section> has padding at its sides, which Outlook's columns do not heed",
                "Pad the mj-column or what is in it.",
            )


def _is_mjml(tag: str) -> bool:
    return tag == "mjml" or tag.startswith("mj-")


def _is_value(value: str, kinds: str) -> bool:
    for kind in kinds.split("|"):
        pattern = _KINDS.get(kind)
        if pattern.fullmatch(value) if pattern else value == kind:
            return True
    return False


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else f"{flat[:39]}…"
