"""The send loop against a ledger in memory: windows, groups, busy books, broken messages, stops from outside."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pytest

from newsletter.delivery.failures import Reply, Stage
from newsletter.delivery.ledger import Result
from newsletter.delivery.message import Composer, Recipient, inert_recipient
from newsletter.delivery.sending import End, Policy, send_all
from newsletter.model.campaign import Addressee, Content
from newsletter.model.subscriber import MailingList
from newsletter.model.transitions import DeliveryEvent
from newsletter.problems import NewsletterError, TryAgainLater

Make = Callable[..., Content]
QUICK = Policy(backoff=(0.01,), reconnect=(0.01,), window=5)
DATE = datetime.datetime(2026, 10, 31, tzinfo=datetime.UTC)


class Books:
    """A ledger that keeps everything in lists, and whatever is told to go wrong."""

    def __init__(self, count: int) -> None:
        self.queued = [
            Addressee(number, 1, number, f"p{number}@example.com", MailingList(1, "weekly"))
            for number in range(count)
        ]
        self.marked: dict[int, Addressee] = {}
        self.most_marked = 0
        self.ended: dict[str, DeliveryEvent] = {}
        self.groups: list[int] = []
        self.busy = 0
        self.full = False
        self.reason = ""

    def claim(
        self, most: int, deferred_below: int = 0, without: Collection[str] = ()
    ) -> Sequence[Addressee]:
        open_ = [one for one in self.queued if one.address.rpartition("@")[2] not in without]
        taken = open_[:most]
        self.queued = [one for one in self.queued if one not in taken]
        self.marked |= {one.delivery: one for one in taken}
        self.most_marked = max(self.most_marked, len(self.marked))
        return taken

    def record(self, results: Sequence[Result]) -> None:
        if self.full:
            raise NewsletterError("the database failed: disk full")
        if self.busy:
            self.busy -= 1
            raise TryAgainLater("the database is busy")
        self.groups.append(len(results))
        for result in results:
            one = self.marked.pop(result.addressee.delivery)
            if result.event is DeliveryEvent.PUT_BACK:
                self.queued.insert(0, one)
            else:
                assert one.address not in self.ended, "nobody is mailed twice"
                self.ended[one.address] = result.event

    def exchange(
        self,
        results: Sequence[Result],
        most: int,
        deferred_below: int = 0,
        without: Collection[str] = (),
    ) -> Sequence[Addressee]:
        self.record(results)
        return self.claim(most, deferred_below, without)

    def put_back(self, addressees: Sequence[Addressee]) -> None:
        self.queued[:0] = [self.marked.pop(one.delivery) for one in addressees]

    def stop_reason(self) -> str:
        return self.reason

    def next_deferred(self, most_attempts: int) -> None:
        return None


class Way:
    """A way out that answers as told."""

    def __init__(self, answer: Callable[[str], Reply] | None = None, seconds: float = 0.0) -> None:
        self._answer = answer or (lambda address: Reply(Stage.CONTENT, 250, "ok"))
        self._seconds = seconds
        self.sent: list[str] = []
        self.closed = threading.Event()

    def send(self, sender: str, recipient: str, message: bytes) -> Reply:
        time.sleep(self._seconds)
        self.sent.append(recipient)
        return self._answer(recipient)

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def run(content: Make) -> Callable[..., object]:
    one = content()

    def recipient_of(addressee: Addressee) -> Recipient:
        return inert_recipient(one, addressee.address)

    def start(books: Books, *ways: Way, **options: object) -> object:
        options = {"policy": QUICK, **options}
        return send_all(books, ways, Composer(one, DATE), recipient_of, **options)  # type: ignore[arg-type]

    return start


def test_a_slow_domain_does_not_stand_in_the_way_of_the_others(run: Callable) -> None:  # type: ignore[type-arg]
    books, way = Books(120), Way()
    books.queued = [
        one._replace(
            address=f"p{one.delivery}@{'slow' if one.delivery < 60 else 'quick'}.example.com"
        )
        for one in books.queued
    ]
    policy = replace(QUICK, domains={"slow.example.com": 2.0})
    began = time.monotonic()
    done: list[float] = []

    def observe(addressee: Addressee, event: DeliveryEvent, reply: Reply) -> None:
        if "quick" in addressee.address:
            done.append(time.monotonic() - began)

    def stopping() -> bool:
        return len(done) == 60

    assert run(books, way, policy=policy, observe=observe, stopping=stopping).end is End.INTERRUPTED
    assert len(done) == 60
    slow = sum("slow" in address for address in way.sent)
    assert slow < 40, f"the quick ones did not wait for {slow} slow ones"


def test_everybody_gets_one_message_and_no_more_than_a_window_each_is_marked(run: Callable) -> None:  # type: ignore[type-arg]
    books, ways = Books(400), [Way(seconds=0.001) for _ in range(3)]
    assert run(books, *ways).end is End.DONE
    sent = sorted(address for way in ways for address in way.sent)
    assert sent == sorted(f"p{number}@example.com" for number in range(400))
    assert set(books.ended.values()) == {DeliveryEvent.ACCEPT}
    assert 3 < books.most_marked <= 3 * QUICK.window
    assert max(books.groups) <= 50
    assert all(way.closed.is_set() for way in ways)


def test_a_slow_server_has_one_message_for_each_connection_in_flight(run: Callable) -> None:  # type: ignore[type-arg]
    books = Books(6)
    run(books, Way(seconds=0.6), Way(seconds=0.6))
    assert books.most_marked == 2


def test_a_quick_server_soon_has_as_many_as_may_be_marked(run: Callable) -> None:  # type: ignore[type-arg]
    books = Books(400)
    run(books, Way(), Way(), policy=replace(QUICK, window=20))
    assert books.most_marked == 40


def test_a_busy_database_is_asked_again_until_it_takes_the_answers(run: Callable) -> None:  # type: ignore[type-arg]
    books = Books(10)
    books.busy = 4
    assert run(books, Way()).end is End.DONE
    assert len(books.ended) == 10


def test_answers_that_cannot_be_written_down_are_told(run: Callable) -> None:  # type: ignore[type-arg]
    books = Books(3)
    books.full = True
    with pytest.raises(NewsletterError, match=r"written down: p0@example\.com \(250 ok\)"):
        run(books, Way())


def test_a_message_that_cannot_be_composed_is_put_back_and_ends_the_run(content: Make) -> None:
    books, way = Books(3), Way()

    def broken(addressee: Addressee) -> Recipient:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        send_all(books, [way], Composer(content(), DATE), broken, policy=QUICK)
    assert len(books.queued) == 3
    assert not books.marked
    assert not way.sent


def test_who_stops_puts_back_what_nobody_has_begun(run: Callable) -> None:  # type: ignore[type-arg]
    books, way = Books(200), Way(seconds=0.002)
    ended = run(books, way, stopping=lambda: len(way.sent) > 50)
    assert ended.end is End.INTERRUPTED
    assert not books.marked
    assert len(books.queued) + len(books.ended) == 200
    assert sorted(books.ended) == sorted(way.sent)


def test_a_campaign_that_was_paused_elsewhere_stops_within_two_seconds(run: Callable) -> None:  # type: ignore[type-arg]
    books, way = Books(10_000), Way(seconds=0.01)
    threading.Timer(0.3, lambda: setattr(books, "reason", "it was paused")).start()
    start = time.monotonic()
    assert run(books, way).reason == "it was paused"
    assert time.monotonic() - start < 2
    assert not books.marked


def test_one_dead_connection_does_not_stop_the_others(run: Callable) -> None:  # type: ignore[type-arg]
    books = Books(50)
    dead = Way(lambda address: Reply(Stage.CONNECT, 421, "too many connections"))
    assert run(books, dead, Way(seconds=0.01)).end is End.DONE
    assert len(books.ended) == 50


def test_three_unknown_in_a_row_pause_the_run_whatever_the_connections(run: Callable) -> None:  # type: ignore[type-arg]
    books = Books(50)
    hanging = [Way(lambda address: Reply(Stage.CONTENT, 0, "no answer"), 0.01) for _ in range(3)]
    assert run(books, *hanging).end is End.PAUSED
    assert 3 <= len(books.ended) <= 5


def test_a_limited_domain_waits_while_the_others_are_sent(run: Callable) -> None:  # type: ignore[type-arg]
    books, way = Books(0), Way()
    books.queued = [
        Addressee(number, 1, number, f"p{number}@{host}.example.com", MailingList(1, "weekly"))
        for number, host in enumerate(["slow"] * 3 + ["quick"] * 7)
    ]
    policy = Policy(window=50, domains={"slow.example.com": 4.0})
    assert run(books, way, Way(), *[way for _ in range(8)], policy=policy).end is End.DONE
    assert len(books.ended) == 10


def test_many_refusals_pause_a_run_and_a_deadline_ends_waiting(run: Callable) -> None:  # type: ignore[type-arg]
    books = Books(300)
    refusing = Way(lambda address: Reply(Stage.RCPT, 550, "5.1.1 no such user"))
    ended = run(books, refusing, policy=Policy(stop_failures=0.5))
    assert (ended.end, len(books.ended) < 300) == (End.PAUSED, True)
    assert "of the last" in ended.reason
    late = Books(2)
    deferring = Way(lambda address: Reply(Stage.RCPT, 451, "4.3.0 later"))
    run(late, deferring, policy=Policy(deadline=DATE))
    assert set(late.ended.values()) == {DeliveryEvent.GIVE_UP}
