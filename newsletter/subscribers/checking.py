"""What can be told of an address as somebody typed or pasted it: valid or not, its normal form, and what is odd.

Nothing is refused for being odd: a role (`info@`), a likely slip (`gmial.com`) or a throw-away domain is
flagged. No network is asked. The lists of domains are short and known by heart of the trade; a domain that
is missing is simply not flagged.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache

from newsletter.model.identity import PLAIN, IdentityRules
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.importers.cells import UNSEEN

_NAMED = re.compile(r"(?:\"[^\"\r\n]*\"|[^<>\"\r\n])*<([^<>\s]+)>")
_COMMENTED = re.compile(r"([^\s()<>\"]+@[^\s()<>\"]+)\s*\([^()@\\\r\n]*\)")
_ROLES = frozenset(
    [
        "abuse",
        "admin",
        "administrator",
        "billing",
        "contact",
        "editor",
        "enquiries",
        "feedback",
        "hello",
        "help",
        "hostmaster",
        "info",
        "jobs",
        "list",
        "mail",
        "marketing",
        "newsletter",
        "noc",
        "no-reply",
        "noreply",
        "office",
        "orders",
        "postmaster",
        "press",
        "privacy",
        "root",
        "sales",
        "security",
        "service",
        "spam",
        "support",
        "team",
        "usenet",
        "uucp",
        "webmaster",
    ]
)
_PROVIDERS = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "hotmail.com",
    "hotmail.co.uk",
    "outlook.com",
    "live.com",
    "icloud.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "t-online.de",
    "orange.fr",
    "free.fr",
    "libero.it",
    "mail.ru",
    "yandex.ru",
    "qq.com",
    "163.com",
    "126.com",
    "sina.com",
    "sohu.com",
    "foxmail.com",
    "naver.com",
    "proton.me",
    "protonmail.com",
]
_NO_TOP = dict.fromkeys(
    ("con", "cmo", "ocm", "comm", "coom", "cpm", "vom", "xom", "clm", "cim", "vop", "c", "m"), "com"
) | {"nte": "net", "ney": "net", "nett": "net", "ogr": "org", "orgg": "org"}
"""Ends of domains that there are not, and what they are slips of."""
_ONE_END = frozenset(["gmail", "googlemail", "icloud", "foxmail"])
"""Providers who have no other domain than `.com`."""
_REAL_NEIGHBOURS = frozenset(
    [
        "ymail.com",
        "mail.com",
        "gmx.com",
        "gmx.at",
        "gmx.ch",
        "gmx.fr",
        "gmx.us",
        "email.com",
        "me.com",
        "mac.com",
        "msn.com",
        "139.com",
        "189.com",
        "188.com",
        "fmail.com",
        "hotmail.de",
        "hotmail.fr",
        "hotmail.it",
        "hotmail.es",
        "yahoo.de",
        "yahoo.fr",
        "yahoo.it",
        "yahoo.es",
        "yahoo.ca",
        "live.de",
        "live.fr",
        "live.nl",
        "live.cn",
        "outlook.de",
        "outlook.fr",
        "outlook.es",
        "sina.cn",
        "yandex.com",
        "yandex.ua",
        "mail.ua",
        "mail.de",
        "aol.de",
        "web.com",
        "free.com",
    ]
)
_DISPOSABLE = frozenset(
    [
        "10minutemail.com",
        "guerrillamail.com",
        "guerrillamail.net",
        "guerrillamail.org",
        "sharklasers.com",
        "grr.la",
        "mailinator.com",
        "maildrop.cc",
        "yopmail.com",
        "yopmail.fr",
        "yopmail.net",
        "trashmail.com",
        "trashmail.de",
        "temp-mail.org",
        "tempmail.com",
        "tempail.com",
        "throwawaymail.com",
        "dispostable.com",
        "getnada.com",
        "mintemail.com",
        "mohmal.com",
        "fakeinbox.com",
        "spamgourmet.com",
        "mailnesia.com",
        "mailcatch.com",
        "moakt.com",
        "discard.email",
        "emailondeck.com",
        "wegwerfmail.de",
        "byom.de",
    ]
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`normal` is what mail is sent to and `identity` what is compared; both empty where it is no address.
    `flags`: `role`, `typo`, `disposable`, `smtputf8`, `cleaned`. `suggestion` is what was probably meant."""

    address: str
    valid: bool
    normal: str = ""
    identity: str = ""
    reason: str = ""
    flags: tuple[str, ...] = ()
    suggestion: str = ""


