"""An SMTP server that writes down every message before it says 250, and misbehaves as told.

python crash_server.py PORT LOG [--delay SECONDS] [--cut SHARE] [--storm SHARE]

Each line of LOG is a recipient whose message was accepted, or `#cut`. `--cut` closes that share of connections in the middle of a content, after it, or before its answer;
`--storm` answers that share of recipients with 4xx, `--delay` waits before each 250. It announces pipelining.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random


class Broken(Exception):
    """The connection is to be closed without a word."""


class Server:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._log = os.open(options.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def serve(self) -> None:
        server = await asyncio.start_server(
            self._talk, "127.0.0.1", self._options.port, limit=1 << 24
        )
        async with server:
            await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._session(reader, writer)
        except (Broken, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        options = self._options
        recipient = ""
        writer.write(b"220 crash.example.com ESMTP\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            answer = b"250 2.0.0 OK\r\n"
            if word == b"EHLO":
                answer = b"250-crash.example.com\r\n250-PIPELINING\r\n250 SIZE 50000000\r\n"
            elif word == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
                if random.random() < options.storm:
                    answer, recipient = b"451 4.3.0 try again later\r\n", ""
            elif word == b"DATA":
                answer = b"354 go on\r\n" if recipient else b"503 5.5.1 nobody to send it to\r\n"
            elif word == b"QUIT":
                writer.write(b"221 2.0.0 bye\r\n")
                return
            writer.write(answer)
            if word == b"DATA" and recipient:
                await self._content(reader, writer, recipient)
                recipient = ""

    async def _content(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipient: str
    ) -> None:
        cut = random.random() < self._options.cut
        where = random.randrange(3)
        if cut:
            os.write(self._log, b"#cut\n")
        if cut and where == 0:
            await reader.read(200)
            raise Broken
        await reader.readuntil(b"\r\n.\r\n")
        if cut and where == 1:
            raise Broken
        if self._options.delay:
            await asyncio.sleep(random.uniform(0, 2 * self._options.delay))
        os.write(self._log, f"{recipient}\n".encode())
        if cut:
            raise Broken
        writer.write(b"250 2.0.0 taken\r\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("log")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--cut", type=float, default=0.0)
    parser.add_argument("--storm", type=float, default=0.0)
    asyncio.run(Server(parser.parse_args()).serve())


if __name__ == "__main__":
    main()
