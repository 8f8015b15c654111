"""What a send would do, before anything is changed: who gets the issue and who does not, what, from whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.delivery.content import freeze as freeze_content
from newsletter.delivery.message import ANYBODY, Composer, delivery_problems, inert_recipient
from newsletter.model.campaign import (
    EVERYBODY,
    Audience,
    Books,
    Campaign,
    CampaignStatus,
    Content,
    Selection,
)
from newsletter.model.subscriber import MailingList
from newsletter.problems import NotConfirmed, Problem, UsageError, in_order
from newsletter.publication import Publication
from newsletter.store import campaigns as store_campaigns
from newsletter.store import lists as store_lists
from newsletter.store.audiences import audience_of, lists_sent_to
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import now
from newsletter.store.snapshots import content_of
from newsletter.subscribers.tokens import load_key
from newsletter.workflow.dispatch import unfinished
from newsletter.workflow.inputs import inputs_of
from newsletter.workflow.issues import prepare_email, slug_of
from newsletter.workflow.lists import one_list
from newsletter.workflow.starting import void_reason


@dataclass(frozen=True, slots=True)
class Resumed:
    """A campaign that was begun before, and how its books stand."""

    campaign: Campaign
    books: Books


@dataclass(frozen=True, slots=True)
class SendPlan:
    """What a send would do. `content` is what is frozen already where there is a campaign of it."""

    issue: str
    lists: tuple[MailingList, ...]
    selection: Selection
    content: Content
    audience: Audience
    message_bytes: int
    pictures: int
    problems: tuple[Problem, ...]
    inputs: Mapping[str, str] = field(default_factory=dict)
    resumed: Resumed | None = None
    """What was begun goes on as it was frozen."""
    approved: Campaign | None = None
    """What was approved is sent as it was approved."""
    void: str = ""
    """Why that approval does not stand any more."""
    waiting: Resumed | None = None
    """One that is scheduled or held goes on by itself, or by `resume`, and not by another send."""

    @property
    def recipients(self) -> int:
        return self.resumed.books.remaining if self.resumed else self.audience.prepared

    def confirms(self, count: int | None) -> bool:
        """Whether a typed count is the right one. What was begun was confirmed then: the count of that time
        is right as well, and none is needed."""
        if self.resumed is None:
            return count == self.recipients
        return count is None or count in (self.recipients, self.resumed.books.prepared)


def plan(
    publication: Publication,
    issue: str,
    list_names: Sequence[str],
    *,
    selection: Selection = EVERYBODY,
) -> SendPlan:
    """Who would get an issue, and what. Raises ContentError when the issue has errors, unless a campaign of
    it was begun: that one goes on as it was frozen, whatever has become of the issue's files."""
    load_key(publication)
    with open_store(publication) as store:
        with store.reading() as connection:
            slug = slug_of(publication, issue)
            lists = _lists(publication, connection, slug, list_names, selection)
            known = unfinished(connection, slug, lists, selection)
            if known is not None and _goes_on(known):
                return _known_plan(publication, connection, issue, known)
        void = void_reason(publication, known) if known is not None else ""
        if known is not None and not void:
            with store.reading() as connection:
                return _known_plan(publication, connection, issue, known)
        prepared = prepare_email(publication, issue, correction=selection.correction)
        content = freeze_content(prepared.edition, publication, prepared.issue)
        with store.reading() as connection:
            audience = audience_of(connection, lists, content.slug, selection)
    return SendPlan(
        issue=issue,
        lists=lists,
        selection=selection,
        content=content,
        audience=audience,
        message_bytes=len(_specimen(content)),
        pictures=len(prepared.edition.pictures),
        problems=in_order((*prepared.problems, *delivery_problems(publication))),
        inputs=inputs_of(publication, issue),
        approved=known,
        void=void,
    )


def refuse_unconfirmed(shown: SendPlan, count: int | None) -> None:
    """Raises NotConfirmed when a typed count is not that of the plan."""
    if not shown.confirms(count):
        told = "no count was typed" if count is None else f"{count} was typed"
        raise NotConfirmed(
            f"not confirmed: {told}, the issue has {shown.recipients} recipients",
            "Nothing was sent.",
        )


def _goes_on(campaign: Campaign) -> bool:
    """Whether it was confirmed before: then nothing of the issue is asked any more."""
    return campaign.begun or campaign.waiting or campaign.frozen is not None


def _known_plan(
    publication: Publication, connection: Connection, issue: str, known: Campaign
) -> SendPlan:
    content = content_of(connection, known.id)
    resumed = Resumed(known, store_campaigns.books_of(connection, known.id))
    approved = known.status is CampaignStatus.APPROVED and known.frozen is None
    return SendPlan(
        issue=issue,
        lists=known.lists,
        selection=known.selection,
        content=content,
        audience=audience_of(connection, known.lists, content.slug, known.selection),
        message_bytes=len(_specimen(content)),
        pictures=len(content.pictures),
        problems=delivery_problems(publication),
        inputs=known.inputs,
        resumed=None if known.waiting or approved else resumed,
        approved=known if approved else None,
        waiting=resumed if known.waiting else None,
    )


def _lists(
    publication: Publication,
    connection: Connection,
    slug: str,
    given: Sequence[str],
    selection: Selection,
) -> tuple[MailingList, ...]:
    """The lists that were named; else, of a correction, those that the issue went to, and of all others the
    default list."""
    if selection.correction and not given:
        ids = lists_sent_to(connection, slug)
        found = [store_lists.list_by_id(connection, one) for one in ids]
        if not found:
            raise UsageError(
                f"{slug} was not sent to anybody yet", "Send it; there is nobody to correct it to."
            )
        return tuple(one for one in found if one is not None)
    names = _names(publication, given)
    return tuple(dict.fromkeys(one_list(connection, name) for name in names))


def _names(publication: Publication, given: Sequence[str]) -> Sequence[str]:
    if given:
        return given
    if publication.settings.default_list:
        return [publication.settings.default_list]
    raise UsageError(
        "no list was named", "Name one: --list NAME, or set default_list in newsletter.toml."
    )


def _specimen(content: Content) -> bytes:
    return Composer(content, now()).message(inert_recipient(content, ANYBODY))
