"""Editing beside other programs: bytes stay, both writers' words stay, a cut-off save is finished."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.problems import NewsletterError, UsageError
from newsletter.workflow import editing as module
from newsletter.workflow.drafts import Draft, Drafts
from newsletter.workflow.editing import MISSING, Conflict, Editing, Saved
from newsletter.workflow.source_files import SourceFiles
from newsletter.workflow.source_text import normal, text_of, with_text

FILE = "01-news/01-first.md"
TEXT = "---\ntitle: First\n---\n\nOne.\n\nTwo.\n\nThree.\n"


@pytest.fixture
def issue(tmp_path: Path) -> Path:
    folder = tmp_path / "issues" / "may"
    (folder / "01-news").mkdir(parents=True)
    (folder / FILE).write_text(TEXT, encoding="utf-8")
    (folder / "issue.md").write_text("# May\n", encoding="utf-8")
    return folder


@pytest.fixture
def editing(tmp_path: Path, issue: Path) -> Editing:
    return Editing(tmp_path, "may", issue)


def saved(outcome: Saved | Conflict) -> Saved:
    assert isinstance(outcome, Saved)
    return outcome


def conflict(outcome: Saved | Conflict) -> Conflict:
    assert isinstance(outcome, Conflict)
    return outcome


def test_a_save_is_on_disk_and_leaves_no_draft(
    editing: Editing, issue: Path, tmp_path: Path
) -> None:
    opened = editing.open(FILE)
    text = TEXT.replace("One.", "一。")
    outcome = saved(editing.save(FILE, text, version=opened.version, base=opened.text))
    assert (issue / FILE).read_text(encoding="utf-8") == text
    assert not outcome.merged
    assert list((tmp_path / ".studio" / "drafts").rglob("*.json")) == []
    assert sorted(path.name for path in (issue / "01-news").iterdir()) == ["01-first.md"]


def test_an_unchanged_text_writes_nothing(editing: Editing, issue: Path) -> None:
    before = (issue / FILE).stat()
    opened = editing.open(FILE)
    saved(editing.save(FILE, opened.text, version=opened.version, base=opened.text))
    after = (issue / FILE).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_changes_on_disk_and_typed_ones_meet(editing: Editing, issue: Path) -> None:
    opened = editing.open(FILE)
    (issue / FILE).write_text(TEXT.replace("Three.", "Three, said git."), encoding="utf-8")
    typed = TEXT.replace("One.", "One, typed.")
    outcome = saved(editing.save(FILE, typed, version=opened.version, base=opened.text))
    assert outcome.merged
    assert outcome.text == typed.replace("Three.", "Three, said git.")
    assert (issue / FILE).read_text(encoding="utf-8") == outcome.text


def test_a_conflict_writes_nothing_and_either_choice_ends_it(editing: Editing, issue: Path) -> None:
    opened = editing.open(FILE)
    theirs = TEXT.replace("Two.", "Two, from disk.").replace("Three.", "Drei.")
    (issue / FILE).write_text(theirs, encoding="utf-8")
    mine = TEXT.replace("Two.", "Two, typed.")
    found = conflict(editing.save(FILE, mine, version=opened.version, base=opened.text))
    assert (issue / FILE).read_text(encoding="utf-8") == theirs
    assert found.kept.read_text(encoding="utf-8") == mine
    again = editing.open(FILE)
    assert again.conflict is not None
    assert again.conflict.mine == mine
    choice = found.merged.mine
    assert choice == mine.replace("Three.", "Drei.")
    saved(editing.save(FILE, choice, version=found.version, base=found.theirs))
    assert (issue / FILE).read_text(encoding="utf-8") == choice
    assert editing.open(FILE).conflict is None
    assert found.kept.exists()


def test_a_file_that_went_away_is_not_silently_made_again(editing: Editing, issue: Path) -> None:
    opened = editing.open(FILE)
    (issue / FILE).unlink()
    found = conflict(editing.save(FILE, TEXT + "More.\n", version=opened.version, base=TEXT))
    assert found.version == MISSING
    assert not (issue / FILE).exists()
    saved(editing.save(FILE, found.merged.mine, version=MISSING, base=""))
    assert (issue / FILE).read_text(encoding="utf-8") == TEXT + "More.\n"


def test_a_save_cut_off_before_the_file_was_touched_is_finished_on_opening(
    editing: Editing, issue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = editing.open(FILE)

    def killed(self: SourceFiles, name: str, data: bytes, instead_of: bytes | None) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(SourceFiles, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        editing.save(FILE, TEXT + "最后一句。\n", version=opened.version, base=opened.text)
    monkeypatch.undo()
    assert (issue / FILE).read_text(encoding="utf-8") == TEXT
    assert Editing(tmp_path, "may", issue).open(FILE).text == TEXT + "最后一句。\n"
    assert (issue / FILE).read_text(encoding="utf-8") == TEXT + "最后一句。\n"


def test_a_save_cut_off_after_the_file_was_written_changes_nothing_more(
    editing: Editing, issue: Path, tmp_path: Path
) -> None:
    opened = editing.open(FILE)
    text = TEXT + "Done.\n"
    Drafts(tmp_path, "may").put(Draft(FILE, text, TEXT, opened.version))
    (issue / FILE).write_text(text, encoding="utf-8")
    assert editing.open(FILE).conflict is None
    assert (issue / FILE).read_text(encoding="utf-8") == text


def test_a_full_disk_keeps_the_text_in_the_journal(
    editing: Editing, issue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = editing.open(FILE)

    def full(self: SourceFiles, name: str, data: bytes, instead_of: bytes | None) -> bool:
        raise NewsletterError("no space left")

    monkeypatch.setattr(SourceFiles, "write", full)
    with pytest.raises(NewsletterError):
        editing.save(FILE, TEXT + "Kept.\n", version=opened.version, base=opened.text)
    draft = Drafts(tmp_path, "may").get(FILE)
    assert draft is not None
    assert draft.text.endswith("Kept.\n")


def test_a_file_that_may_only_be_read_is_left_alone_and_the_text_waits_for_it(
    editing: Editing, issue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = editing.open(FILE)
    (issue / FILE).chmod(0o444)
    text = TEXT + "Kept.\n"
    with monkeypatch.context() as patch:  # who runs the tests may be root, who may write everywhere
        patch.setattr(os, "access", lambda path, mode: bool(path.stat().st_mode & 0o200))
        with pytest.raises(NewsletterError, match=r"01-first\.md cannot be written: Permission"):
            editing.save(FILE, text, version=opened.version, base=opened.text)
    assert (issue / FILE).read_text(encoding="utf-8") == TEXT
    (issue / FILE).chmod(0o644)
    assert editing.open(FILE).text == text  # what was kept is in the file now


def test_writers_that_race_lose_no_word(editing: Editing, issue: Path) -> None:
    """Eight windows append to paragraphs of their own, all from the same beginning."""
    base = "\n\n".join(f"Paragraph {number}." for number in range(8)) + "\n"
    (issue / FILE).write_text(base, encoding="utf-8")
    opened = editing.open(FILE)
    failed: list[object] = []

    def window(number: int) -> None:
        version, text, seen = opened.version, base, base
        for step in range(5):
            text = text.replace(f"Paragraph {number}.", f"Paragraph {number}. +{number}.{step}", 1)
            outcome = editing.save(FILE, text, version=version, base=seen)
            if isinstance(outcome, Conflict):
                failed.append(outcome)
                return
            version, text, seen = outcome.version, outcome.text, outcome.text

    threads = [threading.Thread(target=window, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    end = (issue / FILE).read_text(encoding="utf-8")
    assert all(f"+{number}.{step}" in end for number in range(8) for step in range(5))


def test_a_change_between_reading_and_writing_is_seen(
    editing: Editing, issue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = editing.open(FILE)
    whole = module.with_text
    once = [True]

    def meanwhile(old: bytes, text: str) -> bytes:
        if once.pop() if once else False:
            (issue / FILE).write_text(TEXT.replace("Three.", "3."), encoding="utf-8")
        return whole(old, text)

    monkeypatch.setattr(module, "with_text", meanwhile)
    typed = TEXT.replace("One.", "1.")
    outcome = saved(editing.save(FILE, typed, version=opened.version, base=opened.text))
    assert outcome.text == typed.replace("Three.", "3.")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.md",
        "/etc/passwd.md",
        "01-news/../../secret.md",
        "01-news//01-first.md",
        "./issue.md",
        ".hidden.md",
        ".git/config.toml",
        "01-news/figures/a.png",
        "01-news\\01-first.md",
        "a\0.md",
        "",
        "link.md",
        "linked/01-first.md",
    ],
)
def test_only_files_of_the_issue_are_reached(
    editing: Editing, issue: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    (issue / "link.md").symlink_to(tmp_path / "secret.md")
    (issue / "linked").symlink_to(tmp_path)
    (tmp_path / "01-first.md").write_text("secret", encoding="utf-8")
    with pytest.raises(UsageError):
        editing.open(name)
    with pytest.raises(UsageError):
        editing.save(name, "x", version=MISSING, base="")
    assert (tmp_path / "secret.md").read_text(encoding="utf-8") == "secret"
    assert editing.names() == (FILE, "issue.md")


def test_a_single_file_is_an_issue_whose_neighbours_are_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# One\n", encoding="utf-8")
    (tmp_path / "two.md").write_text("# Two\n", encoding="utf-8")
    editing = Editing(tmp_path, "one", tmp_path / "one.md")
    assert editing.names() == ("one.md",)
    with pytest.raises(UsageError):
        editing.open("two.md")


def test_a_file_that_is_no_text_is_refused_and_untouched(editing: Editing, issue: Path) -> None:
    (issue / FILE).write_bytes("第一".encode("gb18030"))
    opened = editing.open(FILE)
    assert "not UTF-8" in opened.refusal
    with pytest.raises(UsageError):
        editing.save(FILE, "x", version=opened.version, base="")
    assert (issue / FILE).read_bytes() == "第一".encode("gb18030")


def test_permissions_stay(editing: Editing, issue: Path) -> None:
    os.chmod(issue / FILE, 0o640)
    opened = editing.open(FILE)
    editing.save(FILE, TEXT + "x", version=opened.version, base=TEXT)
    assert (issue / FILE).stat().st_mode & 0o777 == 0o640


def test_a_changed_line_leaves_all_other_bytes() -> None:
    old = b"\xef\xbb\xbfone \r\ntwo\n\rthree\r\n  four"
    text = text_of(old).replace("two", "zwei").replace("three", "drei\nvier")
    assert with_text(old, text) == b"\xef\xbb\xbfone \r\nzwei\r\n\rdrei\r\nvier\r\n  four"


@given(st.text(alphabet="ab \r\n\ufeff\u2028行", max_size=40))
def test_a_text_that_was_not_changed_keeps_every_byte(text: str) -> None:
    data = text.encode("utf-8")
    assert with_text(data, text_of(data)) == data


@example("a\n\ra", "\r\r")
@given(st.text(alphabet="ab \r\n行", max_size=40), st.text(alphabet="ab \r\n行\ud83d", max_size=40))
def test_what_was_typed_is_what_the_file_says(old: str, typed: str) -> None:
    text = normal(typed)
    assert text_of(with_text(old.encode("utf-8"), text)) == text.removeprefix("\ufeff")


def test_a_program_that_writes_while_a_save_goes_to_disk_loses_nothing(
    editing: Editing, issue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = editing.open(FILE)
    sync, wrote = os.fsync, []

    def slow_sync(handle: int) -> None:
        sync(handle)
        beside = [one.name for one in (issue / "01-news").iterdir() if one.name.endswith(".tmp")]
        if beside and not wrote:  # the file's new bytes are on disk, and not in their place yet
            wrote.append(beside)
            (issue / FILE).write_text(TEXT.replace("Three.", "Three, they say."), "utf-8")

    monkeypatch.setattr(os, "fsync", slow_sync)
    text = TEXT.replace("One.", "One, I say.")
    outcome = saved(editing.save(FILE, text, version=opened.version, base=opened.text))
    assert wrote
    assert outcome.merged
    now = (issue / FILE).read_text(encoding="utf-8")
    assert "One, I say." in now
    assert "Three, they say." in now
    assert sorted(path.name for path in (issue / "01-news").iterdir()) == ["01-first.md"]


def test_a_file_that_another_program_has_emptied_to_write_it_is_waited_for(
    editing: Editing, issue: Path
) -> None:
    opened = editing.open(FILE)
    emptied = threading.Event()

    def write_in_place() -> None:
        with (issue / FILE).open("w", encoding="utf-8") as stream:
            stream.flush()
            os.utime(issue / FILE)
            emptied.set()
            threading.Event().wait(0.03)
            stream.write(TEXT.replace("Three.", "Three, they say."))

    other = threading.Thread(target=write_in_place)
    other.start()
    emptied.wait()
    text = TEXT.replace("One.", "One, I say.")
    outcome = saved(editing.save(FILE, text, version=opened.version, base=opened.text))
    other.join()
    assert outcome.text == text.replace("Three.", "Three, they say.")
    assert (issue / FILE).read_text(encoding="utf-8") == outcome.text


def test_a_file_that_got_another_name_is_followed_even_where_two_change_places(
    editing: Editing, issue: Path
) -> None:
    other = "01-news/02-first.md"
    (issue / other).write_text("Other.\n", encoding="utf-8")
    before, opened = editing.order, editing.open(FILE)

    def swap() -> dict[str, str]:
        os.rename(issue / FILE, issue / "aside")
        os.rename(issue / other, issue / FILE)
        os.rename(issue / "aside", issue / other)
        return {FILE: other, other: FILE}

    editing.renaming(swap)
    assert editing.name_now(FILE, before) == other
    assert editing.name_now(FILE, editing.order) == FILE
    assert editing.name_now(FILE, "another-run.0") == FILE
    text = opened.text + "Typed.\n"
    told = saved(editing.save(FILE, text, version=opened.version, base=opened.text, order=before))
    assert told.text == text
    assert (issue / other).read_text(encoding="utf-8") == text
    assert (issue / FILE).read_text(encoding="utf-8") == "Other.\n"


def test_a_file_that_another_program_renamed_is_followed_with_what_is_typed(
    editing: Editing, issue: Path
) -> None:
    editing.follow()
    before, opened = editing.order, editing.open(FILE)
    os.rename(issue / "01-news", issue / "02-world")  # as git does it, or a file manager
    text = opened.text + "Typed.\n"
    saved(editing.save(FILE, text, version=opened.version, base=opened.text, order=before))
    new = "02-world/01-first.md"
    assert editing.name_now(FILE, before) == new
    assert (issue / new).read_text(encoding="utf-8") == text
    # Some copy first, and delete then.
    shutil.copy(issue / new, issue / "copy.md")
    editing.follow()
    assert editing.name_now(FILE, before) == new
    (issue / new).unlink()
    editing.follow()
    assert editing.name_now(FILE, before) == "copy.md"


@pytest.mark.parametrize(
    "elsewhere", [["Other.\n"], [TEXT, TEXT], []], ids=["another text", "two with it", "none"]
)
def test_a_file_is_gone_where_it_is_not_certain_what_became_of_it(
    editing: Editing, issue: Path, elsewhere: list[str]
) -> None:
    editing.follow()
    before, opened = editing.order, editing.open(FILE)
    (issue / FILE).unlink()
    for number, text in enumerate(elsewhere):
        (issue / f"{number}-new.md").write_text(text, encoding="utf-8")
    editing.follow()
    assert editing.name_now(FILE, before) == FILE
    typed = opened.text + "Typed.\n"
    outcome = editing.save(FILE, typed, version=opened.version, base=opened.text, order=before)
    assert conflict(outcome).version == MISSING


def test_a_conflict_goes_with_its_file(editing: Editing, issue: Path) -> None:
    opened = editing.open(FILE)
    (issue / FILE).write_text(TEXT.replace("One.", "Theirs."), encoding="utf-8")
    mine = TEXT.replace("One.", "Mine.")
    conflict(editing.save(FILE, mine, version=opened.version, base=opened.text))
    new = "01-news/07-first.md"

    def move() -> dict[str, str]:
        os.rename(issue / FILE, issue / new)
        return {FILE: new}

    editing.renaming(move)
    found = editing.open(new).conflict
    assert found is not None
    assert found.mine == mine
