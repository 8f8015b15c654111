"""Who sends a campaign: processes, each by name, for a time, under a fence of its own.

The fence is a number that grows with each process that comes, so that one who comes back late is known, and every
delivery that is being sent names the fence that has it in hand. A lease ends by being given back, by time, or at
once when its holder was a process of this machine that has died; what it had in hand is unknown then. Several
processes may share a campaign: they claim different deliveries, and whoever leaves last ends it.
"""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from newsletter.model.campaign import CampaignStatus
from newsletter.model.transitions import CAMPAIGN_TRANSITIONS, CampaignEvent
from newsletter.problems import TryAgainLater
from newsletter.store.events import now
from newsletter.store.schema import campaigns, senders
from newsletter.store.sweeping import lose_sending

LEASE = datetime.timedelta(minutes=15)
"""Longer than any one message may take (RFC 5321 §4.5.3.2 asks for ten minutes of patience)."""

_CAN_BE_SENT = tuple(
    status for status in CampaignStatus if (status, CampaignEvent.START) in CAMPAIGN_TRANSITIONS
)

_RENEW = (
    update(senders)
    .where(
        senders.c.campaign_id == bindparam("campaign"),
        senders.c.fence == bindparam("fence_at_hand"),
        select(campaigns.c.id)
        .where(
            campaigns.c.id == bindparam("campaign"),
            campaigns.c.status == str(CampaignStatus.SENDING),
        )
        .exists(),
    )
    .values(until=bindparam("later"))
)
"""Made once, since every group that is claimed begins with it."""


def take(connection: Connection, campaign: int, *, share: bool = False) -> Row[Any]:
    """Makes this process a sender of the campaign; returns the campaign's row as it was before: its fence is the
    next number. What senders who are gone had in hand is unknown then.

    Raises TryAgainLater when it has ended meanwhile, and while another process sends it, unless they `share`.
    """
    row = connection.execute(
        select(campaigns).where(campaigns.c.id == campaign).with_for_update()
    ).one()
    if CampaignStatus(row.status) not in _CAN_BE_SENT:
        raise TryAgainLater(
            f"this campaign is {row.status} meanwhile", "See where it stands: newsletter status"
        )
    if sweep(connection, campaign) and not share:
        raise TryAgainLater(
            "this campaign is being sent by another process just now",
            "Wait until it has ended, then call this again; or let this one help: --join",
        )
    fence = row.fence + 1
    connection.execute(update(campaigns).where(campaigns.c.id == campaign).values(fence=fence))
    connection.execute(
        insert(senders).values(
            campaign_id=campaign, fence=fence, owner=owner(), until=now() + LEASE
        )
    )
    return row


def sweep(connection: Connection, campaign: int) -> int:
    """Ends the leases of those who are gone; what they had in hand becomes unknown. Returns how many senders live."""
    rows = _senders(connection, campaign)
    living = [row.fence for row in rows if _lives(row)]
    lose_sending(connection, campaign, living)
    if len(living) < len(rows):
        connection.execute(
            delete(senders).where(senders.c.campaign_id == campaign, senders.c.fence.not_in(living))
        )
    return len(living)


def renew(connection: Connection, campaign: int, fence: int) -> bool:
    """False when the lease has ended by now, or the campaign was stopped."""
    renewed = connection.execute(
        _RENEW, {"campaign": campaign, "fence_at_hand": fence, "later": now() + LEASE}
    )
    return renewed.rowcount == 1


def give_back(connection: Connection, campaign: int, fence: int) -> bool:
    """Ends the lease; False when it had ended before."""
    given = connection.execute(
        delete(senders).where(senders.c.campaign_id == campaign, senders.c.fence == fence)
    )
    return given.rowcount == 1


def stop_reason(connection: Connection, campaign: int, fence: int) -> str:
    """Why a sender must stop: its campaign was paused, cancelled or taken over; empty to go on."""
    row = connection.execute(
        select(campaigns.c.status, campaigns.c.reason, senders.c.fence)
        .outerjoin(
            senders,
            (senders.c.campaign_id == campaigns.c.id) & (senders.c.fence == fence),
        )
        .where(campaigns.c.id == campaign)
    ).one()
    if row.fence is None:
        return "another process has taken this campaign over"
    if row.status != str(CampaignStatus.SENDING):
        return row.reason or f"it was {row.status}"
    return ""


def silent_since(connection: Connection, campaign: int) -> datetime.datetime | None:
    """When its senders were last heard of; None when it has none."""
    until = connection.execute(
        select(func.max(senders.c.until)).where(senders.c.campaign_id == campaign)
    ).scalar()
    return until - LEASE if until is not None else None


def is_held(connection: Connection, campaign: int) -> bool:
    """Whether a living process sends the campaign, as far as can be known."""
    return any(_lives(row) for row in _senders(connection, campaign))


def others(connection: Connection, campaign: int, fence: int) -> tuple[int, int]:
    """How many other senders live, and how many are gone and not swept up yet."""
    rows = [row for row in _senders(connection, campaign) if row.fence != fence]
    living = sum(_lives(row) for row in rows)
    return living, len(rows) - living


def _senders(connection: Connection, campaign: int) -> list[Row[Any]]:
    return list(connection.execute(select(senders).where(senders.c.campaign_id == campaign)))


def _lives(row: Row[Any]) -> bool:
    return bool(row.until > now()) and not _is_dead(row.owner)


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
