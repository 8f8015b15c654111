"""A new publication: a folder with settings, a first issue, and a key of its own."""

from __future__ import annotations

import re
from pathlib import Path

from newsletter.problems import ContentError, NewsletterError, UsageError
from newsletter.publication import FILE_NAME, starter_templates
from newsletter.settings_file import read_settings
from newsletter.subscribers.tokens import make_key_file

LANGUAGES = ("en", "zh")


def init(folder: Path, *, name: str, email: str, language: str) -> tuple[Path, ...]:
    """Makes a publication in `folder`, which may exist but must not hold a publication yet.

    Lays settings, a sample issue that builds, and `subscribers/secret.key` (mode 0600, git-ignored).
    Nothing that exists is overwritten. Returns the files made, in order.
    """
    if (folder / FILE_NAME).exists():
        raise UsageError(f"{folder} is a publication already", "Nothing was changed.")
    template = (
        starter_templates() / "publication" / ("zh" if language.lower().startswith("zh") else "en")
    )
    values = {"NAME": name, "EMAIL": email, "LANGUAGE": language}
    _try_settings(_filled(template / FILE_NAME, values))
    made: list[Path] = []
    try:
        for source in sorted(path for path in template.rglob("*") if path.is_file()):
            target = folder / _target_name(source.relative_to(template))
            if target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_filled(source, values))
            made.append(target)
        key = folder / "subscribers" / "secret.key"
        if not key.exists():
            make_key_file(key)
            made.append(key)
    except OSError as caught:
        raise NewsletterError(f"cannot write in {folder}: {caught.strerror}") from caught
    return tuple(made)


def _try_settings(text: bytes) -> None:
    """A name, address or language that no publication can have is refused before anything is laid."""
    try:
        read_settings(text.decode("utf-8"), {})
    except ContentError as caught:
        told = "; ".join(problem.message for problem in caught.problems)
        hint = next((problem.hint for problem in caught.problems if problem.hint), "")
        raise UsageError(told, f"{hint} Nothing was made.".strip()) from caught


def _target_name(relative: Path) -> Path:
    """`dot.gitignore` is laid as `.gitignore`: packaging tools drop files that begin with a dot."""
    return relative.with_name(re.sub(r"^dot\.", ".", relative.name))


def _filled(source: Path, values: dict[str, str]) -> bytes:
    """`@NAME@` and its kin in text files, where they stand in double quotes of TOML or YAML."""
    data = source.read_bytes()
    if source.suffix not in (".toml", ".md"):
        return data
    text = data.decode("utf-8")
    for key, value in values.items():
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        text = text.replace(f"@{key}@", quoted)
    return text.encode("utf-8")
