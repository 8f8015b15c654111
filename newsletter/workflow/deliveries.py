"""Did this person get it, which revision, and if not why? And who is in which state?"""

from __future__ import annotations

from typing import Any

from newsletter.model.campaign import DeliveryStatus
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import told
from newsletter.store.engine import open_store
from newsletter.workflow import steering
from newsletter.workflow.campaigns import parse_key


def who(publication: Publication, address: str) -> tuple[dict[str, Any], ...]:
    """Every campaign that a person was a candidate of, the newest first."""
    key = parse_key(address)
    with open_store(publication) as store, store.reading() as connection:
        return told.of_person(connection, key)


def of_campaign(
    publication: Publication, campaign: int, state: str = ""
) -> tuple[dict[str, Any], ...]:
    """The deliveries of a campaign, all or those of one state. Raises UsageError for a state that is none."""
    if state and state not in tuple(DeliveryStatus):
        raise UsageError(f"no such state: {state}", f"There are: {', '.join(DeliveryStatus)}.")
    steering.show(publication, campaign)
    with open_store(publication) as store, store.reading() as connection:
        return told.of_campaign(connection, campaign, state)
