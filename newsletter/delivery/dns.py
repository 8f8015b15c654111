"""What the DNS says: TXT records, addresses, names of addresses. Asked only where a person wants it (doctor).

The one home of dnspython. A name that does not exist has no records; a server that does not answer is an error,
since nothing can be said then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from newsletter.problems import TryAgainLater

SECONDS = 8.0


class Dns:
    """Asks the resolvers of this machine, or one that is named."""

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        import dns.resolver

        self._resolver = dns.resolver.Resolver(configure=server is None)
        self._resolver.lifetime = SECONDS
        if server is not None:
            self._resolver.nameservers = [server[0]]
            self._resolver.port = server[1]

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records of a name, each joined from its strings."""
        return tuple(
            b"".join(one.strings).decode("utf-8", "replace") for one in self._ask(name, "TXT")
        )

    def addresses(self, name: str) -> tuple[str, ...]:
        """The IPv4 and IPv6 addresses of a name."""
        return tuple(one.address for kind in ("A", "AAAA") for one in self._ask(name, kind))

    def names(self, address: str) -> tuple[str, ...]:
        """The names that an IP address has (PTR)."""
        import dns.reversename

        name = str(dns.reversename.from_address(address))
        return tuple(one.target.to_text(omit_final_dot=True) for one in self._ask(name, "PTR"))

    def mail_servers(self, name: str) -> tuple[str, ...]:
        """The names of a domain's mail servers (MX), the preferred first."""
        found = sorted(self._ask(name, "MX"), key=lambda one: one.preference)
        return tuple(one.exchange.to_text(omit_final_dot=True) for one in found)

    def _ask(self, name: str, kind: str) -> Sequence[Any]:
        import dns.exception
        import dns.resolver

        try:
            return list(self._resolver.resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as caught:
            told = str(caught).partition("\n")[0] or type(caught).__name__
            raise TryAgainLater(f"the DNS does not answer for {name}: {told}") from caught
