"""What other programs call: the shapes of JSON, exit codes and addresses that docs/cli.md promises."""

from __future__ import annotations

import email
import email.policy
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

PEOPLE = "email,name,city\nli@example.com,李雷,北京\nHan@Example.com,韩梅梅,上海\nnobody,,\nhan@example.com,韩梅梅,上海\n"


@pytest.fixture
def csv(newsletter: Any) -> Callable[..., str]:
    """Writes a file of people; returns its path."""

    def write(text: str, encoding: str = "utf-8") -> str:
        path = newsletter.root / "people.csv"
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


@contextmanager
def running(newsletter: Any, *arguments: str) -> Iterator[str]:
    """A server of ours; its address, as it tells it. Ended by Ctrl-C, which is 130."""
    process = newsletter.start(*arguments, "--port", "0")
    line = process.stdout.readline()
    address = re.search(r"http://\S+", line)
    assert address, line + process.stderr.read()
    try:
        yield address[0]
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err


def test_problems_are_told_with_files_relative_to_the_issue_wherever_it_is_called_from(
    newsletter: Any, tmp_path: Path
) -> None:
    article = newsletter.root / "issues" / "second" / "01-news" / "01-rain.md"
    article.parent.mkdir(parents=True)
    article.write_text("# Rain\n\nIt rains.\n\n![A cloud](cloud.png)\n", encoding="utf-8")
    for name in ("second", str(article.parents[1])):
        problems = newsletter.json("check", name, code=3)["problems"]
        assert {tuple(problem) for problem in problems} == {
            ("code", "severity", "file", "line", "message", "hint")
        }
        assert [(p["file"], p["line"]) for p in problems if p["code"] == "image-missing"] == [
            ("01-news/01-rain.md", 5)
        ]
        assert not any(Path(problem["file"]).is_absolute() for problem in problems)


def test_what_cannot_be_read_at_all_is_still_json(newsletter: Any) -> None:
    (newsletter.root / "issues" / "picture.md").write_bytes(bytes(range(256)) * 8)
    (problem, *_) = newsletter.json("check", "picture", code=3)["problems"]
    assert (problem["severity"], problem["file"]) == ("error", "picture.md")


