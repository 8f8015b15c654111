"""Reading again after a change gives what a cold reading gives."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.issues.kept_bodies import forget
from newsletter.issues.reader import Reading, read_issue

TEXTS = [
    "First words.\n\n## Heading\n\nMore [link](#heading).\n",
    "## Heading\n\nSee [](#fig:map) and [the other](../02-b/01-x.md#heading).\n\n![Map](map.png)\n",
    "A note[^1].\n\n[^1]: The note.\n",
    "![Missing](nowhere.png)\n",
    "# Title\n\nText [gone](#nothing).\n",
]
NAMES = ["01-a/01-x.md", "01-a/02-y.md", "02-b/01-x.md"]


def cold(folder: Path) -> Reading:
    forget()
    return read_issue(folder, default_language="en")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(TEXTS)), min_size=2, max_size=6))
def test_a_warm_reading_is_equal_to_a_cold_one(
    tmp_path: Path, changes: list[tuple[str, str]]
) -> None:
    folder = tmp_path / "issue"
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(TEXTS[0])
    (folder / "issue.md").write_text("---\ntitle: T\n---\n\nDear [reader](01-a/01-x.md).\n")
    forget()
    for name, text in changes:
        (folder / name).write_text(text)
        warm = read_issue(folder, default_language="en")
        assert warm == cold(folder)


def test_typed_text_is_read_in_place_of_the_file_and_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text("---\ntitle: T\n---\n\nOld.\n")
    (tmp_path / "01-a.md").write_text("# A\n\nOld.\n")
    typed = {"01-a.md": "# A\n\nNew.\n", "none.md": "# No such file\n"}
    reading = read_issue(tmp_path, default_language="en", typed=typed)
    assert reading.issue is not None
    assert "New." in str(reading.issue.sections)
    assert len(reading.issue.sections) == 1
    assert (tmp_path / "01-a.md").read_text() == "# A\n\nOld.\n"


def test_a_picture_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "issue.md").write_text("---\ntitle: T\n---\n\n![A map](map.png)\n")
    Image.new("RGB", (10, 10)).save(tmp_path / "map.png")
    first = read_issue(tmp_path, default_language="en").issue
    Image.new("RGB", (30, 20)).save(tmp_path / "map.png")
    second = read_issue(tmp_path, default_language="en").issue
    assert first is not None
    assert second is not None
    assert first.pictures["map.png"].width == 10
    assert second.pictures["map.png"].width == 30
