"""From an empty folder to a built issue, wherever the command is called from, and whatever cuts a build short."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import pty
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.nursery import nursery

BUILT = {"email.eml", "email.html", "email.txt", "print.pdf", "report.json", "web"}
LONG = "\n\n".join(f"Paragraph {number} of a short letter about apples." for number in range(400))


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The interpreter is started anew where its environment is another, or how it is started is what is tested."""
    if options.keys() <= {"cwd"}:
        return nursery().run(*arguments, **options)
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "newsletter", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        **options,
    )


def done(*arguments: str, **options: Any) -> str:
    told = run(*arguments, **options)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication as `newsletter init` lays it; tests that change it take a copy."""
    root = tmp_path_factory.mktemp("laid") / "my-letter"
    done("init", str(root), "--name", "My Letter", "--email", "editor@my-domain.example")
    return root


@pytest.fixture
def letter(laid: Path, tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "my-letter"
    shutil.copytree(laid, root)
    yield root
    for path in (root, *(path for path in root.rglob("*") if path.is_dir())):
        path.chmod(0o755)


def test_a_new_publication_checks_builds_and_keeps_its_key_to_itself(letter: Path) -> None:
    assert "0 errors" not in done("check", "first-issue", cwd=letter)
    done("build", "first-issue", cwd=letter)
    assert {path.name for path in (letter / "build" / "first-issue").iterdir()} == BUILT
    key = letter / "subscribers" / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    subprocess.run(["git", "init", "-q", str(letter)], check=True)
    ignored = subprocess.run(["git", "check-ignore", "-q", "subscribers/secret.key"], cwd=letter)
    assert ignored.returncode == 0


def test_a_new_issue_takes_its_date_from_its_name_and_its_sections_from_an_earlier_one(
    letter: Path,
) -> None:
    done("new", "2026-12-31", "--from", "first-issue", cwd=letter / "issues" / "first-issue")
    folder = letter / "issues" / "2026-12-31"
    assert "date: 2026-12-31" in (folder / "issue.md").read_text(encoding="utf-8")
    assert (folder / "01-news" / "section.md").is_file()
    again = run("new", "2026-12-31", cwd=letter)
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_an_issue_may_have_a_chinese_name(letter: Path) -> None:
    done("new", "三月刊", "--language", "zh-Hans", cwd=letter)
    told = json.loads(done("check", "三月刊", "--json", cwd=letter))["problems"]
    assert [problem for problem in told if problem["severity"] == "error"] == []
    assert "/issues/%E4%B8%89%E6%9C%88%E5%88%8A/" in done("publish", "三月刊", cwd=letter)
    assert (letter / "published" / "issues" / "三月刊" / "index.html").is_file()


def test_one_issue_named_in_every_way_gives_the_same_bytes_in_every_place_and_time_zone(
    letter: Path, tmp_path: Path
) -> None:
    issue = letter / "issues" / "first-issue"
    (tmp_path / "link").symlink_to(issue)
    ways = [
        (["first-issue"], letter, {}),
        (["."], issue, {"TZ": "Asia/Shanghai", "LC_ALL": "C"}),
        ([f"{issue}/"], tmp_path, {"PYTHONHASHSEED": "7", "LC_ALL": "tr_TR.UTF-8"}),
        ([str(issue / "issue.md")], Path("/"), {"TZ": "America/Lima", "PYTHONUTF8": "0"}),
        (["link"], tmp_path, {"HOME": "/nonexistent", "SOURCE_DATE_EPOCH": "1"}),
    ]
    found = []
    for number, (name, place, environment) in enumerate(ways):
        output = tmp_path / f"out-{number}"
        options = ["--publication", str(letter), "build", *name, "--output", str(output)]
        done(*options, cwd=place, env=environment)
        found.append(digests(output))
    assert found[1:] == found[:1] * 4


def test_a_name_that_only_looks_like_a_date_gives_the_issue_none(letter: Path) -> None:
    done("new", "2026-13-45", cwd=letter)
    text = (letter / "issues" / "2026-13-45" / "issue.md").read_text(encoding="utf-8")
    assert "date:" not in text
    assert run("check", "", cwd=letter).returncode == 2


@pytest.mark.parametrize(("name", "place"), [(".", "."), ("..", "issues/first-issue")])
def test_a_folder_that_holds_issues_is_not_built_as_one(
    letter: Path, name: str, place: str
) -> None:
    told = run("build", name, cwd=letter / place)
    assert told.returncode == 2
    assert "is not an issue but holds them" in told.stderr
    assert "first-issue" in told.stderr


def test_without_a_publication_every_command_says_how_to_get_one(tmp_path: Path) -> None:
    told = run("build", "anything", cwd=tmp_path)
    assert told.returncode == 2
    assert "newsletter init" in told.stderr
    assert run("--publication", str(tmp_path), "lists").returncode == 2
    doctor = run("doctor", "--json", cwd=tmp_path)
    assert json.loads(doctor.stdout)["findings"]


def test_settings_come_from_the_environment_into_every_edition(
    letter: Path, tmp_path: Path
) -> None:
    environment = {
        "NEWSLETTER__TOKENS__BAND": "#8a1c1c",
        "NEWSLETTER__SENDER__NAME": "The Night Desk",
        "NEWSLETTER__BASE_URL": "https://letters.example.net",
        "NEWSLETTER__EMAIL__IMAGES": "embedded",
    }
    done("build", "first-issue", "--output", str(tmp_path / "out"), cwd=letter, env=environment)
    html = (tmp_path / "out" / "email.html").read_text(encoding="utf-8")
    assert "#8a1c1c" in html
    message = (tmp_path / "out" / "email.eml").read_text(encoding="utf-8")
    assert "The Night Desk" in message
    assert "Content-ID:" in message


def test_mistakes_in_the_settings_are_told_together_and_stop_everything_with_3(
    letter: Path,
) -> None:
    path = letter / "newsletter.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[print]", '[print]\npapper = "a5"'), encoding="utf-8")
    told = run("check", "first-issue", cwd=letter, env={"NEWSLETTER__SMTP__PORT": "many"})
    assert told.returncode == 3
    assert "Did you mean paper?" in told.stderr
    assert "smtp.port: must be a whole number" in told.stderr
    assert "NEWSLETTER__SMTP__PORT" in told.stderr


def test_a_build_goes_where_it_is_told_and_spares_what_is_not_its_own(
    letter: Path, tmp_path: Path
) -> None:
    done("build", "first-issue", "--output", str(tmp_path / "a" / "b" / "new"), cwd=letter)
    assert {path.name for path in (tmp_path / "a" / "b" / "new").iterdir()} == BUILT
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    (mixed / "notes.txt").write_text("mine", encoding="utf-8")
    options = ["--publication", str(letter), "build", "first-issue", "--output"]
    done(*options, ".", cwd=mixed)
    done(*options, ".", cwd=mixed)
    assert {path.name for path in mixed.iterdir()} == BUILT | {"notes.txt"}
    site = tmp_path / "site"
    (site / "web").mkdir(parents=True)
    (site / "web" / "home.html").write_text("mine", encoding="utf-8")
    told = run(*options, str(site))
    assert told.returncode == 2
    assert "Choose another folder" in told.stderr
    assert digests(site).keys() == {"web/home.html"}


@pytest.mark.parametrize(("output", "code"), [("newsletter.toml", 2), ("/proc/nothing/out", 1)])
def test_a_place_that_cannot_be_written_is_an_error_without_a_traceback(
    letter: Path, output: str, code: int
) -> None:
    told = run("build", "first-issue", "--output", output, cwd=letter)
    assert told.returncode == code
    assert "Error: " in told.stderr
    assert "Traceback" not in told.stderr


def test_a_killed_build_leaves_the_last_one_whole_and_nothing_beside_it(letter: Path) -> None:
    done("build", "first-issue", cwd=letter)
    folder = letter / "build" / "first-issue"
    good = digests(folder)
    command = [sys.executable, "-m", "newsletter", "build", "first-issue"]
    for tenths in (6, 10, 14):
        process = subprocess.Popen(command, cwd=letter, stdout=subprocess.DEVNULL)
        time.sleep(tenths / 10)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert digests(folder) == good
    (letter / "build" / ".first-issue.new-left").mkdir()
    done("build", "first-issue", cwd=letter)
    left = {path.name for path in (letter / "build").iterdir()}
    assert left - {".pictures"} == {"first-issue"}
    assert digests(folder) == good


def test_a_full_disk_leaves_the_last_build_whole(letter: Path) -> None:
    done("build", "first-issue", cwd=letter)
    folder = letter / "build" / "first-issue"
    good = digests(folder)
    article = letter / "issues" / "first-issue" / "01-news" / "01-hello.md"
    article.write_text(article.read_text(encoding="utf-8") + LONG, encoding="utf-8")
    told = run(
        *("build", "first-issue"),
        cwd=letter,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000)),
    )
    assert told.returncode == 1, told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    assert digests(folder) == good
    left = {path.name for path in (letter / "build").iterdir()}
    assert left - {".pictures"} == {"first-issue"}


def test_a_publication_that_may_only_be_read_can_still_be_checked_and_built_elsewhere(
    letter: Path, tmp_path: Path
) -> None:
    for path in (letter, *(path for path in letter.rglob("*") if path.is_dir())):
        path.chmod(0o555)
    options: dict[str, Any] = {"cwd": letter, "preexec_fn": _without_root_s_privilege}
    done("check", "first-issue", **options)
    done("build", "first-issue", "--output", str(tmp_path / "out"), **options)
    for refused in (
        ["build", "first-issue"],
        ["new", "next"],
        ["publish", "first-issue"],
        ["subscribers", "add", "a@example.com", "--list", "readers"],
    ):
        told = run(*refused, **options)
        assert told.returncode == 1, refused
        assert "Permission denied" in told.stderr
        assert "Traceback" not in told.stderr


def _without_root_s_privilege() -> None:
    """Root may write anywhere: take that from this process and its children (PR_CAPBSET_DROP, capabilities 1, 2)."""
    if os.geteuid() == 0:
        for capability in (1, 2):
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


def test_a_terminal_without_utf_8_gets_every_result_and_no_traceback(letter: Path) -> None:
    done("new", "三月刊", cwd=letter)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for encoding in ("ascii", "latin-1", ""):
        environment = ascii_only | ({"PYTHONIOENCODING": encoding} if encoding else {})
        told = subprocess.run(
            [sys.executable, "-m", "newsletter", "check", "三月刊"],
            cwd=letter,
            env={**os.environ, **environment},
            capture_output=True,
        )
        assert told.returncode == 0, told.stderr
        assert b"Traceback" not in told.stderr


def test_a_reader_that_stops_reading_is_no_crash(letter: Path) -> None:
    for number in range(3):
        done("subscribers", "add", f"p{number}@example.com", "--list", "readers", cwd=letter)
    command = f"{sys.executable} -m newsletter subscribers list --json | head -n 1"
    told = subprocess.run(command, shell=True, cwd=letter, capture_output=True, text=True)
    assert json.loads(told.stdout)["email"] == "p0@example.com"
    assert told.stderr == ""


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals_that_want_them(
    letter: Path, environment: dict[str, str], coloured: bool
) -> None:
    assert ("\x1b[" in _on_a_terminal(letter, environment)) is coloured
    assert "\x1b[" not in done("check", "first-issue", cwd=letter)


def _on_a_terminal(letter: Path, environment: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "newsletter", "check", "first-issue"],
        cwd=letter,
        env={**clean, **environment},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    told = b""
    while True:
        try:
            block = os.read(ours, 4096)
        except OSError:  # Linux's end of a terminal that everybody has left
            break
        if not block:
            break
        told += block
    process.wait()
    os.close(ours)
    return told.decode()