def test_mistakes_in_the_settings_are_json_for_programs_too(newsletter: Any) -> None:
    settings = newsletter.root / "newsletter.toml"
    settings.write_text("naem = 1\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    (problem,) = newsletter.json("check", "first", code=3)["problems"]
    assert (problem["code"], problem["file"], problem["line"]) == (
        "settings-unknown-key",
        "newsletter.toml",
        1,
    )


def test_an_import_counts_every_line_and_changes_nothing_until_it_is_applied(
    newsletter: Any, csv: Callable[..., str]
) -> None:
    command = ("subscribers", "import", csv(PEOPLE), "--list", "fresh", "--consent", "asked")
    dry = newsletter.json(*command)
    assert newsletter.json("lists") == {"lists": []}
    done = newsletter.json(*command, "--apply")
    counts = {key: done[key] for key in ("new", "updated", "unchanged", "blocked", "invalid")}
    assert counts == {"new": 2, "updated": 0, "unchanged": 1, "blocked": 0, "invalid": 1}
    assert {key: dry[key] for key in counts} == counts
    assert [(line["line"], line["address"]) for line in done["invalid_lines"]] == [(4, "nobody")]
    assert newsletter.json("lists")["lists"][0]["counts"] == {"confirmed": 2}
    again = newsletter.json(*command, "--apply")
    assert (again["new"], again["unchanged"]) == (0, 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_chinese_header_in_any_encoding_is_understood_or_mapped(
    newsletter: Any, csv: Callable[..., str], encoding: str
) -> None:
    path = csv("邮箱,称呼,城市\nli@example.com,李雷,北京\n", encoding)
    options = (
        "--list",
        "weekly",
        "--map",
        "邮箱=email",
        "--map",
        "称呼=name",
        "--consent",
        "asked",
    )
    newsletter("subscribers", "import", path, *options, "--apply")
    one = json.loads(newsletter("subscribers", "list", "--list", "weekly", "--json"))
    assert (one["email"], one["name"]) == ("li@example.com", "李雷")
    assert one["attributes"] == {"城市": "北京"}
    assert (one["list"], one["status"]) == ("weekly", "confirmed")


@pytest.mark.parametrize("text", ["", "name,city\nLi,Beijing\n", "\n\n"])
def test_a_file_without_addresses_is_refused_whole(
    newsletter: Any, csv: Callable[..., str], text: str
) -> None:
    path = csv(text)
    told = newsletter("subscribers", "import", path, "--list", "weekly", "--apply", code=2)
    assert "Error: " in told
    assert newsletter.json("lists") == {"lists": []}


def test_a_file_of_nobody_is_no_error(newsletter: Any, csv: Callable[..., str]) -> None:
    done = newsletter.json(
        "subscribers", "import", csv("email,name\n"), "--list", "weekly", "--apply"
    )
    assert done["new"] == 0


def test_whoever_was_removed_stays_so_whatever_is_imported_or_added(
    newsletter: Any, csv: Callable[..., str]
) -> None:
    newsletter("subscribers", "add", "li@example.com", "--list", "weekly", "--name", "李雷")
    newsletter("subscribers", "remove", "LI@example.com", "--list", "weekly")
    path = csv("email\nli@example.com\n")
    done = newsletter.json(
        *("subscribers", "import", path, "--list", "weekly", "--apply", "--consent", "asked")
    )
    assert (done["new"], done["blocked"]) == (0, 1)
    assert "stays so" in newsletter("subscribers", "add", "li@example.com", "--list", "weekly")
    rows = newsletter("subscribers", "export").splitlines()
    assert rows[0].startswith("email,name,")
    assert "li@example.com,李雷" in rows[1]
    assert "unsubscribed" in rows[1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["lists"], 0),
        (["status", "--json"], 0),
        (["check", "first"], 0),
        (["check", "first", "--strict"], 4),
        (["build", "first", "--strict"], 4),
        (["check", "no-such-issue"], 2),
        (["chekc", "first"], 2),
        (["check"], 2),
        (["check", "first", "--no-such-option"], 2),
        (["send", "first", "--list", "no-such-list"], 2),
        (["subscribers", "list", "--list", "no-such-list"], 2),
        (["subscribers", "remove", "nobody@example.com"], 2),
        (["subscribers", "add", "no-address", "--list", "weekly"], 2),
        (["subscribers", "import", "no-such-file.csv", "--list", "weekly"], 2),
    ],
)
def test_an_exit_code_tells_what_happened(newsletter: Any, arguments: list[str], code: int) -> None:
    assert "Traceback" not in newsletter(*arguments, code=code)


def test_without_the_right_number_nothing_is_sent(
    newsletter: Any, people: Callable[..., list[str]], sink: Any
) -> None:
    people(3)
    for arguments, typed in (
        (["--confirm-count", "2"], ""),
        ([], "2\n"),
        ([], "yes\n"),
        ([], ""),
    ):
        newsletter("send", "first", "--list", "weekly", *arguments, typed=typed, code=6)
    assert sink.accepted == []
    assert newsletter.json("status") == {"campaigns": []}


def test_a_mail_server_that_is_not_there_is_told_with_where_it_is_set(
    newsletter: Any, server: Any
) -> None:
    server.stop()
    told = newsletter("test-send", "first", "--to", "a@example.com", code=75)
    assert "Nothing was sent to a@example.com" in told
    assert "[smtp]" in told
    assert "doctor --network" in told


