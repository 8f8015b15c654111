"""What an editor does to an issue's files with one click: mend, silence, fill in a form, make a digest, go back.

Each is an ordinary save of the file as it is now, merged with what others write meanwhile; nothing is done
to bytes that the click is not about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from newsletter.issues.front_matter import split_front_matter
from newsletter.issues.front_matter_edit import CannotEdit, keys_of, with_entry, with_key
from newsletter.issues.metadata import Keys
from newsletter.problems import Changed, UsageError
from newsletter.workflow.editing import Conflict, Editing

PARAGRAPH = 60
"""Lines below a problem's own in which its words may stand."""


@dataclass(frozen=True, slots=True)
class Field:
    """A key of front matter that a form knows. `kind` is text, words (several lines in the form), list, date or choice."""

    key: str
    kind: str
    choices: tuple[str, ...] = ()


_TREATMENTS = ("", "full", "digest", "title", "omit")
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "issue": (
        Field("title", "text"),
        Field("number", "text"),
        Field("date", "date"),
        Field("subject", "text"),
        Field("preheader", "words"),
        Field("from", "text"),
        Field("reply_to", "text"),
        Field("language", "text"),
        Field("theme", "text"),
        Field("email", "choice", ("", "auto", "full", "digest")),
        Field("tags", "list"),
    ),
    "section": (
        Field("title", "text"),
        Field("kind", "choice", ("", "articles", "briefs", "lead", "events", "sponsor")),
        Field("email", "choice", _TREATMENTS),
        Field("web", "choice", _TREATMENTS),
        Field("print", "choice", _TREATMENTS),
    ),
    "article": (
        Field("title", "text"),
        Field("subtitle", "text"),
        Field("teaser", "words"),
        Field("authors", "list"),
        Field("doi", "text"),
        Field("image", "text"),
        Field("language", "text"),
        Field("email", "choice", _TREATMENTS),
        Field("web", "choice", _TREATMENTS),
        Field("print", "choice", _TREATMENTS),
        Field("tags", "list"),
    ),
}


def kind_of(file: str) -> str:
    """Which keys a file may have, by its name."""
    name = file.rpartition("/")[2]
    return {"issue.md": "issue", "section.md": "section"}.get(name, "article")


def editable(text: str, file: str) -> dict[str, bool]:
    """Whether a form can change each key that the form of this file knows."""
    try:
        there = keys_of(text)
    except CannotEdit:
        return {}
    return {field.key: there.get(field.key, True) for field in FIELDS[kind_of(file)]}


def details_of(text: str, file: str) -> tuple[dict[str, str], dict[str, bool]]:
    """What the form of a file shows: each key's value as text, and whether it can be changed there."""
    matter = split_front_matter(text, file)
    keys = Keys.of(matter, file)
    values = {
        field.key: ", ".join(keys.texts(field.key))
        if field.kind == "list"
        else keys.text(field.key)
        for field in FIELDS[kind_of(file)]
        if field.key in matter.values.entries
    }
    return values, editable(text, file)


def fill_in(editing: Editing, file: str, values: Mapping[str, str]) -> None:
    """Sets the keys of a form that differ from what the file says. An empty value takes its key out."""
    fields = {field.key: field for field in FIELDS[kind_of(file)]}

    def filled(text: str) -> str:
        for key, value in values.items():
            field = fields.get(key)
            if field is None:
                raise UsageError(f"no form has the key {key}")
            if field.kind == "choice" and value not in field.choices:
                raise UsageError(f"{key} cannot be {value}")
            written = _parts(value) if field.kind == "list" else value.strip()
            text = with_key(text, key, written)
        return text

    _change(editing, file, filled)


def mend(editing: Editing, file: str, line: int, old: str, new: str) -> None:
    """Puts `new` in place of the first `old` at a line or in the paragraph below it."""

    def mended(text: str) -> str:
        lines = text.split("\n")
        for at in range(max(line, 1) - 1, min(len(lines), line + PARAGRAPH)):
            if old in lines[at]:
                lines[at] = lines[at].replace(old, new, 1)
                return "\n".join(lines)
        raise Changed("these words are no longer there", "Look at the problem again.")

    _change(editing, file, mended)


def silence(editing: Editing, code: str, reason: str, file: str = "") -> None:
    """Writes in the issue that a warning is not to be told any more, and why."""
    if not code.strip() or not reason.strip():
        raise UsageError("a silence needs a code and a reason")
    entry = [("code", code), *([("file", file)] if file else []), ("reason", reason)]
    _change(editing, "issue.md", lambda text: with_entry(text, "silence", entry))


def make_digest(editing: Editing, articles: Sequence[tuple[str, str]]) -> None:
    """Writes into each article how much of it the mail has: `digest`, `title` or `omit`."""
    for file, shown in articles:
        if shown not in _TREATMENTS or not shown:
            raise UsageError(f"no treatment: {shown}")
        _change(editing, file, lambda text, shown=shown: with_key(text, "email", shown))  # type: ignore[misc]


def put_back(editing: Editing, file: str, text: str) -> None:
    """A file as it was in another version."""
    _change(editing, file, lambda _: text)


def _change(editing: Editing, file: str, make: Callable[[str], str]) -> None:
    opened = editing.open(file)
    if opened.refusal or opened.conflict is not None:
        raise UsageError(opened.refusal or f"{file} was changed twice; decide that first")
    try:
        text = make(opened.text)
    except CannotEdit as caught:
        raise UsageError(f"{file}: {caught}") from caught
    outcome = editing.save(file, text, version=opened.version, base=opened.text)
    if isinstance(outcome, Conflict):
        raise Changed(f"{file} was changed by somebody else just now", "Try again.")


def _parts(value: str) -> list[str]:
    for mark in ("，", "、", ";", "；", "\n"):
        value = value.replace(mark, ",")
    return [part.strip() for part in value.split(",") if part.strip()]
