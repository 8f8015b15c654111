"""Alternative texts that are a file's name: read aloud they help nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import IssueContext, all_blocks, passages
from newsletter.model.blocks import Figure
from newsletter.model.inlines import InlineImage, walk
from newsletter.model.picture import Image
from newsletter.problems import Problem, Source, warning

_FILE_NAME = re.compile(
    r"[^\s/]*\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?)|(?:image|img|picture|dsc|图片|截图|photo)[ _-]?\d*",
    re.IGNORECASE,
)


def check(context: IssueContext) -> Iterator[Problem]:
    for source, image in _images(context):
        if _FILE_NAME.fullmatch(image.alt.strip()):
            yield warning(
                "alt-file-name",
                source,
                f"the alternative text “{image.alt.strip()}” says nothing of the picture",
                "Say what the picture shows, for readers who cannot see it.",
            )


def _images(context: IssueContext) -> Iterator[tuple[Source, Image]]:
    for block in all_blocks(context.issue):
        if isinstance(block, Figure):
            yield block.source, block.image
    for passage in passages(context.issue):
        for inline in walk(passage.inlines):
            if isinstance(inline, InlineImage):
                yield passage.source, inline.image
