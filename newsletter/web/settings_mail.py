"""The button on the page that unsubscribes which mails a reader the link to their settings."""

from __future__ import annotations

from collections.abc import Callable

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.publication import Publication
from newsletter.web.readers import reader_page
from newsletter.workflow import settings_mail
from newsletter.workflow.pages import speaks_to_readers


def settings_link(publication: Publication, language: str, token: str) -> str:
    """Where the button posts to; empty where there are no words for it in the page's language."""
    spoken = speaks_to_readers(publication, language)
    return f"/unsubscribe/{token}/settings" if spoken else ""


def settings_mail_route(publication: Callable[[], Publication]) -> Route:
    def asked(token: str) -> Response:
        known, mail = settings_mail.settings_mail(publication(), token)
        if not known:
            return reader_page(publication(), "message", 404, kind="unknown")
        language = mail.language if mail is not None else ""
        response = reader_page(publication(), "message", language=language, kind="sent")
        if mail is not None:
            response.background = BackgroundTask(settings_mail.send, publication(), mail)
        return response

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(asked, request.path_params["token"])

    return Route("/unsubscribe/{token}/settings", endpoint, methods=["POST"])
