"""accounts: who may use the studio over a network."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from newsletter.cli.context import publication
from newsletter.model.account import Role
from newsletter.problems import UsageError

_password_env = click.option(
    "--password-env", metavar="NAME", help="The environment variable that holds the password."
)
_password_file = click.option(
    "--password-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file whose first line is the password.",
)


@click.group()
def accounts() -> None:
    """Who may use the studio over a network: people with a password and a role.

    An editor writes; a sender may approve and send as well; an admin may also change subscribers. On this machine the
    studio needs no account.
    """


@accounts.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def list_accounts(ctx: click.Context, as_json: bool) -> None:
    """Show the accounts and their roles."""
    from newsletter.workflow import accounts as workflow

    found = workflow.all_accounts(publication(ctx))
    if as_json:
        data = [{"name": one.name, "role": str(one.role)} for one in found]
        click.echo(json.dumps({"accounts": data}, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("No accounts. Make one: newsletter accounts add NAME --role editor")
    for one in found:
        click.echo(f"{one.name}  {one.role}")


@accounts.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([str(role) for role in Role]),
    default=str(Role.EDITOR),
    show_default=True,
    help="What they may do.",
)
@_password_env
@_password_file
@click.pass_context
def add(
    ctx: click.Context,
    name: str,
    role: str,
    password_env: str | None,
    password_file: Path | None,
) -> None:
    """Make an account. The password is asked for, or read from the environment or a file."""
    from newsletter.workflow import accounts as workflow

    workflow.add(publication(ctx), name, Role(role), _password(password_env, password_file))
    click.echo(f"{name}  {role}")


@accounts.command()
@click.argument("name")
@_password_env
@_password_file
@click.pass_context
def password(
    ctx: click.Context, name: str, password_env: str | None, password_file: Path | None
) -> None:
    """Give an account another password, and log it out everywhere."""
    from newsletter.workflow import accounts as workflow

    workflow.set_password(publication(ctx), name, _password(password_env, password_file))
    click.echo(f"{name}: changed")


@accounts.command()
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Remove an account, and log it out everywhere."""
    from newsletter.workflow import accounts as workflow

    workflow.remove(publication(ctx), name)
    click.echo(f"{name}: removed")


def _password(environment: str | None, file: Path | None) -> str:
    """The password, never an argument: those stand in the list of processes and the shell's history."""
    if environment:
        if environment not in os.environ:
            raise UsageError(f"the environment variable {environment} is not set")
        return os.environ[environment]
    if file:
        lines = file.read_text(encoding="utf-8").splitlines()
        return lines[0] if lines else ""
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked
