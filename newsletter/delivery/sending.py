"""The send loop: claim deliveries, let workers hand them over, write down what became of them; resume at any time.

Deliveries are marked as being sent, and that is committed, before their first byte leaves; no more than
`window` for each connection, and no more than is sent in a third of a second, are marked at a time. Answers are
written down by one thread, in groups: of at most 250, after a tenth of a second at latest. A process
that is killed leaves unknown what was marked and not written down, and nothing else. Nobody is mailed
twice by this loop.
"""

from __future__ import annotations

import datetime
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.delivery.failures import Level, Reply, Verdict, judge
from newsletter.delivery.ledger import Ledger, Result
from newsletter.delivery.letters import Letter
from newsletter.delivery.message import Composer, Recipient
from newsletter.delivery.rates import Pace
from newsletter.delivery.transports import Transport
from newsletter.delivery.workers import CLOSING_SECONDS, GROUP, Answer, Desk, Worker
from newsletter.model.campaign import Addressee
from newsletter.model.transitions import DeliveryEvent
from newsletter.problems import NewsletterError, TryAgainLater

GROUP_SECONDS = 0.1
AHEAD_SECONDS = 0.3
LOW = 0.5
"""The share of what should be in hand at which more is claimed."""
ENOUGH = 0.8
"""The same, where it costs no transaction of its own."""
SHORTEST = 0.1
"""Seconds of answers from which a rate is told."""
ASK_SECONDS = 1.0
"""How often a run asks whether somebody has stopped its campaign."""
RECORD_TRIES = 5
FEWEST_TO_JUDGE = 50
"""Answers that there must be before their share of refusals says anything."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a run is. Seconds."""

    attempts: int = 3
    """How often one deferred message is tried in one run."""
    backoff: tuple[float, ...] = (2.0, 5.0)
    """Waits before the second and third attempt; the last one counts for any further."""
    dead_in_a_row: int = 3
    """Failures in a row of every connection, after which the campaign pauses; so many unknown in a row too."""
    reconnect: tuple[float, ...] = (1.0, 3.0)
    suspicious_in_a_row: int = 20
    """Refusals that blame the sender or the content, in a row, after which the campaign pauses."""
    window: int = 50
    """How many deliveries may be marked for each connection."""
    deadline: datetime.datetime | None = None
    """After this moment what would be deferred has failed: a newsletter goes stale."""
    stop_failures: float = 1.0
    """The share of the last 200 answers that may be refusals, before the campaign pauses; 1 for any."""
    rate: float = 0.0
    """Messages a second in all, 0 without a limit."""
    domains: Mapping[str, float] = field(default_factory=dict)
    """Messages a second to single domains."""
    domain_connections: int = 0
    """How many messages to one domain may be in flight, 0 without a limit."""

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
    transports: Sequence[Transport],
    composer: Composer,
    recipient_of: Callable[[Addressee], Recipient],
    *,
    policy: Policy = Policy(),
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Run:
    """Sends what the ledger has, over all transports at once, until nothing is left, going on makes no
    sense, or `stopping` says so (what is in hand then still gets its answer). Closes the transports."""

    def compose(addressee: Addressee) -> Letter:
        recipient = recipient_of(addressee)
        message = composer.message(recipient)
        return Letter(recipient.sender or sender, message, recipient.envelope_id)

    desk = Desk(Pace(policy.rate, policy.domains, policy.domain_connections))
    sender = composer.content.sender_email
    workers = [
        Worker(number, desk, transport, compose, policy.reconnect)
        for number, transport in enumerate(transports)
    ]
    loop = _Loop(ledger, desk, len(workers), policy, observe, stopping)
    for worker in workers:
        worker.start()
    try:
        return loop.run()
    finally:
        loop.leave()
        end = time.monotonic() + CLOSING_SECONDS
        for worker in workers:
            worker.join(max(0.0, end - time.monotonic()))


@dataclass(frozen=True, slots=True)
class _Claim:
    most: int
    deferred_below: int
    without: Collection[str]


