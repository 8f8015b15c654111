"""`newsletter.toml` and the environment are read into `Settings`.

Every setting can be overridden by an environment variable: `NEWSLETTER__SMTP__HOST=mail.example.com`
sets `host` in `[smtp]`, `NEWSLETTER__BASE_URL` sets `base_url`, and `NEWSLETTER__TOKENS__ACCENT_DARK` the
token `accent-dark`. What is wrong is told as one `ContentError` with every `Problem`, each with its line or
the variable that it came from.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from newsletter.problems import ContentError, Problem, Source, UsageError, error
from newsletter.settings import Settings

FILE_NAME = "newsletter.toml"
ENVIRONMENT_PREFIX = "NEWSLETTER__"


class _Where:
    """Where a key was set: its line in the file, or the environment variable that set it."""

    def __init__(self, text: str, variables: Mapping[str, str]) -> None:
        self._text = text
        self._variables = variables

    def error(self, code: str, keys: tuple[str, ...], message: str, hint: str = "") -> Problem:
        variable = self._variables.get(".".join(keys))
        if variable:
            hint = f"{hint} It was set by the environment: {variable}.".strip()
        line = 0 if variable else _line_of(self._text, keys)
        return error(code, Source(FILE_NAME, line), message, hint)


def read_settings(text: str, environment: Mapping[str, str]) -> Settings:
    """The settings of a file's text with the environment's laid over it; raises ContentError with every problem."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as caught:
        found = re.search(r"line (\d+)", str(caught))
        line = int(found.group(1)) if found else 0
        problem = error("settings-syntax", Source(FILE_NAME, line), f"not valid TOML: {caught}")
        raise settings_error([problem]) from caught
    where = _Where(text, _override(data, environment))
    problems = _unknown_keys(data, Settings, (), where)
    settings, told = _converted(_without_unknown(data, Settings), where)
    problems += told
    problems += _value_problems(settings, where)
    if problems:
        raise settings_error(problems)
    return settings


def settings_error(problems: list[Problem]) -> ContentError:
    return ContentError(f"{FILE_NAME} has errors", problems, "See docs/settings.md for every key.")


def _override(data: dict[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """Lays the environment's settings over the file's; returns which variable set which dotted key."""
    variables: dict[str, str] = {}
    for name, value in sorted(environment.items()):
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        keys = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        if keys[0] == "tokens":
            keys[1:] = [key.replace("_", "-") for key in keys[1:]]
        table = data
        for key in keys[:-1]:
            table = table.setdefault(key, {})
            if not isinstance(table, dict):
                raise UsageError(
                    f"{name} names a table, but {key} is a single value in {FILE_NAME}"
                )
        table[keys[-1]] = value
        variables |= {".".join(keys[:depth]): name for depth in range(1, len(keys) + 1)}
    return variables


def _tables(struct: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct] | None]:
    """The keys of a table; the value is the struct of a nested table."""
    hints = typing.get_type_hints(struct)
    return {
        name: kind
        if isinstance(kind, type)
        and not isinstance(kind, types.GenericAlias)
        and issubclass(kind, msgspec.Struct)
        else None
        for name, kind in hints.items()
    }


def _unknown_keys(
    data: dict[str, Any], struct: type[msgspec.Struct], above: tuple[str, ...], where: _Where
) -> list[Problem]:
    problems: list[Problem] = []
    known = _tables(struct)
    for key, value in data.items():
        keys = (*above, key)
        if key not in known:
            hint = _unknown_hint(key, known)
            message = f"unknown key: {'.'.join(keys)}"
            problems.append(where.error("settings-unknown-key", keys, message, hint))
        elif (inner := known[key]) is not None and isinstance(value, dict):
            problems += _unknown_keys(value, inner, keys, where)
    return problems


def _unknown_hint(key: str, known: Mapping[str, object]) -> str:
    if key == "password" and "password_env" in known:
        return (
            "A password is never written here: password_env names an environment variable that holds "
            "it, password_file a file."
        )
    near = difflib.get_close_matches(key, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(known))}."


def _without_unknown(data: dict[str, Any], struct: type[msgspec.Struct]) -> dict[str, Any]:
    known = _tables(struct)
    return {
        key: _without_unknown(value, inner)
        if (inner := known[key]) is not None and isinstance(value, dict)
        else value
        for key, value in data.items()
        if key in known
    }


_STAND_INS: dict[str, Any] = {"name": "-", "sender": {"email": "-@-"}, "sender.email": "-@-"}
"""What stands for a needed key that is wrong, so that the rest is looked at too."""


def _converted(data: dict[str, Any], where: _Where) -> tuple[Settings, list[Problem]]:
    """The settings without what is wrong in them, and each thing that is: one key after the other is left out."""
    problems: list[Problem] = []
    while True:
        try:
            return msgspec.convert(data, Settings, strict=False), problems
        except msgspec.ValidationError as caught:
            what, _, path = str(caught).partition(" - at `$")
            keys = _keys_of(path)
            missing = re.search(r"missing required field `(\w+)`", what)
            if missing:
                keys = (*keys, missing.group(1))
            dotted = ".".join(keys)
            if missing:
                hint = f"Add {dotted} to {FILE_NAME}."
                problem = where.error(
                    "settings-missing-key", keys, f"the key {dotted} is missing", hint
                )
            else:
                problem = where.error("settings-type", keys, f"{dotted}: {_plain(what, keys)}")
            problems.append(problem)
            _leave_out(data, keys)


