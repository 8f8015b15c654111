"""Exports: safe in a spreadsheet, and nothing lost."""

from __future__ import annotations

import csv
import datetime

from hypothesis import given
from hypothesis import strategies as st

from newsletter.model.subscriber import Consent, MailingList, Status, Subscriber, Subscription
from newsletter.subscribers.exports import csv_lines, guarded, restored

NOON = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)


@given(st.text(alphabet="'=+-@\t\rab", max_size=8))
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert not guarded(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restored(guarded(cell)) == cell


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
