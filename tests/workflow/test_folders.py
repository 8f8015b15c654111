"""A set of files takes the place of an older one whole, and a killed process leaves one of the two."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from newsletter.workflow.folders import replace_folder

OURS = ("page.html", "web")


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_new_files_replace_the_old_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_folder(target, {"page.html": b"1", "web/a": b"1", "web/b": b"1"}, OURS)
    replace_folder(target, {"page.html": b"2", "web/a": b"2"}, OURS)
    assert _tree(target) == {"page.html": "2", "web/a": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_of_somebody_else_stay(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    replace_folder(target, {"page.html": b"1", "web/a": b"1"}, OURS)
    replace_folder(target, {"page.html": b"2"}, OURS)
    assert _tree(target) == {"notes.txt": "mine", "page.html": "2"}


def test_a_failure_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out"
    replace_folder(target, {"page.html": b"1"}, OURS)

    def disk_full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", disk_full)
    with pytest.raises(OSError, match="No space"):
        replace_folder(target, {"page.html": b"2"}, OURS)
    assert _tree(target) == {"page.html": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_swap_that_was_killed_half_way_is_mended(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_folder(target, {"page.html": b"1"}, OURS)
    os.rename(target, tmp_path / ".out.old")
    replace_folder(target, {"page.html": b"2"}, OURS)
    assert _tree(target) == {"page.html": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_somebody_stands_in_keeps_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    before = target.stat().st_ino
    monkeypatch.chdir(target)
    replace_folder(Path(), {"page.html": b"1", "web/a": b"1"}, OURS)
    replace_folder(Path(), {"page.html": b"2", "web/b": b"2"}, OURS)
    assert _tree(target) == {"page.html": "2", "web/b": "2"}
    assert target.stat().st_ino == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_under_one_that_is_read_only_is_filled_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    before = target.stat().st_ino
    replace_folder(target, {"page.html": b"1", "web/a": b"1"}, OURS)
    assert _tree(target) == {"page.html": "1", "web/a": "1"}
    assert target.stat().st_ino == before


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for content in (b"1", b"2"):
        replace_folder(tmp_path / "link", {"page.html": content}, OURS)
    assert (tmp_path / "link").is_symlink()
    assert _tree(tmp_path / "real") == {"page.html": "2"}


def test_what_a_killed_call_had_begun_is_swept_away(tmp_path: Path) -> None:
    left = tmp_path / ".out.new-abc"
    left.mkdir()
    (left / "half").write_text("of a file")
    other = tmp_path / ".outer.new-abc"
    other.mkdir()
    replace_folder(tmp_path / "out", {"page.html": b"1"}, OURS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".outer.new-abc", "out"]


def test_an_entry_whose_swap_was_killed_half_way_is_mended(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    replace_folder(target, {"web/a": b"1"}, OURS)
    os.rename(target / "web", target / ".web.old")
    (target / "web").mkdir()
    replace_folder(target, {"web/a": b"2"}, OURS)
    assert _tree(target) == {"notes.txt": "mine", "web/a": "2"}


def test_calls_at_the_same_time_leave_one_whole_set(tmp_path: Path) -> None:
    target = tmp_path / "out"
    contents = [str(number).encode() for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        for done in [
            pool.submit(replace_folder, target, {"page.html": one, "web/a": one}, OURS)
            for one in contents
        ]:
            done.result()
    tree = _tree(target)
    assert tree["page.html"] == tree["web/a"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
