"""The report beside the send panel: a dear one is kept for a while, but never past what it says of its campaign."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from newsletter.model.campaign import Campaign, CampaignStatus
from newsletter.web.studio.reporting import Reporting
from newsletter.workflow import reports
from newsletter.workflow.preview import PreviewDesk


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
    finished = cast(Campaign, SimpleNamespace(id=7, status=CampaignStatus.FINISHED))
    shown = [reporting._report(one) for one in (sending, sending, finished, finished)]
    assert shown == ["report 1", "report 1", "report 2", "report 2"]
