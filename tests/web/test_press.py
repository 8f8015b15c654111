"""Printed pages are laid out in quiet moments, at once for who looks at them, and one issue at a time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from newsletter.web.press import Press
from newsletter.workflow.shown import ShownPages


def pages(version: str) -> ShownPages:
    return ShownPages(version, b"", (), ())


def test_many_changes_in_a_row_are_laid_out_once() -> None:
    made: list[str] = []

    def typeset(slug: str) -> ShownPages:
        made.append(slug)
        return pages(str(len(made)))

    async def change() -> list[str]:
        told: list[str] = []
        press = Press(
            typeset, lambda slug, done: told.append(done.version if done else "same"), calm=0.2
        )
        for _ in range(5):
            press.want("may", now=False)
            await asyncio.sleep(0.02)
        assert made == []
        await asyncio.sleep(0.5)
        press.stop()
        return told

    assert asyncio.run(change()) == ["1"]
    assert made == ["may"]


def test_who_looks_at_pages_does_not_wait_for_a_quiet_moment() -> None:
    async def change() -> list[str]:
        told: list[str] = []
        press = Press(lambda slug: pages("1"), lambda slug, done: told.append(slug), calm=60)
        press.want("may", now=False)
        await asyncio.sleep(0.02)
        press.want("may", now=True)
        for _ in range(100):
            if told:
                break
            await asyncio.sleep(0.02)
        press.stop()
        return told

    assert asyncio.run(change()) == ["may"]


def test_what_changes_during_a_layout_is_laid_out_after_it_and_the_same_pages_are_told_once() -> (
    None
):
    going, go = threading.Event(), threading.Event()
    same = pages("1")
    made: list[str] = []

    def typeset(slug: str) -> ShownPages:
        made.append(slug)
        going.set()
        go.wait(5)
        return same

    async def change() -> list[str]:
        told: list[str] = []
        press = Press(typeset, lambda slug, done: told.append("new" if done else "same"), calm=60)
        press.want("may", now=True)
        await asyncio.to_thread(going.wait, 5)
        press.want("may", now=True)
        go.set()
        for _ in range(100):
            if len(made) == 2:
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        press.stop()
        return told

    assert asyncio.run(change()) == ["new", "same"]
    assert made == ["may", "may"]


def test_a_layout_that_fails_is_no_end(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[str] = []

    def typeset(slug: str) -> ShownPages:
        tries.append(slug)
        if len(tries) == 1:
            raise RuntimeError("no fonts")
        return pages("2")

    async def change() -> list[str]:
        told: list[str] = []
        press = Press(
            typeset, lambda slug, done: told.append(done.version if done else "same"), calm=60
        )
        for _ in range(2):
            press.want("may", now=True)
            await asyncio.sleep(0.3)
        press.stop()
        return told

    assert asyncio.run(change()) == ["same", "2"]
    assert caplog.records == []


def test_what_is_only_one_click_away_waits_for_a_longer_quiet_and_for_what_is_looked_at() -> None:
    async def change() -> list[str]:
        made: list[str] = []

        def typeset(slug: str) -> ShownPages:
            made.append(slug)
            return pages(slug)

        press = Press(typeset, lambda slug, done: None, calm=0.05)
        press.want("may in two columns", now=False, calm=0.4)
        press.want("may", now=False)
        await asyncio.sleep(0.2)
        press.want("may in two columns", now=False, calm=0.4)  # somebody wrote meanwhile
        await asyncio.sleep(0.3)
        assert made == ["may"]
        await asyncio.sleep(0.4)
        press.stop()
        return made

    assert asyncio.run(change()) == ["may", "may in two columns"]