def test_a_link_in_a_real_mail_is_inert_until_it_is_posted_to(
    newsletter: Any, people: Callable[..., list[str]], sink: Any
) -> None:
    people(2)
    newsletter("send", "first", "--list", "weekly", "--confirm-count", "2")
    message = email.message_from_bytes(sink.accepted[0][1], policy=email.policy.default)
    link = re.search(r"<(https://[^>]+)>", str(message["List-Unsubscribe"]))
    assert link
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = link[1].rpartition("/")[2]
    with running(newsletter, "serve") as address:
        page = f"{address}unsubscribe/{token}"
        for method in ("GET", "HEAD", "OPTIONS", "GET"):
            assert httpx2.request(method, page).status_code in (200, 204)
        assert newsletter.json("lists")["lists"][0]["counts"] == {"confirmed": 2}
        one_click = {"List-Unsubscribe": "One-Click"}
        assert httpx2.post(page, data=one_click).status_code == 200
        assert httpx2.post(page, data=one_click).status_code == 200
        assert httpx2.get(f"{address}issues/first/").status_code == 200
        elsewhere = httpx2.get(f"{address}issues/", headers={"host": "evil.example"})
        assert elsewhere.status_code == 400
    assert newsletter.json("lists")["lists"][0]["counts"] == {"confirmed": 1, "unsubscribed": 1}
    told = newsletter("send", "first", "--list", "weekly", "--again", "--confirm-count", "1")
    assert "unsubscribed" in told
    assert len(sink.accepted) == 3


def test_the_preview_takes_the_next_port_and_shows_an_issue_from_elsewhere(
    newsletter: Any, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "guest.md"
    elsewhere.write_text("# A guest\n\nFrom elsewhere.\n", encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = newsletter.start("preview", str(elsewhere), "--port", str(port))
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:(\d+)(/\S*)", line)
            assert address, line
            assert int(address[1]) > port
            assert httpx2.get(address[0]).status_code == 200
            assert "A guest" in httpx2.get(address[0]).text
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    assert process.returncode == 130


def _documented(repository: Path, command: str) -> set[str]:
    """The keys that docs/cli.md promises of a command's outermost objects."""
    text = (repository / "docs" / "cli.md").read_text(encoding="utf-8")
    (keys,) = re.findall(rf"^\| `{command}` \| [^|]+ \| ([^;|]+)", text, re.M)
    return set(re.findall(r"`(\w+)`", keys))


def test_what_programs_read_has_the_documented_keys(
    newsletter: Any, csv: Callable[..., str], repository: Path
) -> None:
    imported = newsletter.json(
        *("subscribers", "import", csv(PEOPLE), "--list", "weekly", "--apply", "--consent", "x")
    )
    assert _documented(repository, "subscribers import --json") <= imported.keys()
    sent = newsletter.json("send", "first", "--list", "weekly", "--confirm-count", "2")
    assert _documented(repository, "status --json") <= sent.keys()
    assert sent["not_delivered"] == []
    (campaign,) = newsletter.json("status")["campaigns"]
    assert _documented(repository, "status --json") == campaign.keys()
    assert campaign["books"]["states"] == {"accepted": 2}
    (mailing_list,) = newsletter.json("lists")["lists"]
    assert _documented(repository, "lists --json") <= mailing_list.keys()
    first, _ = newsletter("subscribers", "list", "--json").splitlines()
    assert _documented(repository, "subscribers list --json") == json.loads(first).keys()
    (problem, *_) = newsletter.json("check", "first")["problems"]
    assert _documented(repository, "check --json") == problem.keys()
    (finding, *_) = newsletter.json("doctor")["findings"]
    assert _documented(repository, "doctor --json") == finding.keys()
    nobody = newsletter.json("send", "first", "--list", "weekly", "--confirm-count", "0")
    assert nobody == {"campaign": None, "excluded": {"already has this issue": 2}}


def test_the_version_and_every_command_s_help_are_there_without_a_publication(
    tmp_path: Path,
) -> None:
    def told(*arguments: str) -> str:
        command = [sys.executable, "-m", "newsletter", *arguments]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return run.stdout

    assert re.fullmatch(r"newsletter, version \d+\.\d+\.\d+\S*\n", told("--version"))
    for command in ("init", "new", "check", "build", "preview", "publish", "serve", "send"):
        assert "Usage:" in told(command, "--help")
