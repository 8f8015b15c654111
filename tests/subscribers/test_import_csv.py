"""CSV files as they come: encodings, delimiters, headers, line numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.model.subscriber import Status
from newsletter.problems import UsageError
from newsletter.subscribers.importers.files import open_import
from newsletter.subscribers.importers.rows import Reject, Row

CHINESE = "邮箱,姓名,城市\nli@example.com,李雷,北京\nhan@example.com,韩梅梅,上海\n"


def rows(path: Path, **mapping: str) -> list[Row | Reject]:
    return list(open_import(path, mapping).rows)


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
def test_a_chinese_file_is_read_in_any_of_its_encodings(tmp_path: Path, encoding: str) -> None:
    found = rows(write(tmp_path, CHINESE, encoding))
    assert [(row.address.email, row.name, row.attributes) for row in found] == [  # type: ignore[union-attr]
        ("li@example.com", "李雷", {"城市": "北京"}),
        ("han@example.com", "韩梅梅", {"城市": "上海"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str) -> None:
    text = f"E-Mail{delimiter}Full Name\na@example.com{delimiter}Ann\n"
    assert [(row.address.email, row.name) for row in rows(write(tmp_path, text))] == [  # type: ignore[union-attr]
        ("a@example.com", "Ann")
    ]


def test_each_line_that_cannot_be_used_is_told_with_its_number(tmp_path: Path) -> None:
    text = (
        'email,name,status\nnobody,A,\n\n"b@example.com","two\nlines",\n,C,\nd@example.com,D,dancing\n'
        "e@example.com,E,active,more\nf@example.com,F\n"
    )
    found = rows(write(tmp_path, text))
    assert [(one.line, one.reason) for one in found if isinstance(one, Reject)] == [
        (2, "there is no @ in it"),
        (6, "there is no address in it"),
        (7, "unknown status: dancing"),
        (8, "it has 4 cells, the header 3"),
    ]
    good = [(one.line, one.address.email) for one in found if isinstance(one, Row)]
    assert good == [(4, "b@example.com"), (9, "f@example.com")]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("subscribed", Status.CONFIRMED),
        ("Unsubscribed", Status.UNSUBSCRIBED),
        ("cleaned", Status.BOUNCED),
        ("已退订", Status.UNSUBSCRIBED),
        ("spam complaint", Status.COMPLAINED),
        ("pending", Status.PENDING),
        ("", None),
    ],
)
def test_statuses_of_other_products_are_understood(
    tmp_path: Path, word: str, status: Status | None
) -> None:
    (row,) = rows(write(tmp_path, f"email,status\na@example.com,{word}\n"))
    assert isinstance(row, Row)
    assert row.status is status


def test_columns_can_be_mapped_and_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "Kontakt,Wer,Ort,Notiz\na@example.com,Ann,Graz,x\n")
    (row,) = rows(path, Kontakt="email", Wer="name", Ort="city", Notiz="-")
    assert isinstance(row, Row)
    assert (row.name, row.attributes) == ("Ann", {"city": "Graz"})


def test_a_mapped_column_that_is_not_there_and_a_file_without_addresses_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="no column 'Mail'"):
        rows(write(tmp_path, "email\na@example.com\n"), Mail="email")
    with pytest.raises(UsageError, match="no column of the file holds mail addresses"):
        rows(write(tmp_path, "who,where\nAnn,Graz\n"))
    with pytest.raises(UsageError, match="is empty"):
        rows(write(tmp_path, "\n\n"))
    with pytest.raises(UsageError, match="cannot read"):
        rows(tmp_path / "missing.csv")


def test_a_file_without_a_header_is_addresses_and_names(tmp_path: Path) -> None:
    found = rows(write(tmp_path, "a@example.com,Ann\nb@example.com,Bob\n"))
    assert [(row.line, row.name) for row in found] == [(1, "Ann"), (2, "Bob")]  # type: ignore[union-attr]


def test_two_columns_of_one_meaning_are_one_field_and_one_attribute(tmp_path: Path) -> None:
    (row,) = rows(write(tmp_path, "email,mail,姓名,name\na@example.com,b@example.com,甲,A\n"))
    assert isinstance(row, Row)
    assert (row.address.email, row.name) == ("a@example.com", "甲")
    assert row.attributes == {"mail": "b@example.com", "name": "A"}


def test_control_characters_do_not_reach_a_name(tmp_path: Path) -> None:
    (row,) = rows(write(tmp_path, 'email,name\na@example.com,"A\r\nBcc: b@example.com\x00\x1b"\n'))
    assert isinstance(row, Row)
    assert row.name == "A Bcc: b@example.com"
