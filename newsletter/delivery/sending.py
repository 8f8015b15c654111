"""The send loop: claim a delivery, compose, hand it over, write down what became of it; resume at any time.

Each delivery is marked as being sent, and that is committed, before its first byte leaves; its end state
is committed before the next one is claimed. A process that is killed leaves at most one delivery
unknown; whoever resumes finds all others as they are. Nobody is mailed twice by this loop.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from newsletter.delivery.failures import Level, Reply, Stage, Verdict, judge
from newsletter.delivery.ledger import Ledger
from newsletter.delivery.message import Composer, Recipient
from newsletter.delivery.transports import Transport
from newsletter.model.campaign import Addressee
from newsletter.model.transitions import DeliveryEvent


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a run is. Seconds."""

    attempts: int = 3
    """How often one deferred message is tried in one run."""
    backoff: tuple[float, ...] = (2.0, 5.0)
    """Waits before the second and third attempt; the last one counts for any further."""
    dead_in_a_row: int = 3
    """Failed connections in a row after which the campaign pauses."""
    reconnect: tuple[float, ...] = (1.0, 3.0)
    suspicious_in_a_row: int = 20
    """Refusals that blame the sender or the content, in a row, after which the campaign pauses."""

    def wait(self, attempt: int) -> float:
        return self.backoff[min(attempt, len(self.backoff)) - 1] if self.backoff else 0.0


class End(StrEnum):
    DONE = "done"
    """Nothing is left to be claimed in this run; some may be deferred."""
    PAUSED = "paused"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended; `reason` is for a person, and empty when all is well."""

    end: End
    reason: str = ""


Observer = Callable[[Addressee, DeliveryEvent, Reply], None]


def send_all(
    ledger: Ledger,
    transport: Transport,
    composer: Composer,
    recipient_of: Callable[[Addressee], Recipient],
    *,
    policy: Policy = Policy(),
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> Run:
    """Sends what the ledger has until nothing is left, going on makes no sense, or `stopping` says so
    (asked between messages, so that the one in hand still gets its answer)."""
    loop = _Loop(ledger, transport, composer, recipient_of, policy, observe, stopping, sleep)
    run = loop.run()
    while run.end is End.DONE:
        due = ledger.next_deferred(policy.attempts)
        if due is None:
            return run
        while not stopping() and (wait := (due - _now()).total_seconds()) > 0:
            sleep(min(wait, 0.5))
        run = loop.run(policy.attempts)
    return run


@dataclass
class _Loop:
    ledger: Ledger
    transport: Transport
    composer: Composer
    recipient_of: Callable[[Addressee], Recipient]
    policy: Policy
    observe: Observer
    stopping: Callable[[], bool]
    sleep: Callable[[float], None]
    dead: int = 0
    suspicious: int = 0

    def run(self, deferred_below: int = 0) -> Run:
        while not self.stopping():
            addressee = self.ledger.claim(deferred_below)
            if addressee is None:
                return Run(End.DONE)
            reply = self._hand_over(addressee)
            verdict = judge(reply)
            self._record(addressee, verdict, reply)
            reason = self._stop_reason(verdict, reply)
            if reason:
                return Run(End.PAUSED, reason)
        return Run(End.INTERRUPTED, "it was interrupted")

    def _hand_over(self, addressee: Addressee) -> Reply:
        try:
            message = self.composer.message(self.recipient_of(addressee))
        except BaseException:
            nothing_left = Reply(Stage.CONNECT, 0, "the message could not be composed")
            self.ledger.record(addressee, DeliveryEvent.PUT_BACK, nothing_left)
            raise
        return self.transport.send(self.composer.content.sender_email, addressee.address, message)

    def _record(self, addressee: Addressee, verdict: Verdict, reply: Reply) -> None:
        again = None
        if verdict.event is DeliveryEvent.DEFER:
            wait = self.policy.wait(addressee.attempt)
            again = _now() + datetime.timedelta(seconds=wait)
        self.ledger.record(
            addressee, verdict.event, reply, suppress=verdict.suppress, next_attempt=again
        )
        self.observe(addressee, verdict.event, reply)

    def _stop_reason(self, verdict: Verdict, reply: Reply) -> str:
        """Why to pause, after what may be waited for was waited for; empty to go on."""
        self.suspicious = self.suspicious + 1 if verdict.suspicious else 0
        if self.suspicious >= self.policy.suspicious_in_a_row:
            return f"{self.suspicious} messages in a row were refused, lastly: {reply}"
        if verdict.level is not Level.EVERYTHING:
            self.dead = 0
            return ""
        self.dead += 1
        if verdict.hopeless or self.dead >= self.policy.dead_in_a_row:
            return f"{reply.server or 'the server'}, {reply.stage}: {reply}"
        waits = self.policy.reconnect
        self.sleep(waits[min(self.dead, len(waits)) - 1] if waits else 0.0)
        return ""


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
