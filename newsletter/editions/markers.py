"""Markers: opaque tokens that stand where a recipient's value goes, so that an issue is rendered once for all.

A token passes through templates, MJML and the CSS inliner unchanged; delivery puts the value in, escaped
for where it stands. Where there is no recipient (web, print, archive) there are no markers: the default is
shown and the unsubscribe address is left out. An author's own text that looks like a token is defused here,
so that nobody can have another field put into a mail by writing its token.
"""

from __future__ import annotations

from newsletter.editions.caches import Ask
from newsletter.model.edition import MARKER_TOKEN, Marker
from newsletter.model.inlines import MergeTag
from newsletter.model.merge_tags import BadTag, split

MOST = 10_000
"""Distinct (field, default) pairs in one mail; the token has four digits."""


class Markers:
    """The markers of one mail: one token for each distinct (field, default), in order of first use."""

    def __init__(self) -> None:
        self._markers: dict[tuple[str, str], Marker] = {}

    def token(self, field: str, default: str = "") -> str:
        key = (field, default)
        if key not in self._markers:
            number = min(len(self._markers), MOST - 1)
            self._markers[key] = Marker(f"NLM{number:04}Z", field, default)
        return self._markers[key].token

    @property
    def all(self) -> tuple[Marker, ...]:
        return tuple(self._markers.values())


class AskedMarkers(Markers):
    """Asks the markers of a mail for each token, so that it is known which ones a part of it holds."""

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask

    def token(self, field: str, default: str = "") -> str:
        return self._ask(("token", field, default))


def tag_value(tag: MergeTag, markers: Markers | None, web_url: str = "") -> str:
    """What stands for a merge tag. The web address is everybody's, so it needs no marker when it is known."""
    if tag.field == "web_url" and web_url:
        return web_url
    return tag.default if markers is None else markers.token(tag.field, tag.default)


def source_markers(text: str, markers: Markers | None, *, web_url: str = "") -> str:
    """Plain text in source form (`{{ subscriber.name | default("x") }}`) with its tags replaced.

    What only looks like a tag stays as written; the reader has told of it as a Problem.
    """
    parts: list[str] = []
    for part in split(text):
        if isinstance(part, MergeTag):
            parts.append(tag_value(part, markers, web_url))
        else:
            parts.append(defused(part.text if isinstance(part, BadTag) else part))
    return "".join(parts)


def defused(text: str) -> str:
    """Plain text in which nothing reads as a token: an invisible word joiner parts what would."""
    if "NLM" not in text:
        return text
    return MARKER_TOKEN.sub(lambda found: f"N\u2060{found.group()[1:]}", text)


def defused_url(url: str) -> str:
    """The same address, with the first letter of what would read as a token percent-encoded."""
    if "NLM" not in url:
        return url
    return MARKER_TOKEN.sub(lambda found: f"%4E{found.group()[1:]}", url)
