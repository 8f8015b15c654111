"""An import while others write: it holds nobody up while it reads, and what others did meanwhile is never overwritten."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.publication import Publication
from newsletter.store import connecting, imports
from newsletter.store.engine import open_store
from newsletter.store.lists import all_lists, make_list
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import importing, subscribers, suppressions

PEOPLE = "email,name\na@example.com,Ann\nb@example.com,Bob\nc@example.com,Cy\n"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has to wait for the database fails at once; the import tells of every line."""
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(importing, "TOLD_EVERY", 1)


def bring(
    publication: Publication, text: str, to: str = "weekly", **options: object
) -> importing.ImportReport:
    path = publication.root / "people.csv"
    path.write_text(text, encoding="utf-8")
    wanted = {"apply": True, "consent": "signed up at the fair", **options}
    return importing.import_file(publication, path, to, **wanted)  # type: ignore[arg-type]


def statuses(publication: Publication) -> dict[str, str]:
    return {
        one.subscriber.email.partition("@")[0]: str(one.status)
        for one in subscribers.subscriptions(publication)
    }


def after_the_look(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Lets something happen between looking at the lines and bringing them in."""
    look = imports.Lines.look

    def looked(self: imports.Lines, *given: object, **options: object) -> bool:
        left = look(self, *given, **options)  # type: ignore[arg-type]
        then()
        return left

    monkeypatch.setattr(imports.Lines, "look", looked)


@pytest.mark.parametrize("apply", [False, True])
@pytest.mark.usefixtures("impatient")
def test_while_an_import_reads_its_file_others_write(fresh: Publication, apply: bool) -> None:
    bring(fresh, "email\na@example.com\n")
    seen: set[int] = set()

    def write(read: int) -> None:
        if read in seen:
            return  # it is bringing in, the one time when others wait
        seen.add(read)
        with open_store(fresh) as store, store.writing() as connection:
            make_list(connection, f"made{read}", "test")

    report = bring(fresh, "email\na@example.com\nb@example.com\n", apply=apply, progress=write)
    assert (report.unchanged, report.new, seen) == (1, 1, {0, 1})


@pytest.mark.usefixtures("impatient")
def test_a_dry_run_never_waits_for_a_writer_and_leaves_nothing(fresh: Publication) -> None:
    bring(fresh, "email,status\nb@example.com,unsubscribed\n")
    with open_store(fresh) as store, store.writing():
        told = bring(fresh, PEOPLE + "a@example.com,Anna\nnobody,\n", "other list", apply=False)
    assert told.counts == {
        "new": 3,
        "updated": 1,
        "unchanged": 0,
        "blocked": 0,
        "invalid": 1,
        "pending": 0,
    }
    with open_store(fresh) as store, store.reading() as connection:
        assert [one.list.name for one in all_lists(connection)] == ["weekly"]
    assert statuses(fresh) == {"b": "unsubscribed"}


def test_who_left_after_the_lines_were_looked_at_stays_away(
    fresh: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(fresh, PEOPLE)
    after_the_look(monkeypatch, lambda: subscribers.remove(fresh, "a@example.com"))
    report = bring(fresh, PEOPLE.replace("Ann", "Anna").replace("Bob", "Robert"))
    assert (report.updated, report.unchanged, report.blocked) == (1, 1, 1)
    assert report.blocked_lines[0].reason == "is unsubscribed on this list"
    assert statuses(fresh) == {"a": "unsubscribed", "b": "confirmed", "c": "confirmed"}


def test_who_came_or_was_suppressed_or_forgotten_meanwhile_is_met_as_they_are_now(
    fresh: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key_file(fresh.root / "subscribers" / "secret.key")

    def meanwhile() -> None:
        subscribers.add(fresh, "a@example.com", "weekly", name="Ann")
        suppressions.add(fresh, "b@example.com", actor="test")
        subscribers.add(fresh, "c@example.com", "weekly")
        subscribers.forget_person(fresh, "c@example.com")

    after_the_look(monkeypatch, meanwhile)
    report = bring(fresh, PEOPLE + "d@example.com,Di\n")
    assert (report.new, report.unchanged, report.blocked) == (1, 1, 2)
    assert [one.reason for one in report.blocked_lines] == [
        "suppressed: suppressed by hand",
        "asked to be forgotten",
    ]
    assert statuses(fresh) == {"a": "confirmed", "d": "confirmed"}


def test_an_import_that_another_one_forestalled_leaves_no_trace(
    fresh: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_the_look(monkeypatch, lambda: subscribers.add(fresh, "a@example.com", "weekly"))
    report = bring(fresh, "email\na@example.com\n")
    assert (report.unchanged, report.batch) == (1, 0)
    assert importing.all_imports(fresh) == ()


def test_blocked_lines_are_told_in_the_order_of_the_file(
    fresh: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = "".join(f"{name}@example.com,unsubscribed\n" for name in "cab")
    bring(fresh, f"email,status\n{left}")
    lines = "".join(f"{name}@example.com\n" for name in "bcab")
    report = bring(fresh, f"email\n{lines}", apply=False)
    assert [one.line for one in report.blocked_lines] == [2, 3, 4, 5]
    monkeypatch.setattr(importing, "MOST_TOLD", 2)
    report = bring(fresh, f"email\n{lines}", apply=False)
    assert [one.line for one in report.blocked_lines] == [2, 3]
    assert report.blocked == 4


def test_an_import_that_fails_in_its_last_step_leaves_nothing(
    fresh: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(fresh, "email\na@example.com\n")
    before = "".join(subscribers.export(fresh))

    def fail(*given: object, **options: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(importing.batches, "end_batch", fail)
    with pytest.raises(RuntimeError, match="the power went"):
        bring(fresh, PEOPLE, "another")
    assert "".join(subscribers.export(fresh)) == before
    assert len(importing.all_imports(fresh)) == 1
