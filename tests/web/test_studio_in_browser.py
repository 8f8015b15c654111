"""The studio in a real browser: typing, compositions, conflicts, a server that goes away, other windows."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from newsletter.web.studio.app import studio_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
FILE = "01-fruit/01-apples.md"
SIZES = {"phone": (390, 844), "desktop": (1440, 900)}


class Server:
    """The studio at a port of its own; it can go away and come back there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            studio_app(self._root),
            log_level="warning",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
def server(orchard: Path) -> Iterator[Server]:
    running = Server(orchard)
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900})
    yield made
    made.close()


@pytest.fixture
def apples(orchard: Path) -> Path:
    return orchard / "issues" / "2026-05" / FILE


def opened(context: BrowserContext, server: Server, query: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{server.address}/studio/2026-05?file={FILE}{query}")
    page.wait_for_selector("body[data-ready]")
    return page


def at_the_end(page: Page) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")


def wait_for(path: Path, words: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if words in path.read_text(encoding="utf-8"):
            return
        time.sleep(0.02)
    pytest.fail(f"{path.name} never had {words!r}: {path.read_text(encoding='utf-8')!r}")


@pytest.mark.parametrize("size", SIZES)
def test_every_view_fits_the_window_and_breaks_no_policy(
    browser: Browser, server: Server, size: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for query in ("", "?view=text", "?view=web&scheme=dark", "?view=print", "?view=source"):
        for pane in ("write", "preview"):
            page.goto(f"{server.address}/studio/2026-05{query}{'&' if query else '?'}pane={pane}")
            page.wait_for_selector("body[data-ready]")
            for scheme in ("dark", "light"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            if size == "desktop" or pane == "write":
                assert page.locator(".cm-content").is_visible()
    context.close()
    assert complaints == []


def test_what_is_typed_is_saved_within_a_second_and_seen_in_the_mail(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    at_the_end(page)
    page.evaluate("addEventListener('keydown', () => (window.began ??= performance.now()), true)")
    page.keyboard.type("\nQuinces too.")
    wait_for(apples, "Quinces too.")
    expect(page.locator("#saved")).to_contain_text("Saved")  # by then the request is in the books
    sent = page.evaluate(
        "performance.getEntriesByType('resource').find((one) => one.name.includes('/files/')).startTime - began"
    )
    assert 0 < sent < 1000  # by the browser's own clock: this machine may be busy
    expect(page.locator("#saved")).to_have_text(re.compile(r"^Saved \d\d:\d\d:\d\d$"))
    page.frame_locator("#frame").get_by_text("Quinces too.").wait_for()


def test_a_composition_is_not_disturbed_by_a_change_on_disk(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    at_the_end(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    client = context.new_cdp_session(page)
    for spelling in ("p", "pi", "pin", "ping"):
        client.send(
            "Input.imeSetComposition",
            {"text": spelling, "selectionStart": len(spelling), "selectionEnd": len(spelling)},
        )
        if spelling == "pi":
            text = apples.read_text(encoding="utf-8")
            apples.write_text(text.replace("came late", "came far too late"), encoding="utf-8")
            page.wait_for_timeout(700)
    client.send("Input.insertText", {"text": "苹果"})
    page.keyboard.type("。")
    wait_for(apples, "苹果。")
    wait_for(apples, "came far too late")
    expect(page.locator(".cm-content")).to_contain_text("came far too late")
    assert "ping" not in apples.read_text(encoding="utf-8")
    assert apples.read_text(encoding="utf-8").rstrip().endswith("苹果。")


def test_a_change_on_disk_comes_into_an_untouched_editor(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    apples.write_text(apples.read_text() + "\nFrom another program.\n", encoding="utf-8")
    expect(page.locator(".cm-content")).to_contain_text("From another program.")


def test_a_conflict_is_decided_by_a_person(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    text = apples.read_text(encoding="utf-8")
    page.route("**/files/**", lambda route: route.abort())
    at_the_end(page)
    page.keyboard.type(" typed")
    expect(page.locator("#saved")).to_contain_text("Not saved")
    last = text.rstrip("\n").split("\n")[-1]
    apples.write_text(text.replace(last, f"{last} from disk\n\nAnd more"), encoding="utf-8")
    page.wait_for_timeout(300)
    apples.write_text(text.replace(text[-30:], "Rewritten on disk.\n"), encoding="utf-8")
    page.unroute("**/files/**")
    page.get_by_role("button", name="Keep mine").wait_for()
    assert "Rewritten on disk." in apples.read_text(encoding="utf-8")
    page.keyboard.type(" before anybody looked up")  # a space must not press a button either
    expect(page.locator(".cm-content")).to_contain_text(" typed before anybody looked up")
    assert "Rewritten on disk." in apples.read_text(encoding="utf-8")
    page.get_by_role("button", name="Keep mine").click()
    wait_for(apples, " typed before anybody looked up")
    expect(page.locator("#conflict")).to_be_hidden()
    expect(page.locator(".cm-content")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("Saved")


def test_a_server_that_goes_away_in_mid_typing_loses_nothing(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    at_the_end(page)
    page.keyboard.type("\nBefore the crash.")
    wait_for(apples, "Before the crash.")
    server.stop()
    page.keyboard.type("\nWhile it was away.")
    expect(page.locator("#saved")).to_contain_text("Not saved")
    assert "While it was away." not in apples.read_text(encoding="utf-8")
    server.start()
    wait_for(apples, "While it was away.")


def test_a_save_whose_answer_is_lost_is_nobody_elses_change(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    lost: list[int] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the file is written, and then the server is gone
        route.abort()

    page.route("**/files/**", lose)
    at_the_end(page)
    with page.expect_event("requestfailed"):
        page.keyboard.type("\nOne")
    assert "One" in apples.read_text(encoding="utf-8")
    page.keyboard.type(" and two")
    expect(page.locator("#saved")).to_contain_text("Saved")
    wait_for(apples, "One and two")
    expect(page.locator("#conflict")).to_be_hidden()
    assert lost == [200]


def test_a_file_that_goes_away_under_the_hands_stays_in_the_editor_until_somebody_decides(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    at_the_end(page)
    apples.unlink()
    page.get_by_role("button", name="Write it again").wait_for()
    page.keyboard.type("Typed since.")
    page.get_by_role("button", name="Write it again").click()
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert apples.read_text(encoding="utf-8").endswith("Typed since.")
    apples.unlink()
    page.get_by_role("button", name="Let it go").click()
    expect(page.locator(".cm-content")).to_contain_text("title: Fruit")
    assert not apples.exists()


def test_another_window_follows_a_file_that_is_given_another_name(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    (apples.parent / "02-pears.md").write_text("---\ntitle: Pears\n---\n\nPears.\n", "utf-8")
    writing, ordering = opened(context, server), opened(context, server)
    text = apples.read_text(encoding="utf-8")
    writing.route("**/files/**", lambda route: route.abort())  # it is cut off from the server
    at_the_end(writing)
    writing.keyboard.type("Not saved yet.")
    expect(writing.locator("#saved")).to_contain_text("Not saved")
    ordering.locator(f"#outline li[data-row='{FILE}'] a").focus()
    ordering.keyboard.press("Alt+ArrowDown")
    for page in (writing, ordering):
        expect(page.locator("#writing")).to_have_attribute("data-file", "01-fruit/02-apples.md")
        expect(page).to_have_url(re.compile(r"file=01-fruit%2F02-apples\.md"))
    writing.unroute("**/files/**")
    writing.keyboard.type(" Now it is.")
    moved = apples.parent / "02-apples.md"
    wait_for(moved, "Not saved yet. Now it is.")
    assert moved.read_text(encoding="utf-8") == f"{text}Not saved yet. Now it is."
    expect(ordering.locator(".cm-content")).to_contain_text("Now it is.")
    expect(writing.locator("#conflict")).to_be_hidden()
    assert (apples.parent / "01-pears.md").read_text(encoding="utf-8").endswith("Pears.\n")
    # So it is when another program does it, in the middle of a word.
    writing.keyboard.type(" Qui")
    moved = moved.rename(apples.parent / "07-quinces.md")
    for page in (writing, ordering):
        expect(page.locator("#writing")).to_have_attribute("data-file", "01-fruit/07-quinces.md")
    writing.keyboard.type("nces.")
    wait_for(moved, "Now it is. Quinces.")
    expect(writing.locator("#conflict")).to_be_hidden()
    assert not (apples.parent / "02-apples.md").exists()


def test_a_window_that_was_closed_unsaved_gives_its_text_to_the_next(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    at_the_end(page)
    context.set_offline(True)  # a route would not hold back what a closing page still sends
    page.keyboard.type("\nNever sent.")
    page.close(run_before_unload=False)
    assert "Never sent." not in apples.read_text(encoding="utf-8")
    context.set_offline(False)
    opened(context, server)
    wait_for(apples, "Never sent.")


def test_eight_windows_are_all_live_and_lose_no_word(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    paragraphs = "\n\n".join(f"Paragraph {number}." for number in range(8))
    apples.write_text(f"---\ntitle: Eight\n---\n\n{paragraphs}\n", encoding="utf-8")
    pages = [opened(context, server, f"&line={5 + 2 * number}") for number in range(8)]
    for number, page in enumerate(pages):
        page.locator(".cm-content").focus()
        page.keyboard.press("End")
        page.keyboard.type(f" Window {number}.")
    for number in range(8):
        wait_for(apples, f"Paragraph {number}. Window {number}.")
    for page in pages:
        for number in range(8):
            expect(page.locator(".cm-content")).to_contain_text(f"Window {number}.")


def test_another_file_is_opened_in_place_and_the_way_back_works(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server)
    at_the_end(page)
    page.keyboard.type("\nUnsaved when leaving.")
    page.get_by_role("link", name="Issue and letter").click()
    expect(page.locator(".cm-content")).to_contain_text("here is May")
    wait_for(apples, "Unsaved when leaving.")
    page.locator(".cm-content").press(
        "Control+z"
    )  # what was typed elsewhere is not taken back here
    expect(page.locator(".cm-content")).to_contain_text("here is May")
    letter = apples.parent.parent / "issue.md"
    assert "Unsaved" not in letter.read_text(encoding="utf-8")
    at_the_end(page)
    page.keyboard.type(" Yours.")
    wait_for(letter, "Yours.")
    page.go_back()
    expect(page.locator(".cm-content")).to_contain_text("Unsaved when leaving.")
    assert "Yours." not in apples.read_text(encoding="utf-8")


def test_a_click_in_the_mail_leads_to_its_line(context: BrowserContext, server: Server) -> None:
    page = opened(context, server)
    page.frame_locator("#frame").get_by_text("here is May").click()
    expect(page.locator(".cm-content")).to_contain_text("here is May")
    expect(page.locator("#where")).to_have_text("7:1")


def test_a_figure_in_the_mail_belongs_to_its_line_though_the_mail_numbers_it(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    page = opened(context, server, "&line=7")
    frame = page.frame_locator("#frame")
    expect(frame.locator(".studio-mark")).to_contain_text("Blossom, two days after the frost")
    frame.get_by_text("The frost came late").click()
    expect(page.locator("#where")).to_have_text("5:1")
    frame.get_by_text("Blossom, two days after the frost").click()
    expect(page.locator("#where")).to_have_text("7:1")


def test_the_place_in_the_mail_is_kept_while_it_changes(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    apples.write_text(apples.read_text() + "\n\nLong.\n" * 60, encoding="utf-8")
    page = opened(context, server, "&line=5")
    frame = next(one for one in page.frames if "/frame/" in one.url)
    marked = page.frame_locator("#frame").locator("p.studio-mark")
    expect(marked).to_contain_text("The frost came late")
    at_the_end(page)
    expect(marked).to_have_text(
        "Long."
    )  # the mail has followed the cursor, and stays where it is put now
    before = frame.evaluate("scrollTo(0, 200); scrollY")
    page.keyboard.type("Changed at the end.")
    page.frame_locator("#frame").get_by_text("Changed at the end.").wait_for(state="attached")
    assert frame.evaluate("scrollY") == before == 200


def test_hostile_text_is_inert_in_every_frame(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    hostile = '<script>top.hit=1</script><img src=x onerror="top.hit=1"><base href="http://evil.example/">'
    apples.write_text(
        f"---\ntitle: 'A {hostile}'\n---\n\n{hostile}\n\n[x](javascript:top.hit=1)\n\n<meta http-equiv=refresh content='0;url=http://evil.example/'>\n",
        encoding="utf-8",
    )
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    for query in ("&view=email", "&view=web", "&view=text", "&view=source"):
        page = opened(context, server, query)
        page.wait_for_timeout(300)
        assert page.evaluate("window.hit === undefined")
        assert page.url.startswith(server.address)
    assert [url for url in asked if "evil.example" in url] == []


def test_the_text_stays_where_it_is_while_the_script_comes(
    context: BrowserContext, server: Server
) -> None:
    page = context.new_page()
    field = page.locator("#field")
    page.route("**/studio/main.js*", lambda route: route.abort())
    page.goto(f"{server.address}/studio/2026-05?file={FILE}")
    before = field.bounding_box()
    assert not page.locator("[data-insert=bold]").is_visible()  # it could do nothing yet
    page.unroute("**/studio/main.js*")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator("[data-insert=bold]").is_visible()
    assert field.bounding_box() == before


def test_without_scripts_the_form_saves(browser: Browser, server: Server, apples: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.address}/studio/2026-05?file={FILE}")
    text = apples.read_text(encoding="utf-8")
    area = page.get_by_role("textbox", name="Markdown of")
    assert area.input_value() == text
    area.fill(text + "Plain form.\n")
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    assert apples.read_text(encoding="utf-8") == text + "Plain form.\n"
    context.close()


def test_a_mail_that_gmail_cuts_shows_where(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    letter = apples.parent.parent / "issue.md"
    letter.write_text(letter.read_text().replace("---\n", "---\nemail: full\n", 1), "utf-8")
    long = "\n\n".join(f"Paragraph {number} says much of apples. " * 20 for number in range(150))
    apples.write_text(f"---\ntitle: Apples\n---\n\n{long}\n", encoding="utf-8")
    pears = apples.with_name("02-pears.md")
    pears.write_text("---\ntitle: Pears at last\n---\n\nNobody reads this.\n", encoding="utf-8")
    page = opened(context, server)
    expect(page.locator(".clipline")).to_contain_text("Gmail cuts here")
    expect(page.locator(".contents .cut")).to_contain_text("Pears at last")
    frame = page.frame_locator("#frame")
    line = frame.locator("#studio-clip").bounding_box()
    behind = frame.get_by_text("Nobody reads this.").bounding_box()
    first = frame.get_by_text("Paragraph 0 says").first.bounding_box()
    assert line is not None
    assert behind is not None
    assert first is not None
    assert first["y"] < line["y"] < behind["y"]
    # The very paragraph is marked in the text too, as far as that is laid out around the cursor.
    above = page.frames[1].evaluate(
        """() => {
          const line = document.getElementById("studio-clip").getBoundingClientRect().top;
          const all = [...document.querySelectorAll("p")];
          return all.findLast((one) => one.getBoundingClientRect().bottom <= line + 1).textContent;
        }"""
    )
    number = int(re.findall(r"Paragraph (\d+)", above)[0])
    page.goto(f"{server.address}/studio/2026-05?file={FILE}&line={5 + 2 * number}")
    page.wait_for_selector("body[data-ready]")
    expect(page.locator(".cm-clip")).to_contain_text(f"Paragraph {number} says")


def test_words_that_stand_twice_lead_each_to_its_own_line(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    apples.write_text("---\ntitle: Apples\n---\n\nThe same.\n\nOther.\n\nThe same.\n", "utf-8")
    page = opened(context, server)
    frame = page.frame_locator("#frame")
    for nth, line in ((0, 5), (1, 9)):
        frame.get_by_text("The same.").nth(nth).click()
        expect(page.locator("#where")).to_have_text(re.compile(rf"^{line}:"))
        expect(frame.get_by_text("The same.").nth(nth)).to_have_class(re.compile("studio-mark"))


def test_a_file_that_is_no_text_is_shown_as_such_and_left_alone(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    old = apples.with_name("02-old.md")
    old.write_bytes("第一".encode("gb18030"))
    page = opened(context, server)
    chosen = page.locator("#files option", has_text="01-fruit/02-old.md").get_attribute("value")
    page.get_by_label("File").select_option(chosen)
    expect(page.locator(".refusal")).to_contain_text("not UTF-8")
    page.locator(".cm-content").focus()
    page.keyboard.type("lost?")
    page.wait_for_timeout(1200)
    assert old.read_bytes() == "第一".encode("gb18030")
    assert "lost?" not in page.locator(".cm-content").inner_text()


def test_front_matter_is_folded_until_it_is_asked_for_and_no_byte_changes(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    text = "---\ntitle: Apples\nsubtitle: After the frost\ntags: [fruit]\n---\n\nThe frost came late.\n"
    apples.write_text(text, encoding="utf-8")
    page = opened(context, server)
    content = page.locator(".cm-content")
    expect(content).to_contain_text("The frost came late.")
    expect(content).not_to_contain_text("subtitle")
    page.get_by_role("button", name="As text").click()
    expect(content).to_contain_text("subtitle: After the frost")
    page.get_by_role("button", name="As text").click()
    expect(content).not_to_contain_text("subtitle")
    at_the_end(page)
    page.keyboard.type("Yes.")
    wait_for(apples, "Yes.")
    assert apples.read_text(encoding="utf-8") == text + "Yes."
    # Whoever is led to a line of it sees it.
    page = opened(context, server, "&line=3")
    expect(page.locator(".cm-content")).to_contain_text("subtitle: After the frost")


def test_a_fix_is_seen_made_and_taken_back_with_the_keyboard_alone(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    apples.write_text(apples.read_text() + "\nAbout CAR- T cells.\n", encoding="utf-8")
    page = opened(context, server, "&drawer=problems")
    row = page.locator("li.finding", has_text="hyphen-space")
    row.get_by_role("link").focus()
    page.keyboard.press("f")
    expect(row.locator(".fix")).to_contain_text("CAR-T")
    page.keyboard.press("Escape")
    expect(row.locator(".fix")).to_be_hidden()
    expect(row.get_by_role("button", name="Fix")).to_be_focused()
    page.set_viewport_size({"width": 390, "height": 844})  # on a phone the drawer is a sheet
    problems = page.get_by_role("link", name="Problems")
    page.keyboard.press("Escape")
    expect(problems).to_be_focused()
    expect(row).to_be_hidden()
    page.keyboard.press("Enter")
    expect(row).to_be_visible()
    page.get_by_role("link", name="Close").press("Enter")
    expect(problems).to_be_focused()
    page.keyboard.press("Enter")
    row.get_by_role("link").focus()
    page.keyboard.press("f")
    assert "CAR- T" in apples.read_text()
    page.keyboard.press("Enter")
    wait_for(apples, "About CAR-T cells.")
    expect(page.locator(".cm-content")).to_contain_text("About CAR-T cells.")
    undo = page.get_by_role("button", name="Undo the fix")
    undo.focus()
    page.keyboard.press("Enter")
    wait_for(apples, "About CAR- T cells.")
    expect(page.locator(".cm-content")).to_contain_text("About CAR- T cells.")


def test_the_keyboard_gets_past_a_mail_and_its_links(
    context: BrowserContext, server: Server
) -> None:
    page = opened(context, server)
    here = page.locator(".rail a[aria-current]")
    page.locator(".seeing .head summary, .seeing .head a").last.focus()
    while not page.locator(".past").evaluate("one => one === document.activeElement"):
        page.keyboard.press("Tab")
    expect(page.locator(".past")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(here).to_be_focused()
    page.locator(".past").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#frame")).to_be_focused()
    page.keyboard.press("Escape")
    expect(here).to_be_focused()


def test_a_note_stands_at_the_end_a_picture_apart_and_a_new_article_waits_to_be_written(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    apples.write_text("---\ntitle: Apples\n---\n\nOne two.\n\nThree.\n", encoding="utf-8")
    page = opened(context, server, "&line=5")
    page.locator(".cm-content").focus()
    for _ in "One":
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Footnote").click()
    page.keyboard.type("A note")
    text = "---\ntitle: Apples\n---\n\nOne[^1] two.\n\nThree.\n\n[^1]: A note\n"
    wait_for(apples, "A note")
    assert apples.read_text(encoding="utf-8") == text
    page.keyboard.press("Control+Home")
    page.locator(".cm-line", has_text="One").click(position={"x": 20, "y": 8})
    page.set_input_files("#picture", apples.parent / "figures" / "blossom.png")
    expect(page.locator(".cm-content")).to_contain_text("what is to be seen")
    page.keyboard.type("Blossom")
    wait_for(apples, 'One[^1] two.\n\n![Blossom](figures/blossom.png "")\n\nThree.')
    page.get_by_text("New, or put away").click()
    page.get_by_label("Title").first.fill("Late pears")
    page.get_by_role("button", name="Begin it").click()
    expect(page.locator(".cm-content")).to_be_focused()
    page.keyboard.type("Late.")
    wait_for(apples.with_name("02-late-pears.md"), "---\n\nLate.")


def test_a_reason_that_is_being_typed_outlives_a_change_elsewhere(
    context: BrowserContext, server: Server, apples: Path
) -> None:
    apples.write_text(apples.read_text() + "\nAbout CAR- T cells.\n", encoding="utf-8")
    page = opened(context, server)
    row = page.locator("li.finding", has_text="hyphen-space")
    row.get_by_text("Silence").first.click()
    reason = row.get_by_label("Reason")
    reason.fill("it is a")
    apples.write_text(apples.read_text() + "\nMore from elsewhere.\n", encoding="utf-8")
    page.frame_locator("#frame").get_by_text("More from elsewhere.").wait_for(state="attached")
    expect(page.locator(".cm-content")).to_contain_text("More from elsewhere.")
    assert reason.input_value() == "it is a"
    reason.press_sequentially(" name")
    reason.press("Enter")
    wait_for(apples.parent.parent / "issue.md", "reason: it is a name")
