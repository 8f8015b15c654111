"""Sets a staged issue in the engine's own process, and says what went wrong in an editor's words.

The engine runs with limits on memory, processor time and the clock (`print_room`), sees nothing of the environment, and
reads only the staging folder and our fonts. Its errors never show a path of this machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter.editions.print_room import Broken, Limits, answer, limits_for
from newsletter.problems import ContentError, NewsletterError, Problem, Source, error, warning

__all__ = ["Job", "Limits", "Printed", "limits_for", "run_engine"]

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"([\w./-]+\.typ):(\d+):\d+")


@dataclass(frozen=True, slots=True)
class Job:
    """`stage` holds `issue.typ` and all it reads; `output` is where the PDF goes, outside of it. `timestamp` is
    UNIX seconds, None for an issue without a date. Problems of a template get their place from `places` (path in the stage → path as its
    author knows it), those without one belong to `source`, the issue."""

    stage: Path
    output: Path
    fonts: tuple[Path, ...]
    font_stamp: str
    timestamp: int | None
    source: Source
    places: Mapping[str, str]
    archive: bool = False
    """PDF/A-1b is asked for, which archives of old take, rather than what is accessible."""


@dataclass(frozen=True, slots=True)
class Printed:
    pdf: bytes
    pages: int
    problems: tuple[Problem, ...]


def run_engine(job: Job, limits: Limits) -> Printed:
    """Prints the stage's `issue.typ`.

    Raises ContentError when the template or the limits refuse the issue.
    """
    request = {
        "template": str(job.stage / "issue.typ"),
        "root": str(job.stage),
        "fonts": [str(folder) for folder in job.fonts],
        "font-stamp": job.font_stamp,
        "output": str(job.output),
        "timestamp": job.timestamp,
        "archive": job.archive,
        "memory": limits.memory,
        "seconds": limits.processor,
    }
    try:
        outcome = answer(request, limits)
    except Broken as caught:
        raise _broken(caught, job.source, limits) from caught
    if "error" in outcome:
        raise _refused(outcome["error"], job)
    return Printed(job.output.read_bytes(), outcome["pages"], _warnings(outcome, job))


def _broken(caught: Broken, source: Source, limits: Limits) -> ContentError | NewsletterError:
    if caught.late:
        return _too_much(source, f"took more than {limits.clock:g} seconds")
    if caught.code < 0 or "memory" in caught.log.lower():
        # Killed by the kernel (SIGXCPU, SIGKILL), or aborted when it could have no more memory.
        return _too_much(source, "took more memory or time than it may have")
    last = caught.log.strip().rsplit("\n", 1)[-1]
    return NewsletterError(
        f"the print engine broke down: {last}", "newsletter doctor checks the installation."
    )


def _too_much(source: Source, what: str) -> ContentError:
    problem = error(
        "print-limit",
        source,
        f"printing this issue {what}",
        "Look for a very large picture or table, or a text of many megabytes.",
    )
    return ContentError("the issue could not be printed", [problem])


def _refused(told: dict[str, Any], job: Job) -> ContentError:
    message = _clean(told["message"], job)
    hint = " ".join(told.get("hints", ())) or "docs/themes.md says what a template is given."
    said = _first(message)
    if said.startswith("failed to download package"):
        said, hint = (
            "packages (@preview/…) are not loaded",
            "Lay what you need in the theme's folder.",
        )
    problem = error("print-template", _place(message, job), said, hint)
    return ContentError("the issue could not be printed", [problem])


def _warnings(outcome: dict[str, Any], job: Job) -> tuple[Problem, ...]:
    said = dict.fromkeys(_clean(text, job) for text in outcome["warnings"])
    problems = [
        warning("print-template", _place(text, job), _first(text), _advice(_first(text)))
        for text in said
    ]
    if outcome["refused"]:
        reason = _first(_clean(outcome["refused"][-1], job))
        short = "PDF/A-1b" if job.archive else "fully accessible"
        problems.append(
            warning(
                "print-standard",
                job.source,
                f"the PDF could not be made {short}: {reason}",
                "It can be read and printed, but may fail a check for PDF/A or PDF/UA.",
            )
        )
    return tuple(problems)


def _advice(said: str) -> str:
    if said.startswith("unknown font family"):
        return "Lay its TTF or OTF files in fonts/, and name it in parts/fonts.typ as they do."
    return ""


def _clean(text: str, job: Job) -> str:
    """What the engine said, without colours and without a path of this machine."""
    text = _ANSI.sub("", text)
    for folder in dict.fromkeys((str(job.stage.resolve()), str(job.stage))):
        text = text.replace(folder + os.sep, "").replace(folder, ".")
    return re.sub(r"(?<![\w:])/(?:[\w.@+-]+/)+", "", text)


def _place(text: str, job: Job) -> Source:
    """The first template that is named, at its line; the issue when none is."""
    for found in _PLACE.finditer(text):
        if shown := job.places.get(found.group(1)):
            return Source(shown, int(found.group(2)))
    return job.source


def _first(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "no reason given")
    return re.sub(r"^(error|warning):\s*", "", line.strip())
