"""The studio's one screen: everything about an issue that its page shows, gathered for the template."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse

from newsletter.model.account import Account, Action, may
from newsletter.model.clicks import ClickRules
from newsletter.model.issue import Issue
from newsletter.problems import NewsletterError, Problem, in_order
from newsletter.web.problem_words import error_message
from newsletter.web.studio import choice as choices
from newsletter.web.studio.assets import import_map, own_version
from newsletter.web.studio.choice import AGAINST, OPENED, SAVED, Choice
from newsletter.web.studio.clip import CLIP, articles_behind, shown_bytes
from newsletter.web.studio.findings import findings
from newsletter.web.studio.meter import Meter
from newsletter.web.studio.outline import outline_of, titles_of
from newsletter.web.studio.person_picker import kept, picker_of
from newsletter.web.views import page
from newsletter.web.words import gettext
from newsletter.workflow.comparing import compared
from newsletter.workflow.composing import FIELDS, details_of, kind_of
from newsletter.workflow.contents import headings_of, links_of, places_of
from newsletter.workflow.editing import Editing, Opened
from newsletter.workflow.history import History
from newsletter.workflow.inbox import InboxRow, inbox_rows
from newsletter.workflow.preview import PreviewDesk
from newsletter.workflow.printing import layout_of
from newsletter.workflow.shown import PrintLook, Shown, ShownPages
from newsletter.workflow.stages import STEPS
from newsletter.workflow.undoing import last_deed


def screen(
    desk: PreviewDesk,
    editing: Editing,
    choice: Choice,
    state: str,
    key: str,
    account: Account,
    changes: int,
    *,
    was: str = "",
    wait: bool = True,
) -> HTMLResponse:
    """`state` is what the list of issues says of this one: draft, or published; `key` leads to what frames load,
    `changes` is how much of the files had changed before, `was` the name by which
    the file was asked for, where it has another by now.
    With `wait` printed pages that were never laid out are waited for."""
    shown = desk.shown(choice.slug)
    own = layout_of(shown.issue, desk.publication) if shown.issue else None
    choice = _apart(choice, own)
    pages = _pages(desk, choice, wait=wait)
    told = desk.printing.known(choice.slug) or pages
    problems = in_order((*shown.problems, *(told.problems if told else ())))
    order, names = editing.order, editing.names()
    was = was if choice.file in names else ""  # renamed, and gone since
    choice = replace(choice, file=_file(choice.file, names, shown.issue))
    nonce = secrets.token_urlsafe(16)
    response = page(
        "studio/screen",
        publication=desk.publication,
        choice=choice,
        link=choice.address,
        choices=choices,
        shown=shown,
        pages=pages,
        own=own,
        can_keep_layout=bool(shown.issue and shown.issue.source.file in names),
        laid_at=_clock(pages),
        state=state,
        names=names,
        was=was,
        order=order,
        opened=_opened(editing, choice.file),
        place=_place(desk, choice),
        files=f"/studio/{quote(choice.slug, safe='')}/files/",
        nonce=nonce,
        key=key,
        imports=import_map().text,
        scripts=own_version(),
        reading=desk.mail_for(choice.slug, choice.person) if choice.person else None,
        sees_people=may(account, Action.SEND),
        picker=picker_of(desk, choice) if may(account, Action.SEND) else None,
        kept=kept,
        account=account,
        changes=changes,
        may_send=may(account, Action.SEND),
        inbox=_inbox(desk, choice, shown),
        source=_source(desk, editing, choice, shown),
        comparison=_comparison(editing, choice),
        history=_history(editing, choice),
        details=_details(editing, choice),
        silenced=shown.silenced,
        can_silence="issue.md" in names,
        digest=desk.digest(choice.slug) if choice.drawer == "size" else (),
        stage=desk.stage(choice.slug),
        steps=STEPS,
        undoable=last_deed(editing),
        actions=f"/studio/{quote(choice.slug, safe='')}/do",
        query=_query(choice),
        **findings(problems, choice.only, choice.file),
        **_about(shown, problems, pages, desk.publication.click_rules),
    )
    response.headers["content-security-policy"] = _policy(nonce)
    return response


def _file(wanted: str, names: tuple[str, ...], issue: Issue | None) -> str:
    """The file to edit: the one asked for, else the first article, else any."""
    if wanted in names:
        return wanted
    first = next((article.source.file for _, article in issue.articles()), "") if issue else ""
    return first if first in names else (names[0] if names else "")


def _place(desk: PreviewDesk, choice: Choice) -> str:
    """Names a file among those of all publications that are ever served at this address."""
    parts = (str(desk.path(choice.slug).resolve()), choice.file)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _opened(editing: Editing, file: str) -> Opened | None:
    try:
        return editing.open(file) if file else None
    except NewsletterError as caught:
        return Opened(file, "", "", error_message(caught.message))


def _query(choice: Choice) -> str:
    address = choice.address()
    return address[address.find("?") :] if "?" in address else ""


def _inbox(desk: PreviewDesk, choice: Choice, shown: Shown) -> tuple[InboxRow, ...]:
    if choice.view != "inbox" or shown.issue is None:
        return ()
    mail = desk.mail_for(choice.slug, choice.person)
    settings = desk.publication.settings
    sender = shown.issue.sender.partition("<")[0].strip() or settings.sender.name or settings.name
    subject, preheader = (mail.subject, mail.preheader) if mail else (shown.subject, "")
    return inbox_rows(sender, subject, preheader)


def _source(desk: PreviewDesk, editing: Editing, choice: Choice, shown: Shown) -> str:
    if choice.view != "source":
        return ""
    if choice.part == "markdown":
        opened = _opened(editing, choice.file)
        return opened.text if opened else ""
    if choice.part == "mjml":
        return desk.mjml(choice.slug)
    if choice.part == "message":
        message = desk.message(choice.slug)
        return message.decode("utf-8", "replace") if message else ""
    return shown.html


def _comparison(editing: Editing, choice: Choice) -> dict[str, Any]:
    """The open file beside a version of it, beside itself before the last save, or as it was opened."""
    if choice.view != "compare" or not choice.file:
        return {"before": "", "rows": (), "versions": (), "against": ""}
    opened = _opened(editing, choice.file)
    history = History(editing.path)
    versions = history.versions()
    root = editing.path if editing.path.is_dir() else editing.path.parent
    against = choice.against or (versions[0].id if versions else OPENED)
    before: str | None = None
    if against not in AGAINST:
        before = history.text_at(against, root / choice.file)
        told = gettext("since version %(version)s", version=against[:10])
    if against == SAVED:
        before, told = editing.before_save(choice.file), gettext("since before the last save")
    if before is None:
        against, before = OPENED, editing.at_first(choice.file)
        told = gettext("since it was opened here")
    now = opened.text if opened else ""
    rows = compared(before, now)
    return {"before": told, "rows": rows, "versions": versions, "against": against}


def _history(editing: Editing, choice: Choice) -> dict[str, Any]:
    if choice.drawer != "history":
        return {"missing": "", "versions": (), "changed": 0}
    history = History(editing.path)
    return {
        "missing": history.missing,
        "versions": history.versions(),
        "changed": history.changed(),
    }


def _details(editing: Editing, choice: Choice) -> list[dict[str, Any]]:
    """The form of the open file's front matter: each field with its value and whether it can be changed here."""
    opened = _opened(editing, choice.file) if choice.file.endswith(".md") else None
    if opened is None or opened.refusal:
        return []
    values, can = details_of(opened.text, choice.file)
    return [
        {"field": field, "value": values.get(field.key, ""), "can": can.get(field.key, False)}
        for field in FIELDS[kind_of(choice.file)]
    ]


