"""One message: what independent readers of mail make of it."""

from __future__ import annotations

import base64
import datetime
import email
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.aligned import Base64Pieces
from newsletter.delivery.headers import dns_label, mailbox_header, text_header
from newsletter.delivery.message import (
    CampaignRecipients,
    Composer,
    Recipient,
    inert_recipient,
)
from newsletter.delivery.segments import Segments
from newsletter.model.campaign import Addressee, Content
from newsletter.model.edition import EditionFile, Marker
from newsletter.model.subscriber import MailingList

DATE = datetime.datetime(2026, 10, 31, 8, tzinfo=datetime.UTC)
WEEKLY = MailingList(3, "weekly", "The Weekly")
Make = Callable[..., Content]


def recipient(content: Content, name: str = "李雷", **attributes: str) -> Recipient:
    to = Addressee(1, 1, 42, "li@example.com", WEEKLY, name, attributes=attributes)
    return CampaignRecipients(content, 7, 2).recipient(to, "TOKEN")


def parsed(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, policy=default)  # type: ignore[return-value]


def bodies(message: EmailMessage) -> tuple[str, str]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def test_a_message_reads_like_this(content: Make) -> None:
    one = content()
    message = Composer(one, DATE).message(recipient(one, "Ann"))
    unique = one.digest[:24]
    assert message.decode("ascii").replace("\r\n", "\n") == (
        "From: The Orchard <editor@orchard.example.com>\n"
        "Date: Sat, 31 Oct 2026 08:00:00 +0000\n"
        "MIME-Version: 1.0\n"
        "To: Ann <li@example.com>\n"
        "Subject: News for Ann\n"
        f"Message-ID: {recipient(one).message_id}\n"
        "List-Id: The Weekly <weekly.orchard.example.com>\n"
        "List-Unsubscribe: <https://orchard.example.com/unsubscribe/TOKEN>\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
        "Feedback-ID: 2026-10:weekly:newsletter:orchard-example-com\n"
        f'Content-Type: multipart/alternative;\n boundary="=_alt_{unique}"\n'
        "\n"
        f"--=_alt_{unique}\n"
        'Content-Type: text/plain; charset="utf-8"\n'
        "Content-Transfer-Encoding: quoted-printable\n"
        "\n"
        "Dear=20=\nAnn=\n,\n\nleave:=20=\nhttps://orchard.example.com/unsubscribe/TOKEN=\n\n\n"
        f"--=_alt_{unique}\n"
        'Content-Type: text/html; charset="utf-8"\n'
        "Content-Transfer-Encoding: quoted-printable\n"
        "\n"
        '<!doctype html><p>Dear=20=\nAnn=\n,</p><p><a href=3D"=\n'
        'https://orchard.example.com/unsubscribe/TOKEN=\n">leave</a></p>\n\n'
        f"--=_alt_{unique}--\n"
    )


def test_the_message_id_follows_from_campaign_revision_and_subscriber_alone(content: Make) -> None:
    one = content()
    assert recipient(one, "A").message_id == recipient(one, "B").message_id
    assert recipient(one).message_id.startswith("<c7.r2.s42.")
    to = Addressee(1, 1, 42, "li@example.com", WEEKLY)
    other = CampaignRecipients(one, 8, 2).recipient(to, "T")
    assert other.message_id != recipient(one).message_id


def test_cjk_travels_as_base64_and_latin_as_quoted_printable(content: Make) -> None:
    one = content(html="<p>" + "生物" * 300 + "NLM0000Z</p>", text="plain words NLM0000Z\n")
    message = parsed(Composer(one, DATE).message(recipient(one)))
    encodings = [part["content-transfer-encoding"] for part in message.iter_parts()]
    assert encodings == ["quoted-printable", "base64"]
    assert bodies(message) == ("plain words 李雷\n", "<p>" + "生物" * 300 + "李雷</p>")


def test_embedded_pictures_stand_beside_the_alternatives(content: Make) -> None:
    picture = EditionFile("images/ab12.png", "image/png", bytes(range(256)) * 10)
    one = content(html='<img src="cid:images/ab12.png">', pictures=(picture,))
    message = parsed(Composer(one, DATE).message(recipient(one)))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
    ]
    found = list(message.iter_parts())[1]
    assert found["content-id"] == "<images/ab12.png>"
    assert found.get_content() == picture.data


EVIL = [
    "Ann\r\nBcc: victim@example.com",
    "Ann\nX-Evil: 1\n\nbody",
    "Ann\x0b\x0c\x1c\x85\u2028Bcc: victim@example.com",
    '"><script>alert(1)</script>',
    'Ann" <evil@example.com>, "x',
    "=?utf-8?q?=0D=0ABcc:_victim=40example.com?=",
    "NLM0001Z",
    "\ud800 lone",
    "x" * 3000,
    "王" * 500,
    "\u202egnihtemos",
]