def _keys_of(path: str) -> tuple[str, ...]:
    """`.smtp.port` → (smtp, port); the value of some key of a table without fixed keys is `.words[...]`."""
    return tuple(key for key in path.rstrip("`").replace("[...]", "").split(".") if key)


def _leave_out(data: dict[str, Any], keys: tuple[str, ...]) -> None:
    table = data
    for key in keys[:-1]:
        table = table[key]
    table.pop(keys[-1], None)
    stand_in = _STAND_INS.get(".".join(keys))
    if stand_in is not None:
        table[keys[-1]] = dict(stand_in) if isinstance(stand_in, dict) else stand_in


_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text in quotes",
    "object": "a table",
    "int | float | str": "text or a number",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def _plain(what: str, keys: tuple[str, ...]) -> str:
    """What msgspec says of a value, in words for somebody who does not program."""
    choices = _choices(keys)
    if choices:
        return f"must be one of: {', '.join(str(choice) for choice in choices)}"
    bound = re.search(r"(>=|<=|>|<) ([\d.]+)", what)
    if bound:
        return f"must be {_BOUNDS[bound[1]]} {bound[2].removesuffix('.0')}"
    wanted = re.search(r"Expected `([^`]+)`", what)
    kind = " | ".join(sorted(wanted[1].split(" | "))) if wanted else ""
    return f"must be {_KINDS[kind]}" if kind in _KINDS else what


def _choices(keys: tuple[str, ...]) -> tuple[Any, ...]:
    struct: Any = Settings
    for key in keys[:-1]:
        struct = _tables(struct)[key]
    hint = typing.get_type_hints(struct).get(keys[-1]) if struct is not None else None
    return typing.get_args(hint) if typing.get_origin(hint) is Literal else ()


def _value_problems(settings: Settings, where: _Where) -> list[Problem]:
    problems: list[Problem] = []

    def refuse(key: str, message: str, hint: str = "") -> None:
        keys = tuple(key.split("."))
        problems.append(where.error("settings-value", keys, f"{key}: {message}", hint))

    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", settings.base_url):
        refuse(
            "base_url",
            f"not a web address: {settings.base_url}",
            "Write it whole: https://news.example.com",
        )
    if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", settings.sender.email):
        refuse("sender.email", f"not an address: {settings.sender.email}")
    if settings.bounces.address and not _is_return_address(settings.bounces.address):
        refuse(
            "bounces.address",
            f"not a return address: {settings.bounces.address}",
            "Write it so: bounces+{}@news.example.com, in ASCII, with at most 24 characters before {}.",
        )
    if not re.fullmatch(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*", settings.language):
        refuse(
            "language", f"not a language tag: {settings.language}", "Examples: zh-Hans, en, de, ar."
        )
    for key, value in (
        ("name", settings.name),
        ("sender.name", settings.sender.name),
        ("publisher", settings.publisher),
    ):
        if re.search(r"[\x00-\x1f\x7f]", value):
            refuse(key, "has a line break or control character")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", settings.theme):
        refuse(
            "theme",
            f"not a theme's name: {settings.theme}",
            "A theme is a folder templates/email/<theme>.",
        )
    if not settings.name.strip():
        refuse("name", "is empty")
    contact = settings.security.contact
    if contact and not re.fullmatch(r"https://\S+|(mailto:)?[^\s@]+@[^\s@]+", contact):
        refuse("security.contact", "neither a mail address nor an https address")
    if not re.fullmatch(r"(https://\S+)?", settings.security.policy):
        refuse("security.policy", "not an https address")
    if settings.timezone != "UTC" and not _is_zone(settings.timezone):
        refuse(
            "timezone",
            f"no time zone that this machine knows: {settings.timezone}",
            "Examples: Asia/Shanghai, Europe/Berlin, UTC.",
        )
    return problems


def _is_return_address(address: str) -> bool:
    """At most one mark, in a local part that has room for it (RFC 5321 allows 64 characters)."""
    local, _, domain = address.rpartition("@")
    shape = re.fullmatch(r"[A-Za-z0-9._+=-]*(?:\{\})?[A-Za-z0-9._+=-]*", local)
    host = re.fullmatch(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", domain)
    return bool(local and shape and host and len(local) <= 26)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _line_of(text: str, keys: tuple[str, ...]) -> int:
    """The line on which a key is set, else its table's, else 0 (TOML's parser tells no lines)."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line)
        if header:
            table = tuple(part.strip(" \"'") for part in header.group(1).split("."))
            if table == keys:
                return number
            continue
        assignment = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if assignment:
            dotted = tuple(part.strip(" \"'") for part in assignment.group(1).split("."))
            if (*table, *dotted)[: len(keys)] == keys:
                return number
    return _line_of(text, keys[:-1]) if len(keys) > 1 else 0
