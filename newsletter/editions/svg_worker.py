"""Draws one SVG in a process of its own: the program at the other end of `svg.py`. Knows resvg, and nothing else of ours.

Reads `resvg_py.svg_to_bytes`'s arguments as JSON from its input, writes a PNG to its output. What takes more memory or
processor time (the first argument, in seconds) than it may have ends without one.
"""

from __future__ import annotations

import json
import resource
import sys

MEMORY = 900 * 1024**2


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import resvg_py

    sys.stdout.buffer.write(bytes(resvg_py.svg_to_bytes(**json.load(sys.stdin))))


if __name__ == "__main__":
    main()
