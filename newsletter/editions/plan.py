"""The plan: which article an edition shows how. What the editor wrote stands; the rest is the edition's.

A section that is written in one file has no articles; it is planned under its own anchor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newsletter.model.issue import EmailMode, Issue, Medium, Treatment

LETTER = "letter"
"""What stands for the editor's letter in a plan; no section has this anchor."""

Plan = Mapping[str, Treatment]
"""Article anchor (or that of a section without articles) → treatment; what is missing is shown in full."""

_MODES = {EmailMode.FULL: Treatment.FULL, EmailMode.DIGEST: Treatment.DIGEST}


def written_plan(issue: Issue, medium: Medium) -> dict[str, Treatment]:
    """What is settled before anything is cut.

    Web and print: every anchor, in full where nothing is written. Email: only what an editor wrote, or what
    the issue's mode says for all; under `auto` the rest is missing and may be cut.
    """
    otherwise = _MODES.get(issue.email) if medium is Medium.EMAIL else Treatment.FULL
    plan: dict[str, Treatment] = {}
    for anchor, treatments in _planned(issue):
        treatment = treatments.get(medium, otherwise)
        if treatment is not None:
            plan[anchor] = treatment
    return plan


def treatment(plan: Plan, anchor: str) -> Treatment:
    return plan.get(anchor, Treatment.FULL)


def _planned(issue: Issue) -> Iterator[tuple[str, Mapping[Medium, Treatment]]]:
    for section in issue.sections:
        if not section.articles:
            yield section.anchor, section.treatments
        for article in section.articles:
            yield article.anchor, article.treatments
