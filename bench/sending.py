"""Sending, side by side against Postfix's smtp-sink, all in one run: us with the full path (claim, compose, send,
write down), smtp-source, nodemailer's pool, and smtplib one message at a time.

Three kinds of mail; one process and two; with DKIM signatures beside. Every message is for another recipient.
`python -m bench.sending --million` freezes a million people and sends from among them, for time and memory.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.sending_peers import SENDER, Mail, find, listening, naive, nodemailer, source
from newsletter.model.campaign import Content
from newsletter.model.edition import Marker
from newsletter.publication import Publication, load_publication
from newsletter.store.audiences import audience_of
from newsletter.store.engine import open_store
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import dispatch, importing
from newsletter.workflow.lists import one_list

HERE = Path(__file__).resolve().parent
CONNECTIONS = 10
PEOPLE = 12_000
NAIVE = 200
ROUNDS = 3
CJK = "生物产业的新消息，每月一期，由编辑部整理。"
LATIN = "News of the orchard, once a month, gathered by its editors and read by many. "
SETTINGS = """\
name = "Bench"
base_url = "https://bench.example.com"
sender.email = "editor@bench.example.com"
smtp = {{ host = "127.0.0.1", port = {port}, connections = {connections} }}
{more}
"""


def _mail(name: str, sentence: str, paragraphs: int, encoding: str) -> Mail:
    html = (
        "<!doctype html><p>NLM0000Z:</p>"
        + "".join(f"<p>{sentence * 8}</p>\n" for _ in range(paragraphs))
        + '<p>NLM0000Z <a href="NLM0001Z">leave</a></p>\n'
    )
    return Mail(name, html, sentence * 20, encoding)


MAILS = (
    _mail("20 KB, Latin", LATIN, 28, "quoted-printable"),
    _mail("50 KB, Chinese", CJK, 70, "base64"),
    _mail("100 KB, Chinese", CJK, 142, "base64"),
)


def rows(rounds: int = ROUNDS, people: int = PEOPLE) -> Iterator[str]:
    """Messages a second and their ratios, as lines to print."""
    sink = find("smtp-sink")
    if sink is None:
        yield "sending: not measured, Postfix's smtp-sink is not installed"
        return
    with tempfile.TemporaryDirectory() as folder, listening(sink) as port:
        for mail in MAILS:
            yield from _one_kind(Path(folder), port, mail, rounds, people)
        yield from _signed(Path(folder), port, MAILS[1], people)


def _one_kind(folder: Path, port: int, mail: Mail, rounds: int, people: int) -> Iterator[str]:
    ours, limits, pools = [], [], []
    works, stores, memory = [], [], []
    for _ in range(rounds):
        limits.append(source(mail, port, people, CONNECTIONS))
        told = _ours(folder, port, mail, people)
        ours.append(told["rate"])
        works.append(told["cpu"])
        stores.append(told["store"])
        memory.append(told["memory"])
        pools.append(nodemailer(mail, port, max(people // 4, 200), CONNECTIONS, folder))
    rate = statistics.median(ours)
    yield (
        f"sending, {mail.name} ({mail.size / 1000:.0f} KB on the wire) to {people:,} over {CONNECTIONS} connections: "
        f"{rate:,.0f} a second; {statistics.median(works):.0f} µs of CPU a message, of which the store "
        f"{statistics.median(stores):.1f} ({statistics.median(stores) * rate / 1e6:.0%} of the time); {max(memory):.0f} MB"
    )
    for name, peers in (("smtp-source", limits), ("nodemailer's pool", pools)):
        known = [one for one in peers if one]
        if known:
            yield f"  {rate / statistics.median(known):.2f} × {name} ({statistics.median(known):,.0f} a second)"
        else:
            yield f"  {name}: not measured, it is not here"
    slow = naive(mail, port, NAIVE)
    yield f"  {rate / slow:.1f} × smtplib, an EmailMessage each, one at a time ({slow:,.0f} a second)"
    both = _ours(folder, port, mail, people, processes=2)["rate"]
    limit = source(mail, port, people, CONNECTIONS, 2)
    beside = f", {both / limit:.2f} × two smtp-source ({limit:,.0f})" if limit else ""
    yield f"  two processes, a campaign each: {both:,.0f} a second{beside}"


def _signed(folder: Path, port: int, mail: Mail, people: int) -> Iterator[str]:
    plain = _ours(folder, port, mail, people)["rate"]
    for name, make, key in (
        ("RSA-2048", ["genrsa", "2048"], "selector"),
        ("Ed25519", ["genpkey", "-algorithm", "ed25519"], "ed25519_selector"),
    ):
        file = folder / f"{key}.pem"
        made = subprocess.run(["openssl", *make], capture_output=True, check=True)
        file.write_bytes(made.stdout)
        place = "key_file" if key == "selector" else "ed25519_key_file"
        more = f'dkim = {{ domain = "bench.example.com", {key} = "s", {place} = "{file}" }}'
        rate = _ours(folder, port, mail, people, more=more)["rate"]
        yield f"sending, {mail.name}, signed with {name}: {rate:,.0f} a second, {rate / plain:.2f} × unsigned in the same minute"


def _ours(
    folder: Path, port: int, mail: Mail, people: int, *, processes: int = 1, more: str = ""
) -> dict[str, float]:
    """Our full path, each process with a campaign of its share of the people."""
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        ready = Path(inner) / "ready"
        running = []
        for number in range(processes):
            place = Path(inner) / str(number)
            place.mkdir()
            publication = _publication(place, port, CONNECTIONS // processes, more)
            campaign, _ = _frozen(publication, mail, people // processes)
            command = [sys.executable, "-m", "bench.sending_worker", str(place), str(campaign)]
            running.append(
                subprocess.Popen(
                    [*command, str(ready)], stdout=subprocess.PIPE, text=True, cwd=HERE.parent
                )
            )
        time.sleep(1.0)
        ready.touch()
        told = [json.loads(one.communicate(timeout=600)[0]) for one in running]
    for one in told:
        assert one["states"] == {"accepted": people // processes}, one
    return {
        "rate": people / max(one["seconds"] for one in told),
        "cpu": sum(one["cpu"] for one in told) / people * 1e6,
        "store": sum(one["store"] for one in told) / people * 1e6,
        "memory": max(one["memory"] for one in told),
    }


def _frozen(publication: Publication, mail: Mail, people: int) -> tuple[int, float]:
    """A campaign with its audience; its number and the seconds that freezing took."""
    content = Content(
        slug="bench",
        subject="News",
        html=mail.html,
        text=mail.text,
        language="zh-Hans",
        markers=(
            Marker("NLM0000Z", "subscriber.name", "reader"),
            Marker("NLM0001Z", "unsubscribe_url"),
        ),
        pictures=(),
        sender_name="Bench",
        sender_email=SENDER,
        reply_to="",
        web_url="https://bench.example.com/issues/bench/",
        base_url="https://bench.example.com",
        publication="Bench",
    )
    file = publication.root / "people.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("email,name,status\n")
        out.writelines(f"p{one}@example.com,Reader {one},confirmed\n" for one in range(people))
    importing.import_file(publication, file, "all", apply=True)
    with open_store(publication) as store:
        with store.reading() as connection:
            lists = (one_list(connection, "all"),)
            shown = audience_of(connection, lists, "bench")
        start = time.perf_counter()
        campaign = dispatch.freeze(store, content, (1, "bench"), lists, shown.fingerprint)
        return campaign, time.perf_counter() - start


def million(people: int) -> Iterator[str]:
    """Freezing very many people, and sending a little from among them: how long, and how much memory."""
    sink = find("smtp-sink")
    assert sink is not None, "Postfix's smtp-sink is not installed"
    with tempfile.TemporaryDirectory() as folder, listening(sink) as port:
        place = Path(folder)
        publication = _publication(place, port, CONNECTIONS, "")
        campaign, seconds = _frozen(publication, MAILS[1], people)
        yield f"freezing {people:,} people: {seconds:.1f} s"
        ready = place / "ready"
        ready.touch()
        command = [sys.executable, "-m", "bench.sending_worker", folder, str(campaign), str(ready)]
        worker = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.DEVNULL)
        most = 0.0
        for _ in range(60):
            time.sleep(0.5)
            if worker.poll() is not None:
                break
            most = max(most, _memory(worker.pid))
        worker.kill()
        worker.wait()
        yield f"sending with {people:,} queued: {most:.0f} MB at most in the first half minute"


def _memory(pid: int) -> float:
    """The memory that a process has, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(
        (int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS")),
        0.0,
    )


def _publication(folder: Path, port: int, connections: int, more: str) -> Publication:
    (folder / "newsletter.toml").write_text(
        SETTINGS.format(port=port, connections=connections, more=more), encoding="utf-8"
    )
    make_key_file(folder / "subscribers" / "secret.key")
    return load_publication(folder, {})


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure sending beside its peers.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--million", nargs="?", type=int, const=1_000_000, metavar="PEOPLE")
    options = parser.parse_args()
    lines = million(options.million) if options.million else rows(options.rounds, options.people)
    for line in lines:
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
