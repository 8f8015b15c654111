"""What the columns of a file are: the names that products and people give to a subscriber's fields."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from newsletter.problems import UsageError

FIELDS = (
    "email",
    "name",
    "first_name",
    "last_name",
    "language",
    "status",
    "created",
    "consent_when",
    "consent_source",
    "consent_text",
    "consent_ip",
    "list",
    "suppressed",
)
"""What a column may be; any other one becomes an attribute of its own name."""

IGNORED = "-"
"""`--map COLUMN=-` leaves a column out."""

ATTRIBUTE = "attribute:"

_ALIASES = {
    "email": "email e-mail mail address emailaddress e-mailaddress subscriberemail contactemail emailadresse "
    "adresseemail correoelectronico correo 邮箱 电子邮箱 邮件 邮件地址 电子邮件 邮箱地址 電郵 電子郵件 電子郵箱 信箱 "
    "メール メールアドレス eメール 이메일 이메일주소 전자우편 почта электроннаяпочта емейл эл.почта",
    "name": "name fullname displayname subscribername contactname nombre nom 姓名 名字 名称 称呼 昵称 氏名 お名前 名前 "
    "이름 성명 имя фио",
    "first_name": "firstname givenname forename vorname prénom 名",
    "last_name": "lastname surname familyname nachname apellido 姓 фамилия",
    "language": "language lang locale sprache langue idioma 语言 語言 言語 언어 язык",
    "status": "status state subscriptionstatus emailstatus subscriberstatus subscribed 状态 狀態 订阅状态 訂閱狀態 "
    "ステータス 状態 상태 статус",
    "created": "created createdat datecreated creationdate dateadded addedat",
    "consent_when": "consentwhen consenttime consentdate consentat optintime optindate optinat optintimestamp confirmtime confirmedat "
    "confirmdate confirmationtime subscribedat subscribedon subscribeddate subscribedate subscriptiondate signupdate signedupat "
    "订阅时间 订阅日期 同意时间",
    "consent_source": "consentsource optinsource",
    "consent_text": "consenttext consent optinconsent gdprconsent 同意",
    "consent_ip": "consentip optinip confirmip signupip",
    "list": "list",
    "suppressed": "suppressed",
}
_FIELD_OF = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}


def fields_of(header: Sequence[str], mapping: Mapping[str, str]) -> list[str]:
    """Which field each column is: one of FIELDS, IGNORED, or `attribute:NAME`.

    Raises UsageError when a mapped column is not there, or no column holds addresses.
    """
    check_mapped(header, mapping)
    found = [field_of(column.strip(), mapping.get(column, "")) for column in header]
    for name in FIELDS:
        if found.count(name) > 1:
            mapped = [column for column, to in mapping.items() if to == name]
            keep = list(header).index(mapped[0]) if mapped else found.index(name)
            _keep_one(found, name, keep, header)
    if "email" not in found:
        raise UsageError(
            "no column of the file holds mail addresses",
            f"Name one: --map COLUMN=email. The file has: {', '.join(map(repr, header))}",
        )
    return found


def check_mapped(header: Sequence[str], mapping: Mapping[str, str]) -> None:
    missing = [column for column in mapping if column not in header]
    if missing:
        raise UsageError(
            f"there is no column {missing[0]!r}", f"The file has: {', '.join(map(repr, header))}"
        )


def field_of(column: str, mapped: str = "") -> str:
    """What one column is, by what it is mapped to, else by its name."""
    if mapped == IGNORED or mapped in FIELDS:
        return mapped
    if mapped:
        return f"{ATTRIBUTE}{mapped.removeprefix(ATTRIBUTE)}"
    if column.startswith(ATTRIBUTE):
        return column
    plain = "".join(c for c in unicodedata.normalize("NFKC", column).lower() if c not in " _-")
    return (
        _FIELD_OF.get(plain)
        or _FIELD_OF.get(column.lower())
        or (f"{ATTRIBUTE}{column}" if column else IGNORED)
    )


def column_of(attribute: str) -> str:
    """The header under which an attribute is read back: its name, marked where that would mean a field."""
    marked = f"{ATTRIBUTE}{attribute}"
    return attribute if field_of(attribute) == marked else marked


def _keep_one(found: list[str], name: str, keep: int, header: Sequence[str]) -> None:
    """Where two columns mean the same, one is it and the others are attributes."""
    for at, other in enumerate(found):
        if other == name and at != keep:
            found[at] = f"{ATTRIBUTE}{header[at].strip()}"
