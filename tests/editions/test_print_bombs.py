"""Issues that would eat time or memory end in a clear error soon, and the last good build stands."""

from __future__ import annotations

import resource
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from newsletter.editions import print as print_edition
from newsletter.editions.print import MOST_NOTES, render_print
from newsletter.editions.print_engine import Limits, limits_for
from newsletter.editions.print_heads import running_title
from newsletter.problems import ContentError
from newsletter.publication import load_publication
from newsletter.workflow.builds import build
from newsletter.workflow.issues import read


def png(width: int, height: int) -> bytes:
    """A black picture of any size in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(width + 1)) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def uses(depth: int, times: int) -> bytes:
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><defs><g id="a0"><path/></g>'
    )
    for level in range(1, depth + 1):
        text += f'<g id="a{level}">' + f'<use href="#a{level - 1}"/>' * times + "</g>"
    return (text + f'</defs><use href="#a{depth}"/></svg>').encode()


PICTURES = {
    "144 megapixels": ("bomb.png", png(12_000, 12_000), "image-too-many-pixels"),
    "a drawing of 10^8 shapes": ("bomb.svg", uses(8, 10), "image-too-large"),
    "a drawing nested 2000 deep": ("bomb.svg", uses(2000, 1), "image-too-large"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_a_bomb_is_refused_before_it_is_decoded_and_the_build_stands(
    name: str, new_publication: Path
) -> None:
    file, data, code = PICTURES[name]
    publication = load_publication(new_publication, {})
    folder = new_publication / "issues" / "x"
    folder.mkdir()
    text = "---\ntitle: X\ndate: 2026-11-01\n---\n\nText.\n"
    (folder / "issue.md").write_text(text)
    before = (build(publication, "x").folder / "print.pdf").read_bytes()
    (folder / file).write_bytes(data)
    (folder / "issue.md").write_text(f'{text}\n![A picture of it]({file} "It")\n')
    began = time.process_time()
    with pytest.raises(ContentError) as caught:
        build(publication, "x")
    assert time.process_time() - began < 10
    assert code in {problem.code for problem in caught.value.problems}
    assert (publication.build_folder / "x" / "print.pdf").read_bytes() == before
    # As a draft, a labelled box stands in its place.
    assert build(publication, "x", draft=True).pages == 2


TEXTS = {
    "9000 items": "\n".join(f"- item {n}" for n in range(9000)),
    "a table as wide as anything": '<table><tr><td colspan="1000000">x</td></tr></table>',
    "3000 notes": " ".join(f"w[^{n}]" for n in range(3000))
    + "\n\n"
    + "\n".join(f"[^{n}]: note {n}" for n in range(3000)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_very_many_parts_prints_or_is_told_within_a_gigabyte(
    name: str, new_publication: Path
) -> None:
    """In a process of its own, whose memory with that of its engine is counted."""
    folder = new_publication / "issues" / "x"
    folder.mkdir()
    (folder / "issue.md").write_text(f"---\ntitle: X\n---\n\n{TEXTS[name]}\n")
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from newsletter.editions.print import render_print\n"
        "from newsletter.editions.print_room import close_room\n"
        "from newsletter.publication import load_publication\n"
        "from newsletter.workflow.issues import read\n"
        "publication = load_publication(Path(sys.argv[1]), {})\n"
        "print(render_print(read(publication, 'x').issue, publication).pages)\n"
        "close_room()\n"
        "both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)\n"
        "print(sum(resource.getrusage(who).ru_maxrss for who in both) * 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(new_publication)],
        capture_output=True,
        text=True,
        check=True,
    )
    pages, memory = map(int, done.stdout.split())
    assert pages >= 2
    assert memory < 1_000_000_000


def test_more_notes_than_pages_can_hold_are_told_before_the_engine_is_asked(
    new_publication: Path,
) -> None:
    folder = new_publication / "issues" / "x"
    folder.mkdir()
    calls = " ".join(f"w[^{n}]" for n in range(MOST_NOTES + 1))
    notes = "\n".join(f"[^{n}]: note {n}" for n in range(MOST_NOTES + 1))
    (folder / "issue.md").write_text(f"---\ntitle: X\n---\n\n{calls}\n\n{notes}\n")
    publication = load_publication(new_publication, {})
    issue = read(publication, "x").issue
    assert issue is not None
    began = time.process_time()
    with pytest.raises(ContentError) as caught:
        render_print(issue, publication)
    assert time.process_time() - began < 5
    assert [problem.code for problem in caught.value.problems] == ["print-limit"]


TABLES = {
    "cells of 50 columns and 500 rows": "<table>"
    + "<tr>"
    + '<td colspan="60" rowspan="500">x</td>' * 50
    + "</tr>"
    + "<tr><td>a</td></tr>" * 500
    + "</table>",
    "60 columns and 2000 rows": "\n".join(
        ["|" + "a|" * 60, "|" + "-|" * 60, *["|" + "b|" * 60] * 2000]
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_no_page_can_hold_ends_soon_and_the_build_stands(
    name: str, new_publication: Path
) -> None:
    publication = load_publication(new_publication, {})
    folder = new_publication / "issues" / "x"
    folder.mkdir()
    text = "---\ntitle: X\ndate: 2026-11-01\n---\n\nText.\n"
    (folder / "issue.md").write_text(text)
    before = (build(publication, "x").folder / "print.pdf").read_bytes()
    (folder / "issue.md").write_text(f"{text}\n{TABLES[name]}\n")
    spent = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) + time.process_time()
    with pytest.raises(ContentError) as caught:
        build(publication, "x")
    spent = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) + time.process_time() - spent
    assert spent < 10
    codes = {problem.code for problem in caught.value.problems}
    assert codes & {"print-limit", "text-too-long"}
    assert (publication.build_folder / "x" / "print.pdf").read_bytes() == before


def test_what_an_issue_may_take_grows_with_its_text() -> None:
    assert limits_for(1000).processor < 10
    assert limits_for(2_000_000).processor > 20


def test_an_issue_that_never_ends_is_stopped_when_its_processor_time_is_up(
    new_publication: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_edition, "limits_for", lambda written: Limits(processor=1))
    theme = new_publication / "templates" / "print" / "endless"
    theme.mkdir(parents=True)
    loops = (
        "#for a in range(9000) { for b in range(9000) { for c in range(9000) { let d = a + b } } }"
    )
    (theme / "issue.typ").write_text(loops)
    folder = new_publication / "issues" / "x"
    folder.mkdir()
    (folder / "issue.md").write_text("---\ntitle: X\ntheme: endless\n---\n\nText.\n")
    publication = load_publication(new_publication, {})
    issue = read(publication, "x").issue
    assert issue is not None
    with pytest.raises(ContentError) as caught:
        render_print(issue, publication)
    assert [problem.code for problem in caught.value.problems] == ["print-limit"]


def test_a_title_as_long_as_a_book_is_shortened_at_once() -> None:
    """It was once read anew for each of its signs, for twenty seconds."""
    assert running_title("A-" * 100_000).endswith("…")
