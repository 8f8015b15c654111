"""The publication: find its folder, read its settings (`settings_file.py`), and where everything of it lies.

Secrets are never settings: `password_env` and `password_file` name where they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from newsletter.model.clicks import ClickRules, Clicks
from newsletter.model.identity import IdentityRules
from newsletter.problems import NewsletterError, Source, UsageError, error
from newsletter.settings import Sender, Settings, SmtpSettings, StoreSettings
from newsletter.settings_file import FILE_NAME, read_settings, settings_error

__all__ = [
    "FILE_NAME",
    "Publication",
    "Sender",
    "Settings",
    "SmtpSettings",
    "StoreSettings",
    "find_root",
    "load_publication",
    "secret",
    "starter_templates",
    "with_settings",
]


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
    def click_rules(self) -> ClickRules:
        """Which links of its mails are counted, and what is kept of them."""
        tracking = self.settings.tracking
        untracked = tuple(one.strip().lower().lstrip("@.") for one in tracking.untracked)
        return ClickRules(self.base_url, Clicks(tracking.clicks), untracked)

    @property
    def identity_rules(self) -> IdentityRules:
        """Which addresses its settings take for one person's; the database may still go by others."""
        said = self.settings.addresses
        dots = {one.strip().lower().lstrip("@") for one in said.dots}
        return IdentityRules(said.plus_tags == "ignore", tuple(sorted(dots)))

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
        """The web address of an issue, with its closing slash: in ASCII, as every mail program takes it."""
        return f"{self.base_url}/issues/{quote(slug)}/"

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
                "newsletter.toml names it. Set it for whoever runs newsletter (a service has an environment of its own), "
                "or name a file that holds the secret.",
            )
        return value
    if file:
        path = root / Path(file).expanduser()
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as caught:
            raise NewsletterError(
                f"cannot read the secret in {file}: {caught.strerror}",
                f"newsletter.toml names it. It has to be at {path}, for whoever runs newsletter to read.",
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
        raise settings_error(
            [error("settings-encoding", Source(FILE_NAME), f"not UTF-8 text: {caught.reason}")]
        ) from caught
    settings = read_settings(text, os.environ if environment is None else environment)
    return Publication(root.resolve(), settings)


def with_settings(publication: Publication, **changes: Any) -> Publication:
    """The same publication with some top-level settings replaced (tests, the demo, a preview)."""
    return replace(publication, settings=msgspec.structs.replace(publication.settings, **changes))
