"""Importing a million subscribers, beside `sqlite3 .import` of the same file with a unique index on top.

    .venv/bin/python bench/subscribers.py [--rows 1000000]

Prints seconds of CPU and by the clock, the highest memory of the process, and the ratio to the peer, which checks, normalises and
records nothing. Both run in a process of their own, one after the other. Then saves segments over the people and prints how
long making the index, the first count and a later one take.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = 'name = "Bench"\n[sender]\nemail = "bench@example.com"\n'
_PEER = """
.mode csv
.import {file} people
CREATE UNIQUE INDEX people_email ON people(lower(email));
"""
_OURS = """
import sys, resource, time
from contextlib import contextmanager
from pathlib import Path
from newsletter.store import engine
from newsletter.publication import load_publication
from newsletter.workflow.importing import import_file
writing, held = engine.Apart.writing, []
@contextmanager
def timed(self):
    with writing(self) as connection:
        begun = time.process_time()
        yield connection
    held.append(time.process_time() - begun)
engine.Apart.writing = timed
report = import_file(load_publication(Path(sys.argv[1]), {}), Path(sys.argv[2]), "all", apply=True, consent="bench")
print(report.counts, f"{sum(held):.1f}", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

SEGMENTS = (
    'attributes.city = "Town 7"',
    'attributes.city in ("Town 7", "Town 8", "Town 9")',
    "attributes.age > 80",
    "tag = vip",
    "list = all",
    "created > 2020-01-01",
    "joined > 30 days ago",
    'list = all and attributes.city = "Town 7" and not tag = vip',
    'attributes.city != "Town 7"',
    "list = all and language = en and attributes.age > 40",
    "attributes.age > 10 and created > 2020-01-01",
    "name contains 李 or attributes.city contains 7",
    "name contains Person and list = all",
    "language = en or tag = vip",
    "list = all and language = en",
)
_COUNT = """
import sys, time
from pathlib import Path
from newsletter.publication import load_publication
from newsletter.workflow import segments
here = load_publication(Path(sys.argv[1]), {})
for number, condition in enumerate(sys.argv[2:]):
    saved = time.process_time()
    segments.save(here, f"s{number}", condition, actor="bench")
    counted = time.process_time()
    segments.count(here, f"s{number}")
    again = time.process_time()
    first = (again - counted) * 1000
    count = segments.count(here, f"s{number}")
    took = time.process_time() - again
    print(f"segment {condition}: {count} people in {took * 1000:.0f} ms of CPU (saved in {counted - saved:.1f} s, first counted in {first:.0f} ms)")
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure imports beside sqlite3.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / "people.csv"
        _write(file, rows)
        peer = _peer(folder, file)
        print(f"sqlite3 .import and a unique index: {peer:.1f} s of CPU")
        for name in ("first import", "the same file again"):
            before = _cpu()
            start = time.perf_counter()
            counts, held, memory = _ours(folder, file)
            seconds = _cpu() - before
            ratio = f" = {seconds / peer:.1f} × the peer" if peer else ""
            print(
                f"{name}: {seconds:.1f} s of CPU{ratio}, {time.perf_counter() - start:.1f} s by the clock, "
                f"{memory / 1000:.0f} MB, others held up for {held} s of CPU  {counts}"
            )
        subprocess.run([sys.executable, "-c", _COUNT, str(folder), *SEGMENTS], cwd=ROOT, check=True)
    return 0


def _write(file: Path, rows: int) -> None:
    """Distinct addresses at 2,000 domains, with a name, four attributes and a time, a third of them Chinese."""
    chance = random.Random(7)
    with file.open("w", encoding="utf-8") as out:
        out.write("email,name,city,language,age,tags,created\n")
        for number in range(rows):
            name = "李雷" if number % 3 == 0 else f"Person {number}"
            domain = f"d{chance.randrange(2000)}.example.com"
            out.write(
                f"p{number}.x{chance.randrange(10**6)}@{domain},{name},Town {number % 97},en,"
                f"{number % 90},{'vip; x' if number % 10 == 0 else 'x'},20{10 + number % 16}-01-02\n"
            )


def _peer(folder: Path, file: Path) -> float:
    if shutil.which("sqlite3") is None:
        print("sqlite3 is not installed: no ratio")
        return 0
    before = _cpu()
    script = _PEER.format(file=file)
    subprocess.run(["sqlite3", str(folder / "peer.db")], input=script, text=True, check=True)
    return _cpu() - before


def _cpu() -> float:
    """Seconds of CPU that ended children have used; other processes on the machine do not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _ours(folder: Path, file: Path) -> tuple[str, str, int]:
    (folder / "newsletter.toml").write_text(SETTINGS, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", _OURS, str(folder), str(file)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    counts, held, memory = run.stdout.strip().rsplit(" ", 2)
    return counts, held, int(memory)


if __name__ == "__main__":
    raise SystemExit(main())
