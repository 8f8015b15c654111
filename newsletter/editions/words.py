"""Words: what the editions themselves say (“Contents”, “图 3”, “Unsubscribe”), in the issue's language.

`templates/words/<language>.toml` holds them, one flat table a language, every file with the same keys. The
publication can lay its own file of the same name, or set single words in `[words]` of `newsletter.toml`;
English stands behind what is missing. Phrases with numbers are written so that no plural is needed.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from newsletter.editions.caches import kept
from newsletter.model.language import primary
from newsletter.problems import ContentError, Source, error
from newsletter.publication import Publication

FALLBACK = "en"

_YEAR_AND_NUMBER = re.compile(r"(\d{4})[-./](\d{1,3})")


class Words(Mapping[str, str]):
    """The words of one language. A key that no file has is an error of ours, told as KeyError."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language = language
        self._words = words

    def __getitem__(self, key: str) -> str:
        return self._words[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def format(self, key: str, **values: object) -> str:
        """`words.format("figure_number", number=3)` → “图 3”. Unknown places in braces are left as they stand."""
        text = self._words[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def date(self, date: datetime.date) -> str:
        """A date as this language writes it in a masthead: “2024.04.30”, “30 April 2024”."""
        return self.format(
            "date",
            year=date.year,
            month=date.month,
            day=date.day,
            month2=f"{date.month:02}",
            day2=f"{date.day:02}",
            month_name=self._words["months"].split(",")[date.month - 1].strip(),
        )

    def issue_number(self, number: str) -> str:
        """“2024-04” → “2024 年第 4 期”, “17” → “第 17 期”; a number with words in it stays as written."""
        if found := _YEAR_AND_NUMBER.fullmatch(number):
            return self.format(
                "issue_number_of_year", year=found.group(1), number=int(found.group(2))
            )
        return self.format("issue_number", number=number) if number.isdecimal() else number

    def count(self, number: int) -> str:
        """A number with the language's separator of thousands: “6,000”, “6 000”."""
        return f"{number:,}".replace(",", self._words["thousands"])


def load_words(publication: Publication, language: str, *, part: str = "") -> Words:
    """The words for a BCP 47 tag: English, the language, the publication's own, each over the one before.
    `part` is a folder in `templates/words` with further words: `readers`.

    Raises ContentError when a file of the publication is no valid TOML table of strings.
    """
    words: dict[str, str] = {}
    for name in dict.fromkeys((FALLBACK, *_file_names(language))):
        for path in publication.template_files(
            f"words/{part}/{name}.toml" if part else f"words/{name}.toml"
        ):
            words |= _read(path, path.stat().st_mtime_ns)
    words |= publication.settings.words
    return Words(language, words)


def has_words(publication: Publication, language: str, *, part: str = "") -> bool:
    """Whether there are words in a language itself, and not only English in its place."""
    folder = f"words/{part}" if part else "words"
    return any(
        publication.template_files(f"{folder}/{name}.toml") for name in _file_names(language)
    )


def _file_names(language: str) -> tuple[str, ...]:
    """The files of a tag, the most general first: `pt-BR` → pt, pt-BR; Chinese by its script."""
    tag = language.replace("_", "-")
    if primary(tag) in ("zh", "yue", "cmn"):
        traditional = {"hant", "tw", "hk", "mo"} & set(tag.lower().split("-")) or primary(
            tag
        ) == "yue"
        return ("zh-Hant" if traditional else "zh-Hans",)
    return (primary(tag), tag) if tag.replace("-", "").isalnum() else (primary(tag),)


@kept(128, of_theme=True)
def _read(path: Path, _changed: int) -> dict[str, str]:
    """One file; the second argument makes the cache forget a file that was edited."""
    try:
        words = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as caught:
        raise _broken(path, f"not valid TOML: {caught}") from caught
    for key, value in words.items():
        if not isinstance(value, str):
            raise _broken(path, f"{key} is not text")
    return words


def _broken(path: Path, message: str) -> ContentError:
    problem = error("words-syntax", Source(f"templates/words/{path.name}"), message)
    return ContentError("a file of words has errors", [problem])
