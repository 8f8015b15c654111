"""Importing subscribers: what a file may do to a list, dry or for good, and undoing it.

The law: an import never raises a status; suppressed, unsubscribed and forgotten always win. Somebody new is
confirmed only by the file's own proof (a status, or a time of consent) or by the operator's `consent`,
which is kept with them; else they are pending, and no mail goes to them.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from newsletter.model.identity import IdentityRules
from newsletter.model.subscriber import Address, Consent, MailingList, Status
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import import_batches as batches
from newsletter.store import imports
from newsletter.store import lists as store_lists
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import now
from newsletter.store.forgotten import anybody_forgotten, is_forgotten
from newsletter.store.identities import rules_in_force
from newsletter.subscribers.consent import IMPORTED, after
from newsletter.subscribers.importers.columns import FIELDS
from newsletter.subscribers.importers.files import formats, open_import
from newsletter.subscribers.importers.rows import Reject, Row
from newsletter.subscribers.tokens import load_key
from newsletter.workflow.identities import hashes_of
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
    """What an import did, or, where `applied` is False, would do. `pending` of the new ones get no mail."""

    list_name: str
    applied: bool
    batch: int = 0
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    blocked: int = 0
    invalid: int = 0
    pending: int = 0
    blocked_lines: list[LineTold] = field(default_factory=list)
    invalid_lines: list[LineTold] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        names = ("new", "updated", "unchanged", "blocked", "invalid", "pending")
        return {name: getattr(self, name) for name in names}

    def count(self, row: imports.Incoming, effect: imports.Effect, reason: str) -> None:
        match effect:
            case imports.Effect.NEW:
                self.new += 1
                self.pending += row.status is Status.PENDING
            case imports.Effect.UPDATED:
                self.updated += 1
            case imports.Effect.UNCHANGED:
                self.unchanged += 1
            case imports.Effect.BLOCKED:
                self.block(LineTold(row.line, row.address.email, reason, row.file))

    def block(self, told: LineTold) -> None:
        self.blocked += 1
        if len(self.blocked_lines) < MOST_TOLD:
            self.blocked_lines.append(told)

    def reject(self, reject: Reject) -> None:
        self.invalid += 1
        if len(self.invalid_lines) < MOST_TOLD:
            self.invalid_lines.append(
                LineTold(reject.line, reject.text, reject.reason, reject.file)
            )


class _DryRun(Exception):
    """Rolls the transaction back."""


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
    names when `list_name` is empty. Nothing is kept unless `apply`; then everything is, or nothing. `progress` is
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
    )
    with open_store(publication) as store:
        try:
            with _without_collecting(), store.writing() as connection:
                report.batch = batches.begin_batch(connection, actor, path.name, opened.format)
                lists = _list_finder(connection, list_name, actor)
                rules = rules_in_force(connection)
                reading = _Reading(report, path.name, consent, lists, rules, progress)
                known = _forgotten(publication, connection)
                rows = reading.incoming(opened.rows, known)
                imports.import_rows(connection, rows, report.batch, _decide, report.count)
                batches.end_batch(connection, report.batch, actor, report.counts)
                if not apply:
                    raise _DryRun
        except _DryRun:
            report.batch = 0
    return report


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
    list_of: Callable[[str], MailingList]
    rules: IdentityRules
    progress: Callable[[int], None] | None = None

    def incoming(
        self, lines: Iterator[Row | Reject], forgotten: Callable[[str], bool]
    ) -> Iterator[imports.Incoming]:
        for number, line in enumerate(lines):
            if self.progress is not None and number % TOLD_EVERY == 0:
                self.progress(number)
            if isinstance(line, Reject):
                self.report.reject(line)
            elif forgotten(line.address.key):
                told = LineTold(line.line, line.address.email, "asked to be forgotten", line.file)
                self.report.block(told)
            else:
                yield self._one(line)

    def _address(self, address: Address) -> Address:
        if self.rules.plain:
            return address
        return replace(address, key=self.rules.fold(address.key))

    def _one(self, row: Row) -> imports.Incoming:
        status, consent = self._proven(row)
        own = (row.suppressed, "manual") if row.suppressed else None
        return imports.Incoming(
            line=row.line,
            address=self._address(row.address),
            to=self.list_of(row.list),
            status=status,
            name=row.name,
            language=row.language,
            attributes=row.attributes,
            consent=consent,
            created=row.created,
            suppress=(_SUPPRESSING.get(status) and _kept_reason(row, status)) or own,
            file=row.file,
        )

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


def _list_finder(
    connection: Connection, list_name: str, actor: str
) -> Callable[[str], MailingList]:
    """From the name in a line to the list; every line goes to `list_name` where that is given."""
    known: dict[str, MailingList] = {}

    def find(named: str) -> MailingList:
        name = list_name or named
        if name not in known:
            if not name:
                raise UsageError(
                    "to which list? The file has no column `list`", "Name one: --list NAME"
                )
            check_name(name)
            found = store_lists.find_list(connection, name)
            known[name] = found or store_lists.make_list(connection, name, actor)
        return known[name]

    if list_name:
        find("")
    return find


def _forgotten(publication: Publication, connection: Connection) -> Callable[[str], bool]:
    if not anybody_forgotten(connection):
        return lambda key: False
    signer = load_key(publication)
    return lambda key: is_forgotten(connection, hashes_of(connection, signer, key))


def _decide(before: Status | None, imported: Status) -> Status:
    return after(before, IMPORTED[imported])


def _check_mapping(mapping: Mapping[str, str]) -> None:
    for column, name in mapping.items():
        if not name:
            raise UsageError(
                f"--map {column}= names no field",
                f"Fields: {', '.join(FIELDS)}, or any other name.",
            )
