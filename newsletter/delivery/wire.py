"""Bytes to and from a server, each wait bounded: where it can, by the kernel, which costs a thread nothing.

A socket with a time limit of Python's own asks the kernel twice for each step, and lets go of the interpreter as
often; with ten connections those hand-overs, not the work, decide how fast a campaign goes. So an unencrypted
connection on Linux blocks, and its limits are the kernel's (SO_RCVTIMEO, SO_SNDTIMEO: socket(7)). TLS needs Python's:
it asks again after a wait that ended without data. Raises OSError, TimeoutError where a wait took too long.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
from collections.abc import Sequence

_CHUNK = 65_536
_TIMEVAL = struct.Struct("@ll")


class Wire:
    """One open connection; `seconds` is how long writing may stand still."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._socket = sock
        self._tls = isinstance(sock, ssl.SSLSocket)
        self._by_kernel = sys.platform == "linux" and not self._tls
        self._patience = seconds
        self._set: dict[int, float] = {}
        if self._by_kernel:
            sock.settimeout(None)

    def read(self, seconds: float) -> bytes:
        """Some bytes, waited for so long; none at the end of the connection."""
        self._limit(socket.SO_RCVTIMEO, seconds)
        try:
            return self._socket.recv(_CHUNK)
        except BlockingIOError as caught:
            raise TimeoutError("no answer in time") from caught

    def write_some(self, parts: Sequence[bytes | memoryview]) -> int:
        """Writes from the front of what the parts are together; how many bytes of it."""
        self._limit(socket.SO_SNDTIMEO, self._patience)
        try:
            if self._tls:
                return self._socket.send(b"".join(parts) if len(parts) > 1 else parts[0])
            return self._socket.sendmsg(parts)
        except BlockingIOError as caught:
            raise TimeoutError("nothing was taken in time") from caught

    def write(self, data: bytes) -> None:
        """Writes everything."""
        view = memoryview(data)
        while view:
            view = view[self.write_some((view,)) :]

    def _limit(self, option: int, seconds: float) -> None:
        """Bounds the next wait, in one direction where the kernel does it, else in both; told only what is new."""
        option = option if self._by_kernel else 0
        if self._set.get(option) == seconds:
            return
        self._set[option] = seconds
        if not self._by_kernel:
            self._socket.settimeout(seconds)
            return
        # Nothing at all would mean without a limit.
        whole, part = divmod(max(1, round(seconds * 1_000_000)), 1_000_000)
        self._socket.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(whole, part))
