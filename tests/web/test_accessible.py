"""On the studio's screens axe-core finds nothing, and no text or focus ring is cut: light and dark, English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from newsletter.web.studio.app import studio_app
from tests.web.axe import barriers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AT = "/studio/2026-05"
CUT_TEXTS = Path(__file__).with_name("cut_texts.js").read_text(encoding="utf-8")
SCREENS = (
    "/",
    AT,
    f"{AT}?view=inbox&drawer=links",
    f"{AT}?view=text&drawer=size",
    f"{AT}?view=source&drawer=structure",
    f"{AT}?view=compare&drawer=history",
    f"{AT}?view=print&pane=preview",
    f"{AT}?view=email&scheme=inverted&pane=preview&person=nameless",
    f"{AT}?file=issue.md&drawer=problems&only=warning",
    f"{AT}/send",
)


Serve = Callable[[Any], str]


@pytest.fixture
def address(orchard: Path, serve: Serve) -> str:
    return serve(studio_app(orchard))


DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.mark.parametrize(
    ("locale", "desktop", "phone"), [("en-US", "light", "dark"), ("zh-CN", "dark", "light")]
)
def test_no_screen_has_a_barrier_that_axe_knows_or_a_text_that_is_cut(
    browser: Browser, address: str, orchard: Path, locale: str, desktop: Any, phone: Any
) -> None:
    article = orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    article.write_text(article.read_text() + "\nTODO: pears, and CAR- T cells\n" * 6)
    context = browser.new_context(locale=locale, reduced_motion="reduce")
    page = context.new_page()
    found: list[str] = []
    for screen in SCREENS:
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        page.goto(f"{address}{screen}")
        if screen.startswith(f"{AT}?") or screen == AT:
            page.wait_for_selector("body[data-ready]")
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            found += [f"{screen} {size['width']} {one}" for one in page.evaluate(CUT_TEXTS)]
        # What opens is open: forms behind a word, kinds of findings, all fixes.
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        for size, scheme in ((DESKTOP, desktop), (PHONE, phone)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)
            # What is in a frame is the issue, which has checks of its own.
            found += [
                f"{screen} {scheme} {size['width']}: {one}" for one in barriers(page, iframes=False)
            ]
    context.close()
    assert "\n".join(found) == ""
