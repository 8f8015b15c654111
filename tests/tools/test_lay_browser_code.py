"""The editor and htmx, as `make setup` lays them for the studio."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

STUDIO = Path(__file__).resolve().parents[2] / "newsletter" / "_assets" / "studio"


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((STUDIO / "manifest.json").read_text(encoding="utf-8"))
    return loaded


def test_every_module_is_what_the_manifest_says(manifest: dict[str, Any]) -> None:
    for module in manifest["modules"]:
        data = (STUDIO / module["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == module["sha256"]


def test_every_name_that_a_module_imports_is_in_the_import_map(manifest: dict[str, Any]) -> None:
    imported = {name for module in manifest["modules"] for name in module["imports"]}
    assert "@codemirror/state" in imported
    assert imported <= set(manifest["imports"])


def test_every_module_comes_with_its_licence(manifest: dict[str, Any]) -> None:
    assert {module["licence"] for module in manifest["modules"]} == {"MIT", "BSD-0-Clause"}
    modules, licences = STUDIO.glob("*.js"), list(STUDIO.glob("*-LICENSE.txt"))
    assert len(licences) == len(list(modules))
    granted = ("Permission is hereby granted", "with or without fee is hereby granted")
    assert all(any(words in _line_of(path) for words in granted) for path in licences)


def _line_of(path: Path) -> str:
    return " ".join(path.read_text("utf-8").split())


def test_htmx_is_laid_small_and_reaches_for_no_other_file(manifest: dict[str, Any]) -> None:
    (htmx,) = (module for module in manifest["modules"] if module["name"] == "htmx.org")
    text = (STUDIO / htmx["file"]).read_text("utf-8")
    assert htmx["imports"] == []
    assert len(text) < 50_000
    assert "sourceMappingURL" not in text


def test_the_versions_are_exact_and_the_lock_names_no_host(repository: Path) -> None:
    folder = repository / "assets" / "browser"
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    assert asked
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())
    packages = [package for key, package in lock["packages"].items() if key]
    assert all(
        package["integrity"].startswith("sha512-") and "resolved" not in package
        for package in packages
    )
