"""The print engine's process is kept warm between jobs, and nothing but speed comes of it."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.editions import print_room
from newsletter.editions.print import render_print
from newsletter.editions.print_engine import Limits
from newsletter.editions.print_room import close_room
from newsletter.model.issue import Issue
from newsletter.problems import ContentError
from newsletter.publication import Publication, load_publication
from newsletter.workflow.issues import read

LOOPS = "for b in range(9000) { for c in range(9000) { let d = b + c } }"


@pytest.fixture
def issue(publication: Publication) -> Issue:
    found = read(publication, "2026-11-en").issue
    assert found is not None
    close_room()
    return found


def engines() -> list[int]:
    """The engine's processes that this one started and that still run."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_text()
        except OSError:  # it ended meanwhile
            continue
        if int(status[1]) == os.getpid() and status[0] != "Z" and "print_worker" in command:
            found.append(int(folder.name))
    return found


def processor_seconds(process: int) -> float:
    status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(status[11]) + int(status[12])) / os.sysconf("SC_CLK_TCK")


def own_theme(folder: Path, source: str) -> Publication:
    theme = folder / "templates" / "print" / "own"
    theme.mkdir(parents=True, exist_ok=True)
    toml = 'name = "T"\ntheme = "own"\n[sender]\nemail = "a@b.example"\n'
    (folder / "newsletter.toml").write_text(toml)
    (theme / "issue.typ").write_text(source)
    return load_publication(folder, {})


def test_the_second_issue_is_printed_by_the_same_process(
    issue: Issue, publication: Publication
) -> None:
    render_print(issue, publication)
    (first,) = engines()
    render_print(replace(issue, title="Another"), publication)
    assert engines() == [first]
    close_room()
    assert engines() == []


def test_what_was_printed_before_changes_no_byte(issue: Issue, publication: Publication) -> None:
    other = read(publication, "2026-10-zh").issue
    assert other is not None
    cold = render_print(issue, publication).pdf
    render_print(other, publication)
    render_print(replace(issue, title="Another"), publication)
    assert render_print(issue, publication).pdf == cold


def test_an_issue_that_breaks_the_limits_takes_only_its_own_process_with_it(
    issue: Issue, publication: Publication, tmp_path: Path
) -> None:
    render_print(issue, publication)
    before = engines()
    endless = own_theme(tmp_path / "endless", f"#for a in range(9000) {{ {LOOPS} }}")
    with pytest.raises(ContentError) as caught:
        render_print(replace(issue, theme="own"), endless, limits=Limits(clock=1.5))
    assert [problem.code for problem in caught.value.problems] == ["print-limit"]
    assert engines() == []
    assert render_print(issue, publication).pages > 3
    assert engines() != before


def test_processor_time_is_counted_anew_for_each_issue(
    issue: Issue, publication: Publication
) -> None:
    """Else a process that printed for long would be killed in the middle of an innocent issue."""
    limits = Limits(processor=2, memory=4 * 1024**3)  # so large that none is replaced on the way
    spent = 0.0
    for number in range(150):
        render_print(replace(issue, title=f"Number {number}"), publication, limits=limits)
        spent = processor_seconds(engines()[0])
        if spent > 3:
            break
    assert spent > 3
    assert len(engines()) == 1


def test_a_process_that_was_killed_from_outside_is_replaced(
    issue: Issue, publication: Publication
) -> None:
    render_print(issue, publication)
    (first,) = engines()
    os.kill(first, signal.SIGKILL)
    assert render_print(issue, publication).pages > 3
    assert engines() not in ([], [first])


def test_a_process_ends_after_so_many_issues(
    issue: Issue, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_room, "MOST_JOBS", 2)
    render_print(issue, publication)
    assert len(engines()) == 1
    render_print(issue, publication)
    assert engines() == []


def test_a_process_that_has_grown_is_followed_by_a_new_one_at_once(
    issue: Issue, publication: Publication
) -> None:
    small = Limits(memory=180 * 1024**2)
    seen = set()
    for number in range(40):
        render_print(replace(issue, title=f"Number {number}"), publication, limits=small)
        (now,) = engines()
        seen.add(now)
        if len(seen) > 1:
            break
    assert len(seen) > 1


def test_the_size_of_who_starts_it_is_not_its_own(issue: Issue, publication: Publication) -> None:
    ballast = bytearray(b"x") * 400_000_000
    small = Limits(memory=300 * 1024**2)
    render_print(issue, publication, limits=small)
    (first,) = engines()
    render_print(replace(issue, title="Another"), publication, limits=small)
    assert engines() == [first]
    del ballast


def test_an_idle_process_ends_by_itself(
    issue: Issue, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_room, "IDLE_SECONDS", 0.05)
    render_print(issue, publication)
    until = time.monotonic() + 5
    while engines() and time.monotonic() < until:
        time.sleep(0.02)
    assert engines() == []
