"""Content to send, made by hand: what is tested here is the way, not the issue."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from newsletter.model.campaign import Content
from newsletter.model.edition import Marker

CONTENT = Content(
    slug="2026-10",
    subject="News for NLM0000Z",
    html='<!doctype html><p>Dear NLM0000Z,</p><p><a href="NLM0001Z">leave</a></p>\n',
    text="Dear NLM0000Z,\n\nleave: NLM0001Z\n",
    language="en",
    markers=(
        Marker("NLM0000Z", "subscriber.name", "reader"),
        Marker("NLM0001Z", "unsubscribe_url"),
    ),
    pictures=(),
    sender_name="The Orchard",
    sender_email="editor@orchard.example.com",
    reply_to="",
    web_url="https://orchard.example.com/issues/2026-10/",
    base_url="https://orchard.example.com",
    publication="The Orchard",
)


@pytest.fixture
def content() -> Callable[..., Content]:
    """The content, with some fields replaced."""

    def make(**changes: Any) -> Content:
        return dataclasses.replace(CONTENT, **changes)

    return make
