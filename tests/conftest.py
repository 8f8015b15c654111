"""What all tests share: the real sample, the repository's own publication, and nothing that leaves this machine."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy.event
import sqlalchemy.exc
import uvicorn

from newsletter.publication import Publication, load_publication
from newsletter.store import connecting, upgrade

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from sqlalchemy import Connection

# A run that was started in the background ignores SIGINT, and so would every command that the tests
# interrupt. A handler set here is the default again in a child.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: one more than there are processors. Tests wait for servers, browsers and pauses for so long
    that as many as there are leave processors idle."""
    usable = getattr(os, "sched_getaffinity", None)
    return (len(usable(0)) if usable else os.cpu_count() or 1) + 1


REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE = REPOSITORY.parent / "shared" / "samples" / "shengwu-2024-04-30"


@pytest.fixture(scope="session", autouse=True)
def _migrated_once() -> Iterator[None]:
    """The migrations run once for each kind of database; what they did to that empty one is done to every further one,
    statement by statement, in a fifth of the time. Commands that run as processes of their own run the migrations."""
    done: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    migrate = upgrade._migrate

    def once(connection: Connection) -> None:
        key = connection.dialect.name, upgrade.HEAD
        if upgrade.version_of(connection):
            migrate(connection)
        elif key in done:
            for statement, parameters in done[key]:
                connection.exec_driver_sql(statement, parameters or None)
        else:
            with _written_down(connection) as statements:
                migrate(connection)
            done[key] = statements

    upgrade._migrate = once
    yield
    upgrade._migrate = migrate