@pytest.mark.parametrize("name", EVIL)
def test_no_value_of_a_person_becomes_a_header_a_recipient_or_markup(
    content: Make, name: str
) -> None:
    one = content()
    raw = Composer(one, DATE).message(recipient(one, name))
    message = parsed(raw)
    plain = parsed(Composer(one, DATE).message(recipient(one, "Ann")))
    assert message.keys() == plain.keys()
    assert not message.defects
    assert [to.addr_spec for to in message["to"].addresses] == ["li@example.com"]
    text, html = bodies(message)
    assert "<script" not in html
    assert text.count("https://orchard.example.com/unsubscribe/TOKEN") == 1
    assert html.count("<a href=") == 1
    assert all(len(line) <= 76 for line in raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(st.text(max_size=300), st.text(max_size=60))
def test_bodies_come_back_as_they_were_for_any_text_and_value(text: str, value: str) -> None:
    clean = "".join(c for c in text if c >= " " or c == "\n").encode("utf-8", "replace").decode()
    clean = clean.replace("NLM", "").replace("\x85", "")
    segments = Segments(f"{clean}NLM0000Z{clean}", [Marker("NLM0000Z", "v", "-")], html=False)
    from email.parser import BytesParser

    raw = (
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
        + str(segments.encoding).encode()
        + b"\r\n\r\n"
        + segments.encoded({"v": value})
    )
    found = BytesParser(policy=default).parsebytes(raw).get_content()  # type: ignore[attr-defined]
    found = found.replace("\r\n", "\n")
    assert found.rstrip("\n") == segments.text({"v": value}).rstrip("\n")
    assert all(len(line) <= 76 for line in raw.split(b"\r\n"))


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=6), st.data())
def test_base64_of_pieces_and_values_is_that_of_the_whole(
    pieces: list[bytes], data: st.DataObject
) -> None:
    values = [data.draw(st.binary(max_size=200)) for _ in pieces[1:]]
    whole = pieces[0] + b"".join(a + b for a, b in zip(values, pieces[1:], strict=True))
    encoded = Base64Pieces(pieces).joined(values)
    assert base64.b64decode(encoded) == whole
    lines = encoded.split(b"\r\n")
    assert all(0 < len(line) <= 76 for line in lines) or not whole
    assert b"=" not in b"".join(lines[:-1])


@given(st.text(max_size=200))
def test_any_name_and_subject_make_one_header_each(text: str) -> None:
    raw = mailbox_header("To", text, "a@example.com") + text_header("Subject", text) + b"\r\nx"
    message = parsed(raw)
    assert message.keys() == ["To", "Subject"]
    assert [to.addr_spec for to in message["to"].addresses] == ["a@example.com"]
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


def test_a_value_in_an_address_is_percent_encoded_and_elsewhere_escaped() -> None:
    markers = [Marker("NLM0000Z", "subscriber.city", "")]
    html = '<a href="https://example.com/?c=NLM0000Z">NLM0000Z</a>'
    found = Segments(html, markers, html=True).text({"subscriber.city": 'A&B" x'})
    assert found == '<a href="https://example.com/?c=A%26B%22%20x">A&amp;B&quot; x</a>'


def test_a_default_stands_where_a_person_has_no_value(content: Make) -> None:
    one = content()
    message = parsed(Composer(one, DATE).message(recipient(one, "")))
    assert message["subject"] == "News for reader"
    assert message["to"] == "li@example.com"


def test_without_https_there_is_no_one_click(content: Make) -> None:
    one = content(base_url="http://127.0.0.1:8000")
    message = parsed(Composer(one, DATE).message(recipient(one)))
    assert message["list-unsubscribe"] == "<http://127.0.0.1:8000/unsubscribe/TOKEN>"
    assert message["list-unsubscribe-post"] is None


def test_a_test_mail_says_so_and_its_links_do_nothing(content: Make) -> None:
    one = content()
    composer = Composer(one, DATE, prefix="[Test] ")
    raw = composer.message(inert_recipient(one, "boss@example.com", name="Ann"))
    message = parsed(raw)
    assert message["subject"] == "[Test] News for Ann"
    assert not [name for name in message if name.lower().startswith("list-")]
    text, html = bodies(message)
    assert "https://orchard.example.com/unsubscribe/preview" in text
    assert 'href="https://orchard.example.com/unsubscribe/preview"' in html


def test_a_token_without_a_marker_is_an_error_before_anything_is_sent(content: Make) -> None:
    with pytest.raises(ValueError, match="NLM0009Z"):
        Composer(content(html="NLM0009Z"), DATE)


@pytest.mark.parametrize(
    ("name", "label"),
    [("weekly", "weekly"), ("A b!", "a-b"), ("月刊", "xn--obrq52c"), ("!", "list")],
)
def test_a_list_has_one_label(name: str, label: str) -> None:
    assert dns_label(name) == label
