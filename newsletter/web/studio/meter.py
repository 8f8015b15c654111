"""The mail's size on a bar."""

from __future__ import annotations

from dataclasses import dataclass

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
