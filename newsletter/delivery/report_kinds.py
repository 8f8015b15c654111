"""Who wrote a mail: a server about one that was sent from here, a program for its owner, or a person.

People write about failures, lists gather such mails, and programs answer; none of them is a report. A server's mail
is one only where it tells of a failure: servers write of quotas and quarantines too. What servers say in words that
nobody else uses is known to `flufl.bounce`, wrapped: it raises on mail without From.
"""

from __future__ import annotations

import re
from email.message import Message
from typing import Any

from newsletter.delivery.delivery_status import plain_address
from newsletter.delivery.report_words import tells_of_failure, tells_of_nobody

DELAYED = re.compile(
    r"\b(delayed|deferred|will (?:be retried|keep trying|continue to try)|warning: could not send|not yet been delivered"
    r"|no action is required|still being retried)\b"
    r"|延迟|暂时无法(?:投递|送达)|(?:继续|再次|重新)尝试投递|稍后(?:将)?重试",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"out of (?:the )?office|auto(?:matic|mated)?[- ]?(?:reply|response|antwort)|vacation|abwesenheit|on leave"
    r"|réponse automatique|risposta automatica|automatyczna odpowied|resposta automática|automatisch antwoord|afwezig|автоответ"
    r"|自動応答|absence|respuesta automática|自动回复|自動回覆|自动答复|外出|休假|不在",
    re.IGNORECASE,
)
_BOUNCED = re.compile(
    r"undeliver|non-?deliver|deliver(?:y|ed)?[ \w]*(?:fail|problem|error|status)|(?:mail|delivery|message|e-?mail|sending|transmission)\W[\w ]*fail"
    r"|fail(?:ure|ed)\W{0,3}(?:notice|notification|mail|deliver)|returned mail|mail delivery (?:notif|report|warning|system|sub)|unzustellbar|could not be (?:sent|delivered)"
    r"|(?:not|non|nicht) (?:been )?(?:delivered|deliverable|remis|zugestellt)|mail (?:system )?error|bounce notification|rejected mail|message rejected"
    r"|no se puede entregar|no se ha podido entregar|退信|退回|投递失败|無法傳遞|无法投递|系统退信|配信不能|недоставлен|エラー通知|送信エラー|配信エラー|返送",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"^\s*(?:(?:not )?read|(?:un)?gelesen|lu|leído|已读|未读|accepted|declined|tentative)\s*[:：]",
    re.IGNORECASE,
)
_CERTAINLY_BOUNCED = re.compile(
    r"(?:non-?deliver|undeliver|returned mail|delivery (?:failure|status)|failure notice|mail delivery fail)",
    re.IGNORECASE,
)
_HANDED_ON = re.compile(
    r"^\s*(?:re|fwd?|aw|wg|tr|rv|转发|答复|回复)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE
)
_DAEMON = re.compile(
    r"mailer[-_.]?daemon|\bmdaemon@|(?<![\w.])post_?-?master|mail delivery (?:sub-?)?(?:system|service)|mail deliver system|delivery subsystem|mailerdaemon|bounces?@"
    r"|mail system|delivery system",
    re.IGNORECASE,
)


def is_automatic(message: Message, subject: str) -> bool:
    """An answer of a person's mailbox. Servers mark their own reports as automatic too (Exim, Google)."""
    if message.get("X-Failed-Recipients") or _DAEMON.search(str(message.get("From", ""))):
        return False
    if _AWAY.search(subject) and not _BOUNCED.search(subject):
        return True
    if _by_server(message) or _BOUNCED.search(subject):
        return False
    auto = str(message.get("Auto-Submitted", "")).lower()
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-From")
    return auto.startswith("auto-replied") or any(message.get(name) for name in marks)


def is_to_nobody(message: Message) -> bool:
    """Whether a mail that is no report wants no answer, and comes from somebody: what answers for them has sent it."""
    junk = str(message.get("Precedence", "")).strip().lower() in ("junk", "auto_reply")
    nobody = str(message.get("Return-Path", "")).strip() == "<>"
    return (junk or nobody) and not _DAEMON.search(str(message.get("From", "")))


def looks_returned(message: Message, subject: str, text: str) -> bool:
    """Whether a server wrote it, about a mail that was sent from here. Lists, and people who hand a report on or
    write about one, did not."""
    if message.get("X-Failed-Recipients"):
        return True
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type", "delivery-status")).lower() == "delivery-status"
    if _RECEIPT.match(subject):
        return False
    failed = tells_of_failure(text)
    if _by_server(message):
        told = _BOUNCED.search(subject) or DELAYED.search(text[:3000])
        return failed or told is not None or tells_of_nobody(text) or bool(detected(message))
    listed = message.get("List-Id") or message.get("List-Unsubscribe")
    if _HANDED_ON.match(subject) or (listed and not _CERTAINLY_BOUNCED.match(subject)):
        return False
    return failed and bool(_BOUNCED.search(subject))


def _by_server(message: Message) -> bool:
    sender = str(message.get("From", ""))
    nobody = str(message.get("Return-Path", "")).strip() == "<>"
    return _DAEMON.search(sender) is not None or (nobody and not message.get("In-Reply-To"))


def detected(message: Message) -> list[str]:
    """Whom flufl.bounce finds."""
    if message.get("From") is None:
        message["From"] = "MAILER-DAEMON@localhost"
    try:
        from flufl.bounce import all_failures

        temporary, permanent = all_failures(message)
        said = [_said(one) for one in (*permanent, *temporary)]
    except Exception:  # its detectors meet mail that they did not think of
        return []
    return list(dict.fromkeys(one for name in said if (one := plain_address(name))))


def _said(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
