"""What all tests share: the real sample, the repository's own publication, and nothing that leaves this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from newsletter.publication import Publication, load_publication

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE = REPOSITORY.parent / "shared" / "samples" / "shengwu-2024-04-30"


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def publication() -> Publication:
    """The repository's root, which is the sample publication, without the environment's overrides."""
    return load_publication(REPOSITORY, {})


@pytest.fixture(scope="session")
def sample() -> Path:
    """The real 43-page sample; tests that need it are skipped where it is not beside the checkout."""
    if not SAMPLE.is_dir():
        pytest.skip(f"the real sample is not here: {SAMPLE}")
    return SAMPLE


@pytest.fixture
def new_publication(tmp_path: Path) -> Path:
    """A folder with a minimal publication and one issue that builds without a problem."""
    root = tmp_path / "publication"
    (root / "issues").mkdir(parents=True)
    (root / "subscribers").mkdir()
    (root / "newsletter.toml").write_text(
        'name = "The Orchard"\nlanguage = "en"\nbase_url = "https://orchard.example.com"\n'
        'address = "1 Example Lane, Exampletown"\ndefault_list = "weekly"\n\n'
        '[sender]\nname = "The Orchard"\nemail = "editor@orchard.example.com"\n',
        encoding="utf-8",
    )
    return root


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's Chromium."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed: sudo apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def qpdf() -> str:
    found = shutil.which("qpdf")
    if found is None:
        pytest.skip("qpdf is not installed: sudo apt-get install qpdf")
    return found
