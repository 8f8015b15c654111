"""The wheel alone, away from the repository, makes a publication and builds its first issue."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The wheel of this checkout, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(repository)),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("newsletter-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def _newsletter(site: Path, cwd: Path, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-P", "-m", "newsletter", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_wheel_alone_makes_and_builds_a_publication(site: Path, tmp_path: Path) -> None:
    _newsletter(site, tmp_path, "init", "mine", "--name", "果园来信", "--language", "zh-Hans")
    told = _newsletter(site, tmp_path / "mine", "build", "first-issue")
    assert "pages" in told
    built = tmp_path / "mine" / "build" / "first-issue"
    assert sorted(path.name for path in built.iterdir()) == [
        "email.eml",
        "email.html",
        "email.txt",
        "print.pdf",
        "report.json",
        "web",
    ]
    assert (built / "print.pdf").read_bytes().startswith(b"%PDF")


def test_the_wheel_carries_fonts_with_their_licence_and_the_starter_theme(site: Path) -> None:
    fonts = site / "newsletter" / "_assets" / "fonts"
    assert list(fonts.glob("noto-serif-sc-*.ttf"))
    assert "SIL Open Font License" in next(fonts.glob("*LICENSE*")).read_text(encoding="utf-8")
    assert (site / "newsletter" / "_starter" / "templates" / "email" / "starter").is_dir()


def test_the_wheel_carries_the_browsers_libraries_with_their_licences(site: Path) -> None:
    laid = site / "newsletter" / "_assets" / "studio"
    for name in ("codemirror-view", "htmx.org"):
        assert list(laid.glob(f"{name}-*.js"))
        assert (laid / f"{name}-LICENSE.txt").is_file()
