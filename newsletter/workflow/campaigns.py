"""Sending an issue, as a person does it: see who and what, confirm by number, send; test; ask how it stands.

plan        who gets it and who does not, what it is; nothing is changed
approve     freezes what goes out, for somebody to send
send        publishes the revision, freezes content and audience, sends; or resumes what was begun
hold        the same, to begin some seconds later, until which it can be taken back
schedule    the same, to begin at a moment; who gets it is frozen then
test_send   one mail to a reviewer, with links that do nothing
status      every campaign with its books
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from newsletter.delivery.content import freeze as freeze_content
from newsletter.delivery.sending import Observer
from newsletter.model.campaign import Books, Campaign, Delivery, DeliveryStatus
from newsletter.model.transitions import CampaignEvent
from newsletter.problems import Changed, UsageError
from newsletter.publication import Publication
from newsletter.store import campaigns as store_campaigns
from newsletter.store.engine import Store, open_store
from newsletter.store.events import now
from newsletter.store.snapshots import approve_content
from newsletter.workflow.dispatch import OPERATOR, Outcome, freeze, freeze_shown
from newsletter.workflow.issues import prepare_email
from newsletter.workflow.plans import Resumed, SendPlan, plan, refuse_unconfirmed
from newsletter.workflow.publish import publish
from newsletter.workflow.reviewing import parse_key, send_test
from newsletter.workflow.running import run
from newsletter.workflow.scheduling import Appointment
from newsletter.workflow.starting import refuse_void, start

__all__ = [
    "Resumed",
    "SendPlan",
    "approve",
    "hold",
    "not_delivered",
    "parse_key",
    "plan",
    "refuse_unconfirmed",
    "schedule",
    "send",
    "send_test",
    "status",
]


def approve(publication: Publication, shown: SendPlan, *, actor: str = OPERATOR) -> Campaign:
    """Freezes the content of a plan as approved by somebody; who gets it is counted when it is sent. What was
    approved and stands is left as it is; a void approval is taken back and given anew.

    Raises UsageError when it waits or was begun already, Changed when the issue is not what was shown."""
    _refuse_waiting(shown)
    if shown.resumed:
        raise UsageError(
            f"campaign {shown.resumed.campaign.id} of this issue was begun already",
            "What is being sent needs no approval any more.",
        )
    with open_store(publication) as store:
        if shown.approved and not shown.void:
            return shown.approved
        if shown.approved:
            _take_back(store, shown.approved, shown.void, actor)
        _refuse_changed(publication, shown)
        with store.writing() as connection:
            campaign = approve_content(
                connection,
                shown.content,
                shown.lists,
                actor=actor,
                selection=shown.selection,
                inputs=shown.inputs,
            )
            return store_campaigns.campaign_by_id(connection, campaign)


def send(
    publication: Publication,
    shown: SendPlan,
    count: int | None,
    *,
    actor: str = OPERATOR,
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
    share: bool = False,
) -> Outcome | None:
    """Carries out a plan that was shown and confirmed by its count; None when there is nobody left to mail.

    Raises NotConfirmed when the count is not the plan's, Changed when content or audience is no longer what
    was shown or the approval is void, TryAgainLater while another process sends, unless they `share` it. Nothing
    was sent in these cases.
    """
    if shown.recipients == 0 and shown.resumed is None and shown.waiting is None:
        return None
    _refuse_waiting(shown)
    refuse_unconfirmed(shown, count)
    with open_store(publication) as store:
        campaign = _begun(publication, store, shown, actor)
        start(publication, store, _by_id(store, campaign), actor)
        return run(
            publication,
            store,
            campaign,
            observe=observe,
            stopping=stopping,
            actor=actor,
            share=share,
        )


def _begun(publication: Publication, store: Store, shown: SendPlan, actor: str) -> int:
    """The campaign of a plan, its audience frozen as it was shown."""
    if shown.resumed:
        return shown.resumed.campaign.id
    approved = _approved(publication, store, shown, actor)
    if approved is None:
        revision = _publish_unchanged(publication, shown)
        return freeze(
            store,
            shown.content,
            revision,
            shown.lists,
            shown.audience.fingerprint,
            selection=shown.selection,
            actor=actor,
            inputs=shown.inputs,
            confirmed=shown.recipients,
        )
    _freeze_approved(store, approved, shown)
    return approved.id


def hold(
    publication: Publication,
    shown: SendPlan,
    count: int | None,
    seconds: float,
    *,
    actor: str = OPERATOR,
    served: bool = True,
) -> Campaign:
    """Carries out a plan some seconds later: until then cancelling it leaves nothing. With `served` a server
    sends it (`studio`, `serve`), else whoever called this does, by `steering.resume`.

    Raises the same as `send`, and UsageError when there is nobody to mail."""
    _refuse_waiting(shown)
    _refuse_nobody(shown)
    refuse_unconfirmed(shown, count)
    wake = now() + datetime.timedelta(seconds=seconds)
    with open_store(publication) as store:
        approved = _approved(publication, store, shown, actor)
        if approved is None:
            _refuse_changed(publication, shown)
            campaign = freeze(
                store,
                shown.content,
                None,
                shown.lists,
                shown.audience.fingerprint,
                selection=shown.selection,
                actor=actor,
                inputs=shown.inputs,
                confirmed=shown.recipients,
                event=CampaignEvent.HOLD,
                wake=wake,
                served=served,
            )
            return _by_id(store, campaign)
        _freeze_approved(store, approved, shown)
        with store.writing() as connection:
            store_campaigns.appoint(connection, approved.id, served=served)
            store_campaigns.change_campaign(
                connection, approved.id, CampaignEvent.HOLD, actor, wake=wake
            )
        return _by_id(store, approved.id)


def schedule(
    publication: Publication,
    shown: SendPlan,
    count: int | None,
    at: Appointment,
    *,
    actor: str = OPERATOR,
) -> Campaign:
    """Freezes what goes out, to be sent by a server at a moment. Who gets it is frozen then, and must be about
    as many as were confirmed now.

    Raises the same as `send`, and UsageError when there is nobody to mail."""
    _refuse_waiting(shown)
    _refuse_nobody(shown)
    refuse_unconfirmed(shown, count)
    with open_store(publication) as store:
        approved = _approved(publication, store, shown, actor)
        if approved is None:
            approved = approve(publication, shown, actor=actor)
        with store.writing() as connection:
            store_campaigns.confirm(connection, approved.id, shown.recipients)
            store_campaigns.appoint(
                connection, approved.id, wall=at.wall, zone=at.zone, served=True
            )
            store_campaigns.change_campaign(
                connection, approved.id, CampaignEvent.SCHEDULE, actor, wake=at.moment
            )
        return _by_id(store, approved.id)


def status(publication: Publication, slug: str = "") -> tuple[tuple[Campaign, Books], ...]:
    """Every campaign with its books, the newest first; those of one issue where it is named."""
    with open_store(publication) as store, store.reading() as connection:
        return tuple(
            (campaign, store_campaigns.books_of(connection, campaign.id))
            for campaign in store_campaigns.all_campaigns(connection, slug)
        )


def not_delivered(publication: Publication, campaign: int) -> tuple[Delivery, ...]:
    """The deliveries that a person should know of one by one: unknown, deferred, failed, refused."""
    wanted = (
        DeliveryStatus.UNKNOWN,
        DeliveryStatus.DEFERRED,
        DeliveryStatus.FAILED,
        DeliveryStatus.REFUSED,
    )
    with open_store(publication) as store, store.reading() as connection:
        return tuple(
            delivery
            for status in wanted
            for delivery in store_campaigns.deliveries_of(connection, campaign, status)
        )


def _approved(
    publication: Publication, store: Store, shown: SendPlan, actor: str
) -> Campaign | None:
    """The approval that a plan is sent by, None where it needs none.

    Raises Changed when it is void, UsageError when somebody else has to give one first."""
    if shown.approved and shown.void:
        refuse_void(store, shown.approved, actor, shown.void)
    if publication.settings.approval == "required":
        if shown.approved is None:
            raise UsageError(
                "nobody has approved this yet, and this publication wants an approval",
                f"Somebody else: newsletter campaigns approve {shown.issue}{_options(shown)}",
            )
        if shown.approved.approved_by == actor:
            raise UsageError(
                f"{actor} has approved this: somebody else has to send it",
                'This publication wants two people for that (approval = "required").',
            )
    return shown.approved


def _options(shown: SendPlan) -> str:
    return "".join(f" --list {one.name}" for one in shown.lists)


def _freeze_approved(store: Store, approved: Campaign, shown: SendPlan) -> None:
    with store.writing() as connection:
        freeze_shown(
            connection,
            approved.id,
            approved.slug,
            approved.lists,
            shown.audience.fingerprint,
            approved.selection,
        )
        store_campaigns.confirm(connection, approved.id, shown.recipients)


def _refuse_waiting(shown: SendPlan) -> None:
    if shown.waiting is None:
        return
    waiting = shown.waiting.campaign
    told = waiting.reason or "it goes on by itself"
    raise UsageError(
        f"campaign {waiting.id} of this issue is {waiting.status}: {told}",
        f"To send it now: newsletter campaigns resume {waiting.id}. "
        f"To take it back: newsletter campaigns cancel {waiting.id}.",
    )


def _refuse_nobody(shown: SendPlan) -> None:
    if shown.resumed:
        raise UsageError(
            f"campaign {shown.resumed.campaign.id} of this issue was begun already",
            "Without --at and --hold, send goes on with it.",
        )
    if shown.recipients == 0:
        raise UsageError("there is nobody left to send it to", "Nothing was changed.")


def _take_back(store: Store, approved: Campaign, reason: str, actor: str) -> None:
    try:
        refuse_void(store, approved, actor, reason)
    except Changed:
        return


def _publish_unchanged(publication: Publication, shown: SendPlan) -> tuple[int, str]:
    """Publishes the web edition; raises Changed when the issue is no longer what was shown, before anything
    is published where that can be told then."""
    _refuse_changed(publication, shown)
    revision = publish(publication, shown.issue, correction=shown.selection.correction)
    _refuse_changed(publication, shown)
    return revision.number, revision.digest


def _refuse_changed(publication: Publication, shown: SendPlan) -> None:
    prepared = prepare_email(publication, shown.issue, correction=shown.selection.correction)
    if freeze_content(prepared.edition, publication, prepared.issue).digest != shown.content.digest:
        raise Changed("the issue is not what was shown", "Nothing was sent. Call this again.")


def _by_id(store: Store, campaign: int) -> Campaign:
    with store.reading() as connection:
        return store_campaigns.campaign_by_id(connection, campaign)
