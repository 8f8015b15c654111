"""Sets a staged issue in a process of its own, and says what went wrong in an editor's words.

The engine runs with limits on memory, processor time and the clock, sees nothing of the environment, and
reads only the staging folder and our fonts. Its errors never show a path of this machine.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import newsletter
from newsletter.problems import ContentError, NewsletterError, Problem, Source, error, warning

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"([\w./-]+\.typ):(\d+):\d+")


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory` in bytes of address space, `processor` and `clock` in seconds."""

    memory: int = 3 * 1024**3
    processor: int = 90
    clock: float = 90.0


@dataclass(frozen=True, slots=True)
class Printed:
    pdf: bytes
    pages: int
    problems: tuple[Problem, ...]


def run_engine(
    stage: Path, output: Path, fonts: Path, timestamp: int, source: Source, limits: Limits
) -> Printed:
    """Prints `stage/issue.typ` to `output`. `source` is the issue, to which problems without a place belong.

    Raises ContentError when the template or the limits refuse the issue.
    """
    request = {
        "template": str(stage / "issue.typ"),
        "root": str(stage),
        "fonts": str(fonts),
        "output": str(output),
        "timestamp": timestamp,
        "memory": limits.memory,
        "seconds": limits.processor,
    }
    outcome = _outcome(_run(request, stage, source, limits), source)
    if "error" in outcome:
        raise _refused(outcome["error"], stage, source)
    return Printed(output.read_bytes(), outcome["pages"], _warnings(outcome, stage, source))


def _run(
    request: dict[str, Any], stage: Path, source: Source, limits: Limits
) -> subprocess.CompletedProcess[str]:
    package = str(Path(newsletter.__file__).resolve().parent.parent)
    environment = {"PYTHONPATH": package, "PYTHONUTF8": "1", "PATH": os.defpath}
    if root := os.environ.get("SYSTEMROOT"):  # Windows starts no process without it
        environment["SYSTEMROOT"] = root
    try:
        return subprocess.run(
            [sys.executable, "-P", "-m", "newsletter.editions.print_worker"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=stage,
            env=environment,
            timeout=limits.clock,
            check=False,
        )
    except subprocess.TimeoutExpired as caught:
        raise _too_much(source, f"took more than {limits.clock:g} seconds") from caught
    except OSError as caught:
        raise NewsletterError(f"cannot start the print engine: {caught.strerror}") from caught


def _outcome(done: subprocess.CompletedProcess[str], source: Source) -> dict[str, Any]:
    if done.returncode == 0:
        return dict(json.loads(done.stdout))
    if done.returncode < 0 or "MemoryError" in done.stderr or "memory" in done.stderr:
        # Killed by the kernel (SIGXCPU, SIGKILL), or aborted when it could have no more memory.
        raise _too_much(source, "took more memory or time than it may have")
    last = done.stderr.strip().rsplit("\n", 1)[-1]
    raise NewsletterError(
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


def _refused(told: dict[str, Any], stage: Path, source: Source) -> ContentError:
    message = _clean(told["message"], stage)
    hint = " ".join(told.get("hints", ())) or "Mistakes in a theme show the line of the template."
    problem = error("print-template", _place(message) or source, _first(message), hint)
    return ContentError("the issue could not be printed", [problem])


def _warnings(outcome: dict[str, Any], stage: Path, source: Source) -> tuple[Problem, ...]:
    problems = [
        warning("print-template", _place(text) or source, _first(text))
        for text in dict.fromkeys(_clean(said, stage) for said in outcome["warnings"])
    ]
    if outcome["refused"]:
        problems.append(
            warning(
                "print-standard",
                source,
                f"the PDF could not be made fully accessible: {_first(_clean(outcome['refused'][-1], stage))}",
                "It can be read and printed, but may fail a check for PDF/A or PDF/UA.",
            )
        )
    return tuple(problems)


def _clean(text: str, stage: Path) -> str:
    text = _ANSI.sub("", text)
    for folder in dict.fromkeys((str(stage.resolve()), str(stage))):
        text = text.replace(folder + os.sep, "").replace(folder, ".")
    return re.sub(r"(?<![\w:])/(?:[\w.@+-]+/)+", "", text)


def _place(text: str) -> Source | None:
    found = _PLACE.search(text)
    return (
        Source(f"templates/print/{found.group(1).rsplit('/', 1)[-1]}", int(found.group(2)))
        if found
        else None
    )


def _first(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "no reason given")
    return re.sub(r"^(error|warning):\s*", "", line.strip())
