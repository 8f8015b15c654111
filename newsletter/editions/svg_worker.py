"""Draws one SVG in a process of its own: the program at the other end of `svg.py`. Knows resvg, and nothing else of ours.

Reads `resvg_py.svg_to_bytes`'s arguments as JSON from its input, writes a PNG to its output. What takes more memory or
processor time (the first argument, in seconds) than it may have ends without one.
"""

from __future__ import annotations

import json
import sys

MEMORY = 900 * 1024**2


def main() -> None:
    _limit(int(sys.argv[1]))
    import resvg_py

    drawing = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(bytes(resvg_py.svg_to_bytes(**drawing)))


def _limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no limits; the clock of whoever waits is left
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard < 0 else min(most, hard)
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
