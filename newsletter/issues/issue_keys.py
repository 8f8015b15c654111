"""The front matter of an issue, ready to make the Issue of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from newsletter.issues.documents import Document
from newsletter.issues.metadata import ISSUE_KEYS
from newsletter.issues.own_picture import cover_picture
from newsletter.issues.places import Places
from newsletter.model.issue import Issue


@dataclass(frozen=True, slots=True)
class IssueKeys:
    title: str
    _blank: Issue

    def issue(self, **parts: Any) -> Issue:
        return replace(self._blank, **parts)


def read_issue_keys(document: Document, default_language: str, places: Places) -> IssueKeys:
    """Takes every key of an issue; problems go to the places' list."""
    keys = document.keys
    title = keys.text("title")
    blank = Issue(
        source=document.source(),
        slug="",
        title=title,
        language=keys.language("language") or default_language,
        date=keys.date("date"),
        number=keys.text("number"),
        subject=keys.template("subject"),
        preheader=keys.template("preheader"),
        sender=keys.text("from"),
        reply_to=keys.text("reply_to"),
        publisher=keys.text("publisher"),
        theme=keys.text("theme"),
        email=keys.email_mode(),
        layout=keys.layout(),
        tags=keys.texts("tags"),
        canonical=keys.address("canonical"),
        cover=cover_picture(document, places),
        silences=keys.silences(),
    )
    places.problems += keys.finish(ISSUE_KEYS)
    places.base_url = blank.canonical
    return IssueKeys(title, blank)
