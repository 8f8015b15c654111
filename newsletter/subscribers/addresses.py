"""Mail addresses: syntax, normal form, identity. No DNS is asked.

`email-validator` judges; a domain is judged once and remembered, since lists have far fewer domains than
addresses. Quotes that are not needed (`"ann"@example.com`) are taken away; an address that needs them is refused, since
no mailbox of today has one and many programs break at it. Domains that can never receive (`.invalid`, `.test`, `localhost`) are refused, except `example.*`
(RFC 2606), which samples and tests are written with.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from newsletter.model.subscriber import Address

_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3002: ".",
    0xFF61: ".",
    0xFE6B: "@",
}
"""Full-width letters, ＠ and dots, as a Chinese or Japanese keyboard types them, to ASCII."""
_EXAMPLE = re.compile(r"(.+\.)?example\.(com|org|net|edu)|.+\.example")


class BadAddress(ValueError):
    """Not an address; the text says why, for a person."""


def parse_address(text: str) -> Address:
    """The normal form of an address as somebody typed it; raises BadAddress."""
    typed = unicodedata.normalize("NFC", text.strip())
    if not typed.isascii():
        typed = typed.translate(_WIDE)
    local, at, domain = typed.rpartition("@")
    if not at:
        raise BadAddress("there is no @ in it")
    if not local:
        raise BadAddress("there is nothing before the @")
    if len(local.encode("utf-8", "replace")) > 64:
        raise BadAddress("what stands before the @ is longer than 64 bytes")
    if _PLAIN_LOCAL.fullmatch(local):
        ascii_domain, reason = _domain(domain)
        if reason:
            raise BadAddress(reason)
        email = f"{local}@{ascii_domain}"
        if len(email) > 254:
            raise BadAddress("it is longer than 254 characters")
        return Address(email, email.lower())
    if any("\ud800" <= one <= "\udfff" or one == "\ufffd" for one in typed):
        raise BadAddress("it holds bytes that are no text")
    example = _example(domain)
    quoted = local.startswith('"')
    try:
        valid = validate_email(
            typed, check_deliverability=False, test_environment=example, allow_quoted_local=quoted
        )
    except EmailNotValidError as caught:
        raise BadAddress(_told(caught)) from None
    if valid.local_part.startswith('"'):
        raise BadAddress("what stands before the @ cannot be written without quotes")
    email = f"{valid.local_part}@{valid.ascii_domain.lower()}"
    return Address(email, unicodedata.normalize("NFC", email.casefold()))


def identity_of(email: str) -> str:
    """The identity of an address that is in its normal form already."""
    return unicodedata.normalize("NFC", email.casefold())


def domain_of(text: str) -> str:
    """The normal form of a domain as somebody typed it; raises BadAddress."""
    domain, reason = _domain(unicodedata.normalize("NFC", text.strip()).translate(_WIDE))
    if reason:
        raise BadAddress(reason)
    return domain


@lru_cache(maxsize=100_000)
def _domain(domain: str) -> tuple[str, str]:
    """The domain in ASCII, or the reason why it cannot be."""
    if domain.isascii() and _EXAMPLE.fullmatch(domain.lower()):
        return domain.lower(), ""
    try:
        valid = validate_email(
            f"a@{domain}", check_deliverability=False, test_environment=_example(domain)
        )
    except EmailNotValidError as caught:
        return "", _told(caught)
    return valid.ascii_domain.lower(), ""


def _example(domain: str) -> bool:
    return bool(_EXAMPLE.fullmatch(domain.lower()))


def _told(caught: EmailNotValidError) -> str:
    sentence = str(caught).removesuffix(".")
    return sentence[:1].lower() + sentence[1:]
