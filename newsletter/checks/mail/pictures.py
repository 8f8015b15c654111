"""Pictures as mail programs take them: PNG, JPEG or GIF, by https or inside the mail, sized, described, small."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.checks.context import MailContext
from newsletter.checks.document import Element
from newsletter.model.edition import EditionFile
from newsletter.problems import Problem, Source, error, warning

HEAVY = 200_000
TOO_HEAVY = 1_048_576
HEAVY_TOGETHER = 1_000_000
WIDEST = 640
_READ_EVERYWHERE = frozenset({"image/png", "image/jpeg", "image/gif"})


def check(context: MailContext) -> Iterator[Problem]:
    places: dict[str, Source] = {}
    for element in context.document.elements("img"):
        source = context.near(element)
        address = element.get("src", "")
        places.setdefault(address.rpartition("/")[2].removeprefix("cid:"), source)
        yield from _check_element(element, address, source)
    for file in context.edition.pictures:
        name = file.path.rpartition("/")[2]
        yield from _check_file(file, places.get(name, context.issue.source))
    total = sum(len(file.data) for file in context.edition.pictures)
    if context.edition.embedded and total > HEAVY_TOGETHER:
        yield warning(
            "mail-pictures-heavy",
            context.issue.source,
            f"the pictures inside the mail weigh {total:,} bytes together",
            'Link to them instead: images = "linked" under [email].',
        )


def _check_element(element: Element, address: str, source: Source) -> Iterator[Problem]:
    hint = "The mail's template or writer has to set it."
    if element.get("alt") is None:
        yield error("mail-picture-alt", source, f"a picture has no alt attribute: {address}", hint)
    scheme = urlsplit(address).scheme
    if scheme not in ("https", "http", "cid") or (scheme != "cid" and not urlsplit(address).netloc):
        yield error(
            "mail-picture-address",
            source,
            f"mail programs cannot load the picture {address[:80]}",
            "A picture in a mail needs a whole https address, or to be inside the mail.",
        )
    width = element.get("width", "")
    if not width.isdigit():
        yield warning(
            "mail-picture-width",
            source,
            f"a picture has no width in pixels, the only size Outlook obeys: {address}",
            hint,
        )
    elif int(width) > WIDEST:
        yield warning(
            "mail-picture-width",
            source,
            f"a picture is {width} pixels wide, more than the mail: {address}",
            hint,
        )


def _check_file(file: EditionFile, source: Source) -> Iterator[Problem]:
    size = len(file.data)
    if file.media_type not in _READ_EVERYWHERE:
        yield error(
            "mail-picture-format",
            source,
            f"many mail programs cannot show {file.media_type}: {file.path}",
            "Mail takes PNG, JPEG and GIF.",
        )
    if size > HEAVY:
        much = "far too heavy" if size > TOO_HEAVY else "heavy"
        yield warning(
            "mail-picture-heavy",
            source,
            f"a picture is {much} for a mail: {size:,} bytes ({file.path})",
            "Use fewer colours or pixels, or JPEG for a photograph.",
        )
