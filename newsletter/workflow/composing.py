"""What an editor does to an issue's files with one click: mend, silence, fill in a form, make a digest, go back.

Each is an ordinary save of the file as it is now, merged with what others write meanwhile; nothing is done
to bytes that the click is not about. Each can be taken back (`undoing.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.issues.front_matter import split_front_matter
from newsletter.issues.front_matter_edit import CannotEdit, keys_of, with_entry, with_key
from newsletter.issues.front_matter_table import with_table
from newsletter.issues.metadata import Keys
from newsletter.problems import Changed, UsageError
from newsletter.workflow.editing import Editing
from newsletter.workflow.undoing import changed, remember

PARAGRAPH = 60
"""Lines below a problem's own in which its words may stand."""


@dataclass(frozen=True, slots=True)
class Field:
    """A key of front matter that a form knows. `kind` is text, words (several lines in the form), list, date or choice."""

    key: str
    kind: str
    choices: tuple[str, ...] = ()


LAYOUT: Mapping[str, tuple[str, ...]] = {"columns": ("1", "2"), "paper": ("a4", "us-letter")}
"""What may be said of the printed pages."""
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
        Field("cover", "text"),
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
        Field("short_title", "text"),
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

    remember(editing, "details", changed(editing, file, filled))


@dataclass(frozen=True, slots=True)
class Mending:
    """`new` comes in place of the first `old` at a line of a file, or in the paragraph below it."""

    file: str
    line: int
    old: str
    new: str

    def of(self, text: str) -> str:
        """The text with it; the same when the words are no longer there."""
        lines = text.split("\n")
        for at in range(max(self.line, 1) - 1, min(len(lines), self.line + PARAGRAPH)):
            if self.old in lines[at]:
                lines[at] = lines[at].replace(self.old, self.new, 1)
                break
        return "\n".join(lines)


def mend(editing: Editing, mendings: Sequence[Mending]) -> None:
    """Makes fixes, file by file, as one deed. Raises Changed when none of their words are there any more."""
    edits = []
    for file in dict.fromkeys(one.file for one in mendings):
        here = [one for one in mendings if one.file == file]
        edits.append(changed(editing, file, lambda text, here=here: _mended(text, here)))  # type: ignore[misc]
    if all(edit.before == edit.after for edit in edits):
        raise Changed("these words are no longer there", "Look at the problem again.")
    remember(editing, "fix", *edits)


def _mended(text: str, mendings: Sequence[Mending]) -> str:
    for one in mendings:
        text = one.of(text)
    return text


def silence(editing: Editing, code: str, reason: str, file: str = "") -> None:
    """Writes in the issue that a warning is not to be told any more, and why."""
    if not code.strip() or not reason.strip():
        raise UsageError("a silence needs a code and a reason")
    entry = [("code", code), *([("file", file)] if file else []), ("reason", reason)]
    edit = changed(editing, "issue.md", lambda text: with_entry(text, "silence", entry))
    remember(editing, "silence", edit)


def set_layout(editing: Editing, file: str, columns: str = "", paper: str = "") -> None:
    """Writes into the issue how it is printed; what is empty stays as it is."""
    values = {"columns": columns, "paper": paper}
    for name, value in values.items():
        if value not in ("", *LAYOUT[name]):
            raise UsageError(f"{name} cannot be {value}")
    wanted = {name: value for name, value in values.items() if value}
    edit = changed(
        editing, file, lambda text: with_table(text, "layout", wanted) if wanted else text
    )
    remember(editing, "details", edit)


def make_digest(editing: Editing, articles: Sequence[tuple[str, str]]) -> None:
    """Writes into each article how much of it the mail has: `digest`, `title` or `omit`."""
    for _, shown in articles:
        if shown not in _TREATMENTS or not shown:
            raise UsageError(f"no treatment: {shown}")
    edits = [
        changed(editing, file, lambda text, shown=shown: with_key(text, "email", shown))  # type: ignore[misc]
        for file, shown in articles
    ]
    remember(editing, "digest", *edits)


def put_back(editing: Editing, file: str, text: str) -> None:
    """A file as it was in another version."""
    remember(editing, "restore", changed(editing, file, lambda _: text))


def _parts(value: str) -> list[str]:
    for mark in ("，", "、", ";", "；", "\n"):
        value = value.replace(mark, ",")
    return [part.strip() for part in value.split(",") if part.strip()]
