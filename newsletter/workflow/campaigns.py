"""Sending an issue, as a person does it: see who and what, confirm by number, send; test; ask how it stands.

plan        who gets it and who does not, what it is; nothing is changed
send        publishes the revision, freezes content and audience, sends; or resumes what was begun
test_send   one mail to a reviewer, with links that do nothing
status      every campaign with its books
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsletter.delivery.content import freeze as freeze_content
from newsletter.delivery.dkim import signer_of
from newsletter.delivery.failures import Level, Reply, judge
from newsletter.delivery.message import Composer, delivery_problems, inert_recipient
from newsletter.delivery.sending import Observer
from newsletter.delivery.transports import transport_of
from newsletter.model.campaign import (
    Audience,
    Books,
    Campaign,
    Content,
    Delivery,
    DeliveryStatus,
)
from newsletter.model.subscriber import MailingList, Subscriber
from newsletter.problems import (
    Changed,
    NewsletterError,
    NotConfirmed,
    Problem,
    TryAgainLater,
    UsageError,
    in_order,
)
from newsletter.publication import Publication
from newsletter.store import campaigns as store_campaigns
from newsletter.store import subscribers as people
from newsletter.store.audiences import audience_of
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import now
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.tokens import load_key
from newsletter.workflow.dispatch import Outcome, freeze, run, unfinished
from newsletter.workflow.issues import prepare_email, slug_of
from newsletter.workflow.lists import one_list
from newsletter.workflow.publish import publish

TEST_PREFIX = "[Test] "


@dataclass(frozen=True, slots=True)
class Resumed:
    """A campaign that was begun before, and how its books stand."""

    campaign: Campaign
    books: Books


@dataclass(frozen=True, slots=True)
class SendPlan:
    """What a send would do. `content` is what is frozen already where `resumed` is not None."""

    issue: str
    lists: tuple[MailingList, ...]
    again: bool
    content: Content
    audience: Audience
    message_bytes: int
    pictures: int
    problems: tuple[Problem, ...]
    resumed: Resumed | None = None

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
    publication: Publication, issue: str, list_names: Sequence[str], *, again: bool = False
) -> SendPlan:
    """Who would get an issue, and what. Raises ContentError when the issue has errors, unless a campaign of
    it was begun: that one goes on as it was frozen, whatever has become of the issue's files."""
    load_key(publication)
    with open_store(publication) as store:
        with store.reading() as connection:
            lists = tuple(
                dict.fromkeys(
                    one_list(connection, name) for name in _names(publication, list_names)
                )
            )
            begun = unfinished(connection, slug_of(publication, issue), lists)
            if begun is not None:
                return _plan_to_resume(publication, connection, issue, begun, again=again)
        prepared = prepare_email(publication, issue)
        content = freeze_content(prepared.edition, publication, prepared.issue)
        with store.reading() as connection:
            audience = audience_of(connection, lists, content.slug, again=again)
    return SendPlan(
        issue=issue,
        lists=lists,
        again=again,
        content=content,
        audience=audience,
        message_bytes=len(_specimen(content)),
        pictures=len(prepared.edition.pictures),
        problems=in_order((*prepared.problems, *delivery_problems(publication))),
    )


def _plan_to_resume(
    publication: Publication, connection: Connection, issue: str, begun: Campaign, *, again: bool
) -> SendPlan:
    content = store_campaigns.content_of(connection, begun.id)
    return SendPlan(
        issue=issue,
        lists=begun.lists,
        again=again,
        content=content,
        audience=audience_of(connection, begun.lists, content.slug, again=again),
        message_bytes=len(_specimen(content)),
        pictures=len(content.pictures),
        problems=delivery_problems(publication),
        resumed=Resumed(begun, store_campaigns.books_of(connection, begun.id)),
    )


