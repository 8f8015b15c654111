"""Doctor finds what is missing, says how to get it, and changes nothing."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from starlette.responses import Response

from newsletter.publication import load_publication, with_settings
from newsletter.settings import SmtpSettings
from newsletter.subscribers.tokens import make_key_file
from newsletter.web.public import public_app
from newsletter.workflow import doctor, subscribers
from newsletter.workflow.doctor import Finding, State, examine
from newsletter.workflow.doctor_clicks import reachable


def by_subject(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


@pytest.fixture
def healthy(new_publication: Path) -> Path:
    make_key_file(new_publication / "subscribers" / "secret.key")
    return new_publication


def test_a_healthy_publication_lacks_nothing(healthy):
    missing = [finding for finding in examine(healthy) if finding.state is State.MISSING]
    assert missing == []


def test_without_a_publication_the_machine_is_still_looked_at():
    found = by_subject(examine(None))
    assert found["python"].state is State.OK
    assert found["typst"].state is State.OK
    assert "newsletter init" in found["publication"].remedy


def test_broken_settings_are_told_with_their_line(healthy):
    (healthy / "newsletter.toml").write_text('name = "x"\ncolour = "red"\n')
    settings = by_subject(examine(healthy))["settings"]
    assert settings.state is State.MISSING
    assert "newsletter.toml:2" in settings.message


def test_a_missing_key_comes_with_the_command_that_makes_one(new_publication):
    key = by_subject(examine(new_publication))["secret key"]
    assert key.state is State.MISSING
    assert "umask 077" in key.remedy


def test_a_key_that_others_can_read_is_told(healthy):
    key = healthy / "subscribers" / "secret.key"
    key.chmod(0o644)
    finding = by_subject(examine(healthy))["secret key"]
    assert finding.state is State.MISSING
    assert f"chmod 600 {key}" in finding.remedy


def test_a_template_with_a_mistake_is_told_with_its_line(healthy):
    page = healthy / "templates" / "pages" / "starter" / "message.html.j2"
    page.parent.mkdir(parents=True)
    page.write_text("<p>\n{% if %}\n")
    finding = by_subject(examine(healthy))["templates"]
    assert finding.state is State.MISSING
    assert f"{page}:2" in finding.message


def test_an_address_that_is_not_https_is_advice(healthy):
    settings = healthy / "newsletter.toml"
    settings.write_text(settings.read_text().replace("https://", "http://"))
    assert by_subject(examine(healthy))["base_url"].state is State.ADVICE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(healthy):
    (healthy / "build").mkdir(mode=0o500)
    assert by_subject(examine(healthy))["disk"].state is State.MISSING


def test_the_mail_server_is_asked_only_when_told_to(healthy):
    assert "mail server" not in by_subject(examine(healthy))


def with_mail_server(publication: Path, port: int) -> Path:
    with (publication / "newsletter.toml").open("a") as file:
        file.write(f'\n[smtp]\nhost = "127.0.0.1"\nport = {port}\n')
    return publication


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_mail_server_that_does_not_answer_is_told(healthy, free_port):
    found = by_subject(examine(with_mail_server(healthy, free_port), network=True))
    assert found["mail server"].state is State.MISSING
    assert f"127.0.0.1:{free_port}" in found["mail server"].message
    assert "Check host, port and security" in found["mail server"].remedy


@pytest.mark.parametrize(
    ("smtp", "told", "remedy"),
    [
        (SmtpSettings(), "localhost:25: the connection was refused", "Nothing is set in [smtp]"),
        (SmtpSettings(host="a.example"), "535 5.7.8 bad credentials", "smtp.password_env"),
        (SmtpSettings(host="a.example"), "certificate verify failed", "smtp.ca_file"),
    ],
)
def test_what_to_do_about_a_mail_server_follows_from_what_it_said(
    healthy, monkeypatch, smtp, told, remedy
):
    monkeypatch.setattr("newsletter.delivery.transports.knock", lambda publication: (told, False))
    publication = with_settings(load_publication(healthy, {}), smtp=smtp)
    (found,) = doctor._mail_server(publication)
    assert found.state is State.MISSING
    assert remedy in found.remedy


def test_what_init_has_laid_and_nobody_has_replaced_is_told(healthy):
    text = (healthy / "newsletter.toml").read_text()
    text = re.sub(r"(?m)^address = .*$", "", text)
    (healthy / "newsletter.toml").write_text(f'address = "1 Example Street (replace this)"\n{text}')
    assert "still the example's" in by_subject(examine(healthy))["address"].message


def test_a_mail_server_that_answers_is_well(healthy, free_port):
    server = Controller(Sink(), hostname="127.0.0.1", port=free_port)
    server.start()
    try:
        found = by_subject(examine(with_mail_server(healthy, free_port), network=True))
        assert found["mail server"].state is State.OK
    finally:
        server.stop()


def test_a_database_that_is_none_is_told(healthy):
    (healthy / "subscribers" / "newsletter.db").write_bytes(
        b"not a database, but long enough to be read" * 9
    )
    assert by_subject(examine(healthy))["store"].state is State.MISSING


def test_looking_changes_nothing(healthy):
    before = sorted(healthy.rglob("*"))
    examine(healthy)
    assert sorted(healthy.rglob("*")) == before


def test_the_fonts_that_a_language_lacks_are_named_with_the_way_to_get_them(healthy, monkeypatch):
    from newsletter.editions import print_fonts

    monkeypatch.setattr(print_fonts, "EXTRA_FONTS", healthy / "none")
    toml = healthy / "newsletter.toml"
    text = toml.read_text()
    assert all("are not laid" not in found.message for found in examine(healthy))
    assert "Japanese" in by_subject(examine(None))["fonts"].message
    toml.write_text(text.replace('language = "en"', 'language = "ja"'))
    (told,) = [found for found in examine(healthy) if "are not laid" in found.message]
    assert "Noto Serif JP" in told.message
    assert "make fonts-extra" in told.remedy


def test_a_file_among_the_fonts_that_is_none_is_told(healthy):
    (healthy / "fonts").mkdir()
    (healthy / "fonts" / "broken.ttf").write_bytes(b"no font")
    (told,) = [f for f in examine(healthy) if f.subject == "fonts" and f.state is State.MISSING]
    assert "broken.ttf" in told.message


def with_clicks(root: Path, base_url: str) -> Path:
    """The same publication with counted links, over this address."""
    file = root / "newsletter.toml"
    text = file.read_text().replace("https://orchard.example.com", base_url, 1)
    file.write_text(f'{text}\n[tracking]\nclicks = "aggregate"\n')
    return root


def test_counted_links_over_a_site_without_https_are_told(healthy):
    assert "clicks" not in by_subject(examine(healthy))
    found = by_subject(examine(with_clicks(healthy, "http://orchard.example.com")))
    assert found["clicks"].state is State.ADVICE
    assert "not https" in found["clicks"].message


def test_counted_links_are_followed_to_see_whether_our_server_answers(healthy, serve):
    here = load_publication(healthy, {})
    address = serve(public_app(here))
    publication = load_publication(with_clicks(healthy, address), {})
    (found,) = reachable(publication)
    assert found.state is State.OK


def test_a_site_that_does_not_answer_or_is_another_is_told(healthy, serve):
    async def another(scope, receive, send):
        await Response("hello")(scope, receive, send)

    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
    told = {}
    for name, address in (("closed", closed), ("another", serve(another))):
        root = with_clicks(healthy, address) if name == "closed" else healthy
        rules = load_publication(root, {})
        (told[name],) = reachable(with_settings(rules, base_url=address))
    assert {found.state for found in told.values()} == {State.MISSING}
    assert "refused" in told["closed"].message
    assert "another program answers there" in told["another"].message


def test_a_database_that_goes_by_other_address_rules_than_the_settings_is_told(healthy):
    here = load_publication(healthy, {})
    subscribers.add(here, "ann.lee@gmail.com", "weekly")
    assert "address rules" not in by_subject(examine(healthy))
    file = healthy / "newsletter.toml"
    file.write_text(f'{file.read_text()}\n[addresses]\ndots = ["gmail.com"]\n')
    found = by_subject(examine(healthy))["address rules"]
    assert found.state is State.ADVICE
    assert "newsletter addresses rules" in found.remedy
