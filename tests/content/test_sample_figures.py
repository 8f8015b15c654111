"""The figures of the sample issues are what the script draws, and light enough to be sent."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image


@pytest.fixture
def drawing(repository: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(repository / "tools")
    return importlib.import_module("draw_figures")


def _figures(repository: Path) -> list[Path]:
    return sorted(repository.glob("issues/2026-1[01]-*/**/figures/*.png"))


def test_no_sample_figure_is_heavier_than_120_kilobytes(repository: Path) -> None:
    heavy = {
        path.name: size
        for path in _figures(repository)
        if (size := path.stat().st_size) > 120 * 1024
    }
    assert _figures(repository)
    assert heavy == {}


def test_sample_figures_have_the_width_that_print_and_sharp_screens_need(repository: Path) -> None:
    widths = {}
    for path in _figures(repository):
        with Image.open(path) as picture:
            widths[path.name] = picture.width
    assert widths.pop("leaf.png") == 160
    assert set(widths.values()) == {1600}


def test_drawing_again_gives_the_committed_pictures(repository: Path, drawing: ModuleType) -> None:
    if not drawing.FONTS.is_dir():
        pytest.skip("the fonts are not laid: make setup")
    name = f"{drawing.RESEARCH}/liver-chip.png"
    svg = drawing.chinese_figures()[name]
    assert drawing.picture(svg) == (repository / name).read_bytes()


def test_every_figure_says_that_its_numbers_are_made_up(drawing: ModuleType) -> None:
    without_numbers = ("routes", "liver-chip", "history", "steps")
    silent = [
        name
        for name, svg in {**drawing.chinese_figures(), **drawing.english_figures()}.items()
        if "示意" not in svg and "illustrative" not in svg
    ]
    assert all(any(word in name for word in without_numbers) for name in silent), silent
