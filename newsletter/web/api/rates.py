"""How many requests are heard: so many a minute from one key.

Counted in this process, in buckets that fill again evenly. The rules of sign-ups are kept in the database, beside
those of the form on the web, and hold whatever a key may do.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

_MOST_BUCKETS = 10_000


class Limiter:
    """Buckets by name; the one that was not asked for longest goes when there are too many."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, a_minute: int, *, cost: float = 1.0) -> float:
        """Takes one of `a_minute`; returns 0, or the seconds until there is one again."""
        at = time.monotonic()
        with self._lock:
            left, seen = self._buckets.pop(name, (float(a_minute), at))
            left = min(float(a_minute), left + (at - seen) * a_minute / 60)
            short = max(0.0, 1.0 - left)
            self._buckets[name] = (left if short else left - cost, at)
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
        return short * 60 / a_minute
