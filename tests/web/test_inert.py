"""Whatever an author, a subscriber or a file's name says is words: nothing of it runs, loads, leads away or is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from newsletter.publication import load_publication
from newsletter.web.studio.app import studio_app
from newsletter.workflow import subscribers
from newsletter.workflow.persons import some_people

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AT = "/studio/2026-05"

EVIL = "http://evil.example"
SCRIPTS = (
    "<script>top.hit=1;alert(1)</script>",
    "<img src=figures/pear.png alt=x onload=top.hit=1 onerror=top.hit=1>",
    "<svg onload=top.hit=1></svg>",
    "<details open ontoggle=top.hit=1><summary>x</summary></details>",
    f"<base href={EVIL}/>",
    f'<meta http-equiv=refresh content="0;url={EVIL}/">',
    f"<iframe src={EVIL}/></iframe>",
    f"<link rel=stylesheet href={EVIL}/a.css>",
    f"<form action={EVIL}/><input name=a value=b><button id=evil>Send</button></form>",
)
WORDS = "".join(SCRIPTS)
QUOTED = WORDS.replace("'", "")
NAME = '02-"><img src=x onerror=top.hit=1>.md'
PICTURE = '"><img src=x onerror=top.hit=1>.png'
ARTICLE = f"""---
title: 'Pears {QUOTED}'
subtitle: 'Sub {QUOTED}'
teaser: 'Teaser {QUOTED}'
authors: ['Ann {QUOTED}']
tags: ['tag {QUOTED}']
---

{WORDS}

