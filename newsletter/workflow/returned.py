"""One mail that came back: whose it is, what it says, and what follows from it, in one transaction.

Whose it is, is believed only of what is signed (the return address, the envelope's id, the unsubscribe link of
the mail that it encloses) or follows from the very content that was sent (the Message-ID). A mail that proves
nothing changes nothing, whoever it names. The same mail again changes nothing either.

| it is | what follows |
|---|---|
| a bounce, 5.1.x or words that say the same | the address is suppressed; its subscriptions have bounced |
| a bounce that will pass | counted; so many in a row, over so many days, suppress the address |
| a bounce that is the sender's fault (5.7.x) | nobody is blamed; the campaign pauses |
| a complaint | the person is off every list and suppressed; too many of them pause the campaign |
| a mail to the address for unsubscribing | the person is off that list |
| a delay, an automatic answer, a report of an authentication | written down |

Each that names a delivery of which nobody knew whether it was taken proves that it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from newsletter.delivery.bounces import Class, Report, Returned, failure_of, read_bounce
from newsletter.delivery.clues import Clues, clues_of
from newsletter.delivery.message import message_id
from newsletter.delivery.replies import Failure, enhanced_code, unwrapped
from newsletter.delivery.reply_words import Cause
from newsletter.model.campaign import Content, DeliveryStatus
from newsletter.model.incoming import EventType, Incoming, RejectReason
from newsletter.model.subscriber import Status
from newsletter.model.transitions import DeliveryEvent
from newsletter.settings import Settings
from newsletter.store import incoming as kept
from newsletter.store import steering
from newsletter.store import subscribers as people
from newsletter.store.engine import Connection, Store
from newsletter.store.events import log
from newsletter.store.incoming import Sent
from newsletter.store.merging import current_id
from newsletter.store.snapshots import content_of
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.returns import Mark, Purpose, checksum, marks_in
from newsletter.subscribers.tokens import Key, read_unsubscribe_token
from newsletter.workflow.consequences import (
    ACTOR,
    consequences,
    suppress,
    without_addresses,
)

_EVENTS = {
    Class.BOUNCE: EventType.BOUNCED,
    Class.DELAYED: EventType.DEFERRED,
    Class.COMPLAINT: EventType.COMPLAINED,
    Class.AUTO_REPLY: EventType.AUTORESPONDED,
    Class.AUTH_FAILURE: EventType.UNKNOWN,
    Class.OTHER: EventType.INBOUND,
}
_REASONS = {
    Cause.UNKNOWN_MAILBOX: RejectReason.INVALID,
    Cause.UNKNOWN_DOMAIN: RejectReason.INVALID,
    Cause.NETWORK: RejectReason.TIMED_OUT,
    Cause.SPAM: RejectReason.SPAM,
}


@dataclass
class Taker:
    """Takes mails, one after the other; what was frozen of a campaign is read once."""

    store: Store
    key: Key
    settings: Settings
    _contents: dict[int, Content] = field(default_factory=dict)

    def take(self, data: bytes, recipient: str = "", source: str = "") -> Incoming:
        """Takes one mail: writes it down and does what follows from it, or neither. `recipient` is the envelope's,
        `source` what a mailbox calls the mail."""
        clues = clues_of(data, recipient)
        with self.store.reading() as connection:
            if known := kept.known_event(connection, digest=clues.digest):
                return Incoming(known, known=True)
            leaving = self._leaving(clues)
            sent = self._sent(connection, clues) or self._written(connection, clues)
        report = read_bounce(data, sent.address if sent else "")
        with self.store.writing() as connection:
            if known := kept.known_event(connection, digest=clues.digest):
                return Incoming(known, known=True)
            if leaving is not None and report.kind in (Class.OTHER, Class.AUTO_REPLY):
                one = self._unsubscribe(connection, leaving)
            else:
                one = self._apply(connection, report, sent)
            kept.keep(connection, one, clues.digest, source)
            return consequences(connection, self.settings, one)

    def _leaving(self, clues: Clues) -> Mark | None:
        marks = marks_in(self.key, clues.to)
        return next((one for one in marks if one.purpose is Purpose.UNSUBSCRIBE), None)

    def _sent(self, connection: Connection, clues: Clues) -> Sent | None:
        """The delivery that the mail proves to be about."""
        for mark in marks_in(self.key, clues.anywhere):
            if mark.purpose is Purpose.DELIVERY and (
                found := kept.delivery_of(connection, mark.number, mark.subscriber)
            ):
                return found
        for named in clues.named:
            content = self._content(connection, named.campaign, named.revision)
            if content is None:
                continue
            own = message_id(content, named.campaign, named.revision, named.subscriber)
            if own == named.message_id and (
                found := kept.delivery_of(connection, named.campaign, named.subscriber)
            ):
                return found
        for token in clues.tokens:
            grant = read_unsubscribe_token(self.key, token)
            if grant and (found := kept.last_delivery(connection, grant.list, grant.subscriber)):
                return found
        return None

    def _written(self, connection: Connection, clues: Clues) -> Sent | None:
        """A mail that the system wrote itself (please confirm), of no campaign. Where the person has another address by
        now, it says nothing of that."""
        for mark in marks_in(self.key, clues.anywhere):
            if mark.purpose is Purpose.SYSTEM:
                person = people.subscriber_by_id(connection, mark.subscriber)
                if person is not None and person.email and checksum(person.email) == mark.number:
                    return Sent(0, person.id, 0, person.email, DeliveryStatus.ACCEPTED)
        return None

    def _content(self, connection: Connection, campaign: int, revision: int) -> Content | None:
        if kept.revision_of(connection, campaign) != revision:
            return None
        if campaign not in self._contents:
            self._contents[campaign] = content_of(connection, campaign)
        return self._contents[campaign]

    def _unsubscribe(self, connection: Connection, mark: Mark) -> Incoming:
        """Who writes to that address wants to leave. Nothing is ever sent from it that a program could answer, and
        mail programs that write for their owners (Apple's) call that an automatic reply."""
        mark = replace(mark, subscriber=current_id(connection, mark.subscriber))
        one = Incoming(EventType.UNSUBSCRIBED, subscriber=mark.subscriber)
        person = people.subscriber_by_id(connection, mark.subscriber)
        if person is None or mark.number not in people.list_ids_of(connection, mark.subscriber):
            return replace(one, event=EventType.INBOUND, subscriber=0)
        before, status = people.change_status(
            connection,
            mark.number,
            mark.subscriber,
            lambda before: after(before, Event.UNSUBSCRIBE),
            kind="unsubscribed",
            actor=f"reader:{ACTOR}",
        )
        if before is status:  # said again, it is still their word: see unsubscribing
            ids = {"subscriber": mark.subscriber, "list_id": mark.number}
            log(connection, "unsubscribed again", f"reader:{ACTOR}", **ids)
        last = kept.last_delivery(connection, mark.number, mark.subscriber)
        effects = ("unsubscribed",) if before is not status else ()
        campaign = last.campaign if last else 0
        return replace(one, campaign=campaign, address=person.email, effects=effects)

    def _apply(self, connection: Connection, report: Report, sent: Sent | None) -> Incoming:
        event = _EVENTS[report.kind]
        if sent is None:
            said = report.recipients[0] if report.recipients else Returned("", "")
            return Incoming(event, status=said.status, told=without_addresses(said.diagnostic))
        person = _about(report, sent)
        failure = failure_of(person)
        one = Incoming(
            event,
            campaign=sent.campaign,
            subscriber=sent.subscriber,
            address=sent.address,
            status=enhanced_code(unwrapped(person.diagnostic)) or person.status,
            told=without_addresses(person.diagnostic),
        )
        effects = self._settled(connection, report, sent)
        if event is EventType.BOUNCED and person.kind == "delayed":
            return replace(one, event=EventType.DEFERRED, effects=effects)  # others have failed
        if event is EventType.BOUNCED:
            one = replace(one, reason=_reason(failure))
            if person.kind == "hard" and failure.suppress:
                effects += suppress(connection, sent, f"bounced: {one.status} {one.told}")
        elif event is EventType.COMPLAINED:
            effects += self._complain(connection, sent)
        return replace(one, effects=effects)

    def _settled(self, connection: Connection, report: Report, sent: Sent) -> tuple[str, ...]:
        """Whatever came back had been taken."""
        if sent.status is not DeliveryStatus.UNKNOWN or report.kind is Class.OTHER:
            return ()
        told = f"it was taken: a mail came back ({_EVENTS[report.kind]})"
        done = steering.settle(
            connection, sent.campaign, sent.subscriber, DeliveryEvent.ACCEPT, told, ACTOR
        )
        return ("settled",) if done else ()

    def _complain(self, connection: Connection, sent: Sent) -> tuple[str, ...]:
        person = people.subscriber_by_id(connection, sent.subscriber)
        if person is None or not person.email:
            return ()
        campaign = sent.campaign or None
        people.complain_everywhere(connection, sent.subscriber, _complained, ACTOR, campaign)
        return ("unsubscribed", "suppressed")


def _about(report: Report, sent: Sent) -> Returned:
    """What the report says of our recipient: by their address, else the worst of it (it was forwarded)."""
    for one in report.recipients:
        if one.address.lower() == sent.address.lower():
            return one
    order = {"hard": 0, "soft": 1}
    found = sorted(report.recipients, key=lambda one: order.get(one.kind, 2))
    return found[0] if found else Returned(sent.address, "")


def _reason(failure: Failure) -> RejectReason:
    if failure.ours and failure.cause is not Cause.SPAM:
        return RejectReason.BLOCKED
    return _REASONS.get(failure.cause, RejectReason.OTHER)


def _complained(before: Status | None) -> Status:
    return after(before, Event.COMPLAIN)
