"""TLS and login against a real server: certificates are verified, always; whoever is not trusted gets nothing."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from newsletter.delivery.failures import Stage, judge
from newsletter.delivery.transports import Smtp, smtp_of
from newsletter.model.transitions import DeliveryEvent
from newsletter.problems import NewsletterError
from newsletter.publication import Publication, SmtpSettings, load_publication, with_settings

MESSAGE = b"Subject: x\r\n\r\nwords\r\n"


class Box:
    def __init__(self) -> None:
        self.received: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.received += envelope.rcpt_tos
        return "250 2.0.0 queued"


@pytest.fixture
def relay(certificate: Callable[[str], Path]) -> Iterator[Callable[..., tuple[Box, int]]]:
    """Starts a server that speaks TLS and wants to know who is there; returns its box and port."""
    running: list[Controller] = []

    def start(security: str, name: str) -> tuple[Box, int]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate(name))
        box = Box()
        options = {"ssl_context": context} if security == "tls" else {"tls_context": context}
        controller = Controller(
            box,
            hostname="127.0.0.1",
            port=0,
            authenticator=_authenticate,
            auth_required=security == "starttls",
            auth_require_tls=security == "starttls",
            require_starttls=security == "starttls",
            **options,
        )
        running.append(controller)
        # aiosmtpd's own trial connection trusts no certificate made here: this one only connects
        controller._trigger_server = lambda: _knock(controller)  # type: ignore[method-assign]
        controller.start()
        return box, _port(controller)

    yield start
    for controller in running:
        controller.stop()


def _port(controller: Controller) -> int:
    return int(controller.server.sockets[0].getsockname()[1])  # type: ignore[union-attr]


def _knock(controller: Controller) -> None:
    socket.create_connection(("127.0.0.1", _port(controller))).close()


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
    good = LoginPassword(b"editor", b"good password")
    return AuthResult(success=isinstance(data, LoginPassword) and data == good, handled=False)


@pytest.fixture
def publication_with(new_publication: Path) -> Callable[..., Publication]:
    def make(port: int, security: str, **changes: Any) -> Publication:
        settings = SmtpSettings(
            host="127.0.0.1", port=port, security=security, username="editor", timeout=5, **changes
        )  # type: ignore[arg-type]
        return with_settings(load_publication(new_publication, {}), smtp=settings)

    return make


def send(publication: Publication, password: str = "good password") -> Any:
    (publication.root / "password").write_text(password + "\n")
    smtp: Smtp = smtp_of(publication)
    reply = smtp.send("a@example.com", "b@example.com", MESSAGE)
    smtp.close()
    return reply


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_relay_with_a_trusted_certificate_takes_mail_after_login(
    relay: Any, certificate: Any, publication_with: Any, security: str
) -> None:
    box, port = relay(security, "IP:127.0.0.1")
    trusted = {"ca_file": str(certificate("IP:127.0.0.1")), "password_file": "password"}
    reply = send(publication_with(port, security, **trusted))
    assert (reply.stage, reply.code) == (Stage.CONTENT, 250)
    assert box.received == ["b@example.com"]
    refused = send(publication_with(port, security, **trusted), "wrong password")
    assert (refused.stage, refused.code) == (Stage.LOGIN, 535)
    assert judge(refused).hopeless
    assert box.received == ["b@example.com"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_is_not_trusted_or_of_another_name_gets_nothing(
    relay: Any, certificate: Any, publication_with: Any, security: str
) -> None:
    box, port = relay(security, "IP:127.0.0.1")
    reply = send(publication_with(port, security, password_file="password"))
    assert (reply.code, judge(reply).event, judge(reply).hopeless) == (
        554,
        DeliveryEvent.PUT_BACK,
        True,
    )
    assert "certificate is not valid" in reply.text
    other, port = relay(security, "DNS:other.example.com")
    trusted = {"ca_file": str(certificate("DNS:other.example.com")), "password_file": "password"}
    assert send(publication_with(port, security, **trusted)).code == 554
    assert box.received == other.received == []


def test_a_file_of_certificates_that_cannot_be_read_is_told(publication_with: Any) -> None:
    publication = publication_with(1, "tls", ca_file="newsletter.toml")
    for name in ("newsletter.toml", "missing.pem"):
        smtp = publication.settings.smtp
        changed = with_settings(
            publication, smtp=SmtpSettings(host=smtp.host, security="tls", ca_file=name)
        )
        with pytest.raises(NewsletterError, match=r"smtp\.ca_file"):
            smtp_of(changed)
