"""preview and serve as commands: they say where they are, move to a free port, and end when interrupted."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsletter.cli.serving import listen
from newsletter.problems import NewsletterError

Serve = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def serving(new_publication: Path) -> Iterator[Serve]:
    """Starts a command that serves; gives the process and the address it told."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "newsletter", "--publication", str(new_publication)]
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        told = re.search(r"http://\S+", process.stdout.readline())
        assert told is not None
        return process, told.group()

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("command", "words"),
    [("preview", "There is no issue yet"), ("serve", "No issue has been published yet")],
)
def test_it_answers_at_the_address_it_tells_and_ends_with_130(
    serving: Serve, command: str, words: str
) -> None:
    process, address = serving(command, "--port", "0")
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert words in answer.read().decode()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130


def test_a_taken_port_gives_way_to_the_next_free_one() -> None:
    with listen("127.0.0.1", 0) as first:
        taken = first.getsockname()[1]
        with listen("127.0.0.1", taken) as second:
            assert taken < second.getsockname()[1] <= taken + 100


def test_an_address_that_is_not_ours_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(NewsletterError) as caught:
        listen("192.0.2.1", 8000)
    assert "--host" in caught.value.hint


def test_ports_end_at_65535() -> None:
    with socket.socket() as last:
        last.bind(("127.0.0.1", 65535))
        last.listen()
        with pytest.raises(NewsletterError):
            listen("127.0.0.1", 65535)
