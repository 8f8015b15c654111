"""How far an issue is, as its campaigns say."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.publication import Publication, load_publication
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import campaigns, plans, subscribers
from newsletter.workflow.stages import stage_of


@pytest.fixture
def orchard(new_publication: Path) -> Publication:
    issue = new_publication / "issues" / "may"
    (issue / "01-news").mkdir(parents=True)
    (issue / "issue.md").write_text("---\ntitle: May\ndate: 2026-05-01\n---\n\nDear reader.\n")
    (issue / "01-news" / "01-pears.md").write_text("---\ntitle: Pears\n---\n\nThey grow.\n")
    make_key_file(new_publication / "subscribers" / "secret.key")
    return load_publication(new_publication, {})


def test_without_a_campaign_errors_alone_decide(orchard: Publication) -> None:
    assert stage_of(orchard, "may", errors=True).step == "draft"
    assert stage_of(orchard, "may", errors=False).step == "checked"


def test_an_approval_counts_until_the_issue_is_edited(orchard: Publication) -> None:
    subscribers.add(orchard, "ann@example.com", "weekly", name="Ann")
    shown = plans.plan(orchard, "may", ["weekly"])
    campaigns.approve(orchard, shown)
    stage = stage_of(orchard, "may", errors=False)
    assert (stage.step, stage.status, stage.void) == ("approved", "approved", "")
    letter = orchard.issues_folder / "may" / "issue.md"
    letter.write_text(letter.read_text() + "\nOne word more.\n")
    stage = stage_of(orchard, "may", errors=False)
    assert stage.step == "checked"
    assert "changed after" in stage.void
    assert stage_of(orchard, "may", errors=True).step == "draft"
