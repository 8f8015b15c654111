"""Mailing lists from the command line."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from newsletter.cli.main import cli
from newsletter.publication import load_publication
from newsletter.workflow import lists


def test_a_list_that_is_there_keeps_what_is_not_said_anew(new_publication: Path) -> None:
    def create(*options: str) -> tuple[str, bool, bool]:
        command = ["--publication", str(new_publication), "lists", "create", "weekly", *options]
        run = CliRunner().invoke(cli, command)
        assert run.exit_code == 0, run.output
        (one,) = lists.all_lists(load_publication(new_publication, {}))
        return one.list.title, one.list.public, one.list.double_opt_in

    assert create("--title", "The weekly letter", "--public") == ("The weekly letter", True, True)
    assert create() == ("The weekly letter", True, True)
    assert create("--single-opt-in") == ("The weekly letter", True, False)
    assert create("--title", "Weekly") == ("Weekly", True, False)
    assert create("--private", "--title", "") == ("", False, False)
