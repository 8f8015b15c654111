"""Imports, through the workflow to the database: what they may change and what never."""

from __future__ import annotations

import pytest

from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store.engine import open_store
from newsletter.store.schema import events, metadata
from newsletter.subscribers.tokens import Grant, load_key, make_key_file, unsubscribe_token
from newsletter.workflow import importing, lists, subscribers


def bring(publication: Publication, text: str, **options: object) -> importing.ImportReport:
    path = publication.root / "people.csv"
    path.write_text(text, encoding="utf-8")
    return importing.import_file(
        publication,
        path,
        "weekly",
        **{"apply": True, "consent": "signed up at the fair", **options},
    )  # type: ignore[arg-type]


def statuses(publication: Publication) -> dict[str, str]:
    return {
        one.subscriber.email: str(one.status)
        for one in subscribers.subscriptions(publication, "weekly")
    }


def counts(report: importing.ImportReport) -> tuple[int, ...]:
    return (report.new, report.updated, report.unchanged, report.blocked, report.invalid)


def rows(publication: Publication) -> list[str]:
    """Every row of every table."""
    with open_store(publication) as store, store.reading() as connection:
        return [
            f"{table.name}: {tuple(row)}"
            for table in metadata.sorted_tables
            for row in connection.execute(table.select())
        ]


def test_a_dry_run_tells_what_would_be_and_changes_nothing(fresh: Publication) -> None:
    text = "email,name\na@example.com,A\nA@EXAMPLE.com,A\nb@example.com,B\nbad,\n"
    dry = bring(fresh, text, apply=False)
    assert lists.all_lists(fresh) == ()
    real = bring(fresh, text)
    assert counts(dry) == counts(real) == (2, 0, 1, 0, 1)


def test_a_second_import_of_the_same_file_changes_nothing(fresh: Publication) -> None:
    text = (
        "email,name,status,city\na@example.com,A,,Graz\nA@EXAMPLE.com,A,,\nb@example.com,B,bounced,\nbad,,,\n"
        "c@example.com,,unsubscribed,\nd@example.com,,complained,\ne@example.com,,pending,\n"
    )
    first = bring(fresh, text)
    assert (counts(first), first.batch) == ((5, 0, 1, 0, 1), 1)
    before = rows(fresh)
    again = bring(fresh, text)
    assert (counts(again), again.applied, again.batch) == ((0, 0, 6, 0, 1), True, 0)
    blocked = bring(fresh, "email,status\nb@example.com,confirmed\nc@example.com,confirmed\n")
    assert (counts(blocked), blocked.batch) == ((0, 0, 0, 2, 0), 0)
    assert rows(fresh) == before
    assert [one.id for one in importing.all_imports(fresh)] == [1]
    assert importing.undo_import(fresh, 1).put_back == 5
    assert bring(fresh, text).batch == 2


def test_unsubscribed_bounced_and_complained_win_over_any_file(fresh: Publication) -> None:
    bring(
        fresh,
        "email,status\na@example.com,unsubscribed\nb@example.com,bounced\n"
        "c@example.com,complained\nd@example.com,confirmed\ne@example.com,pending\n",
    )
    before = statuses(fresh)
    report = bring(
        fresh, "email,status\n" + "".join(f"{one}@example.com,confirmed\n" for one in "abcde")
    )
    assert statuses(fresh) == before
    assert counts(report) == (0, 0, 1, 4, 0)
    assert [(one.line, one.reason) for one in report.blocked_lines] == [
        (2, "is unsubscribed on this list"),
        (3, "is bounced on this list"),
        (4, "is complained on this list"),
        (6, "is pending on this list"),
    ]
    report = bring(fresh, "email,status\nd@example.com,unsubscribed\n")
    assert counts(report) == (0, 1, 0, 0, 0)
    assert statuses(fresh)["d@example.com"] == "unsubscribed"


