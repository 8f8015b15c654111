"""The print engine's own process: a request on standard input, the PDF in a file, the outcome on standard output.

Run as `python -m newsletter.editions.print_worker`. The only module that knows typst. It limits itself
before it loads the engine: memory, address space and processor time by the kernel; `print_engine` watches the clock
and speaks to it. Whatever goes wrong in here stays in here.

A request is JSON: `template`, `root`, `fonts`, `output` (paths), `timestamp` (UNIX seconds, or null), `memory`
(bytes), `seconds` (of processor time). The outcome is JSON: `pages`, `standards`, `warnings`, or
`error` with `message` and `hints`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from newsletter.editions.print_fit import Fit, fitted

STANDARDS: tuple[tuple[Literal["a-2a", "ua-1"], ...], ...] = (("a-2a", "ua-1"), ("ua-1",), ())
"""Tried in order: archival and accessible, accessible, a plain PDF rather than none."""

UNDATED = STANDARDS[1:]
"""PDF/A asks for the document's date: an issue without one can be accessible, not archival."""


def main() -> int:
    request = json.load(sys.stdin)
    _limit(request["memory"], request["seconds"])
    json.dump(_print(request), sys.stdout)
    return 0


def complaint() -> str:
    """What keeps the engine from working on this machine; empty when it prints."""
    try:
        import typst

        typst.compile(b"= x", format="pdf")
    except Exception as caught:  # whatever it is, no PDF can be made
        return f"{type(caught).__name__}: {caught}"
    return ""


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the clock alone guards
        return
    limits = (
        (resource.RLIMIT_AS, 3 * memory),  # threads and mapped fonts take addresses, not memory
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, seconds),
    )
    for kind, most in limits:
        try:
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (most if hard < 0 else min(most, hard), hard))
        except (OSError, ValueError):
            pass  # macOS knows RLIMIT_AS but refuses it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _print(request: dict[str, Any]) -> dict[str, Any]:
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[request["fonts"]]
    )

    def compiler_of(fit: Fit) -> typst.Compiler:
        return typst.Compiler(
            request["template"],
            root=request["root"],
            font_paths=fonts,
            package_path=request["root"] + "/packages",
            package_cache_path=request["root"] + "/packages",
            sys_inputs={"fit": json.dumps(fit)},
        )

    fit = _fit(compiler_of)
    compiler, inputs = compiler_of(fit), {"fit": json.dumps(fit)}
    refused: list[str] = []
    error: typst.TypstError | None = None
    for standards in STANDARDS if request["timestamp"] is not None else UNDATED:
        try:
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=list(standards),
                timestamp=request["timestamp"] or 0,
            )
        except typst.TypstError as caught:
            error = caught
            refused.append(f"{'+'.join(standards)}: {_said(caught)}")
            continue
        assert isinstance(pdf, bytes)
        Path(request["output"]).write_bytes(pdf)
        return {
            "pages": _pages(pdf),
            "standards": list(standards),
            "refused": refused,
            "warnings": [_said(warning) for warning in warnings],
        }
    return {"error": {"message": _said(error), "hints": list(getattr(error, "hints", ()))}}


def _fit(compiler_of: Callable[[Fit], Any]) -> Fit:
    """How sections are set so that none ends in a few lines; a broken template is told when it is printed.

    A question lays the pages out and writes none; what one trial shares with the next is not laid out again."""
    import typst

    def ends_of(fit: Fit) -> str:
        return str(compiler_of(fit).query("<section-end>", field="value"))

    try:
        return fitted(ends_of)
    except (typst.TypstError, RuntimeError):  # a question that fails raises the latter
        return {}


def _said(diagnostic: Any) -> str:
    return str(
        getattr(diagnostic, "diagnostic", "") or getattr(diagnostic, "message", "") or diagnostic
    )


def _pages(pdf: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


if __name__ == "__main__":
    raise SystemExit(main())
