"""`make demo`: the whole road on this machine, in a fresh build/demo/ each time.

The sample publication is copied there, its issues are built in all editions, the sample subscribers
imported, the issue sent to them through a real SMTP server on 127.0.0.1 that files each message in a
Maildir; then a summary is printed and the studio served. Every step is the command an editor types.

    make demo                        ends in the studio
    make demo ARGS=--no-serve        ends after the summary
    make demo ARGS="--issue ../path/to/issue"
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "build" / "demo"
COPIED = ("newsletter.toml", "issues", "subscribers/sample.csv", "subscribers/README.md")
LIST = "monthly"


def main() -> int:
    options = _options()
    port = _free_port(options.port)
    site = f"http://127.0.0.1:{port}"
    _fresh_publication()
    environment = os.environ | {"NEWSLETTER__BASE_URL": site}
    issue = str(options.issue.resolve()) if options.issue else "2026-10-zh"

    print("1/4  Building the sample issues in all editions …", flush=True)
    slugs = [issue] if options.issue else ["2026-10-zh", "2026-11-en"]
    builds = {slug: _build(slug, environment) for slug in slugs}
    print("2/4  Importing the sample subscribers …", flush=True)
    imported = json.loads(
        _newsletter(
            "subscribers",
            "import",
            "subscribers/sample.csv",
            "--list",
            LIST,
            "--consent",
            "signed up at the sample desk",
            "--apply",
            "--json",
            env=environment,
        )
    )
    print("3/4  Sending to them through a local SMTP server …", flush=True)
    maildir = DEMO / "maildir"
    _send(issue, environment, maildir)
    messages = sum(1 for _ in (maildir / "new").iterdir())
    print("4/4  Done.\n", flush=True)
    _summary(builds, imported, messages, maildir)
    if options.no_serve:
        return 0
    return _serve(port, environment)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Show the whole road: build, import, send, write.")
    parser.add_argument("--no-serve", action="store_true", help="end after the summary")
    parser.add_argument(
        "--port",
        type=int,
        default=8000,
        help="where to serve the studio (the next free one when taken)",
    )
    parser.add_argument(
        "--issue", type=Path, help="an issue directory to use in place of the sample issues"
    )
    return parser.parse_args()


def _fresh_publication() -> None:
    """A copy of the sample publication with a key of its own; templates come from the package."""
    shutil.rmtree(DEMO, ignore_errors=True)
    for name in COPIED:
        source, target = ROOT / name, DEMO / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    from newsletter.subscribers.tokens import make_key_file

    make_key_file(DEMO / "subscribers" / "secret.key")


def _newsletter(*arguments: str, env: dict[str, str]) -> str:
    command = [sys.executable, "-m", "newsletter", "--publication", str(DEMO), *arguments]
    run = subprocess.run(command, cwd=DEMO, env=env, stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        sys.exit(f"newsletter {' '.join(arguments)} ended with {run.returncode}\n{run.stdout}")
    return run.stdout


def _build(issue: str, environment: dict[str, str]) -> Path:
    folder = DEMO / "build" / Path(issue).name
    _newsletter("build", issue, "--output", str(folder), env=environment)
    return folder


def _send(issue: str, environment: dict[str, str], maildir: Path) -> None:
    """Shows the command's own output: who gets what. The recipient count is confirmed as a script would."""
    server = Controller(Mailbox(str(maildir)), hostname="127.0.0.1", port=_free_port(8025))
    server.start()
    try:
        smtp = {"NEWSLETTER__SMTP__HOST": "127.0.0.1", "NEWSLETTER__SMTP__PORT": str(server.port)}
        count = len(
            [
                line
                for line in _newsletter(
                    "subscribers", "list", "--list", LIST, "--json", env=environment
                ).splitlines()
                if json.loads(line)["status"] == "confirmed"
            ]
        )
        print(
            _newsletter(
                "send", issue, "--list", LIST, "--confirm-count", str(count), env=environment | smtp
            )
        )
    finally:
        server.stop()


def _summary(
    builds: dict[str, Path], imported: dict[str, object], messages: int, maildir: Path
) -> None:
    for slug, folder in builds.items():
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        email, pages = report["email"], report["print"]
        print(f"{report['issue']['title']}  ({Path(slug).name})")
        print(
            f"  email  {email['html_bytes']:>9,} bytes of {email['budget']:,}, {len(email['cuts'])} articles shortened"
        )
        print(f"  text   {email['text_bytes']:>9,} bytes")
        print(f"  web    {report['web']['bytes']:>9,} bytes, {report['web']['files']} files")
        print(f"  print  {pages['bytes']:>9,} bytes, {pages['pages']} pages")
        print(f"  in     {folder.relative_to(ROOT)}/")
    print(f"\nImported  {imported['new']} subscribers, {_count(imported['invalid'])} line refused")
    print(f"Sent      {messages} messages → {maildir.relative_to(ROOT)}/new/")
    print(f"Database  {(DEMO / 'subscribers' / 'newsletter.db').relative_to(ROOT)}")


def _count(value: object) -> int:
    return len(value) if isinstance(value, list) else int(str(value))


def _serve(port: int, environment: dict[str, str]) -> int:
    """The studio, in the foreground; Ctrl-C ends it."""
    command = [
        sys.executable,
        "-m",
        "newsletter",
        "--publication",
        str(DEMO),
        "studio",
        "--no-open",
        "--port",
        str(port),
    ]
    try:
        return subprocess.run(command, cwd=DEMO, env=environment).returncode
    except KeyboardInterrupt:
        return 0


def _free_port(wanted: int) -> int:
    """The wanted port, or the next free one above it."""
    for port in range(wanted, wanted + 200):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"no free port from {wanted} on")


if __name__ == "__main__":
    raise SystemExit(main())
