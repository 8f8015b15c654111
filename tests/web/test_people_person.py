"""One person's page, segments and suppressions in the studio."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from newsletter.publication import Publication, load_publication, with_settings
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import person_details, segments, subscribers, suppressions
from newsletter.workflow.importing import import_file

AT = "/subscribers/1"


@pytest.fixture
def anna(orchard: Path) -> Publication:
    """A publication whose first subscriber is Anna, who waits on `monthly`; mails are filed."""
    make_key_file(orchard / "subscribers" / "secret.key")
    toml = orchard / "newsletter.toml"
    toml.write_text('transport = "maildir"\n' + toml.read_text())
    publication = load_publication(orchard, {})
    file = orchard / "people.csv"
    file.write_text("email,name,city\nanna@example.com,Anna,Berlin\n")
    import_file(publication, file, "weekly", apply=True, consent="signed a sheet")
    import_file(publication, file, "monthly", apply=True)
    return publication


def record(publication: Publication) -> dict:
    return subscribers.record(publication, "anna@example.com")


def mails(publication: Publication) -> int:
    folder = publication.root / "build" / "outbox" / "new"
    return len(list(folder.glob("*"))) if folder.is_dir() else 0


def test_the_page_tells_all_that_is_known(preview: TestClient, anna: Publication) -> None:
    page = preview.get(AT).text
    for words in ("anna@example.com", 'value="Berlin"', "“signed a sheet”", "Awaits reply"):
        assert words in page
    assert "import of people.csv" in page
    assert "none written down" in page
    assert page.count("<td>imported") == 2
    json = preview.get(f"{AT}/record.json")
    assert json.json() == record(anna)
    assert "subscriber-1.json" in json.headers["content-disposition"]
    assert preview.get("/subscribers/99").status_code == 404


def test_details_are_changed_and_the_log_says_which_but_not_to_what(
    preview: TestClient, anna: Publication
) -> None:
    form = {
        "name": "Anna Apple",
        "language": "de",
        "key": ["city", "shoe", ""],
        "value": ["", "42", "nothing"],
    }
    page = preview.post(f"{AT}/change", data=form).text
    assert "Saved." in page
    now = record(anna)
    assert (now["name"], now["language"], now["attributes"]) == ("Anna Apple", "de", {"shoe": "42"})
    event = now["events"][-1]
    assert (event["kind"], event["data"]) == (
        "changed",
        {"what": ["name", "language", "city", "shoe"]},
    )
    preview.post(f"{AT}/change", data=form)
    assert len(record(anna)["events"]) == len(now["events"])
    long = preview.post(f"{AT}/change", data={"name": "A", "key": ["k"], "value": ["v" * 3000]})
    assert long.status_code == 409


def test_unsubscribing_leaves_the_other_list(preview: TestClient, anna: Publication) -> None:
    preview.post(f"{AT}/unsubscribe", data={"list": "weekly"})
    statuses = {one["list"]: one["status"] for one in record(anna)["subscriptions"]}
    assert statuses == {"weekly": "unsubscribed", "monthly": "pending"}


def test_an_address_is_suppressed_and_lifted_with_the_reason_in_the_log(
    preview: TestClient, anna: Publication
) -> None:
    preview.post(f"{AT}/suppress", data={"reason": "wrote an angry letter"})
    page = preview.get(AT).text
    assert "wrote an angry letter" in page
    assert "by hand" in page
    preview.post(f"{AT}/lift", data={"what": "anna@example.com", "why": "she rang"})
    now = record(anna)
    assert now["suppressed"] == []
    assert [one["kind"] for one in now["events"][-2:]] == ["suppressed", "suppression lifted"]
    assert "she rang" in preview.get(AT).text
    suppressions.add(anna, "@example.com", reason="whole company", actor="me")
    assert "everybody at example.com" in preview.get(AT).text
    preview.post(f"{AT}/lift", data={"what": "example.com"})
    assert record(anna)["suppressed"] == []


def test_the_confirmation_mail_is_sent_again_once_a_day_and_only_to_who_waits(
    preview: TestClient, anna: Publication
) -> None:
    assert "on its way" in preview.post(f"{AT}/resend", data={"list": "monthly"}).text
    assert mails(anna) == 1
    again = preview.post(f"{AT}/resend", data={"list": "monthly"})
    assert again.status_code == 409
    assert "within the last 24 hours" in again.text
    waits_not = preview.post(f"{AT}/resend", data={"list": "weekly"})
    assert "does not wait" in waits_not.text
    assert mails(anna) == 1
    assert "confirmation mailed again" in preview.get(AT).text


def test_nobody_suppressed_is_mailed_and_a_refused_mail_does_not_count(
    anna: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_details, "deliver", lambda *given: "550 no")
    filed = with_settings(anna, transport="maildir")
    for _ in range(2):
        with pytest.raises(Exception, match="refused: 550 no"):
            person_details.confirm_again(filed, 1, "monthly", actor="me")
    suppressions.add(anna, "anna@example.com", reason="no", actor="me")
    with pytest.raises(Exception, match="is suppressed"):
        person_details.confirm_again(filed, 1, "monthly", actor="me")


def test_forgetting_wants_the_address_typed(preview: TestClient, anna: Publication) -> None:
    wrong = preview.post(f"{AT}/forget", data={"count": "ben@example.com"})
    assert wrong.status_code == 409
    assert record(anna)["name"] == "Anna"
    done = preview.post(f"{AT}/forget", data={"count": "Anna@example.com"})
    assert "Forgotten." in done.text
    assert preview.get(AT).status_code == 404
    assert "anna@example.com" not in preview.get("/subscribers").text


def test_looking_at_a_person_changes_nothing(preview: TestClient, anna: Publication) -> None:
    before = record(anna)
    for path in ("change", "unsubscribe", "resend", "suppress", "lift", "forget"):
        assert preview.get(f"{AT}/{path}").status_code == 405
    preview.get(AT)
    assert record(anna) == before


def test_a_segment_is_counted_saved_changed_and_deleted(
    preview: TestClient, anna: Publication
) -> None:
    tried = preview.get("/subscribers/segments?condition=attributes.city = Berlin").text
    assert '<p class="good">1 person</p>' in tried
    wrong = preview.get("/subscribers/segments?condition=attributes.city =").text
    assert 'class="error"' in wrong
    assert segments.all_segments(anna) == ()
    form = {"name": "berliners", "condition": "attributes.city = Berlin"}
    page = preview.post("/subscribers/segments", data=form).text
    assert "attributes.city = Berlin" in page
    taken = preview.post("/subscribers/segments", data={**form, "condition": "name = Anna"})
    assert taken.status_code == 409
    assert "There is a segment of this name already" in taken.text
    changed = {**form, "known": "1", "condition": "attributes.city = Bonn"}
    assert "0 people" in preview.post("/subscribers/segments", data=changed).text
    bad = preview.post("/subscribers/segments", data={"name": "x", "condition": "and"})
    assert bad.status_code == 409
    preview.post("/subscribers/segments/delete", data={"name": "berliners"})
    assert segments.all_segments(anna) == ()


def test_suppressions_are_added_found_and_lifted(preview: TestClient, anna: Publication) -> None:
    form = {"what": "angry@example.com\n@spam.example\n", "reason": "a letter"}
    page = preview.post("/subscribers/suppressions", data=form).text
    assert "2 added, 0 were suppressed before." in page
    assert "everybody at spam.example" in page
    assert "0 added, 2 were" in preview.post("/subscribers/suppressions", data=form).text
    found = preview.get("/subscribers/suppressions?q=angry&kind=manual").text
    assert "angry@example.com" in found
    assert "spam.example" not in found
    assert "None is found." in preview.get("/subscribers/suppressions?kind=bounce").text
    preview.post("/subscribers/suppressions/lift", data={"what": "@spam.example", "why": "over"})
    assert suppressions.find(anna, "@spam.example") is None
    again = preview.post("/subscribers/suppressions/lift", data={"what": "@spam.example"})
    assert again.status_code == 409


def test_one_line_that_is_none_suppresses_nobody(preview: TestClient, anna: Publication) -> None:
    form = {"what": "good@example.com\nno address here <script>alert(1)</script>"}
    answer = preview.post("/subscribers/suppressions", data=form)
    assert answer.status_code == 409
    assert "<script>alert" not in answer.text
    assert suppressions.counts(anna) == {}
    assert "good@example.com" in answer.text


def test_times_are_the_publications_and_reasons_the_readers_words(
    preview: TestClient, anna: Publication
) -> None:
    toml = anna.root / "newsletter.toml"
    toml.write_text('timezone = "Pacific/Kiritimati"\n' + toml.read_text())
    file = anna.root / "gone.csv"
    file.write_text("email,status\nanna@example.com,bounced\n")
    import_file(anna, file, "weekly", apply=True)
    (held,) = record(anna)["suppressed"]
    since = datetime.fromisoformat(held["since"]).astimezone(ZoneInfo("Pacific/Kiritimati"))
    page = preview.get(f"{AT}?lang=zh-Hans").text
    assert f"{since:%Y-%m-%d %H:%M}" in page
    assert "曾在别处退信（随导入带来）" in page
    assert (
        "曾在别处退信（随导入带来）" in preview.get("/subscribers/suppressions?lang=zh-Hans").text
    )
    assert f"{since:%Y-%m-%d %H:%M}" in preview.get("/subscribers/imports").text
    assert held["reason"] == "bounced elsewhere, by an import", "what is kept has one language"
