"""Importing subscribers: what a file may do to a list, dry or for good, and undoing it.

The law: an import never raises a status; suppressed, unsubscribed and forgotten always win. Somebody new is
confirmed only by the file's own proof (a status, or a time of consent) or by the operator's `consent`,
which is kept with them; else they are pending, and no mail goes to them.
"""

from __future__ import annotations

import datetime
import gc
import heapq
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from newsletter.model.identity import IdentityRules
from newsletter.model.subscriber import Address, Consent, Status
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import import_batches as batches
from newsletter.store import imports
from newsletter.store import lists as store_lists
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import now
from newsletter.store.forgotten import forgotten_since
from newsletter.store.identities import rules_in_force
from newsletter.store.meeting import Effect
from newsletter.store.staging import Incoming
from newsletter.subscribers.consent import IMPORTED, after
from newsletter.subscribers.importers.cells import cleaned
from newsletter.subscribers.importers.columns import FIELDS
from newsletter.subscribers.importers.files import formats, open_import
from newsletter.subscribers.importers.rows import Reject, Row
from newsletter.subscribers.tokens import address_hashes, load_key
from newsletter.workflow.lists import check_name

OPERATOR = "cli"
MOST_TOLD = 1000
"""Lines that a report names one by one; the counts are of all."""
TOLD_EVERY = 1000
"""Lines between two words on the progress."""

FORMATS = formats()
Batch = batches.Batch
Undone = batches.Undone

_SUPPRESSING = {
    Status.BOUNCED: ("bounced elsewhere, by an import", "bounce"),
    Status.COMPLAINED: ("complained elsewhere, by an import", "complaint"),
}


@dataclass(frozen=True, slots=True)
class LineTold:
    line: int
    address: str
    reason: str
    file: str = ""


@dataclass(slots=True)
class ImportReport:
    """What an import did, or, where `applied` is False, would do. `batch` is 0 where it changed nothing, so that there is
    nothing to undo. `pending` of the new ones get no mail. Of lines that were not taken the first are named, in the order
    of the file."""

    list_name: str
    applied: bool
    batch: int = 0
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    means: str = ""
    """The status of everybody in the file, by its name."""
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    blocked: int = 0
    invalid: int = 0
    pending: int = 0
    invalid_lines: list[LineTold] = field(default_factory=list)
    _blocked: list[tuple[int, int, LineTold]] = field(default_factory=list)
    """A heap of the first ones, the last of them on top."""

    @property
    def counts(self) -> dict[str, int]:
        names = ("new", "updated", "unchanged", "blocked", "invalid", "pending")
        return {name: getattr(self, name) for name in names}

    @property
    def changed(self) -> int:
        """How many lines changed anything, or would."""
        return self.new + self.updated

    @property
    def blocked_lines(self) -> list[LineTold]:
        return [told for _, _, told in sorted(self._blocked, reverse=True)]

    def count(self, one: imports.Effected) -> None:
        if one.effect is Effect.BLOCKED:
            self.block(one.position, LineTold(one.line, one.email, one.reason, one.file))
        else:
            self.count_many(one.status, one.effect, 1)

    def count_many(self, status: Status, effect: Effect, number: int) -> None:
        match effect:
            case Effect.NEW:
                self.new += number
                self.pending += number if status is Status.PENDING else 0
            case Effect.UPDATED:
                self.updated += number
            case Effect.UNCHANGED:
                self.unchanged += number

    def block(self, position: int, told: LineTold) -> None:
        """Lines are told in any order; `position` is that in the file, twice the same for two lines before the next."""
        self.blocked += 1
        place = (-position, -self.blocked, told)
        if len(self._blocked) < MOST_TOLD:
            heapq.heappush(self._blocked, place)
        else:
            heapq.heappushpop(self._blocked, place)

    def reject(self, reject: Reject) -> None:
        self.invalid += 1
        if len(self.invalid_lines) < MOST_TOLD:
            self.invalid_lines.append(
                LineTold(reject.line, reject.text, reject.reason, reject.file)
            )


