"""Pictures kept on disk: found by the next process, never trusted blindly, bounded, and no reason for a folder."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL import Image as Pillow

from newsletter.editions import pictures
from newsletter.editions.picture_shelf import FOLDER, Kept, PictureShelf, shelf_of
from newsletter.editions.pictures import scaled
from newsletter.model.picture import Picture
from newsletter.publication import load_publication

MADE: Kept = ("image/png", 3, 2, b"first line\nsecond line")


def photograph() -> Picture:
    out = io.BytesIO()
    Pillow.linear_gradient("L").resize((600, 300)).convert("RGB").save(out, "PNG")
    data = out.getvalue()
    return Picture("p", "image/png", 600, 300, hashlib.sha256(data).hexdigest(), data)


def test_the_next_process_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, shelf = photograph(), PictureShelf(tmp_path / FOLDER)
    made = scaled(picture, 200, 100_000, sure=False, shelf=shelf)
    pictures._scaled.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "_decoded", None)
        assert scaled(picture, 200, 100_000, sure=False, shelf=shelf) == made
    pictures._scaled.cache_clear()
    assert scaled(picture, 200, 100_000, sure=False) == made
    assert shelf.found(("another", 200)) is None


def test_a_picture_that_stays_as_it_is_takes_no_room(tmp_path: Path) -> None:
    scaled(photograph(), 700, 1_000_000, sure=False, shelf=PictureShelf(tmp_path / FOLDER))
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize("harm", [b"", b"[]\n", b"not json\nx", b'["image/gif", 3, 2, "0"]\nx'])
def test_what_is_not_what_was_written_is_not_used(tmp_path: Path, harm: bytes) -> None:
    shelf = PictureShelf(tmp_path)
    shelf.keep("wish", MADE)
    assert shelf.found("wish") == MADE
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes().replace(b"image/png", b"image/gif"))
    assert shelf.found("wish") is None
    file.write_bytes(harm)
    assert shelf.found("wish") is None


def test_what_was_not_used_longest_goes_first(tmp_path: Path) -> None:
    shelf = PictureShelf(tmp_path, most=3500)
    for age, wish in enumerate(("new", "used", "old")):
        shelf.keep(wish, ("image/png", 1, 1, bytes(1000)))
        os.utime(shelf._path(wish), (1000 - age, 1000 - age))
    shelf.tidy()
    assert len(list(tmp_path.iterdir())) == 3
    assert shelf.found("used")
    shelf.keep("last", ("image/png", 1, 1, bytes(1000)))
    shelf.tidy()
    there = {wish for wish in ("new", "used", "old", "last") if shelf.found(wish)}
    assert there == {"used", "last"}


def test_a_folder_that_cannot_be_written_keeps_nothing_and_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    shelf = PictureShelf(tmp_path / "file")
    shelf.keep("wish", MADE)
    shelf.tidy()
    assert shelf.found("wish") is None


def test_a_publication_that_was_never_built_gets_no_folder(new_publication: Path) -> None:
    publication = load_publication(new_publication, {})
    assert shelf_of(publication) is None
    publication.build_folder.mkdir()
    assert shelf_of(publication) is not None
