"""Which messages a Postfix has taken, by its log.

`cleanup` notes a Message-ID while the content still arrives; only `qmgr`'s “queue active” says that the
message was taken whole and its sender told so, or about to be. Both lines carry the queue's id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_MESSAGE = re.compile(r"/cleanup\[\d+\]: ([0-9A-Za-z]+): message-id=(<[^>]+>)")
_ACTIVE = re.compile(
    r"/qmgr\[\d+\]: ([0-9A-Za-z]+): from=<[^>]*>, size=\d+, nrcpt=\d+ \(queue active\)"
)


def taken(lines: Iterable[str]) -> dict[str, str]:
    """The Message-IDs of the messages that were taken, each with its queue id."""
    ids: dict[str, str] = {}
    found: dict[str, str] = {}
    for line in lines:
        if message := _MESSAGE.search(line):
            ids[message.group(1)] = message.group(2)
        elif active := _ACTIVE.search(line):
            queue = active.group(1)
            if queue in ids:
                found[ids[queue]] = queue
    return found
