"""Where a link leads: a safe absolute address, an anchor of the issue, or nowhere with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from newsletter.issues.context import Context
from newsletter.issues.headings import fragment_key
from newsletter.model.inlines import MergeTag
from newsletter.model.merge_tags import URL_FIELDS, BadTag, split

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SAFE = ("http:", "https:", "mailto:", "tel:")
_DANGEROUS = ("javascript:", "vbscript:", "data:", "file:", "blob:")
_DOMAIN = re.compile(r"(?:www\.)[^\s/]+\.[A-Za-z]{2,}(?:/.*)?", re.DOTALL)
_LIKE_SCHEME = re.compile(r"[^/?#]*:")  # `java%09script:`, which some reader might mend
_IGNORED = re.compile("[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Target:
    """`url` is empty when the link leads nowhere; then `shown` is the address to show behind its text, if any."""

    url: str
    shown: str = ""


def check_address(url: str) -> str:
    """Why an address that must be absolute is refused; empty when it is fine."""
    bare = _IGNORED.sub("", url)
    scheme = _SCHEME.match(bare)
    if bare.startswith(("//", "\\\\", "/\\")):
        return "it names no protocol; write https:// before it"
    if scheme is None:
        return "it is not a whole address; begin it with https://"
    if scheme[0].lower() not in _SAFE:
        return f"links to {scheme[0]} are not allowed; use https, http, mailto or tel"
    if scheme[0].lower() in ("http:", "https:"):
        try:
            if not urlsplit(bare).hostname:
                return "it names no host"
        except ValueError:
            return "it is not a valid address"
    return ""


def read_target(url: str, line: int, context: Context) -> Target:
    """Judges the address of a link in a body; what is wrong goes to the context's problems."""
    bare = _IGNORED.sub("", url.replace("%7B%7B", "{{").replace("%7D%7D", "}}"))
    if not bare:
        context.warn("link-empty", line, "this link has no address", "Its text is kept.")
        return Target("")
    if "{{" in url or "{{" in bare:
        return _with_merge_tags(url, line, context)
    if bare.startswith("#"):
        return _inside(bare, line, context)
    if _SCHEME.match(bare) is None and not bare.startswith("//"):
        return _relative(bare, line, context)
    reason = check_address(bare)
    if not reason:
        return Target(bare)
    scheme = _SCHEME.match(bare)
    dangerous = scheme is not None and scheme[0].lower() in _DANGEROUS
    context.error("link-refused", line, f"this link is refused: {_short(bare)}: {reason}")
    return Target("", "" if dangerous else bare)


def _with_merge_tags(url: str, line: int, context: Context) -> Target:
    source = unquote(url) if "%7B" in url else url
    parts = list(split(source))
    for part in parts:
        if isinstance(part, BadTag):
            context.error("merge-tag", line, f"not a merge tag: {part.text}", MERGE_TAG_HINT)
            return Target("", source)
    first = parts[0]
    if isinstance(first, MergeTag) and first.field in URL_FIELDS:
        return Target(source)
    if isinstance(first, str) and not check_address(first):
        return Target(source)
    context.error("link-refused", line, f"this link is refused: {_short(source)}")
    return Target("", source)


MERGE_TAG_HINT = 'Known: {{ subscriber.name | default("…") }}, {{ unsubscribe_url }}, {{ web_url }}; in `code` braces are plain text.'


def _inside(url: str, line: int, context: Context) -> Target:
    anchor = context.plan.fragments.get(fragment_key(unquote(url[1:])), "")
    anchor = anchor or context.find_anchor(context.file, url)
    if not anchor:
        context.warn(
            "link-anchor-missing", line, f"nothing in the issue is called {_short(unquote(url))}"
        )
        return Target("")
    return Target(f"#{anchor}")


def _relative(url: str, line: int, context: Context) -> Target:
    anchor = context.find_anchor(context.file, url)
    if anchor:
        return Target(f"#{anchor}")
    if _DOMAIN.fullmatch(url):
        context.warn(
            "link-without-protocol", line, f"{_short(url)} is taken for https://{_short(url)}"
        )
        return Target(f"https://{url}")
    if _LIKE_SCHEME.match(url):
        context.error("link-refused", line, f"this link is refused: {_short(url)}")
        return Target("")
    if context.base_url:
        return Target(urljoin(context.base_url, url))
    context.error(
        "link-relative",
        line,
        f"this link leads to no part of the issue: {_short(unquote(url))}",
        "Write the whole address, or give issue.md a `canonical` address to which it is relative.",
    )
    return Target("", unquote(url))


def _short(url: str) -> str:
    return url if len(url) <= 100 else url[:97] + "…"
