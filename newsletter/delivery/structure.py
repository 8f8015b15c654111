"""The MIME frame of a campaign's messages, made once by the standard library's `email`.

    multipart/alternative            with embedded pictures:   multipart/related
    ├── text/plain                                             ├── multipart/alternative (text, html)
    └── text/html                                              └── image/… with a Content-ID each

Boundaries are derived from the content's digest, so that the same content gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from email.message import Message, MIMEPart
from email.policy import SMTP

from newsletter.delivery.aligned import wrapped_base64
from newsletter.delivery.segments import Encoding
from newsletter.model.campaign import Content
from newsletter.model.edition import EditionFile

_TEXT, _HTML, _PICTURE = "@@TEXT@@", "@@HTML@@", "@@PICTURE@@"


class Structure:
    """`around(text, html)` is everything of a message below its address headers, from Content-Type on."""

    def __init__(self, content: Content, text: Encoding, html: Encoding) -> None:
        frame = _frame(content, text, html).as_bytes(policy=SMTP.clone(max_line_length=76))
        for file in content.pictures:
            frame = frame.replace(_PICTURE.encode(), wrapped_base64(file.data), 1)
        before, _, rest = frame.partition(_TEXT.encode())
        between, _, after = rest.partition(_HTML.encode())
        self._frame = (before, between, after)

    def around(self, text: Iterable[bytes], html: Iterable[bytes]) -> tuple[bytes, ...]:
        """The pieces of the parts with the frame around them, in order."""
        before, between, after = self._frame
        return before, *text, between, *html, after


def _frame(content: Content, text: Encoding, html: Encoding) -> Message:
    """The message with placeholders for its bodies. They are filled in as bytes: already encoded."""
    unique = content.digest[:24]
    alternative = MIMEPart(SMTP)
    alternative["Content-Type"] = f'multipart/alternative; boundary="=_alt_{unique}"'
    alternative.set_payload(
        [
            _leaf("text/plain; charset=utf-8", str(text), _TEXT),
            _leaf("text/html; charset=utf-8", str(html), _HTML),
        ]
    )
    if not content.pictures:
        return alternative
    related = MIMEPart(SMTP)
    related["Content-Type"] = (
        f'multipart/related; type="multipart/alternative"; boundary="=_rel_{unique}"'
    )
    related.set_payload([alternative, *(_picture(file) for file in content.pictures)])
    return related


def _leaf(content_type: str, encoding: str, placeholder: str) -> MIMEPart:
    part = MIMEPart(SMTP)
    part["Content-Type"] = content_type
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(placeholder)
    return part


def _picture(file: EditionFile) -> MIMEPart:
    name = file.path.rpartition("/")[2]
    part = _leaf(f'{file.media_type}; name="{name}"', "base64", _PICTURE)
    part["Content-ID"] = f"<{file.path}>"
    part["Content-Disposition"] = f'inline; filename="{name}"'
    return part
