"""Sending, side by side against Postfix's smtp-sink: us with the full path (claim, compose, send, write down),
smtplib with an EmailMessage for each recipient, and smtp-source, a sender in C that composes nothing.

A mail of 50 KB, mostly Chinese, with five values in it; every message is for another recipient.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from newsletter.model.campaign import Content
from newsletter.model.edition import Marker
from newsletter.publication import Publication, load_publication
from newsletter.store.audiences import audience_of
from newsletter.store.engine import open_store
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import dispatch, importing
from newsletter.workflow.lists import one_list

CONNECTIONS = 10
PEOPLE = 3_000
NAIVE = 300
SENTENCE = "生物产业的新消息，每月一期，由编辑部整理。"
HTML = (
    "<!doctype html><p>NLM0000Z，您好：</p>"
    + "".join(f"<p>{SENTENCE * 8}</p>" for _ in range(90))
    + '<p>NLM0000Z <a href="NLM0001Z">退订</a></p>\n'
)
SETTINGS = """\
name = "Bench"
base_url = "https://bench.example.com"
sender.email = "editor@bench.example.com"
smtp = {{ host = "127.0.0.1", port = {port}, connections = {connections} }}
"""


def rows() -> Iterator[str]:
    """Messages a second and their ratios, as lines to print."""
    sink = _program("smtp-sink")
    if sink is None:
        yield "sending: not measured, Postfix's smtp-sink is not installed"
        return
    with tempfile.TemporaryDirectory() as folder, _listening(sink) as port:
        ours, size = _ours(Path(folder), port)
        naive = _naive(port)
        yield f"sending, {size / 1000:.0f} KB to {PEOPLE:,} recipients over {CONNECTIONS} connections: {ours:,.0f} a second"
        yield f"  {ours / naive:.1f} × smtplib with an EmailMessage each ({naive:,.0f} a second, one connection)"
        source = _program("smtp-source")
        if source is not None:
            limit = _source(source, port, size)
            yield f"  {ours / limit:.2f} × smtp-source ({limit:,.0f} a second, the same connections)"


def _ours(folder: Path, port: int) -> tuple[float, int]:
    publication = _publication(folder, port)
    content = Content(
        slug="bench",
        subject="新闻",
        html=HTML,
        text=SENTENCE * 20,
        language="zh-Hans",
        markers=(
            Marker("NLM0000Z", "subscriber.name", "读者"),
            Marker("NLM0001Z", "unsubscribe_url"),
        ),
        pictures=(),
        sender_name="Bench",
        sender_email="editor@bench.example.com",
        reply_to="",
        web_url="https://bench.example.com/issues/bench/",
        base_url="https://bench.example.com",
        publication="Bench",
    )
    people = folder / "people.csv"
    people.write_text(
        "email,name,status\n"
        + "".join(f"p{one}@example.com,读者{one},confirmed\n" for one in range(PEOPLE)),
        encoding="utf-8",
    )
    importing.import_file(publication, people, "all", apply=True)
    with open_store(publication) as store:
        with store.reading() as connection:
            lists = (one_list(connection, "all"),)
            shown = audience_of(connection, lists, "bench")
        campaign = dispatch.freeze(store, content, (1, "bench"), lists, shown.fingerprint)
        start = time.perf_counter()
        outcome = dispatch.run(publication, store, campaign)
        seconds = time.perf_counter() - start
    assert outcome.books.states == {"accepted": PEOPLE}, outcome.books
    return PEOPLE / seconds, len(_message(0).as_bytes())


def _naive(port: int) -> float:
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as session:
        for number in range(NAIVE):
            message = _message(number)
            session.sendmail("editor@bench.example.com", [str(message["to"])], message.as_bytes())
    return NAIVE / (time.perf_counter() - start)


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "editor@bench.example.com", f"p{number}@example.com"
    message["Subject"] = "新闻"
    message.set_content(SENTENCE * 20)
    html = HTML.replace("NLM0000Z", f"读者{number}").replace(
        "NLM0001Z", "https://bench.example.com/"
    )
    message.add_alternative(html, subtype="html", cte="base64")
    return message


def _source(program: str, port: int, size: int) -> float:
    command = [program, "-d", "-s", str(CONNECTIONS), "-l", str(size), "-m", str(PEOPLE)]
    start = time.perf_counter()
    subprocess.run([*command, f"127.0.0.1:{port}"], check=True, timeout=60)
    return PEOPLE / (time.perf_counter() - start)


def _publication(folder: Path, port: int) -> Publication:
    (folder / "newsletter.toml").write_text(
        SETTINGS.format(port=port, connections=CONNECTIONS), encoding="utf-8"
    )
    make_key_file(folder / "subscribers" / "secret.key")
    return load_publication(folder, {})


@contextmanager
def _listening(program: str) -> Iterator[int]:
    """smtp-sink on a free port; it takes everything and keeps nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    who = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen([program, *who, f"127.0.0.1:{port}", "100"])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield int(port)
    finally:
        sink.terminate()
        sink.wait()


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
