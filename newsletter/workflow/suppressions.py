"""Suppressions: addresses and whole domains that are never written to, whatever a list says.

They win over every list and every import. What a hard bounce made is lifted by the person's own confirmation, or by
whoever may send; what a complaint or an operator made, only by an admin. Who did it is in the event log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from newsletter.model.subscriber import Suppression
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import suppressions as store
from newsletter.store.engine import Connection, open_store, store_exists
from newsletter.subscribers.addresses import BadAddress, domain_of, parse_address
from newsletter.subscribers.importers.rows import Reject, cleaned
from newsletter.subscribers.suppression_files import Line, csv_lines, read_suppressions

KINDS = ("manual", "bounce", "complaint")
BY_ADMIN = frozenset({"manual", "complaint"})
"""Kinds that an admin only lifts."""
MOST_REASON = 500
MOST_TOLD = 1_000
PAGE = 100


class AdminOnly(UsageError):
    """Only an admin may do this."""


@dataclass(slots=True)
class SuppressionReport:
    """What an import of suppressions did, or, where `applied` is False, would do."""

    applied: bool
    encoding: str = ""
    new: int = 0
    known: int = 0
    invalid: int = 0
    invalid_lines: list[tuple[int, str, str]] = field(default_factory=list)
    """Line, text, and why not."""


def add(
    publication: Publication, text: str, *, reason: str = "", kind: str = "manual", actor: str
) -> tuple[Suppression, bool]:
    """Suppresses an address or a domain; False where it was suppressed before, whose older reason stays."""
    wanted = _suppression(text, reason, kind)
    with open_store(publication) as opened, opened.writing() as connection:
        added = store.add_suppression(connection, wanted, actor)
        kept = store.find_suppression(connection, wanted.value)
    return kept or wanted, added


def by_id(publication: Publication, number: int) -> Suppression | None:
    with open_store(publication) as opened, opened.reading() as connection:
        return store.suppression_by_id(connection, number)


def page_by_number(
    publication: Publication, after: int, most: int, *, search: str = "", kind: str = ""
) -> tuple[tuple[Suppression, ...], int | None]:
    """A page of them as programs read them, the oldest first, and where the next one begins."""
    _check_kind(kind)
    with open_store(publication) as opened, opened.reading() as connection:
        found = store.suppressions_after(connection, after, most + 1, search.strip(), kind)
    return found[:most], found[most - 1].id if len(found) > most else None


def lift_by_id(
    publication: Publication, number: int, *, actor: str, admin: bool, why: str = ""
) -> Suppression | None:
    """Lifts the suppression of a number; None where there is none. Raises AdminOnly where only an admin may."""
    with open_store(publication) as opened, opened.writing() as connection:
        found = store.suppression_by_id(connection, number)
        if found is not None:
            _lift(connection, found, found.value, actor, admin, why)
    return found


def lift(
    publication: Publication, text: str, *, actor: str, admin: bool, why: str = ""
) -> Suppression:
    """Lets an address or a domain be written to again. Raises UsageError when there is no such suppression, or
    when only an admin may lift it. Statuses on lists stay what they are."""
    value, _ = value_of(text)
    with open_store(publication) as opened, opened.writing() as connection:
        found = store.find_suppression(connection, value)
        if found is None:
            raise UsageError(f"{text} is not suppressed", "Nothing was changed.")
        _lift(connection, found, text, actor, admin, why)
    return found


def _lift(
    connection: Connection, found: Suppression, named: str, actor: str, admin: bool, why: str
) -> None:
    if found.kind in BY_ADMIN and not admin:
        raise AdminOnly(
            f"{named} was suppressed as {found.kind}: only an admin lifts that",
            "A person's own complaint, or an operator's word, is not undone by others.",
        )
    store.lift_suppression(connection, found.value, actor, why)


def find(publication: Publication, text: str) -> Suppression | None:
    """The suppression of this very address or domain."""
    value, _ = value_of(text)
    if not store_exists(publication):
        return None
    with open_store(publication) as opened, opened.reading() as connection:
        return store.find_suppression(connection, value)


def page(
    publication: Publication, *, search: str = "", kind: str = "", after: str = "", most: int = PAGE
) -> tuple[Suppression, ...]:
    """A page of them by value, after the last value of the page before."""
    _check_kind(kind)
    with open_store(publication) as opened, opened.reading() as connection:
        return store.some_suppressions(connection, search.strip(), kind, after, most)


def all_suppressions(
    publication: Publication, *, search: str = "", kind: str = ""
) -> Iterator[Suppression]:
    """Every one by value, read as they are asked for."""
    _check_kind(kind)
    with open_store(publication) as opened, opened.reading() as connection:
        yield from store.all_suppressions(connection, search.strip(), kind)


def counts(publication: Publication) -> dict[str, int]:
    """How many there are of each kind."""
    with open_store(publication) as opened, opened.reading() as connection:
        return store.count_suppressions(connection)


def export(publication: Publication) -> Iterator[str]:
    """All of them as lines of CSV, which `import_file` reads back."""
    return csv_lines(all_suppressions(publication))


def import_file(
    publication: Publication,
    path: Path,
    *,
    reason: str = "",
    kind: str = "manual",
    actor: str,
    apply: bool = False,
) -> SuppressionReport:
    """Suppresses what a file lists, an address or a domain a line, or in a column; all of it or nothing."""
    _check_kind(kind)
    listed = read_suppressions(path)
    report = SuppressionReport(apply, listed.encoding)
    with open_store(publication) as opened:
        try:
            with opened.writing() as connection:
                for line in listed.lines:
                    wanted = _line(line, reason, kind, report)
                    if wanted is None:
                        continue
                    if store.add_suppression(connection, wanted, actor):
                        report.new += 1
                    else:
                        report.known += 1
                if not apply:
                    raise _DryRun
        except _DryRun:
            pass
    return report


def value_of(text: str) -> tuple[str, bool]:
    """What is suppressed, in its normal form, and whether it is a domain: `@spam.example`, or one without @."""
    typed = text.strip()
    try:
        if "@" in typed.lstrip("@"):
            return parse_address(typed).key, False
        return domain_of(typed.lstrip("@")), True
    except BadAddress as caught:
        raise UsageError(f"neither an address nor a domain: {text} ({caught})") from None


class _DryRun(Exception):
    """Rolls the transaction back."""


def _line(
    line: Line | Reject, reason: str, kind: str, report: SuppressionReport
) -> Suppression | None:
    """What a line suppresses; None for one that cannot be used, which is told."""
    if isinstance(line, Reject):
        _reject(report, line)
        return None
    try:
        wanted = _suppression(line.text, line.reason or reason, line.kind or kind)
    except UsageError as caught:
        _reject(report, Reject(line.line, line.text, caught.message))
        return None
    return replace(wanted, since=line.since)


def _reject(report: SuppressionReport, line: Reject) -> None:
    report.invalid += 1
    if len(report.invalid_lines) < MOST_TOLD:
        report.invalid_lines.append((line.line, line.text, line.reason))


def _suppression(text: str, reason: str, kind: str) -> Suppression:
    _check_kind(kind)
    value, is_domain = value_of(text)
    told = cleaned(reason.strip())[:MOST_REASON] or "suppressed by hand"
    return Suppression(value, told, None, is_domain, kind or "manual")


def _check_kind(kind: str) -> None:
    if kind and kind not in KINDS:
        raise UsageError(f"there is no kind {kind}", f"There are: {', '.join(KINDS)}")
