"""Issue → EmailEdition: one HTML mail and its text part, made once for all recipients.

Jinja2 renders a small MJML skeleton with an opaque token for each row, it is compiled and inlined, and the
rows' own HTML, inlined by itself, takes the tokens' places. What differs between recipients stays a marker.

Promises: same input, same bytes; no network; nothing of the content passes through MJML or a template as
markup. Mistakes of the issue are in `problems`; a broken theme raises ContentError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from html import escape
from itertools import pairwise

from newsletter.editions.budget import fit
from newsletter.editions.email_item import Part
from newsletter.editions.email_rows import EmailRows, Row, parts
from newsletter.editions.email_theme import EmailTheme
from newsletter.editions.markers import Markers, source_markers
from newsletter.editions.pictures import mail_picture
from newsletter.editions.plan import LETTER, written_plan
from newsletter.editions.text import render_text
from newsletter.model.clicks import added_bytes
from newsletter.model.edition import MARKER_TOKEN, Cut, EditionFile, EmailEdition, Marker
from newsletter.model.issue import EmailMode, Issue, Medium, Treatment
from newsletter.model.language import against
from newsletter.model.picture import Picture
from newsletter.problems import ContentError, Problem, error, notice, warning
from newsletter.publication import Publication

_TOKEN = re.compile("NLPB([0-9]{4})Z")
_FIXED = ("title", "preheader", "utility", "masthead", "foot")
_PERSONAL_BYTES = {"unsubscribe_url": 160, "subscriber.email": 64}
"""Allowed for where nothing is known of the recipients."""
_OTHER_BYTES = 40
_PREHEADER_CHARACTERS = 120
_CORRECTIONS = 8


def render_email(
    issue: Issue, publication: Publication, *, longest: Mapping[str, int] | None = None
) -> EmailEdition:
    """The mail of an issue. `longest`: for each field the bytes of its longest value among the recipients."""
    mail = _Mail(issue, publication, longest or {})
    plan = mail.plan()
    html = mail.html(plan)
    text = render_text(
        issue, publication, plan={**plan, LETTER: mail.rows.letter_shown}, markers=mail.markers
    ).text
    size = mail.size(html)
    used = "".join((html, text, mail.subject, mail.preheader))
    return EmailEdition(
        subject=mail.subject,
        preheader=mail.preheader,
        html=html,
        text=text,
        language=issue.language,
        markers=tuple(marker for marker in mail.markers.all if marker.token in used),
        pictures=tuple(file for file in mail.pictures.files if file.path in html),
        picture_base=mail.pictures.base,
        embedded=mail.pictures.embedded,
        html_bytes=size,
        budget=mail.budget,
        cuts=mail.cuts(plan),
        article_bytes=mail.article_bytes(plan),
        problems=(
            *mail.theme.problems,
            *mail.pictures.problems,
            *mail.kind_problems(),
            *mail.budget_problems(plan, size),
        ),
    )


class _Pictures:
    """The pictures of a mail, scaled when they are first asked for."""

    def __init__(self, issue: Issue, publication: Publication, ground: str) -> None:
        self.base = publication.issue_url(issue.slug)
        self._ground = ground
        self.embedded = publication.settings.email.images == "embedded"
        self.problems: list[Problem] = []
        self._files: dict[str, EditionFile | None] = {}

    @property
    def files(self) -> Iterable[EditionFile]:
        return {file.path: file for file in self._files.values() if file}.values()

    def address(self, picture: Picture) -> str:
        """Where the mail finds the picture; empty for one that cannot be decoded."""
        if picture.digest not in self._files:
            self._files[picture.digest] = self._made(picture)
        file = self._files[picture.digest]
        if file is None:
            return ""
        return f"cid:{file.path}" if self.embedded else f"{self.base}{file.path}"

    def _made(self, picture: Picture) -> EditionFile | None:
        try:
            return mail_picture(picture, self._ground)
        except ContentError as caught:
            self.problems += caught.problems
            return None


def mjml_source(issue: Issue, publication: Publication) -> str:
    """The MJML that the mail of an issue is compiled of, for looking at."""
    mail = _Mail(issue, publication, {})
    return mail.source(mail.plan())


def digest_offer(issue: Issue, publication: Publication) -> tuple[Cut, ...]:
    """What would make a mail fit that the editor wants in full: what `auto` would shorten of it."""
    mail = _Mail(issue, publication, {})
    mail.settled = {
        anchor: shown for anchor, shown in mail.settled.items() if shown is not Treatment.FULL
    }
    return mail.cuts(mail.plan())


class _Mail:
    def __init__(self, issue: Issue, publication: Publication, longest: Mapping[str, int]) -> None:
        self.issue = issue
        self.publication = publication
        self.longest = longest
        self.budget = publication.settings.email.budget
        self.web_url = publication.issue_url(issue.slug)
        self.clicks = publication.click_rules
        self.markers = Markers()
        self.theme = EmailTheme(issue, publication)
        self.pictures = _Pictures(issue, publication, self.theme.paper)
        self.rows = EmailRows(issue, publication, self.theme, self.markers, self.pictures.address)
        self.parts: tuple[Part, ...] = tuple(parts(issue))
        self.settled = written_plan(issue, Medium.EMAIL)
        self.subject = self._source(issue.subject or issue.title)
        self.preheader = self._source(issue.preheader) or self._first_words()
        self._fixed = self._fixed_places()

    def plan(self) -> dict[str, Treatment]:
        """Everything in full when it fits, else what the budget leaves of it; the editor's letter gives way
        when no plan fits with it."""
        plan = self._best_plan()
        free = self.issue.email is EmailMode.AUTO and bool(self.issue.letter)
        if free and self.size(self.html(plan)) > self.budget:
            self.rows.letter_shown = Treatment.DIGEST
            plan = self._best_plan()
        return plan

    def _best_plan(self) -> dict[str, Treatment]:
        """Rows are weighed one by one, which is not all that a layout costs; so the whole is weighed at the end,
        and the room corrected by what it is off.
        """
        full = self._full_plan
        whole = self.size(self.html(full))
        if whole <= self.budget:
            return full
        room = (
            self.budget - whole + sum(self._weight(part, full[part.anchor]) for part in self.parts)
        )
        best = self._fitted(room)
        off = self.budget - self.size(self.html(best))
        for _ in range(_CORRECTIONS):
            room += off
            plan = self._fitted(room)
            if plan == best:
                break
            before, off = off, self.budget - self.size(self.html(plan))
            if off >= 0 or before < 0:
                best = plan
            if off < 0 <= before:
                break
        return best

    @cached_property
    def _full_plan(self) -> dict[str, Treatment]:
        return {part.anchor: self.settled.get(part.anchor, Treatment.FULL) for part in self.parts}

    def _fitted(self, room: int) -> dict[str, Treatment]:
        by_anchor = {part.anchor: part for part in self.parts}
        anchors = list(by_anchor)
        sponsors = {part.anchor for part in self.parts if part.section.kind == "sponsor"}
        settled = dict.fromkeys(sponsors, Treatment.FULL) | self.settled
        return fit(
            anchors,
            settled,
            lambda anchor, shown: self._weight(by_anchor[anchor], shown),
            room,
            lead=anchors[0] if anchors else "",
        )

    def _weight(self, part: Part, shown: Treatment) -> int:
        alone = self.size(self.rows.item(part, shown, self.rows.is_first(part)))
        if shown is Treatment.TITLE:  # one of several lines under one label
            return alone - self.size(self.rows.titles(part.section, []))
        return alone + self._row_bytes if alone else 0

    @cached_property
    def _row_bytes(self) -> int:
        """What the layout adds to an article's own bytes: what stands from its token to the next."""
        rows = self.rows.rows(self._full_plan)
        places = [found.start() for found in _TOKEN.finditer(self._skeleton(rows))]
        gaps = [after - before for before, after in pairwise(places)]
        return min(gaps[len(_FIXED) - 1 :], default=0)

    def html(self, plan: Mapping[str, Treatment]) -> str:
        return self._assembled(self.rows.rows(plan))

    def _assembled(self, rows: list[Row]) -> str:
        values = [*self._fixed, *(row.html for row in rows)]
        return _TOKEN.sub(lambda token: values[int(token[1])], self._skeleton(rows))

    def source(self, plan: Mapping[str, Treatment]) -> str:
        """The MJML that the mail is compiled of, its rows in their places."""
        rows = self.rows.rows(plan)
        values = [*self._fixed, *(row.html for row in rows)]
        places, pieces = self._places(rows)
        mjml = self.theme.mjml(places, pieces).text
        return _TOKEN.sub(lambda token: values[int(token[1])], mjml)

    def _skeleton(self, rows: list[Row]) -> str:
        return self.theme.skeleton(*self._places(rows))

    def _places(self, rows: list[Row]) -> tuple[dict[str, str], list[tuple[str, str]]]:
        tokens = [f"NLPB{number:04}Z" for number in range(len(_FIXED) + len(rows))]
        places = dict(zip(_FIXED, tokens, strict=False))
        pieces = [(row.kind, token) for row, token in zip(rows, tokens[len(_FIXED) :], strict=True)]
        return places, pieces

    def size(self, html: str) -> int:
        """UTF-8 bytes with the longest personal values, and with what counting its links adds."""
        known = {marker.token: marker for marker in self.markers.all}
        personal = sum(
            self._longest_value(known[token]) - len(token)
            for token in MARKER_TOKEN.findall(html)
            if token in known
        )
        return len(html.encode()) + personal + added_bytes(html, self.clicks)

    def _longest_value(self, marker: Marker) -> int:
        otherwise = _PERSONAL_BYTES.get(marker.field, _OTHER_BYTES)
        return max(self.longest.get(marker.field, otherwise), len(marker.default.encode()))

    def _fixed_places(self) -> tuple[str, ...]:
        unsubscribe = self.markers.token("unsubscribe_url")
        addresses = {"web_url": self.web_url, "unsubscribe_url": unsubscribe}
        return (
            escape(self.issue.title),
            escape(self.preheader),
            self.theme.row("parts/utility.html.j2", **addresses),
            self.theme.row("parts/masthead.html.j2", **self._masthead()),
            self.theme.row("parts/foot.html.j2", **addresses, **self._foot()),
        )

    def _masthead(self) -> dict[str, object]:
        issue, words = self.issue, self.theme.words
        facts = (
            words.issue_number(issue.number) if issue.number else "",
            words.date(issue.date) if issue.date else "",
            issue.publisher or self.publication.settings.publisher,
        )
        name = self.publication.name
        return {
            "title": issue.title,
            "name": name if name != issue.title else "",
            "facts": [fact for fact in facts if fact],
        }

    def _foot(self) -> dict[str, object]:
        settings, words = self.publication.settings, self.theme.words
        email = self.markers.token("subscriber.email")
        why = words.format("why_received", name=settings.name, email=email)
        ways = [
            {"title": words["download_pdf"], "url": f"{self.web_url}{self.issue.slug}.pdf"},
            {"title": words["web_edition"], "url": self.web_url},
            {"title": words["archive"], "url": f"{self.publication.base_url}/"},
            {"title": words["unsubscribe"], "url": self.markers.token("unsubscribe_url")},
        ]
        return {
            "ways": ways,
            "publisher": self.issue.publisher or settings.publisher or settings.name,
            "address": settings.address,
            "address_ltr": against(settings.address, self.issue.language, 1),
            "why": why,
            "why_parts": why.partition(words["unsubscribe"]),
        }

    def _source(self, text: str) -> str:
        return source_markers(text, self.markers, web_url=self.web_url)

    def _first_words(self) -> str:
        """A preheader where none is written: mail programs would show the utility line."""
        teasers = (part.article.teaser for part in self.parts if part.article)
        return self._source(next(teasers, "")[:_PREHEADER_CHARACTERS])

    def cuts(self, plan: Mapping[str, Treatment]) -> tuple[Cut, ...]:
        return tuple(
            Cut(
                part.source,
                part.anchor,
                part.title,
                plan[part.anchor],
                self.size(self.rows.item(part, Treatment.FULL)),
                self.size(self.rows.item(part, plan[part.anchor])),
            )
            for part in self.parts
            if part.anchor not in self.settled and plan[part.anchor] is not Treatment.FULL
        )

    def article_bytes(self, plan: Mapping[str, Treatment]) -> tuple[tuple[str, int], ...]:
        return tuple(
            (
                part.anchor,
                self.size(self.rows.item(part, plan[part.anchor], self.rows.is_first(part))),
            )
            for part in self.parts
            if plan[part.anchor] is not Treatment.OMIT
        )

    def kind_problems(self) -> list[Problem]:
        return [
            warning(
                "kind-unknown",
                section.source,
                f"the theme has no template for the kind {section.kind}",
                "Its articles are shown as articles; known are articles, briefs, lead, events, sponsor.",
            )
            for section in self.issue.sections
            if not self.theme.has_kind(section.kind)
        ]

    def budget_problems(self, plan: Mapping[str, Treatment], size: int) -> list[Problem]:
        problems = [
            notice(
                "email-cut",
                cut.source,
                f"the mail shows {_SHOWN[cut.shown]} of “{cut.title}”: {cut.full_bytes:,} bytes became {cut.shown_bytes:,}",
                f"All of it would be over the {self.budget:,} bytes of a mail. To choose yourself, write email: full or email: digest.",
            )
            for cut in self.cuts(plan)
        ]
        if self.rows.letter_shown is Treatment.DIGEST:
            message = "the mail shows the beginning of the editor's letter"
            hint = f"All of it would be over the {self.budget:,} bytes of a mail."
            problems.append(notice("email-cut", self.issue.source, message, hint))
        if size > self.budget:
            problems.append(
                error(
                    "email-over-budget",
                    self.issue.source,
                    f"the mail has {size:,} bytes, {size - self.budget:,} more than its budget",
                    "Take email: full from articles or the issue, write email: title or omit, or raise [email] budget; clients clip longer mails.",
                )
            )
        return problems


_SHOWN = {
    Treatment.DIGEST: "the beginning",
    Treatment.TITLE: "the title",
    Treatment.OMIT: "nothing",
}
