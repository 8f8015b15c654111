"""The database as a thing: copied, put back, looked through.

What was put back does not know what happened since it was copied: who was mailed, who has left. So it learns both from
the database that it replaces: whoever has left, bounced or complained has left in this one too, and whoever was mailed
is not queued again. Nothing goes out by itself: campaigns that were being sent pause, schedules are held.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from newsletter.model.campaign import CampaignStatus
from newsletter.model.transitions import CampaignEvent
from newsletter.problems import NewsletterError, TryAgainLater
from newsletter.publication import Publication, StoreSettings, with_settings
from newsletter.store import backups, carrying, engine, steering, verifying
from newsletter.store import campaigns as store_campaigns
from newsletter.store.carrying import CarriedOver
from newsletter.store.engine import Connection, Store, open_store, store_exists
from newsletter.store.former import write_down

ACTOR = "restore"
KNOWN = "whoever was mailed since, by the one that was there, is not mailed again"
NOT_KNOWN = "who was mailed since is not known"
FORMER = "former"
"""How the files begin in which lies what is to be carried over."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`former` is the copy of what was there, None where nothing was; `stopped` are the campaigns that wait for a
    person now; `carried` is what was learnt from the former database, and `damage` what is wrong with that, where
    something is: then nobody can say that it was everything."""

    former: Path | None
    stopped: tuple[int, ...]
    carried: CarriedOver = field(default_factory=CarriedOver)
    damage: str = ""


def answers(publication: Publication) -> None:
    """Asks the database for nothing in particular, where there is one; raises what is wrong with it."""
    if store_exists(publication):
        with open_store(publication) as store, store.reading():
            pass


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
    if not backups.is_sqlite(publication):
        return _restore_postgresql(publication, source)
    damage = backups.damage(publication) if there else ""
    if there and not damage:
        with open_store(publication) as store:
            _refuse_while_sending(store)
    former = _place(publication, "before-restore")
    prepared = _place(publication, "prepared")
    try:
        backups.prepare(source, prepared)
        done = _prepare(publication, prepared, source, damage)
        if damage:
            backups.replace_broken(publication, prepared, former)
        else:
            backups.restore(publication, prepared, former)
    finally:
        for ending in ("", "-wal", "-shm"):
            prepared.with_name(prepared.name + ending).unlink(missing_ok=True)
    if not there:
        return done
    done = replace(done, former=former)
    if damage:
        return done
    with open_store(publication) as store, store.writing() as connection:
        more = carrying.carry_over(connection, former)  # in the moment between
    return replace(done, carried=done.carried + more)


def _prepare(publication: Publication, prepared: Path, source: Path, damage: str) -> Restored:
    """Lets a copy know who has left and who was mailed since, and lets nothing in it go out by itself, before it is
    anybody's database. Of a former one that is at fault it learns what can be read."""
    here = backups.file_of(publication) if store_exists(publication) else None
    alone = with_settings(publication, store=StoreSettings(url=f"sqlite:///{prepared.resolve()}"))
    carried = CarriedOver()
    with open_store(alone) as store:
        if here is not None:
            try:
                with store.writing() as connection:
                    carried = carrying.carry_over(connection, here)
            except NewsletterError:
                if not damage:
                    raise
        with store.writing() as connection:
            stopped = _stop_all(connection, source, () if damage else carried.known)
    return Restored(None, stopped, carried, damage)


def _restore_postgresql(publication: Publication, source: Path) -> Restored:
    """What is to be carried over is written down first; where that fails afterwards, what was there is put back. What
    is written down lies there until it is carried over, so that nobody is mailed before (`refuse_unfinished`)."""
    former, known = _place(publication, "before-restore"), _place(publication, FORMER, "db")
    half = known.with_suffix(".part")
    left = _unfinished(publication)
    try:
        with open_store(publication) as store:
            _refuse_while_sending(store)
            with store.reading() as connection:
                write_down(connection, half)
        half.replace(known)
    finally:
        half.unlink(missing_ok=True)
    try:
        backups.restore(publication, source, former)
        try:
            with open_store(publication) as store, store.writing() as connection:
                carried = CarriedOver()
                for one in (*left, known):
                    carried += carrying.carry_over(connection, one)
                done = Restored(former, _stop_all(connection, source, carried.known), carried)
        except BaseException:
            backups.put_back_dump(publication, former)
            raise
    except BaseException:
        known.unlink(missing_ok=True)
        raise
    for one in (*left, known):
        one.unlink(missing_ok=True)
    return done


def refuse_unfinished(publication: Publication) -> None:
    """Raises NewsletterError where a copy was put back by a process that died before it carried over who was mailed."""
    if not backups.is_sqlite(publication) and _unfinished(publication):
        raise NewsletterError(
            "a copy was put in this database's place, and who was mailed since is not carried over yet",
            "While newsletter db restore is at work, wait for it. If it was killed, call it again, with the same copy.",
        )


def _unfinished(publication: Publication) -> tuple[Path, ...]:
    return tuple(sorted(_folder(publication).glob(f"{FORMER}-*.db")))


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


def _stop_all(connection: Connection, source: Path, known: Collection[int]) -> tuple[int, ...]:
    """`known` are the campaigns of which it was learnt who was mailed since the copy was made."""
    stopped = []
    for one in store_campaigns.all_campaigns(connection):
        told = KNOWN if one.id in known else NOT_KNOWN
        reason = f"the database was put back from {source.name}: {told}"
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


def _place(publication: Publication, name: str, ending: str = "") -> Path:
    moment = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    ending = ending or ("db" if backups.is_sqlite(publication) else "dump")
    folder = _folder(publication)
    path = folder / f"{name}-{moment}.{ending}"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{moment}-{number}.{ending}"
    return path


def _folder(publication: Publication) -> Path:
    return publication.root / "subscribers" / "backups"
