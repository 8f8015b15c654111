"""What the event log and the ledger say, in words."""

from __future__ import annotations

from newsletter.web.words import gettext


def event_word(kind: str) -> str:
    """An event's kind in words; one that is not known here is shown as it is kept."""
    known = {
        "added": gettext("added"),
        "imported": gettext("imported"),
        "import undone": gettext("import undone"),
        "signed up": gettext("signed up"),
        "signed up again": gettext("signed up again"),
        "confirmed": gettext("confirmed"),
        "confirmation mailed again": gettext("confirmation mailed again"),
        "changed": gettext("details changed"),
        "tagged": gettext("tagged"),
        "unsubscribed": gettext("unsubscribed"),
        "unsubscribed again": gettext("unsubscribed again"),
        "merged": gettext("made one with another address"),
        "bounced": gettext("bounced"),
        "complained": gettext("complained"),
        "suppressed": gettext("suppressed"),
        "suppression lifted": gettext("suppression lifted"),
        "forgotten": gettext("forgotten"),
    }
    return known.get(kind, kind)


def mail_words() -> dict[str, str]:
    """What became of a mail."""
    return {
        "queued": gettext("waits"),
        "sending": gettext("is being sent"),
        "accepted": gettext("accepted"),
        "deferred": gettext("deferred"),
        "refused": gettext("refused"),
        "failed": gettext("failed"),
        "unknown": gettext("unknown"),
        "skipped": gettext("skipped"),
        "not sent": gettext("left out"),
    }
