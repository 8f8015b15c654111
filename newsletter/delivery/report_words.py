"""A report in words: who is named in it as not reached, and what is said of each.

For servers that write no fields (RFC 3464), and for those whose fields a mail program has turned into text. Only a
report's own words are read, not the mail that it encloses. An address counts where a failure is told at it or
just below it; that of the sender, of a help desk, and Message-IDs do not. Nothing is guessed across addresses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from newsletter.delivery.replies import enhanced_code, reply_code, tells_a_cause
from newsletter.delivery.reply_words import PATTERNS, Cause

ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&*+./=?^_{}~-]{1,64}@[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,8}"
)
"""An address among words: in ASCII, for Chinese words stand beside it without a space."""
MOST_LINES = 14
"""Lines below an address in which its failure may be told."""
MOST_PEOPLE = 50
LONGEST_LINE = 2_000

_ENCLOSED = re.compile(
    r"^[ \t]*-{2,}.{0,30}\b(?:below (?:this line|is a copy)|(?:this )?is a copy|original message|the (?:header|body) of the"
    r"|unsent message|message header|returned message|forwarded message|message text follows|undelivered message)"
    r"|^[ \t]*(?:below is a copy of the original|--- ?returned message|original message follows|bounced e-?mail:|old message:|message headers follow|original message as received|a copy of the original"
    r"|the first \d+ lines of (?:your|the) (?:original )?message"
    r"|original message headers:|a copy of (?:the|your) (?:original )?message|the text of (?:your|the) message)"
    r"|^(?:> ?)?(?:received|return-path|x-received|dkim-signature|message-id) ?: ?\S",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_THEM = re.compile(
    r"(?:message-?id|references|in-reply-to|mail ?from|from|reply-?to|sender|envelope-from|return-path|postmaster|abuse|contact|help ?desk|questions?"
    r"|mailto:|generated from|send (?:e-?)?mail to|write to|forward(?:ed)? (?:this|it) to|support|originally sent by"
    r"|cc|on behalf of|who are you|administrator|received by)\b[^@]{0,60}$"
    r"|(?:发件人|发信人|寄件人|抄送|回复|联系|管理员|客服)[^@\n]{0,20}$",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"(?:contact|help ?desk|mailto:|send (?:e-?)?mail to|write to|support|assistance)\b[^@]{0,60}$",
    re.IGNORECASE,
)
_HEAD = re.compile(r"<[^<>\s]{1,320}>(?: \(expanded from[^()]{0,400}\))?: ")
"""How Postfix begins what it says of somebody; the lines below, indented, belong to it."""
_MAIL_FORM = re.compile(r"^(?:smtp|dda:smtp|to)=", re.IGNORECASE)
_REPLY_LINE = re.compile(r"\s*(?:<<< )?[45]\d\d[ -]")
_TO = re.compile(rf"^To ?: ?(?:[^\n@]*<)?({ADDRESS.pattern})", re.IGNORECASE | re.MULTILINE)
_ROLES = re.compile(r"^(?:postmaster|mailer-daemon|abuse|hostmaster|mail-?master)@", re.IGNORECASE)
_NUMBERS = re.compile(r"^[0-9A-Fa-f.$_-]{16,}$|^[^@]*\.JavaMail\.", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"follow(?:ing|s)[\w ,()/'-]{0,50}(?:address|recipient|user|person|destination|error)"
    r"|(?:could not|couldn't|cannot|unable to|not be|was not|failed to)\b[\w ,'()-]{0,60}(?:deliver|reach|send)"
    r"|(?:not |un)deliver(?:ed|able)|delivery (?:has |to )?[\w ]{0,40}(?:failed|error|failure)|rcpt to|recipient address|target mail address"
    r"|failed recipients?|rejected recipient|failure reasons?|permanent (?:fatal )?(?:delivery )?errors?|non-?deliver|returned to you|送信できません|投递失败|无法投递|退信|退回|收件人",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody and the words at their address. `certain`: a code or a known reason stands there."""

    address: str
    words: str
    certain: bool