def send(
    publication: Publication,
    shown: SendPlan,
    count: int | None,
    *,
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome | None:
    """Carries out a plan that was shown and confirmed by its count; None when there is nobody left to mail.

    Raises NotConfirmed when the count is not the plan's, Changed when content or audience is no longer what
    was shown, TryAgainLater while another process sends. Nothing was sent in these cases.
    """
    if shown.recipients == 0 and shown.resumed is None:
        return None
    refuse_unconfirmed(shown, count)
    revision = None if shown.resumed else _publish_unchanged(publication, shown)
    with open_store(publication) as store:
        if shown.resumed:
            campaign = shown.resumed.campaign.id
        else:
            assert revision is not None
            campaign = freeze(
                store,
                shown.content,
                revision,
                shown.lists,
                shown.audience.fingerprint,
                again=shown.again,
            )
        return run(publication, store, campaign, observe=observe, stopping=stopping)


def refuse_unconfirmed(shown: SendPlan, count: int | None) -> None:
    """Raises NotConfirmed when a typed count is not that of the plan."""
    if not shown.confirms(count):
        told = "no count was typed" if count is None else f"{count} was typed"
        raise NotConfirmed(
            f"not confirmed: {told}, the issue has {shown.recipients} recipients",
            "Nothing was sent.",
        )


def send_test(
    publication: Publication, issue: str, to: Sequence[str], *, as_address: str = ""
) -> tuple[Reply, ...]:
    """Mails an issue to reviewers, as it would look to somebody, with links that do nothing.

    Raises TryAgainLater when the server cannot be reached, NewsletterError when it refuses.
    """
    addresses = [_parsed(address) for address in to]
    prepared = prepare_email(publication, issue)
    content = freeze_content(prepared.edition, publication, prepared.issue)
    person = _person(publication, as_address) if as_address else Subscriber(0, "")
    date = now()
    composer = Composer(content, date, prefix=TEST_PREFIX, signer=signer_of(publication))
    transport = transport_of(publication)
    replies: list[Reply] = []
    try:
        for address in addresses:
            recipient = inert_recipient(
                content,
                address,
                name=person.name,
                attributes={"email": person.email or address, **person.attributes},
                seed=date.isoformat(),
            )
            reply = transport.send(content.sender_email, address, composer.message(recipient))
            _refuse(reply, address)
            replies.append(reply)
    finally:
        transport.close()
    return tuple(replies)


def status(publication: Publication) -> tuple[tuple[Campaign, Books], ...]:
    """Every campaign with its books, the newest first."""
    with open_store(publication) as store, store.reading() as connection:
        return tuple(
            (campaign, store_campaigns.books_of(connection, campaign.id))
            for campaign in store_campaigns.all_campaigns(connection)
        )


def not_delivered(publication: Publication, campaign: int) -> tuple[Delivery, ...]:
    """The deliveries that a person should know of one by one: unknown, deferred, failed, refused."""
    wanted = (
        DeliveryStatus.UNKNOWN,
        DeliveryStatus.DEFERRED,
        DeliveryStatus.FAILED,
        DeliveryStatus.REFUSED,
    )
    with open_store(publication) as store, store.reading() as connection:
        return tuple(
            delivery
            for status in wanted
            for delivery in store_campaigns.deliveries_of(connection, campaign, status)
        )


def _publish_unchanged(publication: Publication, shown: SendPlan) -> tuple[int, str]:
    """Publishes the web edition; raises Changed when the issue is no longer what was shown, before anything
    is published where that can be told then."""
    _refuse_changed(publication, shown)
    revision = publish(publication, shown.issue)
    _refuse_changed(publication, shown)
    return revision.number, revision.digest


def _refuse_changed(publication: Publication, shown: SendPlan) -> None:
    prepared = prepare_email(publication, shown.issue)
    if freeze_content(prepared.edition, publication, prepared.issue).digest != shown.content.digest:
        raise Changed("the issue is not what was shown", "Nothing was sent. Call this again.")


def _names(publication: Publication, given: Sequence[str]) -> Sequence[str]:
    if given:
        return given
    if publication.settings.default_list:
        return [publication.settings.default_list]
    raise UsageError(
        "no list was named", "Name one: --list NAME, or set default_list in newsletter.toml."
    )


def _specimen(content: Content) -> bytes:
    return Composer(content, now()).message(inert_recipient(content, "reader@example.com"))


def _person(publication: Publication, address: str) -> Subscriber:
    with open_store(publication) as store, store.reading() as connection:
        found = people.find_subscriber(connection, parse_key(address))
    if found is None:
        raise UsageError(f"nobody here has the address {address}")
    return found


def _parsed(address: str) -> str:
    try:
        return parse_address(address).email
    except BadAddress as caught:
        raise UsageError(f"not an address: {address} ({caught})") from None


def parse_key(address: str) -> str:
    try:
        return parse_address(address).key
    except BadAddress as caught:
        raise UsageError(f"not an address: {address} ({caught})") from None


def _refuse(reply: Reply, address: str) -> None:
    verdict = judge(reply)
    if verdict.level is Level.NONE:
        return
    if verdict.level is Level.ADDRESS:
        raise NewsletterError(f"{address} was refused by {reply.server}: {reply}")
    raise TryAgainLater(
        f"{reply.server}, {reply.stage}: {reply}",
        f"Nothing was sent to {address}. The mail server is set in [smtp] of newsletter.toml; "
        "newsletter doctor --network asks whether it answers.",
    )