def test_an_import_that_breaks_off_leaves_nothing(
    fresh: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the last step fails")

    text = "email\n" + "".join(f"p{number}@example.com\n" for number in range(1200))
    with monkeypatch.context() as patched:
        patched.setattr(importing.batches, "end_batch", broken)
        with pytest.raises(RuntimeError, match="the last step"):
            bring(fresh, text)
    assert lists.all_lists(fresh) == ()
    assert counts(bring(fresh, text)) == (1200, 0, 0, 0, 0)


def test_somebody_new_is_confirmed_only_by_the_file_or_by_the_operator(
    fresh: Publication,
) -> None:
    bring(fresh, "email\nasked@example.com\n", consent="said yes at the fair")
    report = bring(
        fresh,
        "email,status,optin_time\nstated@example.com,subscribed,\n"
        "dated@example.com,,2024-05-01 10:00:00\nnothing@example.com,,\nwaiting@example.com,pending,\n",
        consent="",
    )
    assert (counts(report), report.pending) == ((4, 0, 0, 0, 0), 2)
    found = {one.subscriber.email: one for one in subscribers.subscriptions(fresh)}
    assert {
        email: (str(one.status), one.consent.source, one.consent.text)
        if one.consent
        else str(one.status)
        for email, one in found.items()
    } == {
        "asked@example.com": ("confirmed", "import:people.csv", "said yes at the fair"),
        "dated@example.com": ("confirmed", "import:people.csv", ""),
        "nothing@example.com": "pending",
        "stated@example.com": ("confirmed", "import:people.csv", "confirmed in the file"),
        "waiting@example.com": "pending",
    }
    dated = found["dated@example.com"].consent
    assert dated is not None
    assert dated.when.isoformat() == "2024-05-01T10:00:00+00:00"


def test_the_operators_word_does_not_raise_who_is_pending(fresh: Publication) -> None:
    bring(fresh, "email\na@example.com\n", consent="")
    report = bring(fresh, "email\na@example.com\n", consent="they said yes")
    assert [one.reason for one in report.blocked_lines] == ["is pending on this list"]
    assert statuses(fresh) == {"a@example.com": "pending"}


def test_who_bounced_or_complained_elsewhere_is_suppressed_on_every_list(
    fresh: Publication,
) -> None:
    bring(fresh, "email,status\na@example.com,cleaned\nb@example.com,complained\n")
    path = fresh.root / "people.csv"
    path.write_text("email\na@example.com\nb@example.com\nc@example.com\n", encoding="utf-8")
    report = importing.import_file(fresh, path, "other", apply=True, consent="yes")
    assert counts(report) == (1, 0, 0, 2, 0)
    assert [one.reason for one in report.blocked_lines] == [
        "suppressed: bounced elsewhere, by an import",
        "suppressed: complained elsewhere, by an import",
    ]


def test_lines_of_one_address_are_met_in_order(fresh: Publication) -> None:
    report = bring(
        fresh,
        "email,name,status\n"
        + "a@example.com,A,confirmed\n" * 3
        + "a@example.com,B,confirmed\na@example.com,B,unsubscribed\na@example.com,B,confirmed\n",
    )
    assert counts(report) == (1, 2, 2, 1, 0)
    assert statuses(fresh) == {"a@example.com": "unsubscribed"}


def test_an_import_updates_details_and_keeps_what_it_does_not_say(fresh: Publication) -> None:
    bring(fresh, "email,name,city\na@example.com,Ann,Graz\n")
    report = bring(fresh, "email,name,team\na@example.com,,red\n")
    (one,) = subscribers.subscriptions(fresh)
    assert counts(report) == (0, 1, 0, 0, 0)
    assert (one.subscriber.name, dict(one.subscriber.attributes)) == (
        "Ann",
        {"city": "Graz", "team": "red"},
    )


def test_an_export_imports_to_the_same_export(fresh: Publication, another: Publication) -> None:
    bring(
        fresh,
        'email,name,status,city\na@example.com,"=SUM(1)",subscribed,\'-x\nb@example.com,李,退订,"a, ""b"""\n',
    )
    first = "".join(subscribers.export(fresh))
    bring(another, first)
    assert "".join(subscribers.export(another)) == first
    assert "'=SUM(1)" in first


def everything(publication: Publication) -> str:
    return "".join(subscribers.export(publication))


def test_an_undone_import_leaves_what_was_before(fresh: Publication) -> None:
    bring(fresh, "email,name,city\na@example.com,Ann,Graz\nb@example.com,Bob,\n")
    before = everything(fresh)
    report = bring(
        fresh,
        "email,name,status,team\na@example.com,Anna,unsubscribed,red\nb@example.com,Bob,bounced,\n"
        "c@example.com,Cy,confirmed,\n",
    )
    assert everything(fresh) != before
    undone = importing.undo_import(fresh, report.batch)
    assert (undone.put_back, undone.kept) == (3, 0)
    assert everything(fresh) == before
    with pytest.raises(UsageError, match="was undone"):
        importing.undo_import(fresh, report.batch)
    with pytest.raises(UsageError, match="no import 99"):
        importing.undo_import(fresh, 99)
    assert [one.undone is not None for one in importing.all_imports(fresh)] == [True, False]


def test_undoing_leaves_people_to_whom_something_happened_since(fresh: Publication) -> None:
    make_key_file(fresh.root / "subscribers" / "secret.key")
    bring(fresh, "email\na@example.com\nb@example.com\n")
    report = bring(fresh, "email,status\na@example.com,unsubscribed\nb@example.com,unsubscribed\n")
    (one, _) = subscribers.subscriptions(fresh)
    token = unsubscribe_token(load_key(fresh), Grant(one.list.id, one.subscriber.id))
    subscribers.unsubscribe(fresh, token)  # says again what the file had said
    undone = importing.undo_import(fresh, report.batch)
    assert (undone.put_back, undone.kept) == (1, 1)
    assert statuses(fresh) == {"a@example.com": "unsubscribed", "b@example.com": "confirmed"}


def test_an_export_of_all_lists_imports_to_the_same_export(
    fresh: Publication, another: Publication
) -> None:
    text = (
        "email,name,list,status,consent_when,consent_source,consent_text,consent_ip,suppressed\n"
        "a@example.com,李,weekly,confirmed,2024-01-02T03:04:05+00:00,form,I agree,192.0.2.1,\n"
        "a@example.com,李,月刊,unsubscribed,2024-01-02T03:04:05+00:00,form,I agree,,\n"
        "b@example.com,-b,月刊,complained,,,,,said spam\nc@example.com,'=c,weekly,pending,,,,,\n"
        "d@example.com,,weekly,confirmed,2024-01-02T03:04:05+00:00,form,,,asked by letter\n"
    )
    path = fresh.root / "people.csv"
    path.write_text(text, encoding="utf-8")
    assert counts(importing.import_file(fresh, path, apply=True)) == (5, 0, 0, 0, 0)
    first = everything(fresh)
    path.write_text(first, encoding="utf-8")
    again = importing.import_file(another, path, apply=True)
    assert counts(again) == (5, 0, 0, 0, 0)
    assert everything(another) == first
    assert "asked by letter" in first
    assert counts(importing.import_file(fresh, path, apply=True))[:2] == (0, 0)


def test_a_forgotten_person_leaves_no_trace_and_is_not_imported_back(fresh: Publication) -> None:
    make_key_file(fresh.root / "subscribers" / "secret.key")
    text = "email,name,city\nwanda@example.com,Wanda,Graz\nb@example.com,,\n"
    bring(fresh, text)
    assert subscribers.record(fresh, "wanda@example.com")["attributes"] == {"city": "Graz"}
    assert subscribers.forget_person(fresh, "Wanda@example.com")
    with pytest.raises(UsageError, match="nobody here"):
        subscribers.record(fresh, "wanda@example.com")
    with pytest.raises(UsageError, match="asked to be forgotten"):
        subscribers.add(fresh, "wanda@example.com", "weekly")
    report = bring(fresh, text)
    assert counts(report) == (0, 0, 1, 1, 0)
    assert [one.reason for one in report.blocked_lines] == ["asked to be forgotten"]
    found = rows(fresh)
    assert len(found) > 5
    assert [row for row in found if "wanda" in row.lower() or "Graz" in row] == []


def test_the_log_only_grows(fresh: Publication) -> None:
    def log() -> list[tuple[object, ...]]:
        with open_store(fresh) as store, store.reading() as connection:
            return [tuple(row) for row in connection.execute(events.select().order_by(events.c.id))]

    seen = log()
    for step in (
        lambda: bring(fresh, "email,name\na@example.com,A\nb@example.com,B\n"),
        lambda: subscribers.remove(fresh, "a@example.com"),
        lambda: bring(fresh, "email,status\nb@example.com,bounced\n"),
        lambda: importing.undo_import(fresh, importing.all_imports(fresh)[0].id),
    ):
        step()
        now = log()
        assert now[: len(seen)] == seen
        assert len(now) > len(seen)
        seen = now


def test_adding_raises_nobody_and_removing_keeps_the_row(fresh: Publication) -> None:
    assert subscribers.add(fresh, "a@example.com", "weekly", name="Ann") == "confirmed"
    assert subscribers.remove(fresh, "A@example.com") == ("weekly",)
    assert subscribers.remove(fresh, "a@example.com") == ()
    assert subscribers.add(fresh, "a@example.com", "weekly") == "unsubscribed"
    with pytest.raises(UsageError, match="nobody here"):
        subscribers.remove(fresh, "b@example.com")
    with pytest.raises(UsageError, match="no such list: weekli"):
        subscribers.remove(fresh, "a@example.com", "weekli")


def test_looking_at_an_unsubscribe_link_changes_nothing_and_acting_twice_acts_once(
    fresh: Publication,
) -> None:
    make_key_file(fresh.root / "subscribers" / "secret.key")
    subscribers.add(fresh, "anna@example.com", "weekly")
    (one,) = subscribers.subscriptions(fresh)
    token = unsubscribe_token(load_key(fresh), Grant(one.list.id, one.subscriber.id))
    for _ in range(2):
        shown = subscribers.unsubscribe_page(fresh, token)
        assert shown is not None
        assert (shown.address, shown.list_name, shown.already) == (
            "a•••@example.com",
            "weekly",
            False,
        )
    assert statuses(fresh) == {"anna@example.com": "confirmed"}
    first = subscribers.unsubscribe(fresh, token, via="one-click")
    second = subscribers.unsubscribe(fresh, token)
    assert first is not None
    assert second is not None
    assert (first.already, second.already) == (False, True)
    assert statuses(fresh) == {"anna@example.com": "unsubscribed"}
    assert subscribers.unsubscribe(fresh, token[:-2]) is None
    assert subscribers.unsubscribe_page(fresh, "preview") is None