![alt {WORDS}](figures/pear.png "caption {QUOTED.replace('"', "")}")

| a | b |
| - | - |
| {WORDS} | x |

A note.[^1] And `{WORDS}`.

[^1]: {WORDS}

```html
{WORDS}
```
"""
REFUSED = """
[click](javascript:top.hit=1) [data](data:text/html,<script>top.hit=1</script>) <javascript:top.hit=1>

![gone <img src=x onerror=top.hit=1>](x "><script>top.hit=1</script>")
"""
VIEWS = (
    "view=email",
    "view=email&scheme=dark&width=375",
    "view=email&scheme=inverted",
    "view=email&images=off",
    "view=email&person={person}",
    "view=inbox&person={person}",
    "view=text&person={person}",
    "view=web",
    "view=web&scheme=dark",
    "view=print",
    "view=source&part=markdown",
    "view=source&part=mjml",
    "view=source&part=html",
    "view=source&part=message",
    "view=compare&against=opened",
    "drawer=links",
    "drawer=size",
    "drawer=structure",
    "drawer=history",
)


Serve = Callable[[Any], str]


@pytest.fixture(params=["readable", "refused"])
def hostile(orchard: Path, request: pytest.FixtureRequest) -> Path:
    """The issue, with words that would run if they could wherever words may stand; some of them are errors, so that
    the draft is shown."""
    issue = orchard / "issues" / "2026-05"
    letter = WORDS.replace("figures/", "01-fruit/figures/")
    (issue / "issue.md").write_text(
        f"---\ntitle: 'May {QUOTED}'\ndate: 2026-05-01\nsubject: 'Subject {QUOTED}'\n"
        f"preheader: 'Preheader {QUOTED}'\nfrom: 'Ed {QUOTED} <ed@orchard.example.com>'\n---\n\n"
        f'Dear {{{{ subscriber.name | default("reader") }}}}, {letter}\n',
        encoding="utf-8",
    )
    (issue / "01-fruit" / "section.md").write_text(f"---\ntitle: 'Fruit {QUOTED}'\n---\n", "utf-8")
    Image.new("RGB", (320, 200), "#a4b").save(issue / "01-fruit" / "figures" / "pear.png")
    Image.new("RGB", (320, 200), "#4ab").save(issue / "01-fruit" / "figures" / PICTURE)
    article = ARTICLE + (REFUSED if request.param == "refused" else "")
    (issue / "01-fruit" / NAME).write_text(article, encoding="utf-8")
    publication = load_publication(orchard, {})
    subscribers.add(publication, "eve@example.com", "weekly", name=f"Eve {QUOTED}"[:190])
    return orchard


@pytest.fixture
def address(hostile: Path, serve: Serve) -> str:
    return serve(studio_app(hostile))


class Watch:
    """What a context did that it was not to do."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self._address = address
        self.told: list[str] = []
        context.on("request", lambda request: self._asked(request.url))
        context.on("dialog", self._spoken)

    def _spoken(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # ours: words are on their way to the file
            dialog.accept()
            return
        self.told.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    @property
    def harmed(self) -> bool:
        """Whether a script ran, and another address was asked for."""
        return "dialog: 1" in self.told and any(
            "asked for http://evil.example/" in one for one in self.told
        )

    def _asked(self, url: str) -> None:
        if not url.startswith((self._address, "data:", "blob:", "about:")):
            self.told.append(f"asked for {url}")

    def look(self, page: Page) -> None:
        if page.evaluate("window.hit !== undefined"):
            self.told.append(f"ran in {page.url}")
        for frame in page.frames:
            if frame is not page.main_frame:
                if not frame.url.startswith(self._address):
                    self.told.append(f"a frame went to {frame.url}")
                base = frame.evaluate("document.baseURI")
                if not base.startswith(self._address):
                    self.told.append(f"a frame's addresses begin at {base}")
                if frame.evaluate(
                    "[...document.querySelectorAll('*')].some((one) => [...one.attributes].some("
                    "({ name, value }) => name.startsWith('on') || /^\\s*javascript:/i.test(value)))"
                ):
                    self.told.append(f"a frame has what could run: {frame.url}")
        if not page.url.startswith(f"{self._address}/"):
            self.told.append(f"the page went to {page.url}")


def test_these_words_do_harm_where_nothing_holds_them_back(browser: Browser) -> None:
    context = browser.new_context()
    context.route(f"{EVIL}/**", lambda route: route.abort())
    watch = Watch(context, "http://127.0.0.1")
    page = context.new_page()
    page.set_content(f"<body>{WORDS}", wait_until="commit")
    deadline = time.monotonic() + 30
    while not watch.harmed and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    context.close()
    assert watch.harmed, watch.told


def test_no_word_of_others_does_anything_in_any_view(
    browser: Browser, address: str, hostile: Path
) -> None:
    (eve,) = some_people(load_publication(hostile, {})).people
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    watch = Watch(context, address)
    page = context.new_page()
    page.goto(f"{address}/")
    page.wait_for_timeout(200)
    watch.look(page)
    for view in VIEWS:
        page.goto(f"{address}{AT}?{view.format(person=eve.key)}")
        page.wait_for_selector("body[data-ready]")
        page.wait_for_timeout(100)
        if view.startswith(("view=email", "view=web")):
            page.frame_locator("#frame").get_by_text("A note.").last.wait_for(state="attached")
        watch.look(page)
        assert watch.told == [], view
    context.close()


def test_words_that_are_typed_into_a_live_frame_do_nothing_either(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    watch = Watch(context, address)
    page = context.new_page()
    for view in ("email", "web"):
        page.goto(f"{address}{AT}?file=01-fruit/01-apples.md&view={view}")
        page.wait_for_selector("body[data-ready]")
        page.locator(".cm-content").focus()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text(f"\n\nTyped in {view}. {WORDS}\n")
        page.frame_locator("#frame").get_by_text(f"Typed in {view}.").last.wait_for(
            state="attached"
        )
        page.wait_for_timeout(300)
        watch.look(page)
    context.close()
    assert watch.told == []


def test_a_file_of_any_name_can_be_opened_and_is_named_as_it_is(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    watch = Watch(context, address)
    page = context.new_page()
    page.goto(f"{address}{AT}")
    page.wait_for_selector("body[data-ready]")
    chosen = page.locator("#files option", has_text=f"01-fruit/{NAME}").get_attribute("value")
    page.locator("#files").select_option(chosen)
    page.locator(".cm-content", has_text="A note.").wait_for()
    watch.look(page)
    context.close()
    assert watch.told == []
