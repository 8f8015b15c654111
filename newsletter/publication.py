"""The publication: find its folder, read `newsletter.toml` and the environment into one typed value.

Every setting can be overridden by an environment variable: `NEWSLETTER__SMTP__HOST=mail.example.com`
sets `host` in `[smtp]`, `NEWSLETTER__BASE_URL` sets `base_url`. Secrets are never settings: `password_env`
and `password_file` name where they are.

What is wrong in the file is told as a `ContentError` with every `Problem`, each with its line.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from newsletter.problems import ContentError, NewsletterError, Problem, Source, UsageError, error

FILE_NAME = "newsletter.toml"
ENVIRONMENT_PREFIX = "NEWSLETTER__"

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who the mail is from."""

    email: str
    name: str = ""
    reply_to: str = ""


class EmailSettings(msgspec.Struct, frozen=True, kw_only=True):
    budget: Annotated[int, msgspec.Meta(ge=10_000)] = 96_000
    """UTF-8 bytes of the HTML part, with the longest personal values."""
    images: Literal["linked", "embedded"] = "linked"


class PrintSettings(msgspec.Struct, frozen=True, kw_only=True):
    columns: Literal[1, 2] = 1
    paper: Literal["a4", "us-letter"] = "a4"


class SmtpSettings(msgspec.Struct, frozen=True, kw_only=True):
    host: str = "localhost"
    port: Port = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password_env: str = ""
    password_file: str = ""
    timeout: Seconds = 60.0
    final_timeout: Seconds = 600.0
    """Patience with the answer to a message's content; who gives up early cannot know whether it was taken."""
    ca_file: str = ""
    """Certificates to trust beside the system's own, in PEM: a relay with a certificate of its own making."""


class MaildirSettings(msgspec.Struct, frozen=True, kw_only=True):
    path: str = "build/outbox"


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    url: str = "sqlite:///subscribers/newsletter.db"
    """An SQLAlchemy address; a relative SQLite path is relative to the publication."""
    password_env: str = ""
    password_file: str = ""


class SecretSettings(msgspec.Struct, frozen=True, kw_only=True):
    key_file: str = "subscribers/secret.key"
    """Signs unsubscribe links. Made by `newsletter init`; keep a copy, old mails need it."""
    key_env: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What `newsletter.toml` may say."""

    name: str
    sender: Sender
    address: str = ""
    """The postal address in the foot of every mail (CAN-SPAM and its kin ask for one)."""
    publisher: str = ""
    base_url: str = "http://127.0.0.1:8000"
    language: str = "en"
    theme: str = "starter"
    default_list: str = ""
    transport: Literal["smtp", "maildir"] = "smtp"
    description: str = ""
    email: EmailSettings = msgspec.field(default_factory=EmailSettings)
    print: PrintSettings = msgspec.field(default_factory=PrintSettings)
    smtp: SmtpSettings = msgspec.field(default_factory=SmtpSettings)
    maildir: MaildirSettings = msgspec.field(default_factory=MaildirSettings)
    store: StoreSettings = msgspec.field(default_factory=StoreSettings)
    secrets: SecretSettings = msgspec.field(default_factory=SecretSettings)
    tokens: dict[str, str | int | float] = msgspec.field(default_factory=dict)
    """Design tokens that differ from the theme's: `accent = "#8a1c1c"`."""
    words: dict[str, str] = msgspec.field(default_factory=dict)
    """Words of the editions that differ from the language's own: `contents = "In this issue"`."""


@dataclass(frozen=True)
class Publication:
    """A publication's folder and settings. The only mutable things behind it are the files themselves."""

    root: Path
    settings: Settings

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def base_url(self) -> str:
        return self.settings.base_url.rstrip("/")

    @property
    def issues_folder(self) -> Path:
        return self.root / "issues"

    @property
    def build_folder(self) -> Path:
        return self.root / "build"

    @property
    def published_folder(self) -> Path:
        return self.root / "published"

    def issue_url(self, slug: str) -> str:
        """The web address of an issue, with its closing slash."""
        return f"{self.base_url}/issues/{slug}/"

    def path(self, relative: str) -> Path:
        """A path of the settings, relative to the publication unless absolute."""
        return self.root / Path(relative).expanduser()

    def template_roots(self, medium: str, theme: str = "") -> tuple[Path, ...]:
        """Where the templates of a medium are looked up, in order: the publication's theme, the package's
        theme of that name, the package's starter theme."""
        name = theme or self.settings.theme
        candidates = (
            self.root / "templates" / medium / name,
            starter_templates() / medium / name,
            starter_templates() / medium / "starter",
        )
        return tuple(dict.fromkeys(path for path in candidates if path.is_dir()))

    def template_files(self, relative: str) -> tuple[Path, ...]:
        """A file that is shared by all themes (`tokens.toml`, `words/zh.toml`), the package's first, the
        publication's last, so that a later one can override an earlier."""
        candidates = (starter_templates() / relative, self.root / "templates" / relative)
        return tuple(dict.fromkeys(path.resolve() for path in candidates if path.is_file()))

    def password(self, environment: str, file: str) -> str:
        """A secret named by the settings: from the environment, else from a file, else empty."""
        return secret(self.root, environment, file)


def starter_templates() -> Path:
    """The starter theme: in the wheel `newsletter/_starter/templates`, in a checkout `templates/` beside the package."""
    package = Path(__file__).resolve().parent
    shipped = package / "_starter" / "templates"
    return shipped if shipped.is_dir() else package.parent / "templates"


