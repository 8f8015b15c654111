"""The command line: parse, call the workflow, print. Commands are imported only when they run, so help is fast.

Exit codes: 0 ok, 1 failure, 2 usage, 3 errors found, 4 warnings under --strict, 5 partly sent,
6 not confirmed, 7 changed since shown, 75 try again later, 130 interrupted (see docs/cli.md).
"""

from __future__ import annotations

import difflib
import importlib
import io
import sys
from pathlib import Path

import click

from newsletter import __version__
from newsletter.cli.output import print_error
from newsletter.problems import NewsletterError

_COMMANDS = {
    "init": ("newsletter.cli.init:init", "Make a new publication in a folder."),
    "new": ("newsletter.cli.issues:new", "Start a new issue."),
    "check": (
        "newsletter.cli.issues:check",
        "Tell what is wrong with an issue, with file and line.",
    ),
    "build": (
        "newsletter.cli.issues:build",
        "Make the email, text, web and print editions of an issue.",
    ),
    "studio": ("newsletter.cli.studio:studio", "Write and preview issues in the browser, live."),
    "preview": ("newsletter.cli.studio:preview", "Open the studio at an issue, its preview first."),
    "accounts": ("newsletter.cli.accounts:accounts", "Who may use the studio over a network."),
    "keys": ("newsletter.cli.keys:keys", "Which programs may use the API, and for what."),
    "publish": ("newsletter.cli.publish:publish", "Freeze an issue's web edition as a revision."),
    "serve": ("newsletter.cli.serve:serve", "Serve published issues and the unsubscribe page."),
    "subscribers": (
        "newsletter.cli.subscribers:subscribers",
        "Import, add, remove, show, forget, list and export subscribers.",
    ),
    "lists": ("newsletter.cli.lists:lists", "Show the mailing lists and how many are on them."),
    "segments": (
        "newsletter.cli.segments:segments",
        "Save conditions on subscribers by name; count and list who is in them.",
    ),
    "suppressions": (
        "newsletter.cli.suppressions:suppressions",
        "Addresses and domains that are never written to.",
    ),
    "addresses": ("newsletter.cli.addresses:addresses", "Tell which addresses are valid."),
    "test-send": (
        "newsletter.cli.campaigns:test_send",
        "Send an issue to a reviewer, personal links inert.",
    ),
    "send": ("newsletter.cli.campaigns:send", "Send an issue to mailing lists."),
    "campaigns": (
        "newsletter.cli.steering:campaigns",
        "Look at campaigns, pause, resume or cancel one, settle what is unknown.",
    ),
    "status": ("newsletter.cli.campaigns:status", "Show what was sent, and to how many."),
    "deliveries": ("newsletter.cli.deliveries:deliveries", "Tell who got what."),
    "bounces": ("newsletter.cli.bounces:bounces", "Read mails that came back."),
    "replies": ("newsletter.cli.bounces:replies", "Tell what SMTP replies mean."),
    "db": ("newsletter.cli.db:db", "Copy the database, put a copy back, look one through."),
    "theme": (
        "newsletter.cli.themes:theme",
        "See the themes, copy one to change it, look at an issue in one.",
    ),
    "doctor": (
        "newsletter.cli.doctor:doctor",
        "Tell what is missing on this machine and how to get it.",
    ),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and help, and imports a command only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as caught:
            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            if not near:
                raise
            raise click.UsageError(
                f"{caught.format_message()} Did you mean {near[0]}?", ctx
            ) from None


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--publication",
    "root",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="The publication's folder. Default: found upwards from here.",
)
@click.version_option(__version__, prog_name="newsletter")
@click.pass_context
def cli(ctx: click.Context, root: Path | None) -> None:
    """Write a newsletter in Markdown; get email, text, web and print editions; send them safely."""
    ctx.obj = root


def _print_whatever_the_terminal_can() -> None:
    """A terminal that cannot show a character gets its code instead, never a crash in place of a result."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def main() -> None:
    """The `newsletter` command: every error ends here and becomes a message and an exit code."""
    _print_whatever_the_terminal_can()
    try:
        code = cli.main(standalone_mode=False)
    except NewsletterError as caught:
        print_error(caught)
        sys.exit(caught.exit_code)
    except click.exceptions.Exit as caught:
        sys.exit(caught.exit_code)
    except click.ClickException as caught:
        caught.show()
        sys.exit(caught.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as caught:
        place = f"{caught.filename}: " if caught.filename else ""
        print_error(NewsletterError(f"{place}{caught.strerror or caught}"))
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
