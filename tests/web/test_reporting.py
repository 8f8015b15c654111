"""The report beside the send panel: a dear one is kept for a while, but never past what it says of its campaign."""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.requests import Request

from newsletter.model.campaign import Books, Campaign, CampaignStatus, DeliveryStatus
from newsletter.web.studio.reporting import Reporting
from newsletter.workflow import reports
from newsletter.workflow.preview import PreviewDesk

IN_HAND = Books(3, {}, {DeliveryStatus.SENDING: 1, DeliveryStatus.QUEUED: 2})
QUIET = Books(3, {}, {DeliveryStatus.ACCEPTED: 1, DeliveryStatus.QUEUED: 2})


def test_a_report_that_is_dear_is_kept_until_its_campaign_has_another_status(
    orchard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def dear(_: Any, campaign: int) -> Any:
        time.sleep(0.12)
        made.append(campaign)
        return f"report {len(made)}"

    monkeypatch.setattr(reports, "report", dear)
    reporting = Reporting(PreviewDesk(orchard))
    sending = cast(Campaign, SimpleNamespace(id=7, status=CampaignStatus.SENDING))
    paused = cast(Campaign, SimpleNamespace(id=7, status=CampaignStatus.PAUSED))
    asked = [(sending, IN_HAND), (sending, IN_HAND), (paused, IN_HAND), (paused, QUIET)]
    shown = [reporting._report(*one) for one in (*asked, (paused, QUIET))]
    assert shown == ["report 1", "report 1", "report 2", "report 3", "report 3"]


@pytest.mark.parametrize(("books", "moves"), [(IN_HAND, True), (QUIET, False)])
def test_a_paused_campaign_is_followed_until_its_last_answer_has_come(
    orchard: Path, monkeypatch: pytest.MonkeyPatch, books: Books, moves: bool
) -> None:
    reporting = Reporting(PreviewDesk(orchard))
    paused = SimpleNamespace(id=7, status=CampaignStatus.PAUSED, waiting=False)
    monkeypatch.setattr(reporting, "of_issue", lambda slug: [(paused, books)])
    monkeypatch.setattr(reporting, "_report", lambda *_: None)
    request = cast(Request, SimpleNamespace(query_params={}))
    values = reporting.values(request, "apples")
    assert values["moves"] is moves
    # What is left to send is counted once more when that answer has come.
    assert values["standing"] == ("paused-ending" if moves else "paused")


def test_times_are_those_of_the_publication_s_time_zone(orchard: Path) -> None:
    settings = orchard / "newsletter.toml"
    told = 'timezone = "Asia/Shanghai"\n' + settings.read_text(encoding="utf-8")
    settings.write_text(told, encoding="utf-8")
    request = cast(Request, SimpleNamespace(query_params={}))
    here = Reporting(PreviewDesk(orchard)).values(request, "apples")["here"]
    moment = datetime.datetime(2026, 11, 29, 20, 30, tzinfo=datetime.UTC)
    assert here(moment).strftime("%Y-%m-%d %H:%M") == "2026-11-30 04:30"