def _pages(desk: PreviewDesk, choice: Choice, *, wait: bool) -> ShownPages | None:
    """The pages of before are shown while new ones are laid out; None when there are none yet."""
    known = desk.printing.known(choice.slug, choice.look)
    if known is None and wait and choice.view == "print":
        return desk.printing.pages(choice.slug, choice.look)
    return known


def _apart(choice: Choice, own: PrintLook | None) -> Choice:
    """What the issue says itself is not chosen apart from it."""
    if own is None:
        return choice
    columns = "" if choice.columns == str(own.columns) else choice.columns
    return replace(choice, columns=columns, paper="" if choice.paper == own.paper else choice.paper)


def _clock(pages: ShownPages | None) -> str:
    """When the pages were laid out, by the clock of this machine."""
    if pages is None or not pages.at:
        return ""
    return datetime.datetime.fromtimestamp(pages.at).astimezone().strftime("%H:%M:%S")


def _about(
    shown: Shown, problems: tuple[Problem, ...], pages: ShownPages | None, rules: ClickRules
) -> dict[str, Any]:
    issue, email = shown.issue, shown.email
    if issue is None:
        return {
            "outline": (),
            "titles": {},
            "links": (),
            "headings": (),
            "places": (),
            "meter": None,
            "parts": (),
        }
    articles = [article for _, article in issue.articles()]
    cut = articles_behind(shown.html, articles, shown_bytes(shown.html, rules))
    titles = {article.anchor: article for article in articles}
    sizes = email.article_bytes if email else ()
    rows = outline_of(issue, email, problems, cut)
    return {
        "outline": rows,
        "titles": titles_of(rows, gettext("Issue and letter")),
        "links": links_of(issue),
        "headings": headings_of(issue),
        "places": places_of(issue),
        "meter": Meter(email.html_bytes, CLIP) if email else None,
        "parts": [(titles[anchor], size) for anchor, size in sizes if anchor in titles],
    }


def _policy(nonce: str) -> str:
    """Our scripts and the import map, by its very text; styles that the editor makes, by the nonce."""
    return (
        f"default-src 'none'; script-src 'self' {import_map().policy}; "
        f"style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
