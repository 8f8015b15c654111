"""What was just done, as the page after it says it; with a way to undo it where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.web.words import gettext, ngettext

_OF_MANY = frozenset({"join", "leave", "tag", "attribute", "suppress"})


@dataclass(frozen=True, slots=True)
class Done:
    """`undo` is the number of the batch that can be undone, or empty."""

    text: str
    undo: str = ""


def done_of(query: Mapping[str, str]) -> Done | None:
    """By the address: `done` is what, `n` how many, `batch` what to undo."""
    what = query.get("done", "")
    typed = query.get("n", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 12 else 0
    batch = query.get("batch", "")
    undo = batch if batch.isascii() and batch.isdigit() and len(batch) < 12 else ""
    known = {
        "saved": gettext("Saved."),
        "added": gettext("Added."),
        "unsubscribed": gettext("Unsubscribed."),
        "resent": gettext("The confirmation mail is on its way."),
        "suppressed": gettext("Suppressed: no mail goes there."),
        "lifted": gettext("Lifted: mail goes there again where a list says so."),
        "forgotten": gettext("Forgotten."),
        "join": ngettext(
            "%(n)s person added to the list.", "%(n)s people added to the list.", number
        ),
        "leave": ngettext("%(n)s person unsubscribed.", "%(n)s people unsubscribed.", number),
        "tag": ngettext("%(n)s person tagged.", "%(n)s people tagged.", number),
        "attribute": ngettext("%(n)s person changed.", "%(n)s people changed.", number),
        "suppress": ngettext("%(n)s person suppressed.", "%(n)s people suppressed.", number),
        "forget": ngettext("%(n)s person forgotten.", "%(n)s people forgotten.", number),
        "undone": ngettext("Undone for %(n)s person.", "Undone for %(n)s people.", number),
    }
    if number == 0 and what in _OF_MANY:
        nobody = gettext("Nobody was added: who is not on the list yet may not be put on it.")
        return Done(nobody if what == "join" else gettext("Nothing to change: it is so already."))
    return Done(known[what], undo) if what in known else None
