"""One process that sends a campaign: what of the publication and database that lie in a folder. Prints messages and
seconds, the CPU that it took and that the store took of it (seconds), and the most memory that it had (MB)."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from newsletter.publication import load_publication
from newsletter.store import ledger
from newsletter.store.engine import open_store
from newsletter.workflow import dispatch


def main() -> None:
    folder, campaign, ready = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    publication = load_publication(folder, {})
    in_store = 0.0

    def timed(name: str) -> None:
        inner = getattr(ledger.CampaignLedger, name)

        def outer(*arguments: object, **more: object) -> object:
            nonlocal in_store
            start = time.thread_time()
            try:
                return inner(*arguments, **more)
            finally:
                in_store += time.thread_time() - start

        setattr(ledger.CampaignLedger, name, outer)

    for name in ("claim", "record", "exchange", "put_back"):
        timed(name)
    with open_store(publication) as store:
        while not ready.exists():
            time.sleep(0.005)
        start, used = time.perf_counter(), time.process_time()
        outcome = dispatch.run(publication, store, campaign)
        seconds, used = time.perf_counter() - start, time.process_time() - used
    told = {
        "states": {str(state): count for state, count in outcome.books.states.items()},
        "seconds": seconds,
        "cpu": used,
        "store": in_store,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
