"""Bytes to and from a server: every wait ends, and nothing is lost where the kernel takes less than is offered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from newsletter.delivery.wire import Wire


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_read_without_an_answer_ends(pair: tuple[socket.socket, socket.socket]) -> None:
    wire = Wire(pair[0], 5)
    with pytest.raises(TimeoutError):
        wire.read(0.05)


def test_each_read_has_its_own_limit(pair: tuple[socket.socket, socket.socket]) -> None:
    wire = Wire(pair[0], 5)
    with pytest.raises(TimeoutError):
        wire.read(0.05)
    later = threading.Timer(0.2, pair[1].sendall, (b"250 ok\r\n",))
    later.start()
    assert wire.read(10) == b"250 ok\r\n"
    later.join()


def test_the_end_of_a_connection_is_nothing_read(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    wire = Wire(pair[0], 5)
    pair[1].close()
    assert wire.read(5) == b""


def test_a_write_that_nobody_takes_ends(pair: tuple[socket.socket, socket.socket]) -> None:
    wire = Wire(pair[0], 0.05)
    with pytest.raises(TimeoutError):
        wire.write(b"x" * 50_000_000)


def test_parts_are_written_as_one(pair: tuple[socket.socket, socket.socket]) -> None:
    assert Wire(pair[0], 5).write_some((b"one ", b"two ", b"three")) == 13
    assert pair[1].recv(100) == b"one two three"


def test_what_the_kernel_takes_in_steps_arrives_whole(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    data = bytes(range(256)) * 20_000
    got = bytearray()

    def reading() -> None:
        while more := pair[1].recv(65_536):
            got.extend(more)

    reader = threading.Thread(target=reading)
    reader.start()
    Wire(pair[0], 5).write(data)
    pair[0].shutdown(socket.SHUT_WR)
    reader.join(10)
    assert bytes(got) == data
