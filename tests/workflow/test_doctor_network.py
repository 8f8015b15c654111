"""Doctor asks the DNS, here one in this process, and looks at messages that were really received."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dkim
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from newsletter.delivery.dkim import Signature, Signatures
from newsletter.delivery.dkim_check import signatures_of
from newsletter.delivery.dns import Dns
from newsletter.publication import Publication, load_publication, with_settings
from newsletter.settings import BounceSettings, DkimSettings, Sender, SmtpSettings
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow.doctor import examine
from newsletter.workflow.doctor_dns import examine_dns
from newsletter.workflow.doctor_message import aligned, examine_message
from newsletter.workflow.doctor_rules import bulk_rules
from newsletter.workflow.findings import Finding, State

RSA = generate_private_key(65537, 2048)
ED = Ed25519PrivateKey.generate()
MESSAGE = b"""\
From: The Orchard <editor@orchard.example.com>\r
To: ann@example.org\r
Subject: A test\r
Date: Tue, 05 May 2026 08:00:00 +0000\r
Message-ID: <doctor.1@orchard.example.com>\r
MIME-Version: 1.0\r
Content-Type: text/plain\r
List-Id: The Orchard <weekly.orchard.example.com>\r
List-Unsubscribe: <https://orchard.example.com/unsubscribe/preview>,\r
 <mailto:bounces+preview@orchard.example.com?subject=unsubscribe>\r
