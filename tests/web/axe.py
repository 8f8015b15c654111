"""What axe-core finds in a page of a browser."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def barriers(page: Page, **options: object) -> list[str]:
    """A line for each rule that is broken, with what breaks it first. What passes is not asked for: to tell of it takes
    three times as long as to find what does not."""
    if page.evaluate("!window.axe"):
        page.evaluate(Axe().axe_script)
    broken = page.evaluate(
        "(options) => axe.run(options).then((found) => found.violations)",
        {"resultTypes": ["violations"], **options},
    )
    return [
        f"{one['id']}: {'; '.join(node['html'][:140] for node in one['nodes'][:3])}"
        for one in broken
    ]
