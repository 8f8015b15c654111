"""Imports, through the workflow to the database: what they may change and what never."""

from __future__ import annotations

import pytest

from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.subscribers.tokens import Grant, load_key, make_key_file, unsubscribe_token
from newsletter.workflow import lists, subscribers


def bring(publication: Publication, text: str, **options: object) -> subscribers.ImportReport:
    path = publication.root / "people.csv"
    path.write_text(text, encoding="utf-8")
    return subscribers.import_file(publication, path, "weekly", **{"apply": True, **options})  # type: ignore[arg-type]


def statuses(publication: Publication) -> dict[str, str]:
    return {
        one.subscriber.email: str(one.status)
        for one in subscribers.subscriptions(publication, "weekly")
    }


def counts(report: subscribers.ImportReport) -> tuple[int, ...]:
    return (report.new, report.updated, report.unchanged, report.blocked, report.invalid)


def test_a_dry_run_tells_what_would_be_and_changes_nothing(fresh: Publication) -> None:
    text = "email,name\na@example.com,A\nA@EXAMPLE.com,A\nb@example.com,B\nbad,\n"
    dry = bring(fresh, text, apply=False)
    assert lists.all_lists(fresh) == ()
    real = bring(fresh, text)
    assert counts(dry) == counts(real) == (2, 0, 1, 0, 1)
    assert counts(bring(fresh, text)) == (0, 0, 3, 0, 1)


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
        patched.setattr(subscribers, "log", broken)
        with pytest.raises(RuntimeError, match="the last step"):
            bring(fresh, text)
    assert lists.all_lists(fresh) == ()
    assert counts(bring(fresh, text)) == (1200, 0, 0, 0, 0)


def test_consent_is_kept_with_each_person(fresh: Publication) -> None:
    bring(fresh, "email\na@example.com\n", consent="said yes at the fair")
    bring(fresh, "email\nb@example.com\n")
    found = {one.subscriber.email: one.consent for one in subscribers.subscriptions(fresh)}
    assert [consent.text for consent in found.values() if consent] == [
        "said yes at the fair",
        "imported from people.csv on the operator's word",
    ]


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