def import_file(
    publication: Publication,
    path: Path,
    list_name: str = "",
    *,
    apply: bool = False,
    mapping: Mapping[str, str] | None = None,
    consent: str = "",
    format: str = "",
    encoding: str = "",
    delimiter: str = "",
    actor: str = OPERATOR,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Imports a file into a list, which is made when there is none, or into the lists that its column `list`
    names when `list_name` is empty. Nothing is kept unless `apply`; then everything is, or nothing. A file that says
    nothing new leaves the database as it was, without a batch. `progress` is
    told now and then how many lines were read; what it raises ends the import, which then did nothing."""
    if list_name:
        check_name(list_name)
    _check_mapping(mapping or {})
    opened = open_import(path, mapping, format, encoding=encoding, delimiter=delimiter)
    report = ImportReport(
        list_name,
        apply,
        format=opened.format,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        columns=opened.columns,
        means=opened.means,
    )
    began = now()
    with open_store(publication) as store, _without_collecting(), store.apart() as apart:
        with store.reading() as connection:
            forgotten = _forgotten(publication, connection)
            rules = rules_in_force(connection)
        said, name = cleaned(consent), cleaned(path.name)
        reading = _Reading(report, name, said, list_name, rules, progress)
        lines = imports.Lines(apart, _decide, report.count, report.count_many)
        if list_name:
            lines.places[list_name] = 0
        lines.lay(reading.incoming(opened.rows, forgotten))
        if lines.look(_list_id, dry=not apply):
            with suppress(_NothingNew), apart.writing() as connection:
                batch = batches.begin_batch(connection, actor, path.name, opened.format)
                lists = _Lists(actor)
                lines.bring_in(
                    connection,
                    batch,
                    lists.find,
                    reading.tell,
                    _forgotten(publication, connection, since=began),
                )
                if not (report.changed or lists.made):
                    raise _NothingNew
                batches.end_batch(connection, batch, actor, report.counts)
                report.batch = batch
    return report


class _NothingNew(Exception):
    """Others wrote meanwhile all that the file says: the transaction is rolled back, and the database is as it was."""


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Looking through millions of short-lived rows for cycles, which they have none of, takes a tenth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def all_imports(publication: Publication) -> tuple[Batch, ...]:
    """Every import that was applied, the newest first."""
    with open_store(publication) as store, store.reading() as connection:
        return batches.all_batches(connection)


def undo_import(publication: Publication, batch: int, *, actor: str = OPERATOR) -> Undone:
    """Puts back what an import did, except where something happened to a person since."""
    with open_store(publication) as store, store.writing() as connection:
        found = batches.find_batch(connection, batch)
        if found is None:
            known = ", ".join(str(one.id) for one in batches.all_batches(connection)[:10])
            raise UsageError(
                f"there is no import {batch}",
                f"There are: {known}" if known else "Nothing was imported yet.",
            )
        if found.undone:
            raise UsageError(f"import {batch} was undone on {found.undone:%Y-%m-%d %H:%M} UTC")
        return batches.undo_batch(connection, batch, actor)


@dataclass
class _Reading:
    """Turns the rows of a file into what they mean for lists here."""

    report: ImportReport
    file: str
    consent: str
    list_name: str
    rules: IdentityRules
    progress: Callable[[int], None] | None = None
    number: int = 0
    _checked: set[str] = field(default_factory=set)

    def tell(self) -> None:
        if self.progress is not None:
            self.progress(self.number)

    def incoming(
        self, lines: Iterator[Row | Reject], forgotten: Callable[[str], bool] | None
    ) -> Iterator[Incoming]:
        laid = 0
        for self.number, line in enumerate(lines):
            if self.number % TOLD_EVERY == 0:
                self.tell()
            if isinstance(line, Reject):
                self.report.reject(line)
            elif forgotten and forgotten(line.address.key):
                told = LineTold(line.line, line.address.email, imports.FORGOTTEN, line.file)
                self.report.block(laid, told)
            else:
                laid += 1
                yield self._one(line)

    def _address(self, address: Address) -> Address:
        if self.rules.plain:
            return address
        return replace(address, key=self.rules.fold(address.key))

    def _one(self, row: Row) -> Incoming:
        status, consent = self._proven(row)
        own = (row.suppressed, "manual") if row.suppressed else None
        return Incoming(
            line=row.line,
            address=self._address(row.address),
            to=self._list_of(row),
            status=status,
            name=row.name,
            language=row.language,
            attributes=row.attributes,
            consent=consent,
            created=row.created,
            suppress=(_SUPPRESSING.get(status) and _kept_reason(row, status)) or own,
            file=row.file,
        )

    def _list_of(self, row: Row) -> str:
        """The name of the list of a line; every line goes to `list_name` where that is given."""
        name = self.list_name or row.list
        if name not in self._checked:
            if not name:
                raise UsageError(
                    f"to which list? Line {row.line} of the file says none",
                    "Name one: --list NAME",
                )
            check_name(name)
            self._checked.add(name)
        return name

    def _proven(self, row: Row) -> tuple[Status, Consent | None]:
        """The status that the line proves, and the consent that is written down for it."""
        own = row.consent
        if own is not None and not own.source:
            own = replace(own, source=f"import:{self.file}")
        if row.status is not None and row.status is not Status.CONFIRMED:
            return row.status, own
        if own is not None:
            return Status.CONFIRMED, own
        if self.consent:
            return Status.CONFIRMED, self._word
        if row.status is Status.CONFIRMED:
            return Status.CONFIRMED, self._stated
        return Status.PENDING, None

    @cached_property
    def _word(self) -> Consent:
        """The operator's, the same for every line."""
        return Consent(now(), f"import:{self.file}", self.consent)

    @cached_property
    def _stated(self) -> Consent:
        return Consent(now(), f"import:{self.file}", "confirmed in the file")


def _kept_reason(row: Row, status: Status) -> tuple[str, str]:
    reason, kind = _SUPPRESSING[status]
    return row.suppressed or reason, kind


def _list_id(connection: Connection, name: str) -> int | None:
    found = store_lists.find_list(connection, name)
    return found.id if found else None


class _Lists:
    """Finds lists by name, and makes those that are not there."""

    def __init__(self, actor: str) -> None:
        self._actor = actor
        self.made = 0

    def find(self, connection: Connection, name: str) -> int:
        found = _list_id(connection, name)
        if found is None:
            self.made += 1
            found = store_lists.make_list(connection, name, self._actor).id
        return found


def _forgotten(
    publication: Publication,
    connection: Connection,
    since: datetime.datetime | None = None,
) -> Callable[[str], bool] | None:
    """Knows the addresses of whoever is forgotten, or was since a moment; None where nobody is."""
    hashes = forgotten_since(connection, since)
    if not hashes:
        return None
    signer = load_key(publication)
    rules = rules_in_force(connection)

    def known(key: str) -> bool:
        both = dict.fromkeys((rules.fold(key), key))
        return not hashes.isdisjoint(one for way in both for one in address_hashes(signer, way))

    return known


def _decide(before: Status | None, imported: Status) -> Status:
    return after(before, IMPORTED[imported])


def _check_mapping(mapping: Mapping[str, str]) -> None:
    for column, name in mapping.items():
        if not name:
            raise UsageError(
                f"--map {column}= names no field",
                f"Fields: {', '.join(FIELDS)}, or any other name.",
            )
