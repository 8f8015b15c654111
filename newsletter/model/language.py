"""What a language tag means for setting text. BCP 47 tags in, plain answers out; no library, no locale of the machine."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"}
)
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = 3
LINE = 60
"""A paragraph of the other direction that is longer than about a line stands at its own side of the page as well."""
_HAN = frozenset({"zh", "ja", "yue", "wuu", "nan", "hak", "lzh", "cmn"})


def primary(tag: str) -> str:
    """`zh-Hans-CN` → `zh`."""
    return tag.replace("_", "-").split("-", 1)[0].lower()


def direction(tag: str) -> str:
    """`ltr` or `rtl`, from a script subtag where there is one, else from the language."""
    subtags = tag.replace("_", "-").lower().split("-")
    for subtag in subtags[1:]:
        if len(subtag) == 4 and subtag.isalpha():
            return (
                "rtl"
                if subtag in {"arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg"}
                else "ltr"
            )
    return "rtl" if subtags[0] in _RIGHT_TO_LEFT else "ltr"


def against(text: str, tag: str, least: int = _SENTENCE) -> bool:
    """Whether a line is wholly of another direction than its language: an English sentence in an Arabic issue. Two words
    or fewer are a name, and stand as the language does; but what is one piece, such as the words of a link, is one of
    its own from the `least` word on."""
    if direction(tag) == "ltr":
        return False
    kinds = {unicodedata.bidirectional(sign) for sign in text}
    return not kinds & {"R", "AL"} and len(_WORD.findall(text)) >= least


def is_han(tag: str) -> bool:
    """Whether text of this language is counted in characters, and set without spaces between words."""
    return primary(tag) in _HAN


def is_wide(character: str) -> bool:
    """East Asian Wide or Fullwidth (UAX #11): two columns in a fixed-pitch font."""
    return unicodedata.east_asian_width(character) in "WF"


def columns(text: str) -> int:
    """The width of a text in fixed-pitch columns; combining and invisible characters take none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


@lru_cache(maxsize=16_384)
def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
