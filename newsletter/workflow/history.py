"""The versions of an issue's files, where the publication is a git repository: list, read, save one.

The machine's own git is asked. Nothing is pushed, no hook runs, nothing is configured; only the files of the
issue are ever committed. Where git or a repository is not there, `missing` says so.
"""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from newsletter.problems import NewsletterError, UsageError

MOST = 60
_PATIENCE = 20
"""Seconds."""
_ALONE = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "-c",
    "commit.gpgSign=false",
    "--no-pager",
    "--literal-pathspecs",
)
_NOBODY = ("-c", "user.name=Newsletter studio", "-c", "user.email=studio@localhost")


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    when: datetime.datetime
    author: str
    message: str

    @property
    def short(self) -> str:
        return self.id[:10]


@dataclass(frozen=True, slots=True)
class Standing:
    """The branch that is checked out, empty for none; how many files differ from its newest version; that version's
    number, short, empty where the issue was never saved as one."""

    branch: str
    changed: int
    version: str


class History:
    """The versions of what lies in one folder or file. git is waited for as many seconds as `patience` says."""

    def __init__(self, place: Path, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._place = place.resolve()
        self._folder = self._place if self._place.is_dir() else self._place.parent
        self.missing = self._missing()
        """Why there is no history, empty when there is one."""

    def versions(self) -> tuple[Version, ...]:
        """The newest first, at most `MOST`."""
        if self.missing:
            return ()
        format = "--format=%H%x00%aI%x00%an%x00%s"
        told = self._git("log", f"-n{MOST}", format, "--", str(self._place), check=False)
        rows = (line.split("\0", 3) for line in told.splitlines() if line.count("\0") == 3)
        return tuple(
            Version(id, datetime.datetime.fromisoformat(when), author, message)
            for id, when, author, message in rows
        )

    def text_at(self, version: str, file: Path) -> str | None:
        """A file as a version has it; None when that has no such file. `version` is a commit's number."""
        if self.missing or not _is_number(version):
            return None
        inside = os.path.relpath(file.resolve(), self._top())
        told = self._run("show", f"{version}:{Path(inside).as_posix()}")
        return told.stdout.decode("utf-8", "replace") if told.returncode == 0 else None

    def changed(self) -> int:
        """How many files differ from the newest version."""
        if self.missing:
            return 0
        told = self._git("status", "--porcelain", "--untracked-files=all", "--", str(self._place))
        return len(told.splitlines())

    def standing(self) -> Standing | None:
        """How the files on disk stand to the versions; None where there is no history."""
        if self.missing:
            return None
        place = str(self._place)
        options = ("--porcelain=v2", "--branch", "--untracked-files=all")
        lines = self._git("status", *options, "--", place).splitlines()
        heads = [line.partition("# branch.head ")[2] for line in lines]
        branch = next(filter(None, heads), "")
        changed = sum(not line.startswith("#") for line in lines)
        version = self._git("log", "-n1", "--format=%H", "--", place, check=False).strip()
        return Standing("" if branch == "(detached)" else branch, changed, version[:10])

    def save(self, message: str) -> Version:
        """Commits the issue as it lies on disk, and nothing else. Raises UsageError when nothing changed."""
        if self.missing:
            raise UsageError(self.missing)
        if not self.changed():
            raise UsageError("nothing changed since the last version")
        self._git("add", "--all", "--", str(self._place))
        who = () if self._run("config", "user.email").stdout.strip() else _NOBODY
        words = message.strip() or "Save a version"
        self._git(
            *who, "commit", "--no-verify", "--quiet", "-m", words, "--only", "--", str(self._place)
        )
        return self.versions()[0]

    def _missing(self) -> str:
        if shutil.which("git") is None:
            return "git is not installed here"
        inside = self._run("rev-parse", "--is-inside-work-tree")
        return "" if inside.stdout.strip() == b"true" else "the publication is no git repository"

    def _top(self) -> str:
        return self._git("rev-parse", "--show-toplevel").strip()

    def _git(self, *arguments: str, check: bool = True) -> str:
        done = self._run(*arguments)
        if check and done.returncode:
            told = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise NewsletterError(f"git: {told[-1] if told else 'failed'}")
        return done.stdout.decode("utf-8", "replace")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GIT_")
        }
        environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"}
        try:
            return subprocess.run(  # noqa: S603 — arguments are ours, paths are absolute and literal
                ["git", "-C", str(self._folder), *_ALONE, *arguments],  # noqa: S607
                capture_output=True,
                env=environment,
                timeout=self._patience,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired) as caught:
            raise NewsletterError(f"git did not answer: {caught}") from caught


def _is_number(version: str) -> bool:
    return 7 <= len(version) <= 64 and all(one in "0123456789abcdef" for one in version)
