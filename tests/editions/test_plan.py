"""The plan: what editors wrote stands, the rest is the edition's."""

from __future__ import annotations

from dataclasses import replace

from newsletter.editions.plan import treatment, written_plan
from newsletter.model.issue import Article, EmailMode, Issue, Medium, Section, Treatment
from newsletter.problems import Source

S = Source("issue.md", 1)
ISSUE = Issue(
    S,
    "1",
    "One",
    "en",
    sections=(
        Section(
            S,
            "news",
            "News",
            articles=(
                Article(S, "a", "news-a", "A", ()),
                Article(S, "b", "news-b", "B", (), treatments={Medium.EMAIL: Treatment.TITLE}),
                Article(S, "c", "news-c", "C", (), treatments={Medium.WEB: Treatment.OMIT}),
            ),
        ),
        Section(S, "events", "Events", treatments={Medium.PRINT: Treatment.OMIT}),
    ),
)


def test_web_and_print_show_all_that_is_not_written_otherwise() -> None:
    assert written_plan(ISSUE, Medium.WEB) == {
        "news-a": "full",
        "news-b": "full",
        "news-c": "omit",
        "events": "full",
    }
    assert written_plan(ISSUE, Medium.PRINT)["events"] is Treatment.OMIT


def test_an_automatic_mail_leaves_open_what_no_editor_wrote() -> None:
    assert written_plan(ISSUE, Medium.EMAIL) == {"news-b": "title"}


def test_the_mode_of_the_mail_never_alters_what_an_editor_wrote() -> None:
    plan = written_plan(replace(ISSUE, email=EmailMode.DIGEST), Medium.EMAIL)
    assert (plan["news-a"], plan["news-b"]) == (Treatment.DIGEST, Treatment.TITLE)


def test_what_is_not_planned_is_shown_in_full() -> None:
    assert treatment({}, "news-a") is Treatment.FULL
