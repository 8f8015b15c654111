"""What a file of subscribers looks like before it is imported, and where it is kept meanwhile."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from newsletter.problems import UsageError
from newsletter.publication import load_publication
from newsletter.workflow import import_uploads as uploads
from newsletter.workflow.import_looks import look
from newsletter.workflow.importing import import_file


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "people.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def test_each_column_tells_what_it_is_and_holds(tmp_path: Path) -> None:
    text = "邮箱,姓名,城市,状态\nw@example.com,王敏,东莞,已订阅\nnone,李,,wrong\n"
    seen = look(written(tmp_path, text, "gb18030"))
    assert (seen.encoding_name, seen.delimiter, seen.header) == ("GB18030", ",", True)
    assert [(one.name, one.field, one.first) for one in seen.columns] == [
        ("邮箱", "email", "w@example.com"),
        ("姓名", "name", "王敏"),
        ("城市", "attribute:城市", "东莞"),
        ("状态", "status", "已订阅"),
    ]
    assert [one.odd for one in seen.columns] == [1, 0, 0, 1]
    assert seen.columns[2].filled == 1


def test_a_column_of_addresses_is_found_whatever_its_name(tmp_path: Path) -> None:
    seen = look(written(tmp_path, "Kontakt;Ort\na@example.com;Köln\n", "cp1252"))
    assert [one.field for one in seen.columns] == ["email", "attribute:Ort"]
    assert seen.refusal == ""
    none = look(written(tmp_path, "wer,was\nx,y\n"))
    assert [one.field for one in none.columns] == ["attribute:wer", "attribute:was"]
    assert "no column" in none.refusal


def test_what_a_person_says_of_the_file_goes_before_what_it_looks_like(tmp_path: Path) -> None:
    file = written(tmp_path, "email|name,of\nm@example.com|Müller,x\n", "cp1252")
    seen = look(file, encoding="cp1251", delimiter="|")
    assert [one.name for one in seen.columns] == ["email", "name,of"]
    assert seen.columns[1].first == "Mьller,x"


def test_the_import_reads_the_file_as_it_was_said_and_tells_its_progress(
    new_publication: Path,
) -> None:
    publication = load_publication(new_publication, {})
    file = written(new_publication, "email,name\nm@example.com,Müller\n", "cp1252")
    told: list[int] = []
    report = import_file(
        publication, file, "weekly", encoding="cp1251", actor="anna", progress=told.append
    )
    assert (report.encoding, report.new) == ("cp1251", 1)
    assert told == [0]


def test_an_upload_is_kept_private_under_a_safe_name_and_is_gone_after_a_day(
    new_publication: Path,
) -> None:
    publication = load_publication(new_publication, {})
    kept = uploads.keep(publication, "../../etc/a<b>\x07.csv", io.BytesIO(b"email\n"), "anna")
    assert kept.name == "ab.csv"
    assert kept.path.read_bytes() == b"email\n"
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert new_publication / ".studio" / "imports" in kept.path.parents
    assert uploads.find(publication, kept.id) == kept
    about = kept.path.parent / "about.json"
    about.write_text(about.read_text().replace(f'"at": {kept.at}', '"at": 1'))
    uploads.sweep(publication)
    with pytest.raises(UsageError, match="here no more"):
        uploads.find(publication, kept.id)


def test_uploads_are_bounded_in_size_and_number(
    new_publication: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = load_publication(new_publication, {})
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    with pytest.raises(UsageError, match="larger"):
        uploads.keep(publication, "a.csv", io.BytesIO(b"x" * 11), "anna")
    with pytest.raises(UsageError, match="empty"):
        uploads.keep(publication, "a.csv", io.BytesIO(b""), "anna")
    folder = new_publication / ".studio" / "imports"
    assert os.listdir(folder) == []
    for _ in range(uploads.MOST_KEPT + 3):
        uploads.keep(publication, "a.csv", io.BytesIO(b"email\n"), "anna")
    assert len(os.listdir(folder)) == uploads.MOST_KEPT


@pytest.mark.parametrize("id", ["", "..", "../trash", "0" * 15, "g" * 16])
def test_no_other_folder_can_be_named(new_publication: Path, id: str) -> None:
    with pytest.raises(UsageError):
        uploads.find(load_publication(new_publication, {}), id)
