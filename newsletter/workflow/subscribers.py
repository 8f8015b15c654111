"""What a person does with subscribers: import, add, remove, list, export; and what a reader does: leave.

Removing is unsubscribing: the row is kept, so that no import brings the person back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsletter.model.subscriber import Address, Consent, Status, Subscription
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import imports
from newsletter.store import lists as store_lists
from newsletter.store import subscribers as people
from newsletter.store.engine import open_store
from newsletter.store.events import log, now
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.consent import IMPORTED, Event, after
from newsletter.subscribers.exports import csv_lines
from newsletter.subscribers.importers import csv
from newsletter.subscribers.importers.rows import FIELDS, Reject, Row
from newsletter.workflow.lists import check_name, one_list
from newsletter.workflow.unsubscribing import unsubscribe as unsubscribe
from newsletter.workflow.unsubscribing import unsubscribe_page as unsubscribe_page

OPERATOR = "cli"
MOST_TOLD = 1000
"""Lines that a report names one by one; the counts are of all."""


@dataclass(frozen=True, slots=True)
class LineTold:
    line: int
    address: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What an import did, or, where `applied` is False, would do."""

    list_name: str
    applied: bool
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    blocked: int = 0
    invalid: int = 0
    blocked_lines: list[LineTold] = field(default_factory=list)
    invalid_lines: list[LineTold] = field(default_factory=list)

    def count(self, row: imports.Incoming, effect: imports.Effect, reason: str) -> None:
        setattr(self, effect, getattr(self, effect) + 1)
        if effect is imports.Effect.BLOCKED and len(self.blocked_lines) < MOST_TOLD:
            self.blocked_lines.append(LineTold(row.line, row.address.email, reason))

    def reject(self, reject: Reject) -> None:
        self.invalid += 1
        if len(self.invalid_lines) < MOST_TOLD:
            self.invalid_lines.append(LineTold(reject.line, reject.text, reject.reason))


class _DryRun(Exception):
    """Rolls the transaction back."""


def import_file(
    publication: Publication,
    path: Path,
    list_name: str,
    *,
    apply: bool = False,
    mapping: Mapping[str, str] | None = None,
    consent: str = "",
) -> ImportReport:
    """Imports a CSV file into a list, which is made when there is none. Nothing is kept unless `apply`;
    then everything is, or nothing. A line without a status is confirmed, with `consent` (or the operator's
    word for it) written down; a status in the file only ever lowers what is known."""
    check_name(list_name)
    _check_mapping(mapping or {})
    report = ImportReport(list_name, apply)
    proof = Consent(
        now(),
        f"import:{path.name}",
        consent or f"imported from {path.name} on the operator's word",
    )
    rows = _incoming(csv.read(path, mapping), report, proof)
    with open_store(publication) as store:
        try:
            with store.writing() as connection:
                to = store_lists.find_list(connection, list_name)
                to = to or store_lists.make_list(connection, list_name, OPERATOR)
                imports.import_rows(connection, rows, to, _decide, report.count, OPERATOR)
                counts = {"new": report.new, "updated": report.updated, "blocked": report.blocked}
                log(connection, "import", OPERATOR, list_id=to.id, file=path.name, **counts)
                if not apply:
                    raise _DryRun
        except _DryRun:
            pass
    return report


def add(publication: Publication, address: str, list_name: str, *, name: str = "") -> Status:
    """Puts somebody on a list on the operator's word; returns the status, which an operator never raises."""
    parsed = _parsed(address)
    check_name(list_name)
    consent = Consent(now(), OPERATOR, "added on the operator's word")
    with open_store(publication) as store, store.writing() as connection:
        if reason := people.suppression_of(connection, parsed):
            raise UsageError(f"{address} is suppressed: {reason}", "Nothing was changed.")
        to = store_lists.find_list(connection, list_name)
        to = to or store_lists.make_list(connection, list_name, OPERATOR)
        person = people.find_subscriber(connection, parsed.key)
        if person is None:
            person = people.make_subscriber(connection, parsed, name)
        elif name and name != person.name:
            people.rename(connection, person.id, name)
        _, status = people.change_status(
            connection,
            to.id,
            person.id,
            lambda before: after(before, Event.ADD),
            kind="added",
            actor=OPERATOR,
            consent=consent,
        )
    return status


def remove(publication: Publication, address: str, list_name: str = "") -> tuple[str, ...]:
    """Unsubscribes somebody from one list, or from all; returns the names of the lists they were on."""
    parsed = _parsed(address)
    with open_store(publication) as store, store.writing() as connection:
        person = people.find_subscriber(connection, parsed.key)
        if person is None:
            raise UsageError(f"nobody here has the address {address}")
        wanted = one_list(connection, list_name).id if list_name else None
        left: list[str] = []
        for list_id in people.list_ids_of(connection, person.id):
            if wanted is not None and list_id != wanted:
                continue
            before, status = people.change_status(
                connection,
                list_id,
                person.id,
                lambda before: after(before, Event.UNSUBSCRIBE),
                kind="unsubscribed",
                actor=OPERATOR,
            )
            found = store_lists.list_by_id(connection, list_id)
            if before is not status and found is not None:
                left.append(found.name)
    return tuple(left)


def subscriptions(publication: Publication, list_name: str = "") -> Iterator[Subscription]:
    """Everybody on a list, or on every list, by address."""
    with open_store(publication) as store, store.reading() as connection:
        wanted = one_list(connection, list_name).id if list_name else None
        yield from people.all_subscriptions(connection, wanted)


def export(publication: Publication, list_name: str = "") -> Iterator[str]:
    """Everybody on a list, or on every list, as lines of CSV."""
    with open_store(publication) as store, store.reading() as connection:
        wanted = one_list(connection, list_name).id if list_name else None
        names = people.attribute_names(connection, wanted)
        yield from csv_lines(people.all_subscriptions(connection, wanted), names)


def _incoming(
    lines: Iterator[Row | Reject], report: ImportReport, proof: Consent
) -> Iterator[imports.Incoming]:
    for line in lines:
        if isinstance(line, Reject):
            report.reject(line)
            continue
        yield imports.Incoming(
            line=line.line,
            address=line.address,
            status=line.status or Status.CONFIRMED,
            name=line.name,
            language=line.language,
            attributes=line.attributes,
            consent=line.consent or proof,
            created=line.created,
        )


def _decide(before: Status | None, imported: Status) -> Status:
    return after(before, IMPORTED[imported])


def _check_mapping(mapping: Mapping[str, str]) -> None:
    for column, name in mapping.items():
        if not name:
            raise UsageError(
                f"--map {column}= names no field",
                f"Fields: {', '.join(FIELDS)}, or any other name.",
            )


def _parsed(address: str) -> Address:
    try:
        return parse_address(address)
    except BadAddress as caught:
        raise UsageError(f"not an address: {address} ({caught})") from None