@contextlib.contextmanager
def _written_down(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that changes something and succeeds."""
    statements: list[tuple[str, Any]] = []
    asks = ("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        if not statement.lstrip().upper().startswith(asks):
            statements.append((statement, parameters))

    sqlalchemy.event.listen(connection, "after_cursor_execute", note)
    yield statements
    sqlalchemy.event.remove(connection, "after_cursor_execute", note)


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


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, for the tests of one module. What is expected in a page may take as long as a busy machine takes."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()


PATIENCE = 180
"""Seconds that any step of a browser's test may take."""


def _bounded(item: pytest.Item) -> Generator[None, object, object]:
    """A step of a browser's test ends in time and says so, whatever became of the browser; what waits for one that is
    gone would wait for ever."""
    if not item.get_closest_marker("browser"):
        return (yield)

    def give_up(*_: object) -> None:
        pytest.fail(f"nothing came back in {PATIENCE} s: the browser hangs, or is gone")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    done = yield from _bounded(item)
    browser = getattr(item, "funcargs", {}).get("browser")
    if browser is not None and not browser.is_connected():
        pytest.fail("Chromium is gone: it ended in a test before this one")
    return done


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _bounded(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _bounded(item))


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


_EMPTY = """DO $$ DECLARE one text; BEGIN
SET LOCAL session_replication_role = replica;
SET LOCAL lock_timeout = '5s';
FOR one IN SELECT oid::regclass FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
LOOP EXECUTE 'DELETE FROM ' || one; END LOOP;
PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$"""
_SHAPE = """SELECT count(*), string_agg(relname, ' ' ORDER BY relname), (SELECT version_num FROM alembic_version)
FROM pg_class WHERE relnamespace = 'public'::regnamespace"""


class _Emptied:
    """Databases of the PostgreSQL cluster that have all tables and no rows. To empty one takes a tenth of the time that
    it takes to make one; one that a test left in another shape is not used again."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._free: list[str] = []
        self._shape: object = None

    def take(self) -> str:
        if self._free:
            return self._free.pop()
        url = self._make()
        engine = connecting.make_engine(sqlalchemy.make_url(url))
        upgrade.upgrade(engine)
        engine.dispose()
        self._shape = self._ask(url, _SHAPE)
        return url

    def give_back(self, url: str) -> None:
        with contextlib.suppress(sqlalchemy.exc.DBAPIError):
            if self._ask(url, _SHAPE) == self._shape:
                self._ask(url, _EMPTY)
                self._free.append(url)

    def _ask(self, url: str, statement: str) -> object:
        engine = sqlalchemy.create_engine(url)
        try:
            with engine.begin() as connection:
                asked = connection.exec_driver_sql(statement)
                return asked.one() if asked.returns_rows else None
        finally:
            engine.dispose()


@pytest.fixture(scope="session")
def _emptied(postgresql: Callable[[], str]) -> _Emptied:
    return _Emptied(postgresql)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql", marks=[pytest.mark.daemon, pytest.mark.xdist_group("postgresql")]
        ),
    ]
)
def new_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes empty databases, of either kind: what holds for the one must hold for the other."""
    if request.param == "postgresql":
        databases: _Emptied = request.getfixturevalue("_emptied")
        taken: list[str] = []
        yield lambda: taken.append(databases.take()) or taken[-1]
        for url in taken:
            databases.give_back(url)
        return
    counted = itertools.count()
    yield lambda: f"sqlite:///{tmp_path}/store{next(counted)}.db"


@contextlib.contextmanager
def _served(app: Any) -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Serves applications on free ports of 127.0.0.1, in this process; each call gives an address."""
    with contextlib.ExitStack() as stack:
        yield lambda app: stack.enter_context(_served(app))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a certificate for a name, signed by nobody but itself; key and certificate in one PEM file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: sudo apt-get install openssl")
    folder = tmp_path_factory.mktemp("certificates")

    def make(name: str) -> Path:
        path = folder / f"{name.replace(':', '-')}.pem"
        if not path.exists():
            command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout - -subj /CN=relay"
            made = subprocess.run(
                [*command.split(), "-addext", f"subjectAltName={name}"],
                capture_output=True,
                check=True,
            )
            path.write_bytes(made.stdout)
        return path

    return make


DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = {folder}
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap pop3
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
auth_mechanisms = plain login
auth_failure_delay = 0
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {ports[0]}
  }}
  inet_listener imaps {{
    port = {ports[1]}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {ports[2]}
  }}
  inet_listener pop3s {{
    port = {ports[3]}
    ssl = yes
  }}
}}
"""


class Dovecot:
    """A mailbox behind a real server: a Maildir in a folder of its own."""

    def __init__(self, folder: Path, certificate: Path, ports: list[int]) -> None:
        self.folder = folder
        self.certificate = certificate
        self.imap, self.imaps, self.pop3, self.pop3s = ports
        self._count = 0

    def deliver(self, mail: bytes) -> None:
        self._count += 1
        path = self.folder / "mail" / "new" / f"{1_770_000_000 + self._count}.{self._count}.here"
        stage = self.folder / "mail" / "tmp" / path.name
        stage.write_bytes(mail)
        shutil.chown(stage, "nobody", "nogroup")
        stage.rename(path)

    def mails(self, folder: str = "") -> dict[str, bytes]:
        """The mails by the name of their file, whose end tells their flags."""
        base = self.folder / "mail" / (f".{folder}" if folder else "")
        found = [path for kind in ("new", "cur") for path in (base / kind).glob("*")]
        return {path.name: path.read_bytes() for path in found}


@pytest.fixture(scope="session")
def dovecot_program() -> str:
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or not Path("/usr/lib/dovecot/pop3").exists():
        pytest.skip("Dovecot is not installed: sudo apt-get install dovecot-imapd dovecot-pop3d")
    if os.geteuid() != 0:
        pytest.skip("Dovecot can only be started by root")
    return program


@pytest.fixture(scope="session")
def _ending() -> Iterator[Callable[[subprocess.Popen[bytes], Path], None]]:
    """Ends servers that take a second to do so, while the tests go on; their folders are gone after the last test."""
    ended: list[tuple[subprocess.Popen[bytes], Path]] = []

    def end(server: subprocess.Popen[bytes], folder: Path) -> None:
        server.terminate()
        ended.append((server, folder))

    yield end
    for server, folder in ended:
        server.communicate(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dovecot(
    dovecot_program: str,
    certificate: Callable[[str], Path],
    _ending: Callable[[subprocess.Popen[bytes], Path], None],
) -> Iterator[Dovecot]:
    """Starts Dovecot on free ports of 127.0.0.1; its user is `bounces`, the password `secret`."""
    folder = Path(tempfile.mkdtemp(prefix="newsletter-dovecot-"))
    folder.chmod(0o755)
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    reader = pwd.getpwnam("nobody")
    for name in ("mail", "mail/new", "mail/cur", "mail/tmp"):
        (folder / name).mkdir()
        os.chown(folder / name, reader.pw_uid, reader.pw_gid)
    pem = folder / "certificate.pem"
    pem.write_bytes(certificate("IP:127.0.0.1").read_bytes())
    config = folder / "dovecot.conf"
    config.write_text(DOVECOT.format(folder=folder, certificate=pem, ports=ports))
    server = subprocess.Popen(
        [dovecot_program, "-F", "-c", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_for(ports, server, folder / "log")
        yield Dovecot(folder, pem, ports)
    finally:
        _ending(server, folder)


def _wait_for(ports: list[int], server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                told = log.read_text() if log.exists() else ""
                assert server.poll() is None, told
                assert time.monotonic() < end, told
                time.sleep(0.05)
