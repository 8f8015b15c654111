"""How fast each domain is written to: as fast as it likes, at most as fast as the settings say.

One token bucket for everything, one for each domain that is limited, by the settings or by its own 4xx
answers: such an answer halves the domain's rate (at most once a second; where it does not speak of our pace only when
it comes often, once in ten seconds, and never below an eighth, or one a second: a trouble that an eighth does not ease
has nothing to do with us), quiet lets it grow again by a tenth a minute plus a little, until the limit is gone. Times are seconds of one clock, given by the caller.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.delivery.failures import Verdict
from newsletter.delivery.reply_words import Cause
from newsletter.model.transitions import DeliveryEvent

SLOWEST = 0.1
"""Messages a second, however often a domain says no."""
SLOWEST_IN_TROUBLE = 1.0
"""The same, of a domain that says no for a reason of its own."""
EASED = 8.0
"""Such a domain is slowed to this part of what it took before, and no further: else a server that puts off a third of
everything, whatever the pace, would be given ten thousand messages in three hours."""
GROWTH = 1.1
"""A minute without a 4xx lets a rate grow by so much."""
SELDOM = 0.2
"""A domain that says no for a reason of its own is slowed when it does so for so large a share of messages."""
_WEIGHED = 20
_REMEMBERED = 200
"""So many answers of a domain tell how fast it was written to."""
FREE_AFTER = 4.0
"""A domain without a setting is free again at so many times the rate at which it first said no."""
_PERSONAL = frozenset(
    {Cause.FULL, Cause.UNKNOWN_MAILBOX, Cause.DISABLED, Cause.GREYLISTED, Cause.TOO_LARGE}
)
"""What a 4xx says about one mailbox, or about first contacts, not about the pace."""
_OF_US = frozenset({Cause.LIMITED, Cause.POLICY, Cause.SPAM, Cause.SENDER, Cause.BLOCKED})
"""What a 4xx says about how we send; anything else is a trouble of the server's own."""


@dataclass
class Bucket:
    """Tokens for messages: `rate` a second, at most one second's worth saved up, and at least one."""

    rate: float
    tokens: float = 1.0
    at: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a message may leave; 0 when one may now."""
        if self.rate == math.inf:
            return 0.0
        self.tokens = min(max(1.0, self.rate), self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now
        return max(0.0, (1.0 - self.tokens) / self.rate)

    def take(self) -> None:
        self.tokens -= 1.0


@dataclass
class _Domain:
    ceiling: float
    bucket: Bucket
    begun: int = 0
    """How many are in flight."""
    most: int = 0
    """How many may be; 0 for any number."""
    slowed: float = -math.inf
    """Since when it grows again."""
    halved: float = -math.inf
    """When it last said no."""
    first: float = 0.0
    """The rate at which it first said no, when the settings name none."""


class Pace:
    """Asked before each message, told after it. Not safe for threads by itself."""

    def __init__(
        self, rate: float = 0.0, domains: Mapping[str, float] | None = None, connections: int = 0
    ) -> None:
        """`rate` and those of `domains` are messages a second, 0 for no limit; `connections` is how many
        messages to one domain may be in flight."""
        self._all = Bucket(rate or math.inf)
        self._given = {name.lower(): value for name, value in (domains or {}).items() if value}
        self._connections = connections
        self._domains: dict[str, _Domain] = {}
        self._answered: dict[str, deque[tuple[float, bool]]] = {}
        self._limited = bool(rate or self._given or connections)

    @property
    def limited(self) -> bool:
        """Whether anybody has to be asked: without limits nothing is counted."""
        return self._limited

    def rate(self, domain: str) -> float:
        """Messages a second that a domain may get just now."""
        known = self._domains.get(domain)
        return known.bucket.rate if known else self._given.get(domain, math.inf)

    def wait(self, domain: str, now: float) -> float:
        """Seconds until a message to this domain may leave; 0 when one may now."""
        known = self._of(domain)
        if known.most and known.begun >= known.most:
            return 0.05
        self._recover(known, now)
        return max(self._all.wait(now), known.bucket.wait(now))

    def is_full(self, domain: str, now: float) -> bool:
        """Whether it is this very domain that has to wait, not everything."""
        known = self._of(domain)
        return bool(known.most and known.begun >= known.most) or known.bucket.wait(now) > 0

    def begin(self, domain: str, now: float) -> None:
        known = self._of(domain)
        known.begun += 1
        self._all.take()
        known.bucket.take()

    def note(self, domain: str, now: float, later: bool = False) -> None:
        """A message was answered, by a 4xx where `later`: so that it is known how fast a domain is written to, and
        how often it says no. Needs no lock."""
        self._answered.setdefault(domain, deque(maxlen=_REMEMBERED)).append((now, later))

    def end(self, domain: str, verdict: Verdict | None, now: float) -> None:
        """A message was answered, or not sent at all (None)."""
        known = self._of(domain)
        known.begun = max(0, known.begun - 1)
        if verdict is None or verdict.event is not DeliveryEvent.DEFER:
            return
        if verdict.cause in _PERSONAL:
            return
        of_us = verdict.cause in _OF_US
        if not of_us and self._share_of_later(domain) < SELDOM:
            return
        if now - known.halved >= (1.0 if of_us else 10.0):
            self._slow(domain, known, now, in_trouble=not of_us)

    def _of(self, domain: str) -> _Domain:
        known = self._domains.get(domain)
        if known is None:
            ceiling = self._given.get(domain, math.inf)
            known = _Domain(ceiling, Bucket(ceiling), most=self._connections)
            self._domains[domain] = known
        return known

    def _share_of_later(self, domain: str) -> float:
        """The share of its last answers by which a domain put messages off."""
        last = list(self._answered.get(domain, ()))[-_WEIGHED:]
        return sum(later for _, later in last) / max(len(last), _WEIGHED)

    def _pace_of(self, domain: str, now: float) -> float:
        """Messages a second that this domain was written to lately."""
        times = [at for at, _ in list(self._answered.get(domain, ())) if now - at <= 1.0]
        return max(1.0, len(times) / max(now - times[0], 0.05)) if times else 1.0

    def _slow(self, domain: str, known: _Domain, now: float, *, in_trouble: bool) -> None:
        self._limited = True
        rate = known.bucket.rate
        if rate == math.inf:
            rate = known.first = self._pace_of(domain, now)
        before = known.first or known.ceiling
        slowest = max(SLOWEST_IN_TROUBLE, before / EASED) if in_trouble else SLOWEST
        known.bucket = Bucket(max(min(slowest, rate), rate / 2), 0.0, now)
        known.slowed = known.halved = now

    def _recover(self, known: _Domain, now: float) -> None:
        if known.slowed == -math.inf or now <= known.slowed:
            return
        grown = (
            known.bucket.rate * GROWTH ** ((now - known.slowed) / 60) + (now - known.slowed) / 600
        )
        known.slowed = now
        known.bucket.rate = min(known.ceiling, grown)
        if known.ceiling == math.inf and grown >= FREE_AFTER * max(known.first, 1.0):
            known.bucket.rate = math.inf
        if known.bucket.rate >= known.ceiling:
            known.slowed = -math.inf
