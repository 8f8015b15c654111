"""What is done to an issue with one click: mended, silenced, filled in, moved, put away, taken back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from newsletter.problems import Changed, UsageError
from newsletter.publication import Publication, load_publication
from newsletter.workflow import composing, issue_folders, parts, undoing
from newsletter.workflow.comparing import compared
from newsletter.workflow.editing import Editing
from newsletter.workflow.history import History, Standing
from newsletter.workflow.inbox import inbox_rows
from newsletter.workflow.issues import check, read
from newsletter.workflow.picture_files import add_picture

ARTICLE = "---\ntitle: Chips\n---\n\nAbout CAR- T cells.\n\n![Map](figures/map.png)\n"


@pytest.fixture
def orchard(new_publication: Path) -> Publication:
    issue = new_publication / "issues" / "may"
    for name, text in {
        "issue.md": "---\ntitle: May\ndate: 2026-05-01\npreheader: Of apples and pears and what the frost did\n---\n\nDear reader.\n",
        "01-news/section.md": "---\ntitle: News\n---\n",
        "01-news/01-chips.md": ARTICLE,
        "01-news/02-frost.md": "---\ntitle: Frost\n---\n\nSee [chips](01-chips.md) there.\n",
        "02-more/01-pears.md": "---\ntitle: Pears\n---\n\nSee [frost](../01-news/02-frost.md#x).\n",
    }.items():
        (issue / name).parent.mkdir(parents=True, exist_ok=True)
        (issue / name).write_text(text)
    (issue / "01-news" / "figures").mkdir()
    Image.new("RGB", (700, 400), "#aa8833").save(issue / "01-news" / "figures" / "map.png")
    return load_publication(new_publication, {})


@pytest.fixture
def issue(orchard: Publication) -> Path:
    return orchard.issues_folder / "may"


@pytest.fixture
def editing(orchard: Publication, issue: Path) -> Editing:
    return Editing(orchard.root, "may", issue)


def codes(orchard: Publication) -> list[str]:
    return [problem.code for problem in check(orchard, "may")]


def test_a_mechanical_fix_mends_the_words_and_nothing_else(
    orchard: Publication, editing: Editing, issue: Path
) -> None:
    (problem,) = [one for one in check(orchard, "may") if one.code == "hyphen-space"]
    assert problem.fix is not None
    source, fix = problem.source, problem.fix
    composing.mend(editing, [composing.Mending(source.file, source.line, fix.old, fix.new)])
    assert (issue / "01-news/01-chips.md").read_text() == ARTICLE.replace("CAR- T", "CAR-T")
    assert "hyphen-space" not in codes(orchard)
    with pytest.raises(Changed):
        composing.mend(editing, [composing.Mending(source.file, source.line, fix.old, fix.new)])


def test_a_silence_is_written_in_the_issue_with_its_reason_and_is_kept_to(
    orchard: Publication, editing: Editing, issue: Path
) -> None:
    composing.silence(editing, "hyphen-space", "the journal writes it so", "01-news/01-chips.md")
    assert 'reason: "the journal writes it so"' in (issue / "issue.md").read_text() or (
        "reason: the journal writes it so" in (issue / "issue.md").read_text()
    )
    assert "hyphen-space" not in codes(orchard)
    with pytest.raises(UsageError):
        composing.silence(editing, "hyphen-space", " ")


def test_errors_are_told_although_they_are_silenced(
    orchard: Publication, editing: Editing, issue: Path
) -> None:
    (issue / "01-news/01-chips.md").write_text("![Gone](figures/nowhere.png)\n")
    composing.silence(editing, "image-missing", "looking for it")
    assert "image-missing" in codes(orchard)


def test_a_form_changes_what_was_changed_in_it(editing: Editing, issue: Path) -> None:
    values, can = composing.details_of(ARTICLE, "01-news/01-chips.md")
    assert values == {"title": "Chips"}
    assert all(can.values())
    composing.fill_in(
        editing,
        "01-news/01-chips.md",
        {"authors": "Li, Wang", "email": "digest", "title": "Chips!"},
    )
    text = (issue / "01-news/01-chips.md").read_text()
    assert text.startswith('---\ntitle: "Chips!"\nauthors: [Li, Wang]\nemail: digest\n---\n')
    assert text.endswith(ARTICLE.partition("---\n\n")[2])
    with pytest.raises(UsageError):
        composing.fill_in(editing, "01-news/01-chips.md", {"email": "sometimes"})


def test_an_article_moves_within_its_section_and_links_follow(
    orchard: Publication, issue: Path
) -> None:
    moved = parts.move_part(issue, "01-news/02-frost.md", "01-news")
    assert moved == {
        "01-news/01-chips.md": "01-news/02-chips.md",
        "01-news/02-frost.md": "01-news/01-frost.md",
    }
    assert "(02-chips.md)" in (issue / "01-news/01-frost.md").read_text()
    assert "(../01-news/01-frost.md#x)" in (issue / "02-more/01-pears.md").read_text()
    found = read(orchard, "may").issue
    assert found is not None
    assert [one.title for _, one in found.articles()] == ["Frost", "Chips", "Pears"]


def test_an_article_moves_to_another_section_and_keeps_its_picture(
    orchard: Publication, issue: Path
) -> None:
    parts.move_part(issue, "01-news/01-chips.md", "02-more/01-pears.md")
    text = (issue / "02-more/02-chips.md").read_text()
    assert "![Map](../01-news/figures/map.png)" in text
    assert "image-missing" not in codes(orchard)


def test_sections_change_places_whole(orchard: Publication, issue: Path) -> None:
    parts.move_part(issue, "02-more", "")
    assert sorted(path.name for path in issue.iterdir()) == ["01-more", "02-news", "issue.md"]
    assert "(../02-news/02-frost.md#x)" in (issue / "01-more/01-pears.md").read_text()
    assert "image-missing" not in codes(orchard)


def test_a_move_that_makes_no_sense_changes_nothing(issue: Path) -> None:
    before = sorted(path.as_posix() for path in issue.rglob("*"))
    for what, after in [
        ("nothing.md", "01-news"),
        ("01-news/01-chips.md", "elsewhere"),
        ("../x", ""),
    ]:
        with pytest.raises(UsageError):
            parts.move_part(issue, what, after)
    assert sorted(path.as_posix() for path in issue.rglob("*")) == before


def test_new_parts_come_at_the_end_and_what_is_put_away_is_kept(
    orchard: Publication, issue: Path
) -> None:
    assert parts.new_part(issue, "新药：进展", "01-news") == "01-news/03-新药进展.md"
    assert parts.new_part(issue, "Later") == "03-later/section.md"
    kept = parts.trash_part(orchard.root, issue, "01-news/02-frost.md")
    assert kept.read_text().startswith("---\ntitle: Frost")
    assert kept.is_relative_to(orchard.root / ".studio" / "trash")
    assert not (issue / "01-news/02-frost.md").exists()


def test_a_picture_is_laid_small_without_what_the_camera_left_and_only_once(
    issue: Path, tmp_path: Path
) -> None:
    large = Image.effect_noise((3000, 1500), 80).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    large.save(tmp_path / "x.jpg", exif=exif)
    data = (tmp_path / "x.jpg").read_bytes()
    address = add_picture(issue, "01-news/01-chips.md", "My Photo (1).jpg", data)
    assert address in ("figures/My-Photo-1.jpg", "figures/My-Photo-1.png")
    path = issue / "01-news" / address
    assert b"A camera" not in path.read_bytes()
    with Image.open(path) as laid:
        assert laid.width == 1280
    assert add_picture(issue, "01-news/01-chips.md", "again.jpg", data) == address
    Image.effect_noise((500, 500), 90).convert("RGB").save(tmp_path / "y.jpg")
    other = (tmp_path / "y.jpg").read_bytes()
    second = add_picture(issue, "01-news/01-chips.md", "My-Photo-1.jpg", other)
    assert second != address
    assert len(list((issue / "01-news" / "figures").iterdir())) == 3


@pytest.mark.parametrize(
    "data",
    [b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", b""],
)
def test_what_is_no_safe_picture_is_refused(issue: Path, data: bytes) -> None:
    with pytest.raises(UsageError):
        add_picture(issue, "01-news/01-chips.md", "x.svg", data)
    assert [path.name for path in (issue / "01-news/figures").iterdir()] == ["map.png"]


def test_issues_are_copied_renamed_put_away_and_taken_back(orchard: Publication) -> None:
    issue_folders.duplicate(orchard, "may", "june")
    issue_folders.rename(orchard, "june", "july")
    with pytest.raises(UsageError):
        issue_folders.rename(orchard, "july", "may")
    with pytest.raises(UsageError):
        issue_folders.duplicate(orchard, "may", "../outside")
    issue_folders.trash(orchard, "july")
    (one,) = issue_folders.trashed(orchard)
    assert one.slug == "july"
    issue_folders.take_back(orchard, one.name)
    assert (orchard.issues_folder / "july" / "01-news" / "figures" / "map.png").is_file()
    assert issue_folders.trashed(orchard) == ()


def test_versions_are_saved_listed_and_read_where_there_is_a_repository(
    orchard: Publication, issue: Path
) -> None:
    assert "repository" in History(issue).missing
    subprocess.run(["git", "init", "-q", "-b", "spring"], cwd=orchard.root, check=True)
    hook = orchard.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    (orchard.root / "other.txt").write_text("not of the issue")
    history = History(issue)
    assert history.standing() == Standing(
        "spring", sum(one.is_file() for one in issue.rglob("*")), ""
    )
    first = history.save("Première lecture")
    (issue / "issue.md").write_text("---\ntitle: Later\n---\n")
    assert history.changed() == 1
    assert history.standing() == Standing("spring", 1, first.short)
    history.save("")
    assert [one.message for one in history.versions()] == ["Save a version", "Première lecture"]
    assert (history.text_at(first.id, issue / "issue.md") or "").startswith("---\ntitle: May")
    assert history.text_at("--help", issue / "issue.md") is None
    assert history.text_at(first.id, issue / "none.md") is None
    told = subprocess.run(
        ["git", "ls-files"], cwd=orchard.root, check=True, capture_output=True, text=True
    )
    assert "other.txt" not in told.stdout
    with pytest.raises(UsageError):
        history.save("nothing")


def test_a_comparison_shows_what_changed_and_a_little_around_it() -> None:
    before = "\n".join(f"line {n}" for n in range(20))
    rows = compared(before, before.replace("line 10", "line ten"))
    assert [(row.kind, row.text) for row in rows if row.kind in ("gone", "new")] == [
        ("gone", "line 10"),
        ("new", "line ten"),
    ]
    assert rows[0].kind == "gap"
    assert compared(before, before) == ()


def test_an_inbox_counts_han_twice_and_says_when_the_subject_is_cut() -> None:
    phone, narrow, wide = inbox_rows(
        "晨曦", "国际与国内生物产业八篇长文：细胞疗法与微型肝脏", "八篇"
    )
    assert phone.cut
    assert phone.subject == "国际与国内生物产业八篇长文：细胞疗法…"
    assert not narrow.cut
    assert wide.preheader == "八篇"


def test_what_was_done_with_one_click_is_taken_back(editing: Editing, issue: Path) -> None:
    chips, letter = issue / "01-news" / "01-chips.md", issue / "issue.md"
    before = chips.read_bytes(), letter.read_bytes()
    composing.mend(editing, [composing.Mending("01-news/01-chips.md", 5, "CAR- T", "CAR-T")])
    composing.silence(editing, "image-alt", "on purpose")
    assert undoing.undo(editing) == "silence"
    assert undoing.undo(editing) == "fix"
    assert (chips.read_bytes(), letter.read_bytes()) == before
    with pytest.raises(UsageError, match="nothing to take back"):
        undoing.undo(editing)


def test_taking_back_keeps_what_was_written_elsewhere_since(editing: Editing, issue: Path) -> None:
    chips = issue / "01-news" / "01-chips.md"
    composing.mend(editing, [composing.Mending("01-news/01-chips.md", 5, "CAR- T", "CAR-T")])
    chips.write_text(chips.read_text() + "\nWritten since.\n")
    undoing.undo(editing)
    assert "CAR- T" in chips.read_text()
    assert chips.read_text().endswith("\nWritten since.\n")


def test_what_was_rewritten_since_is_not_taken_back(editing: Editing, issue: Path) -> None:
    chips = issue / "01-news" / "01-chips.md"
    composing.mend(editing, [composing.Mending("01-news/01-chips.md", 5, "CAR- T", "CAR-T")])
    chips.write_text(chips.read_text().replace("About CAR-T cells.", "Of other cells."))
    now = chips.read_text()
    with pytest.raises(Changed, match="rewritten there since"):
        undoing.undo(editing)
    assert chips.read_text() == now


def test_several_fixes_are_one_deed(editing: Editing, issue: Path) -> None:
    chips, pears = "01-news/01-chips.md", "02-more/01-pears.md"
    composing.mend(
        editing,
        [
            composing.Mending(chips, 5, "CAR- T", "CAR-T"),
            composing.Mending(pears, 5, "See", "Read"),
            composing.Mending(pears, 5, "not there", "at all"),
        ],
    )
    assert "CAR-T" in (issue / chips).read_text()
    assert "Read [frost]" in (issue / pears).read_text()
    undoing.undo(editing)
    assert (issue / chips).read_text() == ARTICLE


def test_saves_that_follow_each_other_are_one_to_compare_with(
    editing: Editing, issue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "02-more/01-pears.md"
    first = (issue / name).read_text()
    clock = [1000.0]
    monkeypatch.setattr("newsletter.workflow.editing.time.monotonic", lambda: clock[0])
    for text in ("One.\n", "One. Two.\n"):
        opened = editing.open(name)
        editing.save(name, text, version=opened.version, base=opened.text)
        clock[0] += 5
    assert editing.before_save(name) == first
    clock[0] += 300
    opened = editing.open(name)
    editing.save(name, "Three.\n", version=opened.version, base=opened.text)
    assert editing.before_save(name) == "One. Two.\n"
