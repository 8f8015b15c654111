"""The mail's size on a bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from newsletter.web.studio.clip import CLIP


@dataclass(frozen=True, slots=True)
class Meter:
    """The bar ends at what Gmail shows, or at the mail's own size where that is more. `over` its budget it is too large."""

    size: int
    budget: int
    clip: int = CLIP

    @property
    def whole(self) -> int:
        return max(self.size, self.clip)

    @property
    def over(self) -> bool:
        return self.size > self.budget

    @property
    def shown(self) -> int:
        """Bytes that Gmail shows."""
        return min(self.size, self.clip)

    def joints(self, parts: Iterable[tuple[object, int]]) -> tuple[int, ...]:
        """Where one article ends and the next begins; what is before the first and behind the last is the mail's frame."""
        sizes = [size for _, size in parts]
        head = max(0, self.size - sum(sizes)) // 2
        return tuple(accumulate(sizes, initial=head))
