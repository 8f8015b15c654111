"""The print engine's own process: one request a line on standard input, the PDF in a file, one outcome a line on
standard output, until the input ends.

Run as `python -m newsletter.editions.print_worker`. The only module that knows typst. It limits itself
before the first job: memory, address space and, job by job, processor time by the kernel; `print_room` watches
the clock and speaks to it. What one job laid out and the next needs again is not laid out twice, so an edit costs a
part of a whole issue. Nothing else passes from job to job. Whatever goes wrong in here stays in here.

A request is JSON: `template`, `root`, `output` (paths), `fonts` (folders) and `font-stamp`, `timestamp` (UNIX seconds, or null), `archive` (whether PDF/A-1b is asked for), `memory`
(bytes), `seconds` (of processor time). The outcome is JSON: `pages`, `standards`, `warnings`, `tired` (the process has
grown and should not be given another job), or `error` with `message` and `hints`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from newsletter.editions.print_fit import (
    FIT,
    MOST_PARTS,
    Fit,
    FitMemory,
    figure_pages,
    fitted,
    section_keys,
)
from newsletter.editions.print_letters import has_joined_letters, with_own_letters
from newsletter.editions.print_outline import with_direct_targets

STANDARDS: tuple[tuple[Literal["a-2a", "ua-1"], ...], ...] = (("a-2a", "ua-1"), ("ua-1",), ())
"""Tried in order: archival and accessible, accessible, a plain PDF rather than none."""

ARCHIVE: tuple[tuple[Literal["a-1b"], ...], ...] = (("a-1b",),)
"""Tried before, where it is asked for: PDF 1.4, which can be no PDF/UA."""

UNDATED = STANDARDS[1:]
"""PDF/A asks for the document's date: an issue without one can be accessible, not archival."""

_TIRED = 0.7
"""A process that holds more than this part of its memory is not kept for another issue."""

_COUNT = re.compile(rb"%PDF-\d\.\d\n%[^\n]{0,8}\n+1 0 obj\n<</Type/Pages/Count (\d+)/Kids")

_fits = FitMemory()


def main() -> int:
    # Whatever a library prints goes to the log, not between the outcomes.
    outcomes = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import typst  # noqa: F401 - loaded while nobody waits yet

    home, limited = os.getcwd(), False
    for line in sys.stdin:
        request = json.loads(line)
        if not limited:
            _limit_memory(request["memory"])
            limited = True
        _limit_processor(request["seconds"])
        os.chdir(request["root"])  # places in what the engine says are seen from here
        outcome = _print(request)
        os.chdir(home)
        outcome |= {"tired": _resident() > _TIRED * request["memory"]}
        outcomes.write(json.dumps(outcome) + "\n")
        outcomes.flush()
    return 0


def complaint() -> str:
    """What keeps the engine from working on this machine; empty when it prints."""
    try:
        import typst

        typst.compile(b"= x", format="pdf")
    except Exception as caught:  # whatever it is, no PDF can be made
        return f"{type(caught).__name__}: {caught}"
    return ""


def _limit_memory(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the clock alone guards
        return
    # Threads and mapped fonts take addresses, not memory.
    for kind, most in ((resource.RLIMIT_AS, 3 * memory), (resource.RLIMIT_DATA, memory)):
        _set_limit(kind, most)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_processor(seconds: int) -> None:
    """So many more seconds than this process has used."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _set_limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds)


def _set_limit(kind: int, most: int) -> None:
    import resource

    try:
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard < 0 else min(most, hard), hard))
    except (OSError, ValueError):
        pass  # macOS knows RLIMIT_AS but refuses it


def _resident() -> int:
    """The most memory that this process had so far, in bytes; 0 where nobody tells. Linux counts what it has had since
    it became this program; `getrusage` would tell the size of who started it, where that is larger (execve(2))."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        status = ""
    if found := re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE):
        return int(found[1]) * 1024
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


@lru_cache(maxsize=2)
def _fonts(folders: tuple[str, ...], stamp: str) -> Any:
    """Read once; `stamp` is another when a font was changed."""
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders)
    )


def _print(request: dict[str, Any]) -> dict[str, Any]:
    import typst

    fonts = _fonts(tuple(request["fonts"]), request["font-stamp"])

    stage = Path(request["root"])

    def compiler_of(fit: Fit) -> typst.Compiler:
        # A file, because nothing that was laid out before is of use when the inputs of the system are others.
        (stage / FIT).write_text(json.dumps(fit), "utf-8")
        return typst.Compiler(
            request["template"],
            root=request["root"],
            font_paths=fonts,
            package_path=request["root"] + "/packages",
            package_cache_path=request["root"] + "/packages",
        )

    compiler = compiler_of(_fit(compiler_of, stage))
    refused: list[str] = []
    error: typst.TypstError | None = None
    wanted: tuple[tuple[str, ...], ...]
    wanted = STANDARDS if request["timestamp"] is not None else UNDATED
    for standards in (*ARCHIVE, *wanted) if request["archive"] else wanted:
        try:
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf",
                pdf_standards=list(standards),
                timestamp=request["timestamp"] or 0,
            )
        except typst.TypstError as caught:
            error = caught
            refused.append(f"{'+'.join(standards)}: {_said(caught)}")
            continue
        assert isinstance(pdf, bytes)
        if has_joined_letters((stage / "issue.json").read_text("utf-8")):
            with contextlib.suppress(
                MemoryError
            ):  # hundreds of pages: printed rather than copied well
                pdf = with_own_letters(pdf)
        if standards in ARCHIVE:
            pdf = with_direct_targets(pdf)
        Path(request["output"]).write_bytes(pdf)
        return {
            "pages": _pages(pdf),
            "standards": list(standards),
            "refused": refused,
            "warnings": [_said(warning) for warning in warnings],
        }
    return {"error": {"message": _said(error), "hints": list(getattr(error, "hints", ()))}}


def _fit(compiler_of: Callable[[Fit], Any], stage: Path) -> Fit:
    """How sections are set so that none ends in a few lines; a broken template is told when it is printed.

    A question lays the pages out and writes none; what one trial shares with the next is not laid out again."""
    import typst

    def ends_of(fit: Fit) -> str:
        return str(compiler_of(fit).query("<section-end>", field="value"))

    written = (stage / "issue.json").read_bytes()
    parts = written.count(b'"kind"')
    if parts > MOST_PARTS:  # its memory is needed for the pages
        return {}
    try:
        data = json.loads(written)
        return fitted(
            ends_of,
            section_keys(stage, data),
            _fits,
            parts=parts,
            figures=figure_pages(data),
        )
    except (typst.TypstError, RuntimeError):  # a question that fails raises the latter
        return {}


def _said(diagnostic: Any) -> str:
    return str(
        getattr(diagnostic, "diagnostic", "") or getattr(diagnostic, "message", "") or diagnostic
    )


def _pages(pdf: bytes) -> int:
    if found := _COUNT.match(
        pdf
    ):  # where this engine writes it: nothing has to be loaded to read it
        return int(found[1])
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


if __name__ == "__main__":
    raise SystemExit(main())
