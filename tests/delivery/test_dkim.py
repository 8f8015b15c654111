"""Signatures of our own, verified by dkimpy."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from newsletter.delivery.dkim import Signature, Signatures, load_key, signer_of
from newsletter.delivery.message import CampaignRecipients, Composer
from newsletter.model.campaign import Addressee, Content
from newsletter.model.subscriber import MailingList
from newsletter.problems import NewsletterError
from newsletter.publication import load_publication, with_settings
from newsletter.settings import DkimSettings

Make = Callable[..., Content]
DATE = datetime.datetime(2026, 10, 31, tzinfo=datetime.UTC)
RSA = Signature("orchard.example.com", "rsa", generate_private_key(65537, 2048))
ED = Signature("orchard.example.com", "ed", Ed25519PrivateKey.generate())
BOTH = Signatures((RSA, ED))


def pem(signature: Signature) -> str:
    return signature.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def verified(message: bytes, at: int = 0) -> bool:
    records = {f"{one.selector}._domainkey.{one.domain}.": one.record for one in BOTH.signatures}
    found = dkim.DKIM(message)
    try:
        return bool(found.verify(idx=at, dnsfunc=lambda name, timeout=5: records[name.decode()]))
    except dkim.ValidationError:  # the body is not what was hashed
        return False


@pytest.fixture
def signed(content: Make) -> Callable[..., bytes]:
    def make(**changes: object) -> bytes:
        one = content(**changes)
        to = Addressee(
            1, 1, 42, "li@example.com", MailingList(1, "weekly", "每周 · 生物"), "李 小明" * 9
        )
        composer = Composer(one, DATE, signer=BOTH, idempotency_header="X-Once")
        return composer.message(CampaignRecipients(one, 7, 2).recipient(to, "TOKEN"))

    return make


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"subject": "生物产业" * 20, "sender_name": "果园，编辑部", "html": "<p>" + "中文" * 900},
        {"text": "a\n\n\n.dot\n..\n\n\n", "reply_to": "answers@orchard.example.com"},
    ],
)
def test_rsa_and_ed25519_signatures_are_verified_by_others(
    signed: Callable[..., bytes], changes: dict[str, str]
) -> None:
    message = signed(**changes)
    assert message.count(b"DKIM-Signature:") == 2
    assert [verified(message, at) for at in (0, 1)] == [True, True]
    assert max(map(len, message.split(b"\r\n"))) <= 100
    refolded = message.replace(b"\r\nDate: ", b"\r\nDate:   \t")
    assert verified(refolded)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (b"List-Unsubscribe: <https://", b"List-Unsubscribe: <http://"),
        (b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Lost"),
        (b"Subject: ", b"Subject: cheap "),
        (b"\r\nDate: ", b"\r\nFrom: somebody@else.example.com\r\nDate: "),
        (b"text/html", b"text/htm1"),
    ],
)
def test_what_is_changed_on_the_way_breaks_the_signature(
    signed: Callable[..., bytes], what: bytes, instead: bytes
) -> None:
    message = signed()
    assert what in message
    assert not verified(message.replace(what, instead, 1))


def test_from_is_signed_twice_and_list_headers_are_covered(signed: Callable[..., bytes]) -> None:
    head = signed().partition(b"\r\n\r\n")[0]
    covered = re.sub(rb"\s", b"", re.search(rb"h=([^;]+);", head).group(1))  # type: ignore[union-attr]
    assert covered.split(b":")[:3] == [b"from", b"from", b"to"]
    assert {b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id"} <= set(
        covered.split(b":")
    )
    assert re.search(rb"X-Once: c7\.r2\.s42\.[0-9a-f]+@orchard\.example\.com\r\n", head)


def test_keys_come_from_a_file_or_the_environment(
    new_publication: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = load_publication(new_publication, {})
    assert signer_of(here) is None
    (here.root / "rsa.pem").write_text(pem(RSA))
    monkeypatch.setenv("ED_KEY", pem(ED))
    settings = DkimSettings(
        domain="orchard.example.com",
        selector="rsa",
        key_file="rsa.pem",
        ed25519_selector="ed",
        ed25519_key_env="ED_KEY",
    )
    signer = signer_of(with_settings(here, dkim=settings))
    assert signer is not None
    assert [one.algorithm for one in signer.signatures] == ["rsa-sha256", "ed25519-sha256"]
    with pytest.raises(NewsletterError, match=r"no dkim\.selector"):
        signer_of(with_settings(here, dkim=DkimSettings(domain="example.com")))


@pytest.mark.parametrize("key", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_told(key: str) -> None:
    with pytest.raises(NewsletterError, match="key"):
        load_key(key)
