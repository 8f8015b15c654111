"""Side by side, in one run, printed as ratios: `make bench`. What it means stands in bench/README.md.

make bench                          on the sample issue of this repository
make bench ARGS="--issue DIR"       on another issue directory
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench" / "peers"
sys.path.insert(0, str(ROOT))

from bench import sending  # noqa: E402
from bench.peer_source import one_text_per_block  # noqa: E402
from newsletter.editions import caches, email_edition  # noqa: E402
from newsletter.issues.reader import read_issue  # noqa: E402
from newsletter.model.issue import Issue  # noqa: E402
from newsletter.publication import Publication, load_publication  # noqa: E402


def main() -> int:
    options = _options()
    publication = load_publication(ROOT, {})
    issue = _read(options.issue, publication)
    print(
        f"{options.issue.name}: {sum(1 for _ in issue.articles())} articles, {len(issue.pictures)} pictures"
    )
    _against_mjml_and_juice(issue, publication, options.runs)
    _after_one_article_changed(options.issue, publication, options.runs)
    _help()
    _whole_builds(options.issue)
    for line in sending.rows():
        print(line)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the product beside its peers.")
    sample = ROOT.parent / "shared" / "samples" / "shengwu-2024-04-30"
    default = sample if sample.is_dir() else ROOT / "issues" / "2026-10-zh"
    parser.add_argument("--issue", type=Path, default=default)
    parser.add_argument("--runs", type=int, default=9)
    return parser.parse_args()


def _read(folder: Path, publication: Publication) -> Issue:
    issue = read_issue(folder, default_language=publication.settings.language).issue
    assert issue is not None
    return issue


def _times(
    action: Callable[[], object], runs: int, before: Callable[[], object] = lambda: None
) -> list[float]:
    """Milliseconds of each run; `before` is not counted."""
    times = []
    for _ in range(runs):
        before()
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return times


def _row(name: str, ours: list[float], peer: list[float], peer_name: str) -> None:
    ratio = statistics.median(ours) / statistics.median(peer)
    print(
        f"{name}: {ratio:.2f} × {peer_name}"
        f"  (median {statistics.median(ours):.0f} ms to {statistics.median(peer):.0f} ms;"
        f" min {min(ours):.0f} to {min(peer):.0f})"
    )


def _against_mjml_and_juice(issue: Issue, publication: Publication, runs: int) -> None:
    """The whole email edition, its text part and cuts included, against mjml + juice on the same content."""
    node = shutil.which("node") or str(Path(sys.executable).parent / "node")
    if not (PEERS / "node_modules").is_dir():
        npm = shutil.which("npm") or str(Path(sys.executable).parent / "npm")
        subprocess.run(
            [npm, "ci", "--ignore-scripts"], cwd=PEERS, check=True, stdout=subprocess.DEVNULL
        )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "issue.mjml"
        source.write_text(one_text_per_block(issue, publication), encoding="utf-8")
        run = subprocess.run(
            [node, "mjml_juice.mjs", str(source), str(runs)],
            cwd=PEERS,
            check=True,
            capture_output=True,
            text=True,
        )
    peer = json.loads(run.stdout)
    email_edition.render_email(issue, publication)  # pictures are scaled once
    for name, themes in (
        ("email edition, nothing of the issue kept", False),
        ("email edition, nothing of the issue nor of the theme kept", True),
    ):
        ours = _times(
            lambda: email_edition.render_email(issue, publication),
            runs,
            before=lambda themes=themes: caches.forget(themes=themes),  # type: ignore[misc]
        )
        _row(name, ours[1:], peer["times"][1:], "mjml + juice, warm")
    warm = _times(lambda: email_edition.render_email(issue, publication), runs)
    _row("email edition, unchanged", warm, peer["times"][1:], "mjml + juice, warm")
    edition = email_edition.render_email(issue, publication)
    print(
        f"  bytes: {edition.html_bytes:,} with {len(edition.cuts)} articles cut; peer, nothing cut: {peer['bytes']:,}"
    )


def _after_one_article_changed(folder: Path, publication: Publication, runs: int) -> None:
    """Read and render again after a sentence was added to one article, against a cold read and render."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / folder.name
        shutil.copytree(folder, copy, copy_function=shutil.copyfile)
        article = max(copy.glob("0*-*/0*.md"), key=lambda path: path.stat().st_size)
        article.chmod(0o644)

        def whole() -> None:
            email_edition.render_email(_read(copy, publication), publication)

        def change() -> None:
            article.write_text(
                article.read_text(encoding="utf-8") + "\n又添一句。\n", encoding="utf-8"
            )

        whole()
        colds = _times(whole, runs, before=caches.forget)
        warmed = _times(whole, runs, before=lambda: caches.forget(themes=False))
        changed = _times(whole, runs, before=change)
    name = "read + email edition after one article changed"
    _row(name, changed, warmed, "the same with nothing of the issue kept")
    _row(name, changed, colds, "the same with caches empty")


def _help() -> None:
    command = [sys.executable, "-m", "newsletter", "--help"]
    bare = [sys.executable, "-c", "import click"]
    ours, peer = [], []
    for _ in range(9):
        ours += _times(
            lambda: subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True), 1
        )
        peer += _times(lambda: subprocess.run(bare, stdout=subprocess.DEVNULL, check=True), 1)
    _row("newsletter --help", ours, peer, "python -c 'import click'")


def _whole_builds(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as output:
        command = [
            sys.executable,
            "-m",
            "newsletter",
            "build",
            str(folder.resolve()),
            "--output",
            f"{output}/out",
        ]
        times = _times(
            lambda: subprocess.run(
                command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True, env=dict(os.environ)
            ),
            3,
        )
    print(
        f"newsletter build, all editions, a new process: median {statistics.median(times):.0f} ms"
    )


if __name__ == "__main__":
    raise SystemExit(main())