def secret(root: Path, environment: str, file: str) -> str:
    if environment:
        value = os.environ.get(environment)
        if value is None:
            raise UsageError(
                f"the environment variable {environment} is not set",
                "It is named in newsletter.toml.",
            )
        return value
    if file:
        path = root / Path(file).expanduser()
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as caught:
            raise NewsletterError(
                f"cannot read the secret in {file}: {caught.strerror}"
            ) from caught
    return ""


def find_root(start: Path) -> Path:
    """The nearest folder upwards from `start` that has a `newsletter.toml`."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise UsageError(
        f"no {FILE_NAME} in {start} or above it",
        "Run this inside a publication, name one with --publication DIR, or make one with: newsletter init DIR",
    )


def load_publication(root: Path, environment: Mapping[str, str] | None = None) -> Publication:
    """Reads the settings of the publication at `root`; raises ContentError with every problem found."""
    path = root / FILE_NAME
    if not path.is_file():
        raise UsageError(
            f"no {FILE_NAME} in {root}", "Make a publication with: newsletter init DIR"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as caught:
        raise _content_error(
            [error("settings-encoding", Source(FILE_NAME), f"not UTF-8 text: {caught.reason}")]
        ) from caught
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as caught:
        found = re.search(r"line (\d+)", str(caught))
        line = int(found.group(1)) if found else 0
        raise _content_error(
            [error("settings-syntax", Source(FILE_NAME, line), f"not valid TOML: {caught}")]
        ) from caught
    overridden = _override(data, os.environ if environment is None else environment)
    problems = _unknown_keys(data, Settings, (), text)
    try:
        settings = msgspec.convert(_without_unknown(data, Settings), Settings, strict=False)
    except msgspec.ValidationError as caught:
        problems.append(_conversion_problem(str(caught), text, overridden))
        raise _content_error(problems) from caught
    problems += _value_problems(settings, text)
    if problems:
        raise _content_error(problems)
    return Publication(root.resolve(), settings)


def with_settings(publication: Publication, **changes: Any) -> Publication:
    """The same publication with some top-level settings replaced (tests, the demo, a preview)."""
    return replace(publication, settings=msgspec.structs.replace(publication.settings, **changes))


def _content_error(problems: list[Problem]) -> ContentError:
    return ContentError(f"{FILE_NAME} has errors", problems, "See docs/settings.md for every key.")


def _override(data: dict[str, Any], environment: Mapping[str, str]) -> set[str]:
    """Lays the environment's settings over the file's; returns the dotted keys that came from it."""
    overridden: set[str] = set()
    for name, value in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        keys = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        table = data
        for key in keys[:-1]:
            table = table.setdefault(key, {})
            if not isinstance(table, dict):
                raise UsageError(
                    f"{name} names a table, but {key} is a single value in {FILE_NAME}"
                )
        table[keys[-1]] = value
        overridden.add(".".join(keys))
    return overridden


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
    data: dict[str, Any], struct: type[msgspec.Struct], above: tuple[str, ...], text: str
) -> list[Problem]:
    problems: list[Problem] = []
    known = _tables(struct)
    for key, value in data.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = (
                f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(known))}."
            )
            source = Source(FILE_NAME, _line_of(text, (*above, key)))
            problems.append(
                error(
                    "settings-unknown-key", source, f"unknown key: {'.'.join((*above, key))}", hint
                )
            )
        elif (inner := known[key]) is not None and isinstance(value, dict):
            problems += _unknown_keys(value, inner, (*above, key), text)
    return problems


def _without_unknown(data: dict[str, Any], struct: type[msgspec.Struct]) -> dict[str, Any]:
    known = _tables(struct)
    return {
        key: _without_unknown(value, inner)
        if (inner := known[key]) is not None and isinstance(value, dict)
        else value
        for key, value in data.items()
        if key in known
    }


def _conversion_problem(message: str, text: str, overridden: set[str]) -> Problem:
    what, _, where = message.partition(" - at `$.")
    dotted = where.rstrip("`")
    missing = re.search(r"missing required field `(\w+)`", what)
    keys = tuple(key for key in (*dotted.split("."), missing.group(1) if missing else "") if key)
    name = ".".join(keys)
    if missing:
        return error(
            "settings-missing-key",
            Source(FILE_NAME),
            f"the key {name} is missing",
            f"Add {name} to {FILE_NAME}.",
        )
    hint = "It was set by the environment." if name in overridden else ""
    return error("settings-type", Source(FILE_NAME, _line_of(text, keys)), f"{name}: {what}", hint)


def _value_problems(settings: Settings, text: str) -> list[Problem]:
    problems: list[Problem] = []

    def refuse(key: str, message: str, hint: str = "") -> None:
        line = _line_of(text, tuple(key.split(".")))
        problems.append(error("settings-value", Source(FILE_NAME, line), f"{key}: {message}", hint))

    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", settings.base_url):
        refuse(
            "base_url",
            f"not a web address: {settings.base_url}",
            "Write it whole: https://news.example.com",
        )
    if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", settings.sender.email):
        refuse("sender.email", f"not an address: {settings.sender.email}")
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
    return problems


def _line_of(text: str, keys: tuple[str, ...]) -> int:
    """The line on which a key is set, 0 when it is not in the file (TOML's parser tells no lines)."""
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
    return 0
