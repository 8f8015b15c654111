"""What all tests share: the real sample, the repository's own publication, and nothing that leaves this machine."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newsletter.publication import Publication, load_publication

# A run that was started in the background ignores SIGINT, and so would every command that the tests
# interrupt. A handler set here is the default again in a child.
signal.signal(signal.SIGINT, signal.default_int_handler)

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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Makes empty databases in a PostgreSQL cluster of its own: the address of a new one at each call.

    The cluster listens on a socket in a private folder only, and is gone after the tests.
    """
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    user = "postgres" if os.geteuid() == 0 else None  # initdb refuses to work for root
    folder = Path(tempfile.mkdtemp(prefix="newsletter-pg-"))
    if user:
        shutil.chown(folder, user)
    binary = binaries[-1].parent
    initdb = [binary / "initdb", "-D", folder / "data", "-U", "newsletter", "-A", "trust"]
    subprocess.run(
        [*initdb, "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True,
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [binary / "postgres", "-D", "data", "-k", folder, "-c", "listen_addresses=", "-F"],
            user=user,
            cwd=folder,
            stderr=log,
        )
    try:
        yield _databases(folder, server)
    finally:
        server.send_signal(signal.SIGINT)  # the quick way down; connections are ended
        server.wait(30)
        shutil.rmtree(folder)


def _databases(folder: Path, server: subprocess.Popen[bytes]) -> Callable[[], str]:
    import psycopg

    counted = itertools.count()

    def connect() -> psycopg.Connection[Any]:
        end = time.monotonic() + 30
        while True:
            try:
                return psycopg.connect(
                    host=str(folder), user="newsletter", dbname="postgres", autocommit=True
                )
            except psycopg.OperationalError:
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end, "PostgreSQL does not answer"
                time.sleep(0.1)

    def make() -> str:
        name = f"db{next(counted)}"
        with connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://newsletter@/{name}?host={folder}"

    return make


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql", marks=[pytest.mark.daemon, pytest.mark.xdist_group("postgresql")]
        ),
    ]
)
def new_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes empty databases, of either kind: what holds for the one must hold for the other."""
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("postgresql")
        return make
    counted = itertools.count()
    return lambda: f"sqlite:///{tmp_path}/store{next(counted)}.db"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser beside a busy machine can be late; its tests may try again. The run tells each second try."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
