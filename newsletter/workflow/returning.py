"""Where mail comes back to: each recipient's of a campaign, with their word to leave, and what the system writes itself.

With `bounces.address` the sender of each envelope is an address of its own (VERP), signed; without a `{}` in it
the envelope's id alone (RFC 3461) tells which delivery a report is about, where the servers on the way keep it.
"""

from __future__ import annotations

from collections.abc import Callable

from newsletter.delivery.message import CampaignRecipients, Recipient
from newsletter.model.campaign import Addressee, Campaign, Content
from newsletter.model.clicks import Clicks
from newsletter.model.subscriber import Subscriber
from newsletter.publication import Publication
from newsletter.subscribers.click_tokens import ClickGrant, click_token
from newsletter.subscribers.returns import Mark, Purpose, checksum, mark_text
from newsletter.subscribers.tokens import Grant, Key, load_key, unsubscribe_token

SLOT = "{}"
LEAVE = "unsubscribe"
TEST = "test"


def returns_of(publication: Publication, person: Subscriber) -> tuple[str, str]:
    """Where a mail that the system writes to somebody comes back to, and its envelope's id: both marked, so that a
    report of it is understood. The sender's own address and nothing where no return address is set."""
    address = publication.settings.bounces.address
    if not address:
        return publication.settings.sender.email, ""
    key = load_key(publication)
    mark = mark_text(key, Mark(Purpose.SYSTEM, checksum(person.email), person.id))
    return address.replace(SLOT, mark), mark


def return_of_tests(publication: Publication) -> str:
    """Where tests come back to: the same mailbox, marked as nobody's."""
    settings = publication.settings
    return settings.bounces.address.replace(SLOT, TEST) or settings.sender.email


def recipients_of(
    publication: Publication, content: Content, campaign: Campaign, key: Key
) -> Callable[[Addressee], Recipient]:
    """Who one delivery of this campaign is for, and where it comes back to."""
    recipients = CampaignRecipients(content, campaign.id, campaign.revision)
    address = publication.settings.bounces.address
    personal = content.clicks == Clicks.SUBSCRIBER

    def recipient_of(addressee: Addressee) -> Recipient:
        person, to = addressee.subscriber, addressee.list.id
        mark = mark_text(key, Mark(Purpose.DELIVERY, campaign.id, person))
        return recipients.recipient(
            addressee,
            unsubscribe_token(key, Grant(to, person)),
            sender=address.replace(SLOT, mark),
            envelope_id=mark,
            unsubscribe_mail=leaving(address, key, to, person) if address else "",
            click_token=click_token(key, ClickGrant(campaign.id, person)) if personal else "",
        )

    return recipient_of


def sent_content(content: Content, campaign: int, key: Key) -> Content:
    """The content of a campaign as its messages are made of it: where it is not kept who follows a link, everybody
    has the same links, to the letter."""
    if content.clicks != Clicks.AGGREGATE:
        return content
    return content.with_click_token(click_token(key, ClickGrant(campaign)))


def leaving(address: str, key: Key, list_id: int, subscriber: int) -> str:
    """The mailto: address by which somebody leaves a list: the mark stands in the address, else in the subject."""
    mark = mark_text(key, Mark(Purpose.UNSUBSCRIBE, list_id, subscriber))
    if SLOT in address:
        return f"mailto:{address.replace(SLOT, mark)}?subject={LEAVE}"
    return f"mailto:{address}?subject={LEAVE}%20{mark}"
