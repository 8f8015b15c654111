"""What our Markdown reads beyond CommonMark, rule by rule: a helper of `markdown.py`, which alone knows markdown-it.

- merge tags and other double braces are taken whole, before quotes, underscores or bars in them mean anything;
- bare addresses become links, and end where Chinese text or punctuation begins;
- blocks nested too deep stay as words instead of being dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

from markdown_it import MarkdownIt, helpers
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from newsletter.issues.brackets import hopeless_brackets

_BRACES = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_MAX_BRACES = 500
# Everything that may stand in a bare address: no spaces, no controls, nothing East Asian wide.
_ADDRESS = re.compile(
    r"[^\s<>\"`\\{}|^\x00-\x20\u1100-\u115f\u2018-\u201f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uffef\U00020000-\U0003ffff]+"
)
_HOST = re.compile(r"(?:[^\s/?#:@.]+\.)+[^\s/?#:@.]{2,}|localhost|\[?[0-9a-fA-F:.]+\]?")
_DEPTH_LEFT = re.compile(r"(?:[>\s]|[-*+]\s|\d{1,9}[.)]\s)*")


def install(md: MarkdownIt, max_level: int) -> None:
    def too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if state.level < max_level or silent:
            return False
        return _words_only(state, start, end)

    md.block.ruler.before("table", "too_deep", too_deep)
    md.inline.ruler.before("escape", "merge_tag", _merge_tag)
    md.inline.add_terminator_char("w")
    md.inline.ruler.push("bare_address", _bare_address)


def read_links(md: MarkdownIt) -> None:
    """`[leave]({{ unsubscribe_url }})` is a link, though an address has no spaces; and a bracket that cannot
    begin a link is not tried."""
    normal = md.normalizeLink

    def destination(text: str, pos: int, maximum: int) -> object:
        found = _BRACES.match(text, pos, min(maximum, pos + _MAX_BRACES))
        if found is None:
            return helpers.parseLinkDestination(text, pos, maximum)
        return SimpleNamespace(ok=True, pos=found.end(), str=found[0])

    def label(state: StateInline, start: int, disable_nested: bool = False) -> int:
        if start in hopeless_brackets(state.src):
            return -1
        return helpers.parseLinkLabel(state, start, disable_nested)

    md.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkDestination=destination,
        parseLinkLabel=label,
        parseLinkTitle=helpers.parseLinkTitle,
    )
    md.normalizeLink = lambda url: url if "{{" in url else normal(url)  # type: ignore[method-assign]


def guard_inline_footnotes(md: MarkdownIt, rule: Callable[[StateInline, bool], bool]) -> None:
    """`^[…]` looks for its end by itself, and from each of many open brackets to the end of the text."""

    def guarded(state: StateInline, silent: bool) -> bool:
        return state.pos + 1 not in hopeless_brackets(state.src) and rule(state, silent)

    md.inline.ruler.at("footnote_inline", guarded)


def _words_only(state: StateBlock, start: int, end: int) -> bool:
    state.push("too_deep", "", 0).map = [start, end]
    state.push("paragraph_open", "p", 1).map = [start, end]
    inline = state.push("inline", "", 0)
    lines = state.getLines(start, end, state.blkIndent, False).split("\n")
    inline.content = "\n".join(_DEPTH_LEFT.sub("", line, count=1) for line in lines).strip()
    inline.map = [start, end]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


def _merge_tag(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("{{", state.pos):
        return False
    found = _BRACES.match(state.src, state.pos, min(state.posMax, state.pos + _MAX_BRACES))
    if found is None:
        return False
    if not silent:
        state.push("merge_tag", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _bare_address(state: StateInline, silent: bool) -> bool:
    """`https://…` and `www.…` in running text (GFM's extended autolinks, ended as CJK text needs it)."""
    if silent or state.linkLevel > 0:
        return False
    here = state.src[state.pos]
    if here == ":" and state.src.startswith("://", state.pos):
        scheme = next((s for s in ("https", "http") if state.pending.lower().endswith(s)), "")
        start = state.pos - len(scheme)
        host_at = state.pos + 3
    elif here == "w" and state.src.startswith("www.", state.pos):
        scheme, start, host_at = "www", state.pos, state.pos
    else:
        return False
    if not scheme or (start > 0 and _is_word(state.src[start - 1])):
        return False
    found = _ADDRESS.match(state.src, host_at, state.posMax)
    if found is None or not _HOST.match(found[0]):
        return False
    end = start + len(_trimmed(state.src[start : found.end()]))
    if end <= host_at:
        return False
    _push_link(state, state.src[start:end], "http://" if scheme == "www" else "", state.pos - start)
    state.pos = end
    return True


def _push_link(state: StateInline, text: str, prefix: str, pending: int) -> None:
    if pending:
        state.pending = state.pending[:-pending]
    token = state.push("link_open", "a", 1)
    token.attrs = {"href": state.md.normalizeLink(prefix + text)}
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1)


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "/_@")


def _trimmed(text: str) -> str:
    """Without the punctuation that belongs to the sentence, and no more closing than opening parentheses."""
    while text:
        last = text[-1]
        if (
            last in "?!.,:;*_~'\"])"
            and not (last == ")" and text.count(")") <= text.count("("))
            and not (last == "]" and text.count("]") <= text.count("["))
        ):
            text = text[:-1]
        else:
            break
    return text
