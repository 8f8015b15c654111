"""What mail clients, filters and readers will do to an issue: one rule per module, an ordered list in `rules.py`.

`checks/issue/` holds rules on what was written and set, `checks/mail/` rules on the finished mail,
`checks/pages/` rules on the printed pages. Every
rule has one shape, `check(context) -> Iterator[Problem]`, reads nothing but its context and never raises
for content. Only what would truly break a sending is an error; the rest are warnings.
"""

from newsletter.checks.rules import check_email, check_issue, check_pages

__all__ = ["check_email", "check_issue", "check_pages"]
