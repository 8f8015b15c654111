"""One view of an issue as fast as it can be had: read, with what is being typed laid over it, and only that view rendered.

The mail is what a send would make of the same source, its marks for recipients filled with what somebody
without a name reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from newsletter.delivery.message import without_recipient
from newsletter.delivery.reading import as_read_by
from newsletter.editions.email_edition import render_email
from newsletter.editions.web import render_web
from newsletter.model.edition import EmailEdition, WebEdition
from newsletter.model.issue import Issue
from newsletter.problems import ContentError, Problem, has_errors
from newsletter.publication import Publication
from newsletter.workflow.builds import pdf_name
from newsletter.workflow.issues import ReadIssue
from newsletter.workflow.persons import Person

_Edition = TypeVar("_Edition")


@dataclass(frozen=True, slots=True)
class MailLook:
    """The mail, its html with the addresses of its pictures relative to the page that shows it."""

    email: EmailEdition | None
    subject: str
    preheader: str
    html: str
    text: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class WebLook:
    web: WebEdition | None
    problems: tuple[Problem, ...]

    @property
    def html(self) -> str:
        files = self.web.files if self.web is not None else ()
        pages = (file.data.decode("utf-8") for file in files if file.path == "index.html")
        return next(pages, "")


def mail_look(issue: Issue, publication: Publication) -> MailLook:
    email, problems = attempt(lambda: render_email(issue, publication))
    if email is None:
        return MailLook(None, "", "", "", "", problems)
    html, text = without_recipient(email, publication)
    return MailLook(
        email,
        _defaults(email.subject, email),
        _defaults(email.preheader, email),
        _with_pictures_here(html, email),
        text,
        problems,
    )


def web_look(issue: Issue, publication: Publication) -> WebLook:
    return WebLook(*attempt(lambda: render_web(issue, publication, pdf_name=pdf_name(issue))))


def look_of(
    found: ReadIssue, view: str, publication: Publication, *, draft: bool = False
) -> MailLook | WebLook | None:
    """What a view, `email` or `web`, shows; None when the source has errors or no page comes of it. A `draft` may
    have errors: placeholders stand where something is missing."""
    if found.issue is None or (has_errors(found.problems) and not draft):
        return None
    made = mail_look if view == "email" else web_look
    look = made(found.issue, publication)
    return look if look.html else None


def read_by(look: MailLook, person: Person, publication: Publication) -> MailLook:
    """The same mail as one person reads it."""
    if look.email is None:
        return look
    subject, preheader, html, text = as_read_by(
        look.email,
        publication,
        name=person.name,
        email=person.address,
        attributes=person.attributes,
    )
    html = _with_pictures_here(html, look.email)
    return MailLook(look.email, subject, preheader, html, text, look.problems)


def attempt(make: Callable[[], _Edition]) -> tuple[_Edition | None, tuple[Problem, ...]]:
    """An edition with its problems; one that cannot be made is only its problems."""
    try:
        edition = make()
    except ContentError as caught:
        return None, caught.problems
    return edition, tuple(getattr(edition, "problems", ()))


def _defaults(text: str, email: EmailEdition) -> str:
    """A line of the mail as somebody without a name reads it."""
    for marker in email.markers:
        text = text.replace(marker.token, marker.default)
    return text


def _with_pictures_here(html: str, email: EmailEdition) -> str:
    """The mail with the addresses of its pictures relative to the page that shows it."""
    base = "cid:" if email.embedded else email.picture_base
    for file in email.pictures:
        html = html.replace(f"{base}{file.path}", file.path)
    return html
