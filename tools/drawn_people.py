"""People who do not exist, and a mail server that answers some of them badly: for the pictures of tools/draw_studio.py.

The same people each time, counted back from today; the server is on 127.0.0.1 and keeps nothing.
"""

from __future__ import annotations

import csv
import datetime
import io
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
GIVEN = [
    "敏",
    "伟",
    "静",
    "磊",
    "洋",
    "思远",
    "嘉仪",
    "浩然",
    "雨桐",
    "子涵",
    "晓彤",
    "建国",
    "志强",
    "婉清",
    "明远",
    "若曦",
]
CITIES = ["东莞", "广州", "深圳", "松山湖", "佛山", "上海", "苏州", "珠海"]
DOMAINS = {
    "qq.example.com": 37,
    "163.example.com": 25,
    "mail.example.org": 12,
    "126.example.com": 6,
    "outlook.example.net": 5,
    "fox.example.com": 3,
    **{f"lab{number}.example.net": 1 for number in range(12)},
}
DAYS = 400
NEVER, LATER, LOST = 71, 83, 640
"""Of the numbers in addresses: each so many-th is refused, or put off; at one the connection breaks."""


def members(count: int) -> bytes:
    """An export of Ghost: who joined when, and who has left since."""
    draw = random.Random(7)  # noqa: S311  # the same people each time
    today = datetime.datetime.now(datetime.UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    told = io.StringIO()
    rows = csv.writer(told)
    rows.writerow(["email", "name", "subscribed_to_emails", "created_at", "city"])
    for number in range(count):
        domain = draw.choices(list(DOMAINS), list(DOMAINS.values()))[0]
        name = draw.choice(SURNAMES) + draw.choice(GIVEN) if draw.random() > 0.06 else ""
        days = int(DAYS * draw.random() ** 1.3)
        joined = (today - datetime.timedelta(days=days, minutes=number % 480)).isoformat()
        left = "false" if draw.random() < 0.06 else "true"
        rows.writerow([f"reader{number}@{domain}", name, left, joined, draw.choice(CITIES)])
    return told.getvalue().encode()


def newcomers() -> bytes:
    """A file that somebody brings from an old machine: GB18030, with columns of its own."""
    draw = random.Random(11)  # noqa: S311  # the same people each time
    lines = ["邮箱,姓名,单位,城市,加入日期"]
    for number in range(40):
        name = draw.choice(SURNAMES) + draw.choice(GIVEN)
        day = f"2024/{number % 12 + 1}/{number % 28 + 1}"
        lines.append(
            f"member{number}@new.example.com,{name},松山湖材料实验室,{draw.choice(CITIES)},{day}"
        )
    return ("\n".join([*lines, "nobody at all,,,,"]) + "\n").encode("gb18030")


class _Answers:
    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it so
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        number = _number(address)
        if number % NEVER == NEVER - 1:
            return "550 5.1.1 No such user here"
        if number % LATER == LATER - 1:
            return "451 4.3.2 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if any(_number(address) == LOST for address in envelope.rcpt_tos):
            server.transport.abort()
        return "250 2.0.0 OK"


@contextmanager
def mail_server() -> Iterator[int]:
    """The port of a server that takes mail as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(_Answers(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def _number(address: str) -> int:
    digits = address.partition("@")[0].removeprefix("reader")
    return int(digits) if digits.isdigit() else 0