def check_address(typed: str, rules: IdentityRules = PLAIN) -> Verdict:
    """The verdict on one address, its identity by these rules; never raises."""
    bare = bare_address(typed)
    try:
        address = parse_address(bare)
    except BadAddress as caught:
        return Verdict(typed, False, reason=str(caught), suggestion=_meant(bare))
    local, _, domain = address.email.rpartition("@")
    meant = likely_domain(domain)
    told = {
        "role": local.lower() in _ROLES,
        "typo": bool(meant),
        "disposable": any(domain == one or domain.endswith(f".{one}") for one in _DISPOSABLE),
        "smtputf8": not local.isascii(),
        "cleaned": bare != typed.strip() or bare.startswith('"') or _fullwidth(bare),
    }
    flags = tuple(flag for flag, holds in told.items() if holds)
    suggestion = f"{local}@{meant}" if meant else ""
    return Verdict(
        typed, True, address.email, rules.fold(address.key), flags=flags, suggestion=suggestion
    )


def bare_address(typed: str) -> str:
    """The address in `Ann <ann@example.com>`, `<ann@example.com>`, `ann@example.com (Ann)` or
    `mailto:ann@example.com?subject=…`."""
    text = typed.strip().strip(UNSEEN)
    named = _NAMED.fullmatch(text) or _COMMENTED.fullmatch(text)
    text = named[1] if named else text
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text


@lru_cache(maxsize=100_000)
def likely_domain(domain: str) -> str:
    """What a domain was probably meant to be: a large provider's, or one under `.com`; empty where it is no slip."""
    if domain in _PROVIDERS or domain in _REAL_NEIGHBOURS:
        return ""
    name, _, last = domain.rpartition(".")
    if last in _NO_TOP:
        ended = f"{name}.{_NO_TOP[last]}"
        return likely_domain(ended) or ended
    if name in _ONE_END or (last == "com" and name in _PROVIDERS):  # gmail.net, gmail.com.com
        return name if "." in name else f"{name}.com"
    near = difflib.get_close_matches(domain, _PROVIDERS, n=1, cutoff=0.86)
    return near[0] if near and abs(len(near[0]) - len(domain)) <= 1 else ""


def _meant(bare: str) -> str:
    """The address that was probably meant by something that is none."""
    seen = "".join(one for one in bare if one not in UNSEEN)
    at = re.sub(r"(?i)\s*(?:\[at\]|\(at\)|\{at\}|%40)\s*", "@", bare)
    local, _, name = bare.rpartition("@")
    for text in (
        seen,
        bare.strip(".,;:!?()[]<>'`\"“”‘’，。；、"),
        bare.replace(",", ".") if bare.count("@") == 1 else "",
        re.sub(r"(?i)\s*(?:\[dot\]|\(dot\))\s*", ".", at),
        f"{local}@{name}.com" if f"{name}.com".lower() in _PROVIDERS else "",
    ):
        try:
            if text != bare:
                person, _, domain = parse_address(text).email.rpartition("@")
                return f"{person}@{likely_domain(domain) or domain}"
        except BadAddress:
            continue
    return ""


def _fullwidth(text: str) -> bool:
    return any("\uff01" <= character <= "\uff5e" or character in "。｡﹫" for character in text)