def own_words(text: str) -> str:
    """A report without the mail that it encloses, where that can be told."""
    for found in _ENCLOSED.finditer(text):
        before = text[: found.start()]
        if len(before.strip()) > 60 or ADDRESS.search(before):
            return before
    return text


def people_told(text: str, own: Collection[str]) -> tuple[Told, ...]:
    """Whom a report names as not reached, with the words at each; `own` are addresses that it was written to or
    from. Those at whose address a failure is told, else the first that is introduced as one."""
    lines = [line[:LONGEST_LINE] for line in own_words(text).splitlines()[:400]]
    barred = {one.lower() for one in own}
    told = _told(lines, _named(lines, barred)) or _told(lines, _named(lines, barred, roles=True))
    sure = tuple(one for one in told.values() if one.certain)[:MOST_PEOPLE]
    if sure:
        return sure
    introduced = len(told) == 1 or _INTRODUCED.search("\n".join(lines))
    return tuple(told.values())[:1] if introduced else ()


def tells_of_failure(text: str) -> bool:
    """Whether a text says at all that something was not delivered."""
    return _INTRODUCED.search(own_words(text)) is not None


def tells_of_nobody(text: str) -> bool:
    """Whether a text says that there is no such person."""
    return PATTERNS[Cause.UNKNOWN_MAILBOX].search(own_words(text)) is not None


def enclosed_recipient(text: str) -> str:
    """Whom the mail that a report encloses as text was for; empty where that cannot be told."""
    rest = text[len(own_words(text)) :]
    found = _TO.search(rest)
    return found[1] if found else ""


def _told(lines: Sequence[str], named: Sequence[tuple[int, str]]) -> dict[str, Told]:
    told: dict[str, Told] = {}
    for position, (at, address) in enumerate(named):
        end = min(
            (line for line, other in named[position + 1 :] if line > at and other != address),
            default=at + MOST_LINES,
        )
        said = lines[at : min(end, at + MOST_LINES)]
        if _REPLY_LINE.match(said[0]):
            said = [said[0], *(line for line in said[1:3] if line[:1] in (" ", "\t"))]
        words = " ".join(" ".join(said).split())
        certain = bool(_failure(words))
        known = told.get(address.lower())
        if known is None or (certain and not known.certain):
            told[address.lower()] = Told(address, words, certain)
    return told


def _named(
    lines: Sequence[str], own: Collection[str], *, roles: bool = False
) -> list[tuple[int, str]]:
    """The addresses and their lines; those of the report's own way only where one stands as if it had failed."""
    found = []
    helpers = {
        one[0].strip(".'`=*").lower()
        for line in lines
        for one in ADDRESS.finditer(line)
        if _HELP.search(line[: one.start()])
    }
    below = False
    for number, line in enumerate(lines):
        below = line[:1] in (" ", "\t") if below else False
        if below:
            continue  # a server's reply, with the addresses that it cares to mention
        below = _HEAD.match(line) is not None
        for one in ADDRESS.finditer(line):
            address = _MAIL_FORM.sub("", one[0].strip(".'`=*"))
            before = line[: one.start()]
            if not before.strip(" <\t(") and number:
                before = lines[number - 1][-40:] if lines[number - 1].rstrip().endswith(",") else ""
            heads = not before.strip(" <\t") and line[one.end() :].lstrip(">").startswith(":")
            if (
                (address.lower() in own and not heads)
                or address.lower() in helpers
                or _NOT_THEM.search(before)
                or (_ROLES.match(address) and not roles)
                or _NUMBERS.match(address.partition("@")[0])
            ):
                continue
            found.append((number, address))
    return found


def _failure(words: str) -> bool:
    code = reply_code(words)
    return code >= 400 or bool(enhanced_code(words)) or tells_a_cause(words)


def around(text: str, address: str) -> str:
    """The words near an address, or the beginning where it is not there."""
    own = own_words(text)
    at = own.lower().find(address.lower())
    return " ".join((own[at : at + 1200] if at >= 0 else own[:2000]).split())
