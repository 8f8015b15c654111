"""A test of the mail: one issue to reviewers, as it would look to somebody, with links that do nothing."""

from __future__ import annotations

from collections.abc import Sequence

from newsletter.delivery.content import freeze as freeze_content
from newsletter.delivery.dkim import signer_of
from newsletter.delivery.failures import Level, Reply, judge
from newsletter.delivery.message import Composer, inert_recipient
from newsletter.delivery.transports import transport_of
from newsletter.model.subscriber import Subscriber
from newsletter.problems import NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication
from newsletter.store import subscribers as people
from newsletter.store.engine import open_store
from newsletter.store.events import now
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.workflow.issues import prepare_email
from newsletter.workflow.returning import return_of_tests

TEST_PREFIX = "[Test] "


def send_test(
    publication: Publication, issue: str, to: Sequence[str], *, as_address: str = ""
) -> tuple[Reply, ...]:
    """Mails an issue to reviewers, as it would look to somebody, with links that do nothing.

    Raises TryAgainLater when the server cannot be reached, NewsletterError when it refuses.
    """
    addresses = [_parsed(address) for address in to]
    prepared = prepare_email(publication, issue)
    content = freeze_content(prepared.edition, publication, prepared.issue).uncounted
    person = _person(publication, as_address) if as_address else Subscriber(0, "")
    date = now()
    composer = Composer(content, date, prefix=TEST_PREFIX, signer=signer_of(publication))
    transport = transport_of(publication)
    sender = return_of_tests(publication)
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
            reply = transport.send(sender, address, composer.message(recipient))
            _refuse(reply, address)
            replies.append(reply)
    finally:
        transport.close()
    return tuple(replies)


def parse_key(address: str) -> str:
    try:
        return parse_address(address).key
    except BadAddress as caught:
        raise UsageError(f"not an address: {address} ({caught})") from None


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
