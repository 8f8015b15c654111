"""A run of a campaign, and what follows from what servers have said in it.

Whoever sends calls this: a command, the studio, a server that wakes what is due. The run itself is `dispatch`; what
it leaves in the rows is counted here, after it, so that sending waits for none of it.
"""

from __future__ import annotations

from collections.abc import Callable

from newsletter.delivery.sending import Observer
from newsletter.publication import Publication
from newsletter.store.engine import Store
from newsletter.workflow import dispatch
from newsletter.workflow.consequences import wear_out
from newsletter.workflow.dispatch import OPERATOR, Outcome


def run(
    publication: Publication,
    store: Store,
    campaign: int,
    *,
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
    actor: str = OPERATOR,
    share: bool = False,
) -> Outcome:
    """Sends what is left of a campaign, as `dispatch.run`. Whoever was refused so often that nothing reaches them is
    not written to again."""
    outcome = dispatch.run(
        publication,
        store,
        campaign,
        observe=observe,
        stopping=stopping,
        actor=actor,
        share=share,
    )
    wear_out(store, publication.settings, campaign)
    return outcome
