"""What was done with one click can be taken back, as long as nobody rewrote the same lines since."""

from __future__ import annotations

from collections.abc import Callable

from newsletter.issues.front_matter_edit import CannotEdit
from newsletter.problems import Changed, UsageError
from newsletter.workflow.deeds import Deed, Edit
from newsletter.workflow.editing import Conflict, Editing
from newsletter.workflow.merging import merge

MOST = 50
"""Deeds of an issue that are remembered while the program runs."""


def changed(editing: Editing, file: str, make: Callable[[str], str]) -> Edit:
    """Saves what `make` gives for the file as it is now. Raises UsageError or Changed when it cannot be."""
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
    return Edit(file, opened.text, text)


def remember(editing: Editing, what: str, *edits: Edit) -> None:
    """Has a deed be the next that is taken back; one that changed nothing is none."""
    real = tuple(edit for edit in edits if edit.before != edit.after)
    if real:
        editing.deeds.append(Deed(what, real))
        del editing.deeds[:-MOST]


def last_deed(editing: Editing) -> Deed | None:
    """What `undo` would take back."""
    return editing.deeds[-1] if editing.deeds else None


def undo(editing: Editing) -> str:
    """Takes the last deed back and says what it was. Raises Changed when its lines were rewritten since."""
    deed = last_deed(editing)
    if deed is None:
        raise UsageError("there is nothing to take back")
    editing.deeds.pop()
    for edit in reversed(deed.edits):
        changed(editing, edit.file, lambda text, edit=edit: _without(edit, text))  # type: ignore[misc]
    return deed.what


def _without(edit: Edit, text: str) -> str:
    merged = merge(edit.after, edit.before, text)
    if merged.conflicts:
        raise Changed(
            f"{edit.file} was rewritten there since", "Change it by hand, or see its history."
        )
    return merged.mine
