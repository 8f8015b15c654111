"""The command line with a lease of two seconds, so that a stopped process is overtaken soon."""

from __future__ import annotations

import datetime
import os

from newsletter.cli.main import main
from newsletter.store import leases

leases.LEASE = datetime.timedelta(seconds=float(os.environ.get("CRASH_LEASE", "900")))
main()
