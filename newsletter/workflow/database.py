"""The database as a thing: copied, put back, looked through.

What was put back does not know what happened since it was copied: who was mailed, who has left. So nothing that it
would send goes out by itself (campaigns that were being sent pause, schedules are held), and whoever has left,
bounced or complained since then, by the database that was replaced, has left in this one too.
"""

from __future__ import annotations

import datetime
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from newsletter.model.campaign import CampaignStatus
from newsletter.model.transitions import CampaignEvent
from newsletter.problems import TryAgainLater
from newsletter.publication import Publication, StoreSettings, with_settings
from newsletter.store import backups, carrying, engine, steering, verifying
from newsletter.store import campaigns as store_campaigns
from newsletter.store.engine import Store, open_store, store_exists

ACTOR = "restore"


@dataclass(frozen=True, slots=True)
class Restored:
    """`former` is the copy of what was there, None where nothing was; `stopped` are the campaigns that wait for a
    person now; `left` is how many had left, bounced or complained since, and stay so."""

    former: Path | None
    stopped: tuple[int, ...]
    left: int


def keeping_open(publication: Publication) -> AbstractContextManager[None]:
    """For a server: the database stays open as long as it runs. Nothing is opened until somebody asks."""
    return engine.keeping_open(publication)


def backup(publication: Publication, target: Path | None = None) -> tuple[Path, int]:
    """Makes a copy, under `backups/` beside the database where no name is given; its path and size."""
    path = target or _place(publication, "newsletter")
    return path, backups.backup(publication, path)


def restore(publication: Publication, source: Path) -> Restored:
    """Puts a copy back. Raises TryAgainLater while a campaign is being sent, UsageError for what is no copy."""
    there = store_exists(publication)
    if there:
        with open_store(publication) as store:
            _refuse_while_sending(store)
    former = _place(publication, "before-restore")
    if not backups.is_sqlite(publication):
        backups.restore(publication, source, former)
        with open_store(publication) as store:
            return Restored(former if there else None, _stop_all(store, source), 0)
    prepared = _place(publication, "prepared")
    try:
        backups.prepare(source, prepared)
        left, stopped = _prepare(publication, prepared, source)
        backups.restore(publication, prepared, former)
    finally:
        for ending in ("", "-wal", "-shm"):
            prepared.with_name(prepared.name + ending).unlink(missing_ok=True)
    if there:
        with open_store(publication) as store, store.writing() as connection:
            left += carrying.carry_over(connection, former)  # in the moment between
    return Restored(former if there else None, stopped, left)


def _prepare(publication: Publication, prepared: Path, source: Path) -> tuple[int, tuple[int, ...]]:
    """Lets a copy know who has left since, and lets nothing in it go out by itself, before it is anybody's database."""
    here = backups.file_of(publication) if store_exists(publication) else None
    alone = with_settings(publication, store=StoreSettings(url=f"sqlite:///{prepared.resolve()}"))
    with open_store(alone) as store:
        left = 0
        if here is not None:
            with store.writing() as connection:
                left = carrying.carry_over(connection, here)
        return left, _stop_all(store, source)


def verify(publication: Publication, file: Path | None = None) -> tuple[str, ...]:
    """What is wrong with the database, or with a copy; nothing when all is well."""
    if file is not None:
        told = backups.faults_of_file(file)
        return told or verifying.faults_of_copy(file)
    with open_store(publication) as store:
        told = (
            backups.faults_of_file(backups.file_of(publication))
            if store.dialect == "sqlite"
            else ()
        )
        with store.reading() as connection:
            return (*told, *verifying.faults(connection))


def _refuse_while_sending(store: Store) -> None:
    with store.reading() as connection:
        for one in store_campaigns.all_campaigns(connection):
            if one.status is CampaignStatus.SENDING and steering.is_held(connection, one.id):
                raise TryAgainLater(
                    f"campaign {one.id} is being sent just now",
                    f"Pause it first: newsletter campaigns pause {one.id}",
                )


def _stop_all(store: Store, source: Path) -> tuple[int, ...]:
    stopped = []
    reason = f"the database was put back from {source.name}: who was mailed since is not known"
    with store.writing() as connection:
        for one in store_campaigns.all_campaigns(connection):
            if one.status is CampaignStatus.SENDING:
                event = CampaignEvent.PAUSE
            elif one.status in (CampaignStatus.SCHEDULED, CampaignStatus.HELD):
                event = CampaignEvent.HOLD
            elif one.status is CampaignStatus.PAUSED:
                event = None
            else:
                continue
            if event is not None:
                store_campaigns.change_campaign(connection, one.id, event, ACTOR, reason)
            else:
                store_campaigns.give_reason(connection, one.id, reason)
            stopped.append(one.id)
    return tuple(sorted(stopped))


def _place(publication: Publication, name: str) -> Path:
    moment = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    ending = "db" if backups.is_sqlite(publication) else "dump"
    folder = publication.root / "subscribers" / "backups"
    path = folder / f"{name}-{moment}.{ending}"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{moment}-{number}.{ending}"
    return path
