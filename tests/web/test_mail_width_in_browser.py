"""A mail in a real browser: it is no wider than its window, with its pictures and without them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from newsletter.editions.email_edition import render_email
from newsletter.issues.reader import read_issue
from newsletter.publication import Publication

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDTHS = (320, 375, 600, 601, 620, 639, 640)


@pytest.mark.parametrize("slug", ["2026-10-zh", "2026-11-en"])
def test_without_pictures_a_mail_is_no_wider_than_the_window(
    slug: str, publication: Publication, repository: Path, chromium: str
) -> None:
    issue = read_issue(repository / "issues" / slug, default_language="en").issue
    assert issue is not None
    mail = render_email(issue, publication)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 375, "height": 800})
        page.route("**/*", lambda route: route.abort())
        page.set_content(mail.html)
        assert page.evaluate("document.images.length") > 1
        assert {width: _needed(page, width) for width in WIDTHS} == {
            width: width for width in WIDTHS
        }
        browser.close()


def _needed(page: Page, width: int) -> int:
    page.set_viewport_size({"width": width, "height": 800})
    return int(page.evaluate("document.documentElement.scrollWidth"))
