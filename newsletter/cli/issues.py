"""new, check, build: what an editor does with an issue before it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import click

from newsletter.cli.context import publication
from newsletter.cli.output import print_problems, problem_json, size, summary
from newsletter.problems import ContentError, Problem, Severity, WarningsError, has_errors


@click.command()
@click.argument("slug")
@click.option("--title", help="The issue's title. Default: the publication's name.")
@click.option("--language", metavar="TAG", help="Its language. Default: the publication's.")
@click.option(
    "--from", "copy_from", metavar="ISSUE", help="Start from the sections of an earlier issue."
)
@click.pass_context
def new(
    ctx: click.Context, slug: str, title: str | None, language: str | None, copy_from: str | None
) -> None:
    """Start a new issue in issues/SLUG. A date in the slug (2026-12-01) becomes the issue's date."""
    from newsletter.workflow import issues

    files = issues.new(
        publication(ctx), slug, title=title or "", language=language or "", copy_from=copy_from
    )
    for path in files:
        click.echo(path)
    click.echo(f"\nWrite in these files, then look: newsletter preview {slug}")


@click.command()
@click.argument("issue")
@click.option("--strict", is_flag=True, help="Exit 4 when there are warnings.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.pass_context
def check(ctx: click.Context, issue: str, strict: bool, as_json: bool) -> None:
    """Tell what is wrong with ISSUE (a slug, or a path to a folder or .md file), with file and line.

    Exits with 3 when there are errors.
    """
    from newsletter.workflow import issues

    try:
        problems = issues.check(publication(ctx), issue)
    except ContentError as caught:  # the settings have errors: programs get them as JSON too
        if not as_json:
            raise
        problems = caught.problems
    if as_json:
        told = [problem_json(problem) for problem in problems]
        click.echo(json.dumps({"problems": told}, ensure_ascii=False, indent=2))
    else:
        print_problems(problems)
        click.echo(f"{issue}: {summary(problems)}")
    ctx.exit(_exit_code(problems, strict))


@click.command()
@click.argument("issue")
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Put the files there.",
)
@click.option("--draft", is_flag=True, help="Build in spite of errors, with visible placeholders.")
@click.option(
    "--strict", is_flag=True, help="Treat warnings as errors (exit 4, nothing is written)."
)
@click.pass_context
def build(ctx: click.Context, issue: str, output: Path | None, draft: bool, strict: bool) -> None:
    """Make the email, text, web and print editions of ISSUE.

    They are written to build/<slug>/, all or nothing: when there are errors (exit 3), the last good
    build stays.
    """
    from newsletter.workflow import builds

    report = builds.build(publication(ctx), issue, output=output, draft=draft, strict=strict)
    print_problems(report.problems)
    email = report.email
    click.echo(f"{report.title} → {report.folder}")
    click.echo(
        f"  email  {size(email.html_bytes):>10}  of {size(email.budget)}" + _cuts(len(email.cuts))
    )
    click.echo(f"  text   {size(report.text_bytes):>10}")
    click.echo(f"  web    {size(report.web_bytes):>10}  {report.web_files} files")
    click.echo(f"  print  {size(report.pdf_bytes):>10}  {report.pages} pages")
    click.echo(f"{summary(report.problems)}")


def _cuts(count: int) -> str:
    return f", {count} article{'s' if count != 1 else ''} shortened" if count else ""


def _exit_code(problems: tuple[Problem, ...], strict: bool) -> int:
    if has_errors(problems):
        return 3
    if strict and any(p.severity is Severity.WARNING for p in problems):
        return WarningsError.exit_code
    return 0
