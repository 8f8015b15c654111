"""What checks, settings and campaigns say, in the language of the request; they themselves say it in English.

`words/problems.<language>.toml` holds templates: the English on the left, with a name in braces for whatever is
said there, and on the right the same in the other language. The first template that fits the whole text counts.
What none fits stays English: a finding that is told in the wrong language is better than none. What was said in a
brace is put in as it is, so that whoever shows it has to escape it, as with the English.

`words/engines.<language>.toml` has what the programs behind us say (YAML, TOML, Jinja, MJML, Typst, the system): for each a
table that a brace of its name is told by. Its last line keeps what none fits, in quotes, behind what can be done.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from newsletter.problems import NewsletterError, Problem
from newsletter.web.words import FOLDER, language

_HOLE = re.compile(r"\{([a-z_]+)\}")
"""`{name}`; no other braces, since attributes `{width=60%}` and merge tags `{{ web_url }}` are spoken of too."""


LONGEST = 4000
"""Characters; a template with many holes would search long in more."""


@dataclass(frozen=True, slots=True)
class _Template:
    pattern: re.Pattern[str]
    words: str


_Table = tuple[_Template, ...]


@dataclass(frozen=True, slots=True)
class _Catalogue:
    problems: Mapping[str, _Table]
    hints: _Table
    errors: _Table
    values: Mapping[str, _Table]
    engine_hints: Mapping[str, _Table]
    """What a program behind us advises, by the problem's code."""

    def told(self, table: _Table, text: str) -> str:
        """The text by the first template that fits it, else as it is; so is one of a length that nobody wrote."""
        if len(text) > LONGEST:
            return text
        for template in table:
            if found := template.pattern.fullmatch(text):
                held = {
                    name: self.told(self.values[name], value) if name in self.values else value
                    for name, value in found.groupdict().items()
                }
                return _HOLE.sub(lambda hole: held[hole[1]], template.words)  # noqa: B023
        return text


def told(problem: Problem) -> tuple[str, str]:
    """What a problem says and its hint, for a person who reads the language of the request."""
    return _told(language(), problem.code, problem.message, problem.hint)


def message_of(problem: Problem) -> str:
    return told(problem)[0]


def hint_of(problem: Problem) -> str:
    return told(problem)[1]


def error_message(text: str) -> str:
    """The message of what stopped an operation (NewsletterError)."""
    known = catalogue(language())
    return known.told(known.errors, text) if known else text


def error_hint(text: str) -> str:
    known = catalogue(language())
    return known.told(known.hints, text) if known and text else text


def reason(text: str) -> str:
    """Why a campaign stands still, or an approval is void."""
    known = catalogue(language())
    return known.told(known.values["reason"], text) if known and text else text


def fault(text: str) -> str:
    """What is wrong with an address or a line of a file."""
    known = catalogue(language())
    return known.told(known.values["fault"], text) if known and text else text


def sentence(caught: NewsletterError) -> str:
    """Message and hint of what stopped an operation, one behind the other, as a form shows them."""
    message, hint = error_message(caught.message), error_hint(caught.hint)
    if not hint:
        return message
    return f"{message}。{hint}" if message != caught.message else f"{message}. {hint}"


@lru_cache(maxsize=4096)
def _told(language: str, code: str, message: str, hint: str) -> tuple[str, str]:
    known = catalogue(language)
    if known is None:
        return message, hint
    advice = known.told(known.hints, hint)
    if hint and advice == hint:
        advice = known.told(known.engine_hints.get(code, ()), hint)
    return known.told(known.problems.get(code, ()), message), advice


@lru_cache(maxsize=8)
def catalogue(language: str) -> _Catalogue | None:
    """What there is for a language; nothing for English, and for one that has no file."""
    path = FOLDER / f"problems.{language}.toml"
    if not path.is_file():
        return None
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    engines = _engines(language)
    advice = engines.pop("hints", {})
    return _Catalogue(
        {code: _table(table) for code, table in tables["problems"].items()},
        _table(tables["hints"]),
        _table(tables["errors"]),
        {name: _table(table) for name, table in (tables["values"] | engines).items()},
        {code: _table(table) for code, table in advice.items()},
    )


def _engines(language: str) -> dict[str, Any]:
    path = FOLDER / f"engines.{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _table(written: Mapping[str, str]) -> _Table:
    return tuple(_Template(_pattern(english), words) for english, words in written.items())


def _pattern(english: str) -> re.Pattern[str]:
    """As little as fits in each hole, and nothing but the template around them. A name that stands twice is the
    same text twice."""
    parts = _HOLE.split(english)
    text = ""
    for place, part in enumerate(parts):
        if place % 2 == 0:
            text += re.escape(part)
        elif part in parts[1:place:2]:
            text += f"(?P={part})"
        else:
            text += f"(?P<{part}>.*?)"
    return re.compile(text, re.DOTALL)
