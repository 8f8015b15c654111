"""Which addresses are one person's: rules beyond letter case, which a publication may switch on. Pure.

They change what is compared, never where mail is sent to. Folding twice is folding once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """`plus_tags`: `ann+news@` is `ann@`. `dots`: domains in whose addresses dots before the @ do not count."""

    plus_tags: bool = False
    dots: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether they change nothing."""
        return not self.plus_tags and not self.dots

    def fold(self, key: str) -> str:
        """The identity of an address whose case is folded already; what is no address stays as it is."""
        local, at, domain = key.rpartition("@")
        if self.plain or not at or not local or local.startswith('"'):
            return key
        if self.plus_tags:
            local = local.partition("+")[0] or local
        if domain in self.dots:
            local = local.replace(".", "") or local
        return f"{local}@{domain}"


PLAIN = IdentityRules()
