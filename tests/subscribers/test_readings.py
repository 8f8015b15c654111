"""One real line in each encoding that a file may be in, so that a person sees which is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.subscribers.importers.readings import readings

LINES = "邮箱,姓名,城市\nplain@example.com,Ann,Leeds\nwm@example.com,王敏,东莞\n"


@pytest.mark.parametrize(
    ("encoding", "text", "name"),
    [
        ("gb18030", LINES, "GB18030"),
        ("big5", "信箱,姓名\nw@example.com,王小明在臺北\n", "Big5-HKSCS"),
        ("cp932", "メール,氏名\nt@example.com,たなか さくら です\n", "Shift-JIS"),
        ("cp1252", "email,name\nm@example.com,Jörg Müller aus Köln\n", "Windows-1252"),
    ],
)
def test_the_right_reading_comes_first_and_utf8_is_shown_as_broken(
    tmp_path: Path, encoding: str, text: str, name: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(text.encode(encoding))
    shown = readings(file)
    assert shown.found[0].name == name
    assert shown.found[0].text == text.splitlines()[shown.line - 1]
    utf8 = next(one for one in shown.found if one.encoding == "utf-8")
    assert not utf8.valid
    assert "\ufffd" in utf8.text


def test_the_line_is_the_first_that_tells_and_no_two_readings_are_alike(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(LINES.encode("utf-8"))
    shown = readings(file)
    assert shown.line == 3
    assert shown.best == "utf-8"
    assert shown.found[0].text == "wm@example.com,王敏,东莞"
    assert shown.found[0].likely == 1
    assert len({one.text for one in shown.found}) == len(shown.found) > 1


def test_nothing_is_to_choose_where_all_read_the_same_or_a_mark_tells(tmp_path: Path) -> None:
    plain, marked = tmp_path / "plain.csv", tmp_path / "marked.csv"
    plain.write_text("email\na@example.com\n")
    marked.write_bytes(LINES.encode("utf-16"))
    assert readings(plain).found == ()
    assert readings(marked) == type(readings(marked))("utf-16")


def test_a_header_alone_can_be_the_line_that_tells(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("邮箱,姓名\na@example.com,Ann\n".encode("gb18030"))
    assert readings(file).line == 1


def test_bytes_that_would_be_control_characters_are_not_shown_as_such(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("email,name\na@example.com,\x1b[31mÄ\x07\n".encode("cp1252"))
    assert all(one.text.isprintable() for one in readings(file).found)


def test_a_long_line_is_shown_from_where_it_begins_to_tell(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(f"email,name\n{'a' * 60}@example.com,王敏\n".encode("gb18030"))
    assert readings(file).found[0].text == "…a@example.com,王敏"
