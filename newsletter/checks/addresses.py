"""Which web addresses lead nowhere for a reader elsewhere."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".test", ".invalid")


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def is_private(url: str) -> bool:
    """Whether only this machine or its own network can reach it (RFC 6761, RFC 1918 and their kin)."""
    host = host_of(url)
    if not host:
        return False
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(_PRIVATE_SUFFIXES)


def domain_of(address: str) -> str:
    """What stands behind the `@` of a mail address, lower case."""
    return address.rpartition("@")[2].strip("<> ").lower()