@dataclass
class _Loop:
    ledger: Ledger
    desk: Desk
    connections: int
    policy: Policy
    observe: Observer
    stopping: Callable[[], bool]
    stop: Run | None = None
    error: Exception | None = None
    outstanding: int = 0
    """Marked and not yet written down."""
    exhausted: bool = False
    nobody_else: float = 0.0
    """Until when nobody is looked for beside those at crowded domains: there was none."""
    suspicious: int = 0
    lost: int = 0
    asked: float = 0.0
    refused: deque[bool] = field(default_factory=lambda: deque(maxlen=200))
    refusals: int = 0
    dead: dict[int, int] = field(default_factory=dict)
    answered: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))
    begun: float = field(default_factory=time.monotonic)

    def run(self) -> Run:
        """Everything that is queued, then what was deferred, as often as the policy says."""
        below = 0
        while True:
            self._round(below)
            if self.error is not None:
                raise self.error
            if self.stop is not None:
                return self.stop
            due = self.ledger.next_deferred(self.policy.attempts)
            if due is None:
                return Run(End.DONE)
            while not self._must_stop() and (wait := (due - _now()).total_seconds()) > 0:
                time.sleep(min(wait, 0.2))
            below = self.policy.attempts

    def leave(self) -> None:
        """Whatever happened: nothing more is handed out, what nobody took is put back, and what was
        answered is written down, as far as that is possible."""
        left = self.desk.clear()
        self.desk.close()
        with suppress(NewsletterError):
            if left:
                self.ledger.put_back(left)
            while answers := self.desk.collect(1, 0):
                self._write(answers)

    def _round(self, deferred_below: int) -> None:
        self.exhausted = False
        while True:
            if self._must_stop():
                self._take_back()
            else:
                self._fill(deferred_below)
            if not self.outstanding and (self.exhausted or self.stop):
                return
            group = min(
                GROUP, max(1, self.outstanding // 2)
            )  # the workers go on with the other half
            answers = self.desk.collect(group, GROUP_SECONDS)
            if answers:
                self._write(answers, deferred_below)

    def _must_stop(self) -> bool:
        if self.stop is None and self.stopping():
            self.stop = Run(End.INTERRUPTED, "it was interrupted")
        if self.stop is None and time.monotonic() - self.asked > ASK_SECONDS:
            self.asked = time.monotonic()
            if reason := self.ledger.stop_reason():
                self.stop = Run(End.PAUSED, reason)
        return self.stop is not None

    def _take_back(self) -> None:
        left = self.desk.clear()
        if left:
            self.ledger.put_back(left)
            self.outstanding -= len(left)

    def _fill(self, deferred_below: int) -> None:
        """Claims what the workers will need soon, where that is not done with the answers."""
        crowded = self.desk.crowded()
        most = self._room(crowded, LOW)
        if not most or self.exhausted:
            return
        try:
            claimed = self.ledger.claim(most, deferred_below, crowded)
        except TryAgainLater:
            self.asked = 0.0
            if not self._must_stop():
                raise
            return
        self.exhausted = not claimed and not crowded
        if crowded and not claimed:
            self.nobody_else = time.monotonic() + ASK_SECONDS
        self._lay(claimed)

    def _room(self, crowded: Collection[str], low: float, answered: int = 0) -> int:
        """How many to claim once `answered` are written down: none while more than the share `low` of what there
        should be is in hand, and while all workers rest from a failure."""
        if crowded and time.monotonic() < self.nobody_else:
            return 0
        outstanding = self.outstanding - answered
        ahead = self._ahead()
        hungry = self.desk.starving
        if crowded and self.desk.idle:
            # Who waits for a slow domain does not stand in the way of the others.
            hungry = True
            ahead = min(outstanding + ahead, self.connections * self.policy.window)
        if not hungry and (self.desk.resting or outstanding > ahead * low):
            return 0
        return max(0, ahead - outstanding)

    def _lay(self, claimed: Sequence[Addressee]) -> None:
        self.outstanding += len(claimed)
        self.desk.lay(claimed)

    def _ahead(self) -> int:
        """How many may be marked: one for each connection, more as fast as the server takes them."""
        now = time.monotonic()
        while self.answered and self.answered[0] < now - 1.0:
            self.answered.popleft()
        since = min(1.0, max(SHORTEST, now - self.begun))
        soon = int(len(self.answered) / since * AHEAD_SECONDS)
        return min(max(self.connections, soon), self.connections * self.policy.window)

    def _write(self, answers: Sequence[Answer], deferred_below: int | None = None) -> None:
        """Writes answers down and claims in their place, unless no `deferred_below` is given or the run ends here."""
        judged = [(answer, reply, judge(reply)) for answer in answers if (reply := answer.reply)]
        results = [self._result(answer, reply, verdict) for answer, reply, verdict in judged]
        self.answered.extend([time.monotonic()] * len(answers))
        for answer, reply, verdict in judged:
            self._weigh(answer.worker, reply, verdict)
        for answer in answers:
            if answer.error is not None:
                self.error = self.error or answer.error
                self.stop = Run(End.PAUSED, "it was stopped by an error")
        claimed = self._record(results, self._claim_with(len(answers), deferred_below))
        untouched = [answer.addressee for answer in answers if answer.untouched]
        if untouched:
            self.ledger.put_back(untouched)
        self.outstanding -= len(answers)
        self._lay(claimed)
        for result in results:
            self.observe(result.addressee, result.event, result.reply)

    def _claim_with(self, answered: int, deferred_below: int | None) -> _Claim | None:
        if deferred_below is None or self.exhausted or self._must_stop():
            return None
        crowded = self.desk.crowded()
        most = self._room(crowded, ENOUGH, answered)
        return _Claim(most, deferred_below, crowded) if most else None

    def _record(self, results: Sequence[Result], claim: _Claim | None) -> Sequence[Addressee]:
        """Writes results down; a database that is busy is asked again, for these answers come only once."""
        for left in reversed(range(RECORD_TRIES)):
            try:
                if claim is not None:
                    return self.ledger.exchange(
                        results, claim.most, claim.deferred_below, claim.without
                    )
                self.ledger.record(results)
            except TryAgainLater:
                if not left:
                    raise
            except NewsletterError as caught:
                told = ", ".join(f"{one.addressee.address} ({one.reply})" for one in results)
                raise NewsletterError(
                    f"{caught.message}; these answers could not be written down: {told}",
                    caught.hint,
                ) from caught
            else:
                break
        return ()

    def _result(self, answer: Answer, reply: Reply, verdict: Verdict) -> Result:
        if verdict.event is not DeliveryEvent.DEFER:
            return Result(answer.addressee, verdict.event, reply, verdict.suppress)
        wait = self.policy.wait(answer.addressee.attempt)
        again = _now() + datetime.timedelta(seconds=wait)
        if self.policy.deadline is not None and again > self.policy.deadline:
            return Result(answer.addressee, DeliveryEvent.GIVE_UP, reply)
        return Result(answer.addressee, DeliveryEvent.DEFER, reply, next_attempt=again)

    def _weigh(self, worker: int, reply: Reply, verdict: Verdict) -> None:
        """Counts what went wrong in a row, and stops the run when going on makes no sense."""
        everything = verdict.level is Level.EVERYTHING
        if verdict.event is DeliveryEvent.PUT_BACK:
            self.exhausted = False
        self.suspicious = self.suspicious + 1 if verdict.suspicious else 0
        self.lost = self.lost + 1 if verdict.event is DeliveryEvent.LOSE else 0
        self._count_refusal(verdict.event is DeliveryEvent.REFUSE)
        self.dead[worker] = self.dead.get(worker, 0) + 1 if everything else 0
        if self.stop is not None:
            return
        most = self.policy.dead_in_a_row
        all_dead = everything and self._all_have_failed(most)
        if self.suspicious >= self.policy.suspicious_in_a_row:
            told = f"{self.suspicious} messages in a row were refused, lastly: {reply}"
            self.stop = Run(End.PAUSED, told)
        elif self._fail_too_often():
            share = self.refusals / len(self.refused)
            told = f"{share:.0%} of the last {len(self.refused)} messages were refused, lastly: {reply}"
            self.stop = Run(End.PAUSED, told)
        elif verdict.hopeless or all_dead or self.lost >= most:
            told = f"{reply.server or 'the server'}, {reply.stage}: {reply}"
            self.stop = Run(End.PAUSED, told)

    def _count_refusal(self, refused: bool) -> None:
        """Of the last answers; kept as a sum, since this is asked after each."""
        if len(self.refused) == self.refused.maxlen:
            self.refusals -= self.refused[0]
        self.refused.append(refused)
        self.refusals += refused

    def _all_have_failed(self, most: int) -> bool:
        """Every connection has failed so often in a row."""
        return sum(count >= most for count in self.dead.values()) >= self.connections

    def _fail_too_often(self) -> bool:
        if len(self.refused) < FEWEST_TO_JUDGE:
            return False
        return self.refusals > self.policy.stop_failures * len(self.refused)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
