"""The print edition beside plain WeasyPrint and headless Chromium, on the same content, in one run: ratios of CPU.

    .venv/bin/python bench/print.py                  on the real sample where it is, else the repository's
    .venv/bin/python bench/print.py --issue DIR --runs 3

The peers get the issue's web page with a style sheet for paper that gives what ours gives: A4, one column or two
(`--columns 2`), contents with page numbers, running heads, the addresses of links as footnotes, the same pictures
(Chromium can neither number contents nor set footnotes: it prints what it can). WeasyPrint is plain: as it comes, without
options; `--tags` asks it for the tags that ours always has, and `--bare` takes footnotes, heads and page numbers from its
page, which is no longer the same content. Ours scales its pictures besides. CPU is that of the whole process tree,
watched while it runs: a browser's helpers are not counted otherwise. Cold is a new process, in a publication that was never
built and in one that keeps its pictures since its first build (`build/.pictures/`); after an edit is one
paragraph longer, in the process that printed before.
"""

from __future__ import annotations

import argparse
import compileall
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from newsletter.editions.print import render_print  # noqa: E402
from newsletter.editions.web import render_web  # noqa: E402
from newsletter.publication import Publication, load_publication  # noqa: E402
from newsletter.workflow.issues import read  # noqa: E402

PEER = ROOT / "bench" / "peers" / ".print"
REQUIREMENTS = ROOT / "bench" / "peers" / "requirements-print.txt"
STYLE = """<style>
@page { size: A4; margin: 25mm SIDEmm; @top-right { content: string(title) }
  @bottom-right { content: counter(page) " / " counter(pages) } @footnote { margin-top: 6pt } }
body { font: SIZEpt/1.7 "Noto Serif CJK SC", "Noto Serif", serif; text-align: justify }
main { columns: COLUMNS }
h2 { string-set: title content(text) } h1, h2, h3, h4 { break-after: avoid }
img { max-width: 100%; height: auto } figure { break-inside: avoid }
nav a[href^="#"]::after { content: " " target-counter(attr(href), page) }
.fn { float: footnote; font-size: 7.5pt }
</style>"""
BARE = re.sub(
    r"; @top-right.*?6pt \} \}|h2 \{.*?\} |nav a.*?\}\n|\.fn.*?\}\n", "", STYLE, flags=re.S
)
BARE = BARE.replace("margin: 25mm SIDEmm", "margin: 25mm SIDEmm }")
OURS = """
import sys
from pathlib import Path
from newsletter.editions.print import render_print
from newsletter.publication import load_publication
from newsletter.workflow.issues import read
publication = load_publication(Path(sys.argv[1]), {})
print(render_print(read(publication, "issue").issue, publication).pages)
"""
OURS_EDITED = """
import os, sys, time
from pathlib import Path
from newsletter.editions.print import render_print
from newsletter.publication import load_publication
from newsletter.workflow.issues import read
file = Path(sys.argv[2])
publication = load_publication(Path(sys.argv[1]), {})
sys.stdin.readline()
render_print(read(publication, "issue").issue, publication)
print("ready", flush=True)
for line in sys.stdin:
    file.write_text(file.read_text("utf-8") + "\\nOne more.\\n", "utf-8")
    began = time.perf_counter()
    render_print(read(publication, "issue").issue, publication)
    print(time.perf_counter() - began, flush=True)
"""
WEASY = """
import sys
from weasyprint import HTML
HTML(sys.argv[1]).write_pdf(sys.argv[2], pdf_tags=TAGS)
"""
WEASY_EDITED = """
import sys, time
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
fonts = FontConfiguration()
sys.stdin.readline()
HTML(sys.argv[1]).write_pdf(sys.argv[2], font_config=fonts, pdf_tags=TAGS)
print("ready", flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    HTML(sys.argv[1]).write_pdf(sys.argv[2], font_config=fonts, pdf_tags=TAGS)
    print(time.perf_counter() - began, flush=True)
"""


