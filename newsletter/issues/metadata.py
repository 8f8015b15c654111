"""What the keys of front matter mean: each is read as its type, what does not fit is an error at its line."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from newsletter.issues.front_matter import FrontMatter
from newsletter.issues.hidden import without_hidden
from newsletter.issues.links import check_address
from newsletter.issues.references import read_merge_tag_text
from newsletter.issues.values import Mapping, Scalar, Sequence, Value
from newsletter.model.issue import (
    EmailMode,
    FurtherLink,
    Layout,
    Medium,
    Origin,
    Reference,
    Treatment,
)
from newsletter.model.silence import Silence
from newsletter.problems import Problem, Source, error, warning

ISSUE_KEYS = frozenset(
    {"title", "number", "date", "language", "subject", "preheader", "from", "reply_to", "publisher"}
    | {"theme", "email", "layout", "tags", "canonical", "cover", "silence"}
)
SECTION_KEYS = frozenset({"title", "kind", "email", "print", "web"})
ARTICLE_KEYS = frozenset(
    {
        "title",
        "subtitle",
        "short_title",
        "teaser",
        "authors",
        "source",
        "doi",
        "image",
        "language",
        "email",
        "print",
    }
    | {"web", "tags", "references", "links"}
)
# Names that other publishing systems use for the same thing.
_ALIASES = {
    "language": ("lang",),
    "authors": ("author",),
    "teaser": ("description", "summary"),
    "preheader": ("description", "summary"),
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
Entry = TypeVar("Entry", Reference, FurtherLink, Silence)
_LINE_BREAKS = re.compile(r"\s*[\r\n\x00-\x1f\x7f]+\s*")


@dataclass(slots=True)
class Keys:
    """The keys of one file, taken one by one; `finish` tells which were never taken."""

    file: str
    values: Mapping
    problems: list[Problem] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, matter: FrontMatter, file: str) -> Keys:
        return cls(file, matter.values, list(matter.problems))

    def line(self, key: str) -> int:
        entry = self.values.entries.get(key)
        return entry[0] if entry else 0

    def text(self, key: str) -> str:
        """One line of text; a number or a date is text as well."""
        found = self._find(key)
        if found is None:
            return ""
        name, line, value = found
        if isinstance(value, Scalar):
            return without_hidden(_LINE_BREAKS.sub(" ", value.text)).strip()
        self._wrong(name, line, "text")
        return ""

    def template(self, key: str) -> str:
        """Text that may hold merge tags, in source form."""
        text = self.text(key)
        self.problems += read_merge_tag_text(text, Source(self.file, self.line(key)))
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of its parts between commas."""
        found = self._find(key)
        if found is None:
            return ()
        name, _line, value = found
        if isinstance(value, Scalar):
            parts: Iterable[str] = re.split(r"\s*[,，、;；]\s*", without_hidden(value.text))
        elif isinstance(value, Sequence):
            parts = [self._name_in(item, name) for item in value.items]
        else:
            parts = [self._name_in(value, name)]
        return tuple(part.strip() for part in parts if part.strip())

    def date(self, key: str) -> datetime.date | None:
        text = self.text(key)
        if not text:
            return None
        found = _DATE.fullmatch(text)
        try:
            if found:
                return datetime.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
        self.tell("front-matter-value", key, f"{key}: not a date: {text}", "Write it 2024-04-30.")
        return None

    def language(self, key: str) -> str:
        text = self.text(key)
        if text and not _LANGUAGE.fullmatch(text):
            hint = "Write a language tag: zh-Hans, en, de, ar."
            self.tell("front-matter-value", key, f"{key}: not a language: {text}", hint)
            return ""
        return text.replace("_", "-")

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        text = self.text(key)
        if text and text not in (known := list(allowed)):
            near = difflib.get_close_matches(text, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"One of: {', '.join(known)}."
            self.tell("front-matter-value", key, f"{key}: unknown value: {text}", hint)
            return ""
        return text

    def address(self, key: str) -> str:
        """A web address."""
        text = self.text(key)
        return text if not text or self._is_address(key, self.line(key), text) else ""

    def treatments(self) -> dict[Medium, Treatment]:
        written = {medium: self.choice(medium.value, list(Treatment)) for medium in Medium}
        return {medium: Treatment(text) for medium, text in written.items() if text}

    def origin(self) -> Origin:
        found = self._find("source")
        if found is None:
            return Origin()
        name, line, value = found
        if isinstance(value, Scalar):
            is_url = re.match(r"https?://", value.text) is not None
            return Origin(url=value.text) if is_url else Origin(name=value.text)
        if not isinstance(value, Mapping):
            self._wrong(name, line, "a table with name, url and date")
            return Origin()
        inner = self._inner(value)
        origin = Origin(inner.text("name"), inner.address("url"), inner.text("date"))
        self._merge(inner, frozenset({"name", "url", "date"}))
        return origin

    def doi(self, key: str = "doi") -> str:
        text = self.text(key)
        if not text:
            return ""
        found = _DOI.fullmatch(text)
        if found is None:
            self.tell(
                "front-matter-value", key, f"{key}: not a DOI: {text}", "A DOI begins with 10."
            )
            return ""
        return found[1]

    def references(self) -> tuple[Reference, ...]:
        return tuple(self._each("references", self._reference))

    def _reference(self, item: Value) -> Reference | None:
        if isinstance(item, Scalar):
            return Reference(item.text)
        if not isinstance(item, Mapping):
            return None
        inner = self._inner(item)
        reference = Reference(inner.text("text"), inner.address("url"), inner.doi())
        self._merge(inner, frozenset({"text", "url", "doi"}))
        return reference

    def links(self) -> tuple[FurtherLink, ...]:
        return tuple(link for link in self._each("links", self._link) if link.url)

    def _link(self, item: Value) -> FurtherLink | None:
        if isinstance(item, Scalar):
            return FurtherLink(item.text if self._is_address("links", item.line, item.text) else "")
        if not isinstance(item, Mapping):
            return None
        inner = self._inner(item)
        link = FurtherLink(inner.address("url"), inner.text("title"))
        self._merge(inner, frozenset({"url", "title"}))
        return link

    def silences(self) -> tuple[Silence, ...]:
        """Each has a code and a reason: a silence that nobody can explain later is none."""
        return tuple(self._each("silence", self._silence))

    def _silence(self, item: Value) -> Silence | None:
        if not isinstance(item, Mapping):
            return None
        inner = self._inner(item)
        silence = Silence(inner.text("code"), inner.text("reason"), inner.text("file"))
        self._merge(inner, frozenset({"code", "reason", "file"}))
        if silence.code and silence.reason:
            return silence
        source = Source(self.file, item.line)
        message = "silence: needs a code and a reason; it is left out"
        hint = "- code: caption-repeated\n  reason: the same map on purpose"
        self.problems.append(warning("silence-incomplete", source, message, hint))
        return None

    def layout(self) -> Layout:
        found = self._find("layout")
        if found is None:
            return Layout()
        _name, line, value = found
        if not isinstance(value, Mapping):
            message = "layout: not a table of columns and paper; it is left out"
            self.problems.append(warning("front-matter-type", Source(self.file, line), message))
            return Layout()
        inner = self._inner(value)
        columns = inner.choice("columns", ("1", "2"))
        layout = Layout(int(columns or 0), inner.choice("paper", ("a4", "us-letter")))
        self._merge(inner, frozenset({"columns", "paper"}))
        return layout

    def email_mode(self) -> EmailMode:
        return EmailMode(self.choice("email", list(EmailMode)) or EmailMode.AUTO)

    def finish(self, known: frozenset[str]) -> tuple[Problem, ...]:
        """All the problems, with a warning for each key that means nothing here."""
        for key, (line, _) in self.values.entries.items():
            if key in self._taken:
                continue
            near = difflib.get_close_matches(key, known, n=1)
            hint = (
                f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(known))}."
            )
            source = Source(self.file, line)
            self.problems.append(
                warning("front-matter-unknown-key", source, f"unknown key: {key[:80]}", hint)
            )
        return tuple(self.problems)

    def tell(self, code: str, key: str, message: str, hint: str = "") -> None:
        name = next((n for n in (key, *_ALIASES.get(key, ())) if n in self.values.entries), key)
        self.problems.append(error(code, Source(self.file, self.line(name)), message, hint))

    def _find(self, key: str) -> tuple[str, int, Value] | None:
        """The key or one of its other names, unless nothing was written behind it."""
        for name in (key, *_ALIASES.get(key, ())):
            if name in self.values.entries:
                line, value = self.values.entries[name]
                self._taken.add(name)
                if not (isinstance(value, Scalar) and not value.text):
                    return name, line, value
        return None

    def _each(self, key: str, read: Callable[[Value], Entry | None]) -> Iterator[Entry]:
        found = self._find(key)
        if found is None:
            return
        name, line, value = found
        for item in value.items if isinstance(value, Sequence) else [value]:
            entry = read(item)
            if entry is None:
                self._wrong(name, item.line or line, "a list of texts or tables")
            else:
                yield entry

    def _name_in(self, value: Value, key: str) -> str:
        if isinstance(value, Scalar):
            return without_hidden(value.text)
        if isinstance(value, Mapping) and "name" in value.entries:
            inner = value.entries["name"][1]
            return inner.text if isinstance(inner, Scalar) else ""
        self._wrong(key, value.line, "a list of texts")
        return ""

    def _is_address(self, key: str, line: int, text: str) -> bool:
        reason = check_address(text)
        if reason:
            message = f"{key}: {text[:100]}: {reason}"
            self.problems.append(error("link-refused", Source(self.file, line), message))
        return not reason

    def _inner(self, value: Mapping) -> Keys:
        return Keys(self.file, value)

    def _merge(self, inner: Keys, known: frozenset[str]) -> None:
        self.problems += inner.finish(known)

    def _wrong(self, key: str, line: int, wanted: str) -> None:
        source = Source(self.file, line)
        self.problems.append(error("front-matter-type", source, f"{key}: this must be {wanted}"))
