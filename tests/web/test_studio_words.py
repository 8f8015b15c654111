"""The studio speaks English and Simplified Chinese, wholly."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po
from starlette.testclient import TestClient

from newsletter.web.words import FOLDER, LANGUAGES

_VALUES = re.compile(r"%\(\w+\)s")


@pytest.fixture(scope="module")
def collecting(repository: Path) -> Iterator[ModuleType]:
    path = repository / "tools" / "collect_words.py"
    spec = importlib.util.spec_from_file_location("collect_words", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["collect_words"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["collect_words"]


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_every_text_is_translated_and_keeps_its_values(
    collecting: ModuleType, language: str
) -> None:
    with (FOLDER / f"{language}.po").open("rb") as stream:
        catalogue = {
            message.id[0] if isinstance(message.id, tuple) else message.id: message
            for message in read_po(stream)
            if message.id
        }
    texts = collecting.texts()
    assert len(texts) > 200
    assert sorted(set(texts) - set(catalogue)) == []
    for text in texts:
        told = catalogue[text].string
        told = told[0] if isinstance(told, tuple) else told
        assert told, text
        assert sorted(_VALUES.findall(told)) == sorted(_VALUES.findall(text)), text


def test_a_browser_that_asks_for_chinese_gets_it_and_a_choice_is_kept(
    preview: TestClient,
) -> None:
    chinese = preview.get("/studio/2026-05", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert '<html lang="zh-Hans">' in chinese.text
    assert "目录" in chinese.text
    words = re.search(r'id="words">(.*?)</script>', chinese.text)
    assert words is not None
    assert json.loads(words[1])["Typing …"] == "正在输入…"
    english = preview.get("/studio/2026-05", headers={"accept-language": "zh-TW"})
    assert '<html lang="en">' in english.text
    preview.get("/studio/2026-05?lang=zh-Hans")
    assert "目录" in preview.get("/studio/2026-05", headers={"accept-language": "en"}).text