def main() -> int:
    options = _options()
    tags = str(options.tags)
    python = _peer()
    # As pip leaves a program that it installs, the peer among them, also where Python may write no such files.
    compileall.compile_dir(ROOT / "newsletter", quiet=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = (ROOT / "newsletter.toml").read_text("utf-8")
        settings = re.sub(r"^columns = \d", f"columns = {options.columns}", settings, flags=re.M)
        (folder / "newsletter.toml").write_text(settings, "utf-8")
        shutil.copytree(options.issue, folder / "issues" / "issue")
        publication = load_publication(folder, {})
        page, pages = _web_page(publication, folder / "web", options)
        out = folder / "out.pdf"
        largest = max(
            (folder / "issues" / "issue").rglob("*.md"), key=lambda path: path.stat().st_size
        )
        print(f"{pages} pages; CPU seconds of the process tree, medians of {options.runs}")
        command = [sys.executable, "-c", OURS, str(folder)]
        ours = _cold("ours, cold", command, options.runs)
        (folder / "build").mkdir()  # the first run keeps its pictures there, the others find them
        again = _cold("ours, cold, pictures kept", command, max(options.runs, 3))
        shutil.rmtree(folder / "build")
        weasy = _cold(
            "WeasyPrint, cold",
            [python, "-c", WEASY.replace("TAGS", tags), str(page), str(out)],
            options.runs,
        )
        chromium = shutil.which("chromium")
        if chromium:
            command = [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                f"--user-data-dir={folder / 'chromium'}",
                f"--print-to-pdf={out}",
                page.as_uri(),
            ]
            browser = _cold("Chromium, cold", command, options.runs)
            print(f"Chromium / ours, cold:            {browser / ours:5.1f}")
        print(f"WeasyPrint / ours, cold:          {weasy / ours:5.1f}")
        print(f"WeasyPrint / ours, pictures kept: {weasy / again:5.1f}")
        ours = _edited(
            "ours, after an edit",
            [sys.executable, "-c", OURS_EDITED, str(folder), str(largest)],
            options.runs,
        )
        weasy = _edited(
            "WeasyPrint, after an edit",
            [python, "-c", WEASY_EDITED.replace("TAGS", tags), str(page), str(out)],
            options.runs,
        )
        print(f"WeasyPrint / ours, after an edit: {weasy / ours:5.1f}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the print edition beside others.")
    sample = ROOT.parent / "shared" / "samples" / "shengwu-2024-04-30"
    default = sample if sample.is_dir() else ROOT / "issues" / "2026-10-zh"
    parser.add_argument("--issue", type=Path, default=default)
    parser.add_argument("--columns", type=int, choices=(1, 2), default=1)
    parser.add_argument("--tags", action="store_true", help="tagged PDFs from WeasyPrint")
    parser.add_argument("--bare", action="store_true", help="peers without notes and page numbers")
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


def _peer() -> str:
    """The interpreter of the peer's own environment, made on the first run."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        install = ["-m", "pip", "install", "-q", "--require-hashes", "-r", str(REQUIREMENTS)]
        subprocess.run([str(python), *install], check=True)
    return str(python)


def _web_page(
    publication: Publication, folder: Path, options: argparse.Namespace
) -> tuple[Path, int]:
    """The issue's web page and its pictures with a plain style; how many pages ours has."""
    issue = read(publication, "issue").issue
    assert issue is not None
    for file in render_web(issue, publication).files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    page = folder / "index.html"
    html = page.read_text("utf-8")
    html = re.sub(
        r"<link[^>]*stylesheet[^>]*>|<style.*?</style>|<script.*?</script>", "", html, flags=re.S
    )
    if not options.bare:
        html = re.sub(
            r'(<a [^>]*href="(https?://[^"]+)"[^>]*>.*?</a>)',
            r'\1<span class="fn">\2</span>',
            html,
            flags=re.S,
        )
    one = options.columns == 1
    style = (BARE if options.bare else STYLE).replace("COLUMNS", str(options.columns))
    style = style.replace("SIDE", "31" if one else "22").replace("SIZE", "10.5" if one else "9")
    page.write_text(html.replace("</head>", style + "</head>"), "utf-8")
    return page, render_print(issue, publication).pages


def _cold(name: str, command: list[str], runs: int) -> float:
    spent, waited = [], []
    for _ in range(runs):
        began = time.perf_counter()
        before = _waited_for()
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=ROOT,
        )
        times: dict[int, float] = {}
        while process.poll() is None:
            times |= _tree(process.pid)
            time.sleep(0.005)
        waited.append(time.perf_counter() - began)
        # A short process is gone before its last look; a browser's helpers are waited for by nobody.
        spent.append(max(sum(times.values()), _waited_for() - before))
    return _told(name, spent, waited)


def _waited_for() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _edited(name: str, command: list[str], runs: int) -> float:
    spent, waited = [], []
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        _say(process)
        process.stdout.readline()
        for _ in range(runs):
            before = sum(_tree(process.pid).values())
            _say(process)
            waited.append(float(process.stdout.readline()))
            spent.append(sum(_tree(process.pid).values()) - before)
        process.stdin.close()
    return _told(name, spent, waited)


def _say(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _tree(session: int) -> dict[int, float]:
    """CPU seconds by process of a session."""
    times: dict[int, float] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                status = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            if int(status[3]) == session:
                ticks = int(status[11]) + int(status[12])
                times[int(name)] = ticks / os.sysconf("SC_CLK_TCK")
    return times


def _told(name: str, spent: list[float], waited: list[float]) -> float:
    median = statistics.median(spent)
    print(f"{name:28s} {median:6.2f} s CPU {statistics.median(waited):6.2f} s", flush=True)
    return median


if __name__ == "__main__":
    raise SystemExit(main())
