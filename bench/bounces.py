"""How well mails that came back are read, beside what others say of them: `python -m bench.bounces LABELS…`.

LABELS are files with one JSON object a line: `file`, and `rows` of `recipient`, `alias`, `reason` and `hard` (0 or 1), as
a reader of another make, or a person, says them. Sets of real mails are public (Sisimai's set-of-emails,
Mail::DeliveryStatus::BounceParser, flufl.bounce, bounce handlers in PHP, Ruby and JavaScript); none is kept here.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from newsletter.delivery.bounces import Report, read_bounce  # noqa: E402

NO_BOUNCE = {"feedback", "vacation", "delivered"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", nargs="+", type=Path)
    parser.add_argument(
        "--tell", action="store_true", help="Print each mail that is read otherwise."
    )
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for path in options.labels:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            labelled = json.loads(line)
            if rows := [row for row in labelled["rows"] if row["reason"] not in NO_BOUNCE]:
                report = read_bounce(Path(labelled["file"]).read_bytes())
                _count(counts, labelled["file"], rows, report, tell=options.tell)
    for name in sorted(counts):
        print(f"{name:40} {counts[name]}")
    return 0


def _count(
    counts: Counter[str], file: str, rows: list[dict[str, Any]], report: Report, *, tell: bool
) -> None:
    got = {one.address.lower(): one.kind for one in report.recipients}
    wanted = {str(row["recipient"]).lower(): bool(row["hard"]) for row in rows}
    known = wanted.keys() | {str(row.get("alias", "")).lower() for row in rows}
    right = got.keys() <= known and len(got) == len(wanted)
    counts["mails"] += 1
    counts["recipients right"] += right
    counts["an address named that is none of them"] += not got.keys() <= known
    if tell and not right:
        print(f"{file}: {sorted(wanted)}, read as {sorted(got)}")
    for address, hard in wanted.items():
        if address in got:
            kind = got[address]
            counts[f"{'hard' if hard else 'soft'}, read as {kind}"] += 1
            if tell and (kind == "hard") != hard:
                print(f"{file}: {address} is {'hard' if hard else 'soft'}, read as {kind}")


if __name__ == "__main__":
    raise SystemExit(main())
