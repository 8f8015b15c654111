"""The studio's own words, in English and in the languages of `web/words/*.po` (gettext catalogues, read as they are).

English is written in the pages and scripts themselves; a catalogue maps it. What a catalogue lacks stays
English. The language of a request is that of its cookie, else the best that its browser asks for.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.pofile import read_po
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = Path(__file__).resolve().parent / "words"
STATIC = Path(__file__).resolve().parent / "static" / "studio"
LANGUAGES = {"en": "English", "zh-Hans": "简体中文"}
"""What there are words for, and what each is called in itself."""
COOKIE = "newsletter-language"
PARAMETER = "lang"
_ASKED_IN_SCRIPTS = re.compile(r"""\bt\(\s*"((?:[^"\\]|\\.)*)\"""")
_language: ContextVar[str] = ContextVar("language", default="en")


def gettext(text: str, /, **values: object) -> str:
    """A text in the language of the request; `%(name)s` in it becomes the value of that name."""
    told = _catalogue(_language.get()).get(text, text)
    return told % values if values else told


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """One of two texts by a number, which is `%(n)s` in both."""
    found = _catalogue(_language.get()).get(one)
    told = found if found is not None else (one if number == 1 else many)
    return told % {"n": f"{number:,}", **values}


def language() -> str:
    """The language of the request that is being answered."""
    return _language.get()


def words_of_scripts() -> dict[str, str]:
    """What the scripts say, by its English; empty in English."""
    known = _catalogue(_language.get())
    return {text: known[text] for text in texts_of_scripts() if text in known}


@lru_cache(maxsize=1)
def texts_of_scripts() -> tuple[str, ...]:
    found: dict[str, None] = {}
    for path in sorted(STATIC.glob("*.js")):
        for text in _ASKED_IN_SCRIPTS.findall(path.read_text(encoding="utf-8")):
            found[text.replace('\\"', '"')] = None
    return tuple(found)


@lru_cache(maxsize=8)
def _catalogue(name: str) -> dict[str, str]:
    path = FOLDER / f"{name}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as stream:
        catalogue = read_po(stream)
    found: dict[str, str] = {}
    for message in catalogue:
        one, told = message.id, message.string
        key = one[0] if isinstance(one, (tuple, list)) else one
        value = told[0] if isinstance(told, (tuple, list)) else told
        if key and value:
            found[str(key)] = str(value)
    return found


class LanguageChooser:
    """Sets the language of each request; `?lang=…` chooses one and leaves it in a cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        asked = connection.query_params.get(PARAMETER, "")
        chosen = asked if asked in LANGUAGES else chosen_by(connection)
        _language.set(chosen)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and asked == chosen:
                headers = MutableHeaders(scope=message)
                headers.append(
                    "set-cookie", f"{COOKIE}={chosen}; Path=/; Max-Age=31536000; SameSite=Lax"
                )
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def chosen_by(connection: HTTPConnection) -> str:
    kept = connection.cookies.get(COOKIE, "")
    if kept in LANGUAGES:
        return kept
    wanted = [
        part.partition(";")[0].strip()
        for part in connection.headers.get("accept-language", "").split(",")
    ]
    for tag in wanted:
        if tag.lower().startswith("zh") and not re.search(r"(?i)hant|tw|hk|mo", tag):
            return "zh-Hans"
        if negotiate_locale([tag.replace("-", "_")], ["en"]):
            return "en"
    return "en"
