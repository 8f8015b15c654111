"""Who holds a campaign: a process, by name, for a time, with a fence.

The fence is a number that grows with each holder, so that one who comes back late is known. A lease ends
by being given back, by time, or at once when its holder was a process of this machine that has died.
"""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, update

from newsletter.model.campaign import CampaignStatus
from newsletter.model.transitions import CAMPAIGN_TRANSITIONS, CampaignEvent
from newsletter.problems import TryAgainLater
from newsletter.store.events import now
from newsletter.store.schema import campaigns

LEASE = datetime.timedelta(minutes=15)
"""Longer than any one message may take (RFC 5321 §4.5.3.2 asks for ten minutes of patience)."""

_CAN_BE_SENT = tuple(
    status for status in CampaignStatus if (status, CampaignEvent.START) in CAMPAIGN_TRANSITIONS
)


def take(connection: Connection, campaign: int) -> Row[Any]:
    """Makes this process the holder; returns the campaign's row as it was before, its new fence beside.

    Raises TryAgainLater while another process holds it, or when it has ended meanwhile.
    """
    row = connection.execute(
        select(campaigns).where(campaigns.c.id == campaign).with_for_update()
    ).one()
    if CampaignStatus(row.status) not in _CAN_BE_SENT:
        raise TryAgainLater(
            f"this campaign is {row.status} meanwhile", "See where it stands: newsletter status"
        )
    if is_held(row):
        raise TryAgainLater(
            "this campaign is being sent by another process just now",
            "Wait until it has ended, then call this again.",
        )
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(fence=row.fence + 1, lease_owner=owner(), lease_until=now() + LEASE)
    )
    return row


def renew(connection: Connection, campaign: int, fence: int) -> None:
    """Raises TryAgainLater when the lease is somebody else's by now, or the campaign was stopped."""
    renewed = connection.execute(
        update(campaigns)
        .where(
            campaigns.c.id == campaign,
            campaigns.c.fence == fence,
            campaigns.c.status == str(CampaignStatus.SENDING),
        )
        .values(lease_until=now() + LEASE)
    )
    if renewed.rowcount != 1:
        raise TryAgainLater(
            "another process has taken this campaign over, or it was stopped",
            "See where it stands: newsletter status",
        )


def give_back(connection: Connection, campaign: int, fence: int) -> bool:
    """Ends the lease; False when it was not ours any more."""
    given = connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign, campaigns.c.fence == fence)
        .values(lease_owner="", lease_until=None)
    )
    return given.rowcount == 1


def stop_reason(connection: Connection, campaign: int, fence: int) -> str:
    """Why a holder must stop: its campaign was paused, cancelled or taken over; empty to go on."""
    row = connection.execute(
        select(campaigns.c.fence, campaigns.c.status, campaigns.c.reason).where(
            campaigns.c.id == campaign
        )
    ).one()
    if row.fence != fence:
        return "another process has taken this campaign over"
    if row.status != str(CampaignStatus.SENDING):
        return row.reason or f"it was {row.status}"
    return ""


def silent_since(connection: Connection, campaign: int) -> datetime.datetime | None:
    """When its last holder was last heard of; None when it has none."""
    until = connection.execute(
        select(campaigns.c.lease_until).where(campaigns.c.id == campaign)
    ).scalar()
    return until - LEASE if until is not None else None


def is_held(row: Row[Any]) -> bool:
    """Whether a living process holds the campaign, as far as can be known."""
    if not row.lease_owner or row.lease_until is None or row.lease_until <= now():
        return False
    return not _is_dead(row.lease_owner)


def owner() -> str:
    """This process, named so that another process of this machine can tell whether it lives."""
    return f"{_machine()}/{os.getpid()}/{_born(os.getpid())}"


def _is_dead(name: str) -> bool:
    """Whether the holder was a process of this machine (and PID namespace) that no longer runs."""
    machine, _, process = name.rpartition("/")[0].rpartition("/")
    born = name.rpartition("/")[2]
    if machine != _machine() or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return _born(int(process)) != born


def _machine() -> str:
    boot = _read("/proc/sys/kernel/random/boot_id")
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return f"{platform.node()}:{boot}:{namespace}"


def _born(process: int) -> str:
    """When a process began, in ticks since boot: its number may be given to another one later."""
    fields = _read(f"/proc/{process}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 and fields[0] != "Z" else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
