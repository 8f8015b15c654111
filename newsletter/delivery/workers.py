"""Threads that talk to the server, one connection each, and the desk between them and the books.

A worker takes a delivery from the desk, composes its message, hands it over and lays the answer down; over
SMTP it composes the next one before, so that its envelope can travel behind this one's content. It
decides nothing and writes nothing: one thread keeps the books. After a failure of the connection it rests,
longer each time, so that a server with trouble is not besieged.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from newsletter.delivery.failures import Level, Reply, Verdict, judge
from newsletter.delivery.letters import Letter
from newsletter.delivery.rates import Pace
from newsletter.delivery.smtp import Smtp
from newsletter.delivery.smtp_talk import Envelope
from newsletter.delivery.transports import Transport
from newsletter.model.campaign import Addressee
from newsletter.model.transitions import DeliveryEvent

GROUP = 250
"""How many answers are written down at a time, at most."""
PACE_SECONDS = 0.05
"""How often a worker looks again whether a domain may be written to."""
CLOSING_SECONDS = 5.0
"""How long the end of a run waits for connections to be closed politely."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker brings back. Without a reply, `error` says what broke, and `untouched` whether that was
    before anything could have been sent."""

    worker: int
    addressee: Addressee
    reply: Reply | None
    error: Exception | None = None
    untouched: bool = False


@dataclass(frozen=True, slots=True)
class _Job:
    addressee: Addressee
    letter: Letter


class Desk:
    """Deliveries that are ready to be sent, and the answers that came back."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._pacing = threading.Lock()
        self._ready: deque[Addressee] = deque()
        self._answers: deque[Answer] = deque()
        self._brought = threading.Condition()
        self._wanted = 1
        self._changed = threading.Condition()
        self._closed = False
        self.idle = 0
        self.resting = 0

    @property
    def closed(self) -> bool:
        return self._closed

    def crowded(self) -> frozenset[str]:
        """The domains that have to wait and for which somebody lies here already: more would only stand in the
        way of others."""
        if not self._pace.limited:
            return frozenset()
        now = time.monotonic()
        with self._pacing:
            waiting = {_domain(one) for one in list(self._ready)}
            return frozenset(one for one in waiting if self._pace.is_full(one, now))

    @property
    def starving(self) -> bool:
        """A worker has nothing to do."""
        return self.idle > len(self._ready)

    def lay(self, addressees: Iterable[Addressee]) -> None:
        with self._changed:
            self._ready.extend(addressees)
            self._changed.notify_all()

    def take(self) -> Addressee | None:
        """The next delivery whose turn it is, waited for; None when the desk is closed."""
        if (ready := self.take_now()) is not None:
            return ready
        with self._changed:
            self.idle += 1
            try:
                while not self._closed:
                    if self._ready and (ready := self.take_now()) is not None:
                        return ready
                    self._changed.wait(PACE_SECONDS if self._ready else None)
                return None
            finally:
                self.idle -= 1

    def take_now(self) -> Addressee | None:
        """The next delivery if there is one; asked for each message, so it takes no lock without need."""
        if self._closed:
            return None
        if self._pace.limited:
            return self._take_paced()
        try:
            return self._ready.popleft()
        except IndexError:
            return None

    def _take_paced(self) -> Addressee | None:
        """The first whose domain may be written to now; the others keep their places behind."""
        now = time.monotonic()
        with self._pacing:
            for _ in range(len(self._ready)):
                try:
                    one = self._ready.popleft()
                except IndexError:
                    return None
                domain = _domain(one)
                if self._pace.wait(domain, now) <= 0:
                    self._pace.begin(domain, now)
                    return one
                self._ready.append(one)
        return None

    def ended(self, addressee: Addressee, verdict: Verdict | None) -> None:
        """Tells the pace how a delivery that was taken went; None when it was not sent."""
        deferred = verdict is not None and verdict.event is DeliveryEvent.DEFER
        domain, now = _domain(addressee), time.monotonic()
        if verdict is not None:
            self._pace.note(domain, now, deferred)
        if self._pace.limited or deferred:
            with self._pacing:
                self._pace.end(domain, verdict, now)

    def answer(self, answer: Answer) -> None:
        """Lays an answer down. Whoever collects is woken for a group, or when there is no more work."""
        self._answers.append(answer)
        if len(self._answers) >= self._wanted or not self._ready:
            with self._brought:
                self._brought.notify()

    def collect(self, most: int, seconds: float) -> list[Answer]:
        """A group of answers, waited for so long; all there are when no work is left that would bring more
        without a new claim."""
        with self._brought:
            self._wanted = most
            self._brought.wait_for(
                lambda: len(self._answers) >= most or (self._answers and not self._ready), seconds
            )
            return [self._answers.popleft() for _ in range(min(GROUP, len(self._answers)))]

    def rest(self, seconds: float) -> None:
        with self._changed:
            self.resting += 1
            self._changed.wait_for(lambda: self._closed, seconds)
            self.resting -= 1

    def clear(self) -> Sequence[Addressee]:
        """Takes back what no worker has taken."""
        left: list[Addressee] = []
        with suppress(IndexError):
            while True:
                left.append(self._ready.popleft())
        return left

    def close(self) -> None:
        """Workers end after what they have in hand."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _domain(addressee: Addressee) -> str:
    """As the books have it: in small letters."""
    return addressee.address.rpartition("@")[2].lower()


class Worker(threading.Thread):
    """One connection. `compose` makes the message, `rests` are seconds after each failure in a row."""

    def __init__(
        self,
        number: int,
        desk: Desk,
        transport: Transport,
        compose: Callable[[Addressee], Letter],
        rests: Sequence[float],
    ) -> None:
        super().__init__(name=f"connection {number}", daemon=True)
        self._number = number
        self._desk = desk
        self._transport = transport
        self._make = compose
        self._rests = rests
        self._dead = 0

    def run(self) -> None:
        job = self._wait_for_job()
        while job is not None:
            following = self._following()
            answer = self._hand_over(job, following)
            verdict = judge(answer.reply) if answer.reply else None
            self._desk.ended(answer.addressee, verdict)
            self._desk.answer(answer)
            self._recover(verdict)
            job = following or self._wait_for_job()
        self._transport.close()

    def _wait_for_job(self) -> _Job | None:
        """The next message, waited for; None at the end."""
        while (addressee := self._desk.take()) is not None:
            if (job := self._compose(addressee)) is not None:
                return job
        return None

    def _following(self) -> _Job | None:
        """The message after the one at hand, where the transport can make use of it and there is one."""
        if not isinstance(self._transport, Smtp):
            return None
        ready = self._desk.take_now()
        return self._compose(ready) if ready else None

    def _compose(self, addressee: Addressee) -> _Job | None:
        """One that cannot be made is told, and put back."""
        try:
            return _Job(addressee, self._make(addressee))
        except Exception as caught:
            self._desk.ended(addressee, None)
            self._desk.answer(Answer(self._number, addressee, None, caught, untouched=True))
            return None

    def _hand_over(self, job: _Job, following: _Job | None) -> Answer:
        if self._dead and self._desk.closed:
            return Answer(self._number, job.addressee, None, untouched=True)
        try:
            return Answer(self._number, job.addressee, self._send(job, following))
        except Exception as caught:
            return Answer(self._number, job.addressee, None, caught)

    def _send(self, job: _Job, following: _Job | None) -> Reply:
        address, letter = job.addressee.address, job.letter
        if not isinstance(self._transport, Smtp):
            return self._transport.send(letter.sender, address, letter.message)
        ahead = _envelope(following) if following is not None else None
        return self._transport.send(
            letter.sender, address, letter.message, ahead, letter.envelope_id
        )

    def _recover(self, verdict: Verdict | None) -> None:
        if verdict is None or verdict.level is not Level.EVERYTHING:
            self._dead = 0
            return
        self._dead += 1
        if self._rests:
            longer = 2 ** max(0, self._dead - len(self._rests))
            rest = self._rests[min(self._dead, len(self._rests)) - 1] * longer
            self._desk.rest(min(rest, 60.0))


def _envelope(job: _Job) -> Envelope:
    letter = job.letter
    size = len(letter.message)
    return Envelope(letter.sender, job.addressee.address, size, letter.envelope_id)
