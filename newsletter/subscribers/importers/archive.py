"""ZIP archives of tables: what is in them is bounded in number and size, and laid under names of our own."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from newsletter.problems import UsageError

MOST_FILES = 10_000
MOST_BYTES = 2_000_000_000
_TABLES = (".csv", ".tsv", ".json")


def unpacked(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Each table of the archive, by name, as a file in `folder`. Raises UsageError for what is out of bounds."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES or sum(one.file_size for one in members) > MOST_BYTES:
                raise UsageError(f"{path} unpacks to too much", "Unpack it, and import the tables.")
            tables = [one for one in members if one.filename.lower().endswith(_TABLES)]
            for number, member in enumerate(sorted(tables, key=lambda one: one.filename)):
                if member.filename.startswith("__MACOSX"):
                    continue
                target = folder / f"{number}{Path(member.filename).suffix.lower()}"
                with archive.open(member) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
                yield member.filename, target
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as caught:
        raise UsageError(f"cannot read {path}: {caught}") from caught
