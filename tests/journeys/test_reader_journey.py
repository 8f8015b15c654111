"""A reader's whole way: signing up, confirming, getting an issue, leaving by the mail's header, getting none."""

from __future__ import annotations

import datetime
import email
import re
from email.policy import default
from typing import Any
from urllib.parse import urlsplit

from starlette.testclient import TestClient

from newsletter.publication import load_publication
from newsletter.web.public import public_app
from newsletter.workflow import signing_up


def test_from_the_form_to_the_first_issue_and_out_again(newsletter: Any, sink: Any) -> None:
    publication = load_publication(newsletter.root, newsletter.environment)
    with TestClient(public_app(publication), base_url=publication.base_url) as browser:
        shown = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=5)
        form = {"email": "walter@example.com", "name": "Walter"}
        form["shown"] = signing_up.form_token(publication, shown)
        assert "A mail is on its way" in browser.post("/subscribe", data=form).text

        recipient, message = sink.accepted[0][0], sink.accepted[0][1]
        asked = email.message_from_bytes(message, policy=default)
        assert asked["subject"].startswith("Please confirm")
        assert "nobody" in newsletter("send", "first", "--list", "weekly", "--confirm-count", "0")

        link = re.search(r"https://\S+/confirm/\S+", asked.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        assert link
        path = urlsplit(link.group()).path
        browser.get(path)
        assert "You are subscribed" in browser.post(path).text

        newsletter("send", "first", "--list", "weekly", "--confirm-count", "1")
        sent = email.message_from_bytes(sink.accepted[1][1], policy=default)
        assert sent["to"] is not None
        assert recipient == sink.accepted[1][0]
        unsubscribe = urlsplit(sent["list-unsubscribe"].strip("<>")).path
        browser.post(unsubscribe, data={"List-Unsubscribe": "One-Click"})

        result = newsletter("send", "first", "--list", "weekly", "--again", "--confirm-count", "0")
        assert "unsubscribed" in result
        assert len(sink.accepted) == 2