List-Unsubscribe-Post: List-Unsubscribe=One-Click\r
\r
Words.\r
\r
"""
Zone = dict[tuple[str, str], list[str]]


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, sock = self.request
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        zone: Zone = self.server.zone  # type: ignore[attr-defined]
        kind = dns.rdatatype.to_text(question.rdtype)
        if found := zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        elif not any(one == name for one, _ in zone):
            answer.set_rcode(3)
        sock.sendto(answer.to_wire(), self.client_address)


@pytest.fixture
def zone() -> Zone:
    return {}


@pytest.fixture
def resolver(zone: Zone) -> Iterator[Dns]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Handler) as server:
        server.zone = zone  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Dns(("127.0.0.1", server.server_address[1]))
        server.shutdown()


@pytest.fixture
def orchard(new_publication: Path) -> Publication:
    make_key_file(new_publication / "subscribers" / "secret.key")
    return load_publication(new_publication, {})


def txt(text: str) -> str:
    return " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))


def states(found: Iterator[Finding]) -> dict[str, State]:
    told = list(found)
    return {one.subject: one.state for one in told}


def signature(key: Any, selector: str, domain: str = "orchard.example.com") -> Signature:
    return Signature(domain, selector, key)


def test_a_sender_whose_records_are_right_lacks_nothing(
    orchard: Publication, resolver: Dns, zone: Zone
) -> None:
    key = orchard.root / "dkim.pem"
    key.write_bytes(RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    publication = with_settings(
        orchard,
        dkim=DkimSettings(domain="orchard.example.com", selector="s1", key_file="dkim.pem"),
        bounces=BounceSettings(address="bounces+{}@orchard.example.com"),
        smtp=SmtpSettings(host="relay.example.net"),
    )
    zone |= {
        ("orchard.example.com", "TXT"): [txt("v=spf1 include:relay.example.net -all"), txt("x=1")],
        ("relay.example.net", "TXT"): [txt("v=spf1 ip4:8.8.4.4 ~all")],
        ("relay.example.net", "A"): ["8.8.4.4"],
        ("4.4.8.8.in-addr.arpa", "PTR"): ["relay.example.net."],
        ("s1._domainkey.orchard.example.com", "TXT"): [txt(signature(RSA, "s1").record)],
        ("_dmarc.example.com", "TXT"): [txt("v=DMARC1; p=none; rua=mailto:a@example.com")],
        ("orchard.example.com", "MX"): ["10 relay.example.net."],
    }
    found = states(examine_dns(publication, resolver))
    assert set(found) == {"SPF", "DKIM", "DMARC", "PTR", "MX of From", "MX of bounces"}
    assert set(found.values()) == {State.OK}


@pytest.mark.parametrize(
    ("subject", "name", "kind", "records", "said"),
    [
        ("SPF", "orchard.example.com", "TXT", [], "has no SPF record"),
        ("SPF", "orchard.example.com", "TXT", ["v=spf1 -all", "v=spf1 ~all"], "none counts"),
        ("SPF", "orchard.example.com", "TXT", ["v=spf1 +all"], "lets everybody send"),
        ("SPF", "orchard.example.com", "TXT", ["v=spf1 " + " ".join(f"a:h{n}.example" for n in range(11)) + " -all"], "11 look-ups"),
        ("DMARC", "_dmarc.orchard.example.com", "TXT", [], "nor a domain above"),
        ("DMARC", "_dmarc.orchard.example.com", "TXT", ["v=DMARC1; rua=mailto:a@b.example"], "no policy"),
        ("PTR", "4.4.8.8.in-addr.arpa", "PTR", ["other.example.net."], "does not lead back"),
        ("PTR", "4.4.8.8.in-addr.arpa", "PTR", [], "has no name"),
    ],
)  # fmt: skip
def test_what_receivers_would_refuse_is_told(
    orchard: Publication,
    resolver: Dns,
    zone: Zone,
    subject: str,
    name: str,
    kind: str,
    records: list[str],
    said: str,
) -> None:
    zone[("8.8.4.4", "A")] = []
    zone[(name, kind)] = [txt(one) if kind == "TXT" else one for one in records]
    publication = with_settings(orchard, smtp=SmtpSettings(host="8.8.4.4"))
    (finding,) = [one for one in examine_dns(publication, resolver) if one.subject == subject]
    assert finding.state is State.MISSING
    assert said in finding.message
    assert finding.remedy


def test_a_dns_that_does_not_answer_blames_nobody(orchard: Publication) -> None:
    dead = Dns(("127.0.0.1", 9))
    dead._resolver.lifetime = 0.3
    found = list(examine_dns(orchard, dead))
    assert {one.state for one in found} == {State.ADVICE}
    assert all("does not answer" in one.message for one in found if one.subject in ("SPF", "DMARC"))


def test_a_machine_without_resolvers_blames_nobody(
    orchard: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", none)
    assert {one.state for one in examine_dns(orchard, Dns())} == {State.ADVICE}


@pytest.mark.parametrize("key", ["rsa", "ed25519"])
def test_our_own_signatures_hold_and_cover_what_one_click_needs(
    resolver: Dns, zone: Zone, key: str
) -> None:
    one = signature(RSA if key == "rsa" else ED, "s1")
    zone[("s1._domainkey.orchard.example.com", "TXT")] = [txt(one.record)]
    message = Signatures((one,)).headers(MESSAGE) + MESSAGE
    found = states(examine_message(message, resolver.texts))
    assert found == {
        "message: DKIM": State.OK,
        "message: one-click": State.OK,
        "message: headers": State.OK,
    }


@pytest.mark.parametrize("form", [(b"relaxed", b"relaxed"), (b"simple", b"simple")])
def test_a_relay_s_signature_of_any_form_is_verified(
    resolver: Dns, zone: Zone, form: tuple[bytes, bytes]
) -> None:
    pem = RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    zone[("r._domainkey.relay.example.net", "TXT")] = [txt(signature(RSA, "r").record)]
    body = MESSAGE.replace(b"Words.", b"Words \t and  spaces. ")
    signed = dkim.sign(body, b"r", b"relay.example.net", pem, canonicalize=form) + body
    (one,) = signatures_of(signed, resolver.texts)
    assert (one.domain, one.fault) == ("relay.example.net", "")
    for changed in (signed.replace(b"A test", b"A tst"), signed.replace(b"spaces", b"space")):
        (one,) = signatures_of(changed, resolver.texts)
        assert "changed" in one.fault
    (dkim_finding, *_) = examine_message(signed, resolver.texts)
    assert dkim_finding.state is State.MISSING
    assert "not for From's domain" in dkim_finding.message


def test_a_signature_that_leaves_the_unsubscribe_headers_out_is_told(
    resolver: Dns, zone: Zone
) -> None:
    pem = RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    zone[("r._domainkey.orchard.example.com", "TXT")] = [txt(signature(RSA, "r").record)]
    head = dkim.sign(
        MESSAGE, b"r", b"orchard.example.com", pem, include_headers=[b"from", b"list-unsubscribe"]
    )
    found = {one.subject: one for one in examine_message(head + MESSAGE, resolver.texts)}
    assert found["message: DKIM"].state is State.OK
    assert found["message: one-click"].state is State.MISSING
    assert "does not cover list-unsubscribe-post" in found["message: one-click"].message


def test_a_message_without_signature_or_with_a_lost_header_is_told() -> None:
    found = {one.subject: one for one in examine_message(MESSAGE)}
    assert "nobody has signed it" in found["message: DKIM"].message
    lost = MESSAGE.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"")
    found = {one.subject: one for one in examine_message(lost)}
    assert "no list-unsubscribe-post" in found["message: one-click"].message


def test_the_verdicts_of_whoever_received_it_are_told() -> None:
    results = b"Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=x; dkim=fail (bad);\r\n dmarc=none\r\n"
    found = states(examine_message(results + MESSAGE))
    assert found["message: SPF"] is State.OK
    assert found["message: DKIM"] is State.MISSING
    assert found["message: DMARC"] is State.ADVICE


def test_domains_are_aligned_as_dmarc_says() -> None:
    assert aligned("news.example.com", "example.com")
    assert aligned("example.com", "EXAMPLE.com")
    assert not aligned("example.com", "example.org")
    assert aligned("a.news.example.com", "bounces.example.com")
    assert aligned("a.example.co.uk", "b.example.co.uk")
    assert not aligned("example.co.uk", "other.co.uk")
    assert not aligned("a.com.cn", "b.com.cn")
    assert not aligned("badexample.com", "example.com")
    assert not aligned("", "example.com")


def test_a_record_that_asks_for_the_very_domain_is_held_against_who_signs_and_who_sends(
    orchard: Publication, resolver: Dns, zone: Zone
) -> None:
    publication = with_settings(
        orchard,
        dkim=DkimSettings(domain="example.com", selector="s1", key_file="none.pem"),
        bounces=BounceSettings(address="b+{}@bounces.orchard.example.com"),
    )
    record = "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:a@example.com"
    zone[("_dmarc.example.com", "TXT")] = [txt(record)]
    found = [one for one in examine_dns(publication, resolver) if one.subject == "DMARC"]
    assert [one.state for one in found] == [State.OK, State.ADVICE, State.ADVICE]
    assert "adkim=s asks for orchard.example.com itself" in found[1].message
    assert "SPF speaks for bounces.orchard.example.com" in found[2].message
    zone[("_dmarc.example.com", "TXT")] = [txt(record.replace("adkim=s; aspf=s; ", ""))]
    found = [one for one in examine_dns(publication, resolver) if one.subject == "DMARC"]
    assert [one.state for one in found] == [State.OK]


def test_the_dns_is_not_asked_for_a_domain_that_is_nobody_s(
    orchard: Publication, resolver: Dns
) -> None:
    publication = with_settings(orchard, sender=Sender(email="editor@example.com"))
    assert states(examine_dns(publication, resolver)) == {"DNS": State.ADVICE}


def test_a_key_that_cannot_be_read_is_told_without_the_network(orchard: Publication) -> None:
    dkim = DkimSettings(domain="orchard.example.com", selector="s1", key_file="none.pem")
    found = {one.subject: one for one in bulk_rules(with_settings(orchard, dkim=dkim))}
    assert found["rules: DKIM"].state is State.MISSING
    assert "none.pem" in found["rules: DKIM"].remedy


@pytest.mark.parametrize(
    ("changes", "subject", "state"),
    [
        ({}, "rules: From", State.OK),
        ({"sender": Sender(email="ann@gmail.com")}, "rules: From", State.MISSING),
        ({"sender": Sender(email="no-reply@orchard.example.com")}, "rules: From", State.ADVICE),
        ({"sender": Sender(email="editor@example.com")}, "rules: From", State.ADVICE),
        ({"sender": Sender(email="editor@news.test")}, "rules: From", State.ADVICE),
        ({}, "rules: TLS", State.OK),
        ({"smtp": SmtpSettings(host="smtp.example.net")}, "rules: TLS", State.ADVICE),
        ({"smtp": SmtpSettings(host="smtp.example.net", security="tls")}, "rules: TLS", State.OK),
        ({"base_url": "http://orchard.example.com"}, "rules: one-click", State.ADVICE),
        ({"dkim": DkimSettings(domain="other.example")}, "rules: DKIM", State.MISSING),
        ({"bounces": BounceSettings(address="b+{}@other.example")}, "rules: bounces", State.ADVICE),
        ({"bounces": BounceSettings(address="b+{}@orchard.example.com", host="imap.example.com")}, "rules: bounces", State.OK),
    ],
)  # fmt: skip
def test_the_rules_for_bulk_senders_are_a_checklist(
    orchard: Publication, changes: dict[str, Any], subject: str, state: State
) -> None:
    assert states(bulk_rules(with_settings(orchard, **changes)))[subject] is state


def test_a_message_file_is_looked_at_with_the_rest(
    orchard: Publication, tmp_path: Path, resolver: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "received.eml"
    path.write_bytes(MESSAGE)
    found = {one.subject: one for one in examine(orchard.root, message=path)}
    assert found["message: DKIM"].state is State.MISSING
    assert found["rules: one-click"].state is State.OK
    assert "SPF" not in found, "the DNS is asked with network only"


def test_a_round_trip_sends_a_message_with_all_headers_and_reads_it(
    orchard: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsletter.delivery.transports import Memory
    from newsletter.workflow import doctor_trip

    out = Memory()
    monkeypatch.setattr(doctor_trip, "transport_of", lambda publication: out)
    look: Callable[[bytes], Iterator[Finding]] = examine_message
    (told,) = doctor_trip.send_and_look(orchard, "ann@example.org", look)
    assert told.state is State.ADVICE
    assert "--message FILE" in told.remedy
    mailbox = with_settings(
        orchard,
        bounces=BounceSettings(
            address="bounces+{}@orchard.example.com", host="x", username="bounces"
        ),
    )

    class Box:
        def mails(self, known: object) -> Iterator[Any]:
            from newsletter.delivery.imap import Fetched

            yield from (Fetched(str(at), one[2]) for at, one in enumerate(out.sent))

        def done(self, source: str, *, ours: bool) -> None:
            pass

        def close(self) -> None:
            pass

    monkeypatch.setattr(doctor_trip, "open_mailbox", lambda publication: Box())
    found = states(doctor_trip.send_and_look(mailbox, "bounces@orchard.example.com", look))
    assert found["round trip"] is State.OK
    assert found["message: headers"] is State.OK
    assert found["message: one-click"] is State.MISSING, "nobody has signed it"
    assert out.sent[1][0] == "bounces+preview@orchard.example.com"
