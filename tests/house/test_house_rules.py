"""The house: documentation covers every command, setting and problem code; help is fast; nothing foreign is named."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from newsletter.cli.main import _COMMANDS, cli
from newsletter.publication import Settings

_CODE = re.compile(r"""\b(?:error|warning|notice)\(\s*\n?\s*["']([a-z][a-z0-9-]+)["']""")


def _problem_codes(repository: Path) -> set[str]:
    sources = (repository / "newsletter").rglob("*.py")
    return {code for path in sources for code in _CODE.findall(path.read_text(encoding="utf-8"))}


def test_every_problem_code_is_documented(repository: Path) -> None:
    documented = (repository / "docs" / "problems.md").read_text(encoding="utf-8")
    codes = _problem_codes(repository)
    assert len(codes) > 30, "the pattern that collects the codes finds them"
    assert sorted(code for code in codes if f"`{code}`" not in documented) == []


def test_every_documented_problem_code_exists(repository: Path) -> None:
    documented = re.findall(
        r"^(?:#+ |\| |- )`([a-z][a-z0-9-]+)`",
        (repository / "docs" / "problems.md").read_text("utf-8"),
        re.M,
    )
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (repository / "newsletter").rglob("*.py")
    )
    assert documented
    assert sorted(code for code in set(documented) if f'"{code}"' not in source) == []


def _settings(struct: type[msgspec.Struct], above: str = "") -> Iterator[str]:
    for field in msgspec.structs.fields(struct):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _settings(field.type, f"{above}{field.name}.")
        else:
            yield f"{above}{field.name}"


def test_every_setting_is_documented(repository: Path) -> None:
    documented = (repository / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in _settings(Settings) if f"`{name}`" not in documented] == []


def _commands(
    group: click.Command, path: str = "newsletter"
) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from _commands(command, f"{path} {name}")
    else:
        yield path, group


def test_every_command_and_option_is_documented(repository: Path) -> None:
    documented = (repository / "docs" / "cli.md").read_text(encoding="utf-8")
    missing = []
    for path, command in _commands(cli):
        if path not in documented:
            missing.append(path)
        for parameter in command.params:
            if (
                isinstance(parameter, click.Option)
                and parameter.opts[0].startswith("--")
                and parameter.opts[0] not in documented
            ):
                missing.append(f"{path} {parameter.opts[0]}")
    assert missing == []


def test_every_command_has_help() -> None:
    for path, command in _commands(cli):
        assert command.help, path
    assert all(text for _, text in _COMMANDS.values())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom newsletter.cli.main import main\nsys.argv = ['newsletter', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'typst', 'PIL', 'premailer', 'jinja2', 'starlette', 'markdown_it', 'lxml'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in run.stdout


def test_only_one_module_knows_each_library(repository: Path) -> None:
    homes = {
        "mjml": "editions/mjml.py",
        "premailer": "editions/inline_css.py",
        "cssutils": "editions/inline_css.py",
        "markdown_it": "issues/",
        "mdit_py_plugins": "issues/",
        "yaml": "issues/",
        "typst": "editions/print",
        "smtplib": "delivery/",
        "imaplib": "delivery/",
        "poplib": "delivery/",
        "dns": "delivery/dns.py",
        "flufl": "delivery/bounces.py",
        "sqlalchemy": "store/",
        "alembic": "store/",
        "click": "cli/",
        "starlette": "web/",
        "fastapi": "web/api/",
        "pydantic": "web/api/",
        "uvicorn": "web/",
        "argon2": "workflow/accounts.py",
        "babel": "web/words.py",
    }
    package = repository / "newsletter"
    strays = []
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for library, home in homes.items():
            if re.search(rf"^\s*(?:import|from) {library}\b", text, re.M) and not str(
                path.relative_to(package)
            ).startswith(home):
                strays.append(f"{path.relative_to(package)} imports {library}")
    assert strays == []


def test_no_module_is_too_long(repository: Path) -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path in (repository / "newsletter").rglob("*.py")
    }
    assert {str(path): count for path, count in lengths.items() if count > 400} == {}


# In two pieces each, so that this file needs no exception from its own rule.
_REGISTRIES = [
    ("file:", "///"),
    ("registry", r"\.npmjs"),
    ("python", "hosted"),
    ("pypi", r"\.org"),
    ("deb", r"\.debian\.org"),
]


@pytest.mark.parametrize("pieces", _REGISTRIES, ids=lambda pieces: pieces[0].rstrip(":"))
def test_no_committed_file_names_a_registry(repository: Path, pieces: tuple[str, str]) -> None:
    if not (repository / ".git").exists():
        pytest.skip("not a git checkout")
    run = subprocess.run(
        ["git", "grep", "-lIE", "".join(pieces)], cwd=repository, capture_output=True, text=True
    )
    assert run.stdout.split() == []
