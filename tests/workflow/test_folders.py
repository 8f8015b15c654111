"""A set of files takes the place of an older one whole, and a killed process leaves one of the two."""

from __future__ import annotations

import os
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
