"""Exports: safe in a spreadsheet, and nothing lost."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from newsletter.model.subscriber import Consent, MailingList, Status, Subscriber, Subscription
from newsletter.subscribers.exports import csv_lines, guarded, restored
from newsletter.subscribers.importers.cells import cleaned, cleaned_attributes
from newsletter.subscribers.importers.files import open_import
from newsletter.subscribers.importers.rows import Row

NOON = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)


@given(st.text(alphabet="'=+-@\t\rab", max_size=8))
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert not guarded(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restored(guarded(cell)) == cell


NAMES = st.sampled_from(
    [
        "MEMBER_RATING",
        "LEID",
        "EUID",
        "OPTIN_TIME",
        "uuid",
        "status",
        "E-mail",
        "List",
        "=cmd|x",
        "attribute:x",
        "Opt-out reason",
    ]
)
VALUES = st.text(alphabet="'=+-@\t\r\n\x00 \xa0,;|\"\\\\ae\u0301王ş", max_size=6)


@example({"MEMBER_RATING": "2", "LEID": "1", "EUID": "x", "=cmd|x": "=1"}, "Ann")
@example({}, "-")
@given(st.dictionaries(NAMES | VALUES, VALUES, max_size=6), VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_attributes_somebody_has_an_export_is_read_back_as_it_was(
    tmp_path: Path, attributes: dict[str, str], name: str
) -> None:
    kept = {key: value for key, value in cleaned_attributes(attributes).items() if key and value}
    person = Subscriber(1, "li@example.com", cleaned(name), "", kept, NOON)
    consent = Consent(NOON, "import:a.csv", cleaned(name) or "yes")
    one = Subscription(person, MailingList(1, "monthly"), Status.UNSUBSCRIBED, NOON, consent)
    file = tmp_path / "all.csv"
    file.write_text("".join(csv_lines([one], sorted(kept))), encoding="utf-8", newline="")
    (row,) = open_import(file).rows
    assert isinstance(row, Row), row
    assert (row.name, row.attributes, row.status) == (person.name, kept, Status.UNSUBSCRIBED)
    assert (row.list, row.consent, row.created) == ("monthly", consent, NOON)
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        for cells in csv.reader(file.read_text(encoding="utf-8").splitlines(keepends=True))
        for cell in cells
    )


@given(st.text())
def test_what_is_cleaned_stays_as_it_is_when_it_is_cleaned_again(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


def test_an_export_reads_like_this() -> None:
    person = Subscriber(
        1, "li@example.com", "=1+1", "zh", {"city": '北京, "x"', "status": "s"}, NOON
    )
    consent = Consent(NOON, "import:a.csv", "said yes")
    one = Subscription(person, MailingList(1, "monthly"), Status.CONFIRMED, NOON, consent)
    lines = list(csv_lines([one], ["city", "status"]))
    assert list(csv.reader(lines)) == [
        [
            "email",
            "name",
            "language",
            "list",
            "status",
            "created",
            "consent_when",
            "consent_source",
            "consent_text",
            "consent_ip",
            "suppressed",
            "city",
            "attribute:status",
        ],
        [
            "li@example.com",
            "'=1+1",
            "zh",
            "monthly",
            "confirmed",
            "2026-11-01T12:00:00+00:00",
            "2026-11-01T12:00:00+00:00",
            "import:a.csv",
            "said yes",
            "",
            "",
            '北京, "x"',
            "s",
        ],
    ]
