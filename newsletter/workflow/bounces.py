"""Mails that came back: fetched from a mailbox, handed over by a mail server, or read from files.

Each mail is one transaction: what it does and that it was taken are written together, and only then is it marked
in the mailbox. Whoever is cut off anywhere takes it again, and it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from newsletter.delivery.bounces import Report, read_bounce
from newsletter.delivery.mailboxes import open_mailbox
from newsletter.delivery.replies import Failure, classify_line
from newsletter.model.incoming import EventType, Incoming
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import incoming as kept
from newsletter.store.engine import open_store
from newsletter.subscribers.tokens import load_key
from newsletter.workflow.returned import Taker


def parse(path: Path) -> Report:
    """What a file with one mail is. Raises UsageError when there is no such file."""
    return read_bounce(_read(path))


def classify(line: str) -> Failure:
    """What an SMTP reply means."""
    return classify_line(line)


def fetch(
    publication: Publication, *, observe: Callable[[Incoming], None] = lambda one: None
) -> tuple[Incoming, ...]:
    """Takes what is new in the mailbox. Raises UsageError where none is set, TryAgainLater where it does not
    answer; what was taken before stands."""
    with _taker(publication) as taker:
        mailbox = open_mailbox(publication)
        taken = []
        try:
            for mail in mailbox.mails(lambda source: _is_ours(taker, source)):
                one = taker.take(mail.data, source=mail.source)
                mailbox.done(mail.source, ours=one.event is not EventType.INBOUND)
                taken.append(one)
                observe(one)
        finally:
            mailbox.close()
    return tuple(taken)


def receive(publication: Publication, data: bytes, recipient: str = "") -> Incoming:
    """Takes one mail from a mail server; `recipient` is whom its envelope names."""
    with _taker(publication) as taker:
        return taker.take(data, recipient)


def apply(publication: Publication, files: Sequence[Path]) -> Iterator[tuple[Path, Incoming]]:
    """Takes mails from files. Raises UsageError for one that cannot be read; those before it were taken."""
    with _taker(publication) as taker:
        for file in files:
            yield file, taker.take(_read(file))


def came_back(
    publication: Publication, campaign: int = 0, event: str = "", most: int = 1000
) -> tuple[Incoming, ...]:
    """What came back, the newest first, of one campaign and of one kind where these are named."""
    with open_store(publication) as store, store.reading() as connection:
        return kept.all_incoming(connection, campaign, event, most)


@contextmanager
def _taker(publication: Publication) -> Iterator[Taker]:
    key = load_key(publication)
    with open_store(publication) as store:
        yield Taker(store, key, publication.settings)


def _is_ours(taker: Taker, source: str) -> bool | None:
    with taker.store.reading() as connection:
        event = kept.known_event(connection, source=source)
    return None if event is None else event is not EventType.INBOUND


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as caught:
        raise UsageError(f"{path}: {caught.strerror}") from caught
