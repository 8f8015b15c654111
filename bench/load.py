"""Everybody at once on one SQLite file: python -m bench.load [--people N] [--rows N] [--seconds N]

`newsletter serve`, `newsletter studio`, `newsletter send` and two `newsletter subscribers import` (one applied, one dry, again
and again) run as processes of their own on one publication. Meanwhile readers sign up, confirm and leave by one click, an
editor searches, changes people one by one and many at once, and a program writes by the API. Afterwards:

  every write that was answered with success is in the database
  no answer was a server's error, and nobody was told that the database is locked or busy
  the campaign's books balance, and nobody got two mails

Prints how long each kind of request took. All of it is on 127.0.0.1, and bounded in time and number.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from bench.load_scene import Scene, rows, staged

MOST = 100_000
"""Requests that one driver makes at most."""
FORM = {"content-type": "application/x-www-form-urlencoded"}
LOCKED = ("is locked", "database is busy", "Traceback", "QueuePool")
RANK = "SELECT status FROM subscriptions JOIN subscribers ON id = subscriber_id WHERE email_key = ?"

EACH = frozenset({"confirmed", "left", "edited", "tagged", "added", "imported"})
"""On a busy machine it goes on until each of these was answered with success at least once."""
LONGER = 60.0
"""Seconds, at most."""


class Load:
    """What was asked and answered. `promised` are checks of writes that were answered with success."""

    def __init__(self, scene: Scene, seconds: float) -> None:
        self.scene = scene
        self.end = time.monotonic() + seconds
        self.took: dict[str, list[float]] = {}
        self.faults: list[str] = []
        self.promised: dict[tuple[str, object], tuple[str, tuple[object, ...], object]] = {}
        self._lock = threading.Lock()

    def going(self) -> Iterator[int]:
        for number in range(MOST):
            late = time.monotonic() - self.end
            if late > 0 and (late > LONGER or self._done >= EACH):
                return
            yield number

    @property
    def _done(self) -> set[str]:
        with self._lock:
            return {what for what, _ in self.promised}

    def ask(
        self,
        kind: str,
        port: int,
        method: str,
        path: str,
        body: str = "",
        headers: dict[str, str] | None = None,
        *,
        good: tuple[int, ...] = (200,),
    ) -> str | None:
        """One request; its answer's text where it was one of the `good`, else the fault is written down."""
        begun = time.perf_counter()
        with closing(HTTPConnection("127.0.0.1", port, timeout=150)) as connection:
            connection.request(method, path, body.encode() if body else None, headers or {})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        with self._lock:
            self.took.setdefault(kind, []).append((time.perf_counter() - begun) * 1000)
            if answer.status not in good or any(word in text for word in LOCKED):
                self.faults.append(f"{kind}: {answer.status} {text[:300]}")
                return None
        return text

    def promise(
        self, what: str, about: object, query: str, asked: object, expected: object
    ) -> None:
        """A later promise about the same thing takes the earlier one's place."""
        with self._lock:
            self.promised[what, about] = (query, (asked,), expected)


def sign_up(load: Load) -> None:
    """Readers fill in the form, each in a network of their own."""
    serve = load.scene.serve
    page = load.ask("form", serve, "GET", "/subscribe") or ""
    shown = page.partition('name="shown" value="')[2].partition('"')[0]
    time.sleep(2.1)  # nobody fills a form in faster
    for number in load.going():
        email = f"new{number}@n{number % 400}.example.org"
        fields = urlencode({"email": email, "name": "New", "list": "weekly", "shown": shown})
        network = {"x-forwarded-for": f"10.{number // 250 % 250}.{number % 250}.1"}
        if load.ask("sign up", serve, "POST", "/subscribe", fields, FORM | network):
            query = "SELECT count(*) FROM sign_ups JOIN subscribers s ON s.id = subscriber_id WHERE email_key = ?"
            load.promise("signed up", email, query, email, 1)


def confirm(load: Load) -> None:
    mails = load.scene.mails
    for _ in load.going():
        taken = mails.take(mails.confirmations)
        if taken is None:
            time.sleep(0.02)
            continue
        email, token = taken
        if load.ask("confirm", load.scene.serve, "POST", f"/confirm/{token}", "x=1", FORM):
            load.promise("confirmed", email, RANK, email, "confirmed")


