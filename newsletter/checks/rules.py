"""Every rule, in the order in which its findings are made."""

from __future__ import annotations

from newsletter.checks.context import IssueContext, MailContext
from newsletter.checks.document import parse
from newsletter.checks.issue import (
    article_title,
    base_url,
    bracket_width,
    counted_links,
    empty,
    leftovers,
    link_address,
    picture_alt,
    postal_address,
    preheader,
    repeated_caption,
    sender,
    spaced_doi,
    spaced_hyphen,
    subject,
    theme,
)
from newsletter.checks.issue import link_text as written_link_text
from newsletter.checks.mail import (
    active_content,
    characters,
    conditional_comments,
    contrast,
    frame,
    leftover_tags,
    legibility,
    link_addresses,
    link_text,
    pictures,
    shown_address,
    size,
    structure,
    style_sheets,
    text_part,
    ways_out,
)
from newsletter.checks.pages import (
    coarse_picture,
    hole,
    lone_character,
    loose_line,
    overfull_line,
    page_fill,
    stranded_heading,
)
from newsletter.checks.pages.context import PagesContext
from newsletter.model.edition import EmailEdition
from newsletter.model.issue import Issue
from newsletter.model.printed import Printed
from newsletter.problems import Problem, in_order
from newsletter.publication import Publication

ISSUE_RULES = (
    base_url,
    counted_links,
    postal_address,
    sender,
    subject,
    preheader,
    article_title,
    empty,
    leftovers,
    written_link_text,
    link_address,
    picture_alt,
    repeated_caption,
    spaced_hyphen,
    spaced_doi,
    bracket_width,
    theme,
)

MAIL_RULES = (
    leftover_tags,
    ways_out,
    shown_address,
    text_part,
    size,
    characters,
    frame,
    pictures,
    link_addresses,
    link_text,
    style_sheets,
    structure,
    contrast,
    legibility,
    active_content,
    conditional_comments,
)

PAGE_RULES = (
    overfull_line,
    stranded_heading,
    hole,
    page_fill,
    lone_character,
    loose_line,
    coarse_picture,
)


def check_issue(issue: Issue, publication: Publication) -> tuple[Problem, ...]:
    """What is wrong with what was written and set; each problem names file and line."""
    context = IssueContext(issue, publication)
    return in_order(problem for rule in ISSUE_RULES for problem in rule.check(context))


def check_email(
    edition: EmailEdition, issue: Issue, publication: Publication
) -> tuple[Problem, ...]:
    """What mail clients, filters and readers will do to the finished mail."""
    context = MailContext(edition, issue, publication, parse(edition.html))
    return in_order(problem for rule in MAIL_RULES for problem in rule.check(context))


def check_pages(printed: Printed, issue: Issue) -> tuple[Problem, ...]:
    """What a reader of the paper would stumble over; each problem names the article and the page."""
    context = PagesContext(printed, issue)
    return in_order(problem for rule in PAGE_RULES for problem in rule.check(context))