def leave(load: Load) -> None:
    """A third of those who get the mail leave by one click."""
    mails, body = load.scene.mails, "List-Unsubscribe=One-Click"
    for number in load.going():
        taken = mails.take(mails.leaving)
        if taken is None:
            time.sleep(0.02)
        elif number % 3 == 0:
            email, token = taken
            if load.ask("one click", load.scene.serve, "POST", f"/unsubscribe/{token}", body, FORM):
                load.promise("left", email, RANK, email, "unsubscribed")


def look(load: Load) -> None:
    """An editor types into the search of the studio."""
    chance = random.Random(1)
    for _ in load.going():
        query = urlencode({"q": f"p{chance.randrange(1000)}"})
        load.ask("search", load.scene.studio, "GET", f"/subscribers?{query}", headers=_cookie(load))


def edit(load: Load) -> None:
    """An editor changes one person after another: the first fifth."""
    fifth = max(len(load.scene.addresses) // 5, 1)
    for number in load.going():
        person, name = number % fifth + 1, f"Edited {number}"
        path, fields = f"/subscribers/{person}/change", urlencode({"name": name, "language": "en"})
        headers = FORM | _cookie(load)
        if (
            load.ask("edit", load.scene.studio, "POST", path, fields, headers, good=(303,))
            is not None
        ):
            query = "SELECT name FROM subscribers WHERE id = ?"
            load.promise("edited", person, query, person, name)


def tag(load: Load) -> None:
    """An editor tags fifty people at a time: the second fifth."""
    fifth = max(len(load.scene.addresses) // 5, 1)
    ids = list(range(fifth + 1, min(fifth * 2, fifth + 50) + 1))
    for number in load.going():
        fields = urlencode(
            [
                ("do", "tag"),
                ("tag", f"s{number}s"),
                ("seen", len(ids)),
                *(("id", one) for one in ids),
            ]
        )
        headers = FORM | _cookie(load)
        path = "/subscribers/bulk"
        if (
            load.ask("bulk", load.scene.studio, "POST", path, fields, headers, good=(303,))
            is not None
        ):
            query = "SELECT count(*) FROM subscribers WHERE attributes LIKE ?"
            load.promise("tagged", number, query, f"%s{number}s%", len(ids))


def program(load: Load) -> None:
    """A program adds people and changes attributes (of the third fifth) by the API, and reads."""
    fifth, serve = max(len(load.scene.addresses) // 5, 1), load.scene.serve
    headers = {"authorization": f"Bearer {load.scene.key}", "content-type": "application/json"}
    for number in load.going():
        email = f"api{number}@example.net"
        body = json.dumps({"email": email, "lists": ["weekly"], "consent": {"text": "said so"}})
        once = {"idempotency-key": f"add-{number}"}
        if load.ask(
            "API add", serve, "POST", "/api/v1/subscribers", body, headers | once, good=(201,)
        ):
            load.promise("added", email, RANK, email, "confirmed")
        person = fifth * 2 + number % fifth + 1
        path, body = f"/api/v1/subscribers/{person}", json.dumps({"attributes": {"n": str(number)}})
        if load.ask("API change", serve, "PATCH", path, body, headers):
            query = "SELECT json_extract(attributes, '$.n') FROM subscribers WHERE id = ?"
            load.promise("changed", person, query, person, str(number))
        load.ask("API read", serve, "GET", path, headers=headers)


def import_dry(load: Load) -> None:
    """Somebody tries the file again and again."""
    for number in load.going():
        _import(load, f"dry{number}")


def import_for_good(load: Load) -> None:
    _import(load, "applied", "--apply")
    query = "SELECT count(*) FROM subscribers WHERE domain = ?"
    count = len((load.scene.folder / "more.csv").read_text(encoding="utf-8").splitlines()) - 1
    load.promise("imported", "all", query, "import.example.org", count)


def _import(load: Load, name: str, *more: str) -> None:
    file, begun = str(load.scene.folder / "more.csv"), time.perf_counter()
    words = ("--list", "weekly", "--consent", "bench", *more)
    process = load.scene.start(name, "subscribers", "import", file, *words)
    code = process.wait(300)
    kind = "import, applied" if more else "import, dry"
    load.took.setdefault(kind, []).append((time.perf_counter() - begun) * 1000)
    if code != 0:
        load.faults.append(f"{kind}: exit code {code}: {load.scene.said(name)[-300:]}")


def send(load: Load) -> None:
    count = str(len(load.scene.addresses))
    words = ("send", "first", "--list", "weekly", "--confirm-count", count)
    process = load.scene.start("send", *words)
    # 5: somebody left between; 6 and 7: somebody joined or left between counting and freezing.
    if process.wait(300) not in (0, 6, 7):
        load.faults.append(f"send: {load.scene.said('send')[-300:]}")


DRIVERS: tuple[Callable[[Load], None], ...] = (
    sign_up,
    confirm,
    leave,
    look,
    edit,
    tag,
    program,
    import_dry,
    import_for_good,
)


def play(people: int, count: int, seconds: float) -> Load:
    """Runs all of it; the faults of what it returns are what went wrong."""
    with tempfile.TemporaryDirectory(prefix="newsletter-load-") as made:
        folder = Path(made)
        rows(folder / "more.csv", [f"i{number}@import.example.org" for number in range(count)])
        with staged(folder, people) as scene:
            load = Load(scene, seconds)
            sender = threading.Thread(target=send, args=(load,))
            sender.start()
            _wait_for(lambda: bool(scene.mails.recipients) or not sender.is_alive())
            load.end = time.monotonic() + seconds
            threads = [threading.Thread(target=_safely, args=(one, load)) for one in DRIVERS]
            for thread in threads:
                thread.start()
            for thread in (*threads, sender):
                thread.join()
        _verify(load)
        return load


def _safely(driver: Callable[[Load], None], load: Load) -> None:
    try:
        driver(load)
    except Exception as caught:  # a driver that died must be seen in the result
        load.faults.append(f"{driver.__name__}: {caught!r}")


def _verify(load: Load) -> None:
    """Looks every promise up in the database, after all processes have ended."""
    scene = load.scene
    with closing(sqlite3.connect(scene.folder / "subscribers" / "newsletter.db")) as database:
        for (what, about), (query, asked, expected) in load.promised.items():
            found = database.execute(query, asked).fetchone()
            if found is None or found[0] != expected:
                load.faults.append(f"lost: {what} {about}: {found}, not {expected}")
        if database.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            load.faults.append("the database is spoiled")
        wrong = database.execute(
            "SELECT id FROM campaigns c WHERE candidates <> (SELECT count(*) FROM deliveries d WHERE d.campaign_id = c.id)"
            " + (SELECT count(*) FROM exclusions e WHERE e.campaign_id = c.id)"
        ).fetchall()
        load.faults += [f"the books of campaign {one[0]} do not balance" for one in wrong]
    if not scene.mails.recipients:
        load.faults.append("nothing was sent")
    if len(scene.mails.recipients) != len(set(scene.mails.recipients)):
        load.faults.append("somebody got it twice")
    for name in scene.processes:
        said = scene.said(name)
        load.faults += [f"{name} said {word!r}: {said[-500:]}" for word in LOCKED if word in said]


def _wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


def _cookie(load: Load) -> dict[str, str]:
    scene = load.scene
    return {"cookie": f"newsletter-studio-{scene.studio}={scene.token}"}


def told(load: Load) -> Iterator[str]:
    """The table of how long each kind of request took."""
    yield "| what | number | p50 ms | p95 ms | most ms |"
    yield "|---|---|---|---|---|"
    for kind, took in sorted(load.took.items()):
        some = sorted(took)
        p50, p95 = some[len(some) // 2], some[int(len(some) * 0.95)]
        yield f"| {kind} | {len(some)} | {p50:.0f} | {p95:.0f} | {some[-1]:.0f} |"
    kinds = [what for what, _ in load.promised]
    counted = ", ".join(f"{kinds.count(what)} {what}" for what in dict.fromkeys(kinds))
    yield f"mails: {len(load.scene.mails.recipients)}; looked up afterwards: {counted}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Everybody at once on one SQLite file.")
    parser.add_argument("--people", type=int, default=4000)
    parser.add_argument("--rows", type=int, default=50_000, help="Of the file that is imported.")
    parser.add_argument("--seconds", type=float, default=40)
    options = parser.parse_args()
    load = play(options.people, options.rows, options.seconds)
    print("\n".join(told(load)))
    for fault in load.faults[:40]:
        print("FAULT", fault)
    print(f"{len(load.faults)} faults")
    return 1 if load.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
