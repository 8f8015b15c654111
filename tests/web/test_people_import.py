"""The import wizard: a file, how it is read, a dry run, the import, and undoing it."""

from __future__ import annotations

import io
import re
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from starlette.testclient import TestClient

from newsletter.model.account import Role
from newsletter.publication import load_publication
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import import_uploads, importing, subscribers

LINES = "邮箱,姓名,城市\nwm@example.com,王敏,东莞\nbroken,李,\n"


def brought(client: TestClient, text: str = LINES, encoding: str = "gb18030", name: str = "a.csv"):
    """Brings a file; the address of its page."""
    files = {"file": (name, io.BytesIO(text.encode(encoding)))}
    answer = client.post("/subscribers/import", files=files, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def ran(client: TestClient, there: str) -> str:
    """The page of a run that has ended."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        page = client.get(f"{there}/run").text
        if 'data-running=""' in page:
            return page
        time.sleep(0.02)
    pytest.fail("the import never ended")


def figures(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))


def people(orchard: Path) -> dict[str, tuple[str, str]]:
    found = subscribers.subscriptions(load_publication(orchard, {}))
    return {one.subscriber.email: (one.subscriber.name, str(one.status)) for one in found}


def test_a_file_is_looked_at_tried_imported_and_undone(preview: TestClient, orchard: Path) -> None:
    there = brought(preview)
    look = preview.get(there).text
    assert "GB18030" in look
    assert "wm@example.com,王敏,东莞" in look
    assert "not valid" in look
    assert "1 valid, 1 not" in look
    assert 'value="weekly"' in look

    form = {"list": "weekly", "consent": "said so", "map-0": "email", "map-1": "name"}
    assert preview.post(f"{there}/dry", data=form, follow_redirects=False).status_code == 303
    dry = ran(preview, there)
    assert figures(dry) == {
        "new": "1",
        "updated": "0",
        "unchanged": "0",
        "kept out": "0",
        "not valid": "1",
    }
    assert "line 3" in dry
    assert people(orchard) == {}

    preview.post(f"{there}/apply")
    done = ran(preview, there)
    assert "Imported as number 1." in done
    assert people(orchard) == {"wm@example.com": ("王敏", "confirmed")}
    assert not list((orchard / ".studio" / "imports").iterdir())

    again = brought(preview)
    preview.post(f"{again}/dry", data=form)
    same = ran(preview, again)
    assert "Nothing would change: the file says nothing new." in same
    assert figures(same)["unchanged"] == "1"
    assert f"{again}/apply" not in same
    preview.post(f"{again}/apply")  # all the same, by a page of before
    assert "Nothing changed: the file says nothing new." in (same := ran(preview, again))
    assert "Undo this import" not in same
    assert [one.id for one in importing.all_imports(load_publication(orchard, {}))] == [1]

    undone = preview.post("/subscribers/imports/undo", data={"batch": "1"})
    assert "Import 1 is undone: 1 put back, 0 kept" in undone.text
    assert people(orchard) == {}
    assert preview.post("/subscribers/imports/undo", data={"batch": "1"}).status_code == 409


def test_nothing_is_imported_that_was_not_tried_first(preview: TestClient, orchard: Path) -> None:
    there = brought(preview)
    answer = preview.post(f"{there}/apply", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, there)
    assert people(orchard) == {}


def test_what_somebody_says_of_the_columns_is_what_happens(
    preview: TestClient, orchard: Path
) -> None:
    there = brought(preview, "Kontakt;Wer;Ort;Notiz\na@example.com;Jörg;Köln;geheim\n", "cp1252")
    assert "1 valid, 0 not" in preview.get(there).text
    form = {"list": "new ones", "map-0": "email", "map-1": "name", "map-2": "attribute"}
    preview.post(f"{there}/dry", data={**form, "map-3": "-"})
    assert "1 of the new ones waits and gets no mail" in ran(preview, there)
    preview.post(f"{there}/apply")
    ran(preview, there)
    record = subscribers.record(load_publication(orchard, {}), "a@example.com")
    assert (record["name"], record["attributes"]) == ("Jörg", {"Ort": "Köln"})
    assert record["subscriptions"][0]["list"] == "new ones"


def test_a_file_without_a_column_of_addresses_asks_for_one_and_keeps_what_was_chosen(
    preview: TestClient,
) -> None:
    there = brought(preview, "wer,was\nx,y\n", "utf-8")
    form = {"list": "weekly", "consent": "my word", "map-0": "name"}
    answer = preview.post(f"{there}/dry", data=form)
    assert answer.status_code == 409
    assert "Say which column holds the addresses" in answer.text
    assert 'value="my word"' in answer.text
    assert re.search(r'name="map-0".*?<option value="name" selected>', answer.text, re.S)


def test_another_encoding_shows_the_columns_as_it_reads_them(preview: TestClient) -> None:
    there = brought(preview, "email,name\nm@example.com,Müller\n", "cp1252")
    assert "Müller" in preview.get(there).text
    other = preview.get(f"{there}?encoding=cp1251").text
    assert re.search(r'value="cp1251" checked', other)
    assert "Mьller" in other
    unknown = preview.get(f"{there}?encoding=../../etc&delimiter=none")
    assert unknown.status_code == 200


def test_columns_are_looked_at_anew_when_the_file_is_read_otherwise(
    preview: TestClient, orchard: Path
) -> None:
    there = brought(preview)
    was = re.search(r'name="was" value="([^"]+)"', preview.get(there).text)
    assert was is not None
    form = {"was": was[1], "delimiter": "comma", "encoding": "gb18030", "map-1": "-"}
    same = preview.get(there, params=form).text
    assert re.search(r'name="map-1".*?<option value="-" selected>', same, re.S)
    other = preview.get(there, params={**form, "encoding": "cp1251"}).text
    assert re.search(r'name="map-1"(?:(?!</select>).)*<option value="attribute" selected>', other)
    answer = preview.post(
        f"{there}/dry", data={**form, "encoding": "cp1251"}, follow_redirects=False
    )
    assert answer.headers["location"].startswith(f"{there}?encoding=cp1251")
    assert "map-1" not in answer.headers["location"]


def test_how_a_file_is_read_is_kept_for_the_next_of_its_kind(
    preview: TestClient, orchard: Path
) -> None:
    text = "Kontakt;Ort;Notiz\na@example.com;Köln;geheim\n"
    there = brought(preview, text, "cp1252")
    form = {"encoding": "cp1252", "delimiter": "semicolon", "map-0": "email", "map-1": "attribute"}
    more = {"map-2": "-", "list": "weekly", "consent": "at the fair"}
    preview.post(f"{there}/dry", data=form | more)
    ran(preview, there)
    kept = preview.post(f"{there}/keep", data={"name": "fairs"})
    assert "Kept as fairs." in kept.text
    assert (orchard / "subscribers" / "mappings" / "fairs.toml").is_file()
    assert preview.post(f"{there}/keep", data={"name": "../../evil"}).status_code == 409

    next_one = brought(preview, text.replace("a@", "b@"), "cp1252")
    assert ">fairs</a>" in preview.get(next_one).text
    again = preview.get(f"{next_one}?kept=fairs")
    for name, value in (form | more).items():
        assert again.url.params[name] == value
    assert preview.get(f"{next_one}?kept=../secret").status_code == 404


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["E-Mail", "Name", "Stadt"])
    book.active.append(["x@example.com", "Xaver", "Ulm"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _archive() -> bytes:
    header = "Email Address,First Name,OPTIN_TIME,CONFIRM_TIME,LEID,EUID,TAGS,City"
    line = "z@example.com,Zoë,2024-01-01 10:00:00,2024-01-01 10:00:00,1,a,,Ulm"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("subscribed_members_export_1.csv", f"{header}\n{line}\n")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says", "address", "status"),
    [
        ("people.xlsx", _workbook(), "xlsx", "x@example.com", "pending"),
        ("mailchimp.zip", _archive(), "as mailchimp (zip) means it", "z@example.com", "confirmed"),
        (
            "people.json",
            b'[{"email": "j@example.com", "name": "Jo"}]',
            "json",
            "j@example.com",
            "pending",
        ),
    ],
)
@pytest.mark.filterwarnings("error")
def test_workbooks_archives_and_json_are_looked_at_and_imported_too(
    preview: TestClient,
    orchard: Path,
    name: str,
    data: bytes,
    says: str,
    address: str,
    status: str,
) -> None:
    files = {"file": (name, io.BytesIO(data))}
    answer = preview.post("/subscribers/import", files=files, follow_redirects=False)
    there = answer.headers["location"]
    look = preview.get(there).text
    assert says in look
    assert 'name="encoding"' not in look
    chosen = dict(
        re.findall(r'name="(map-\d+)"(?:(?!</select>).)*?<option value="([^"]*)" selected>', look)
    )
    preview.post(f"{there}/dry", data={**chosen, "list": "weekly"})
    assert figures(ran(preview, there))["new"] == "1"
    preview.post(f"{there}/apply")
    ran(preview, there)
    assert people(orchard)[address][1] == status


def test_a_blocked_line_says_why(preview: TestClient, orchard: Path) -> None:
    publication = load_publication(orchard, {})
    subscribers.add(publication, "left@example.com", "weekly")
    subscribers.remove(publication, "left@example.com", "weekly")
    there = brought(preview, "email\nleft@example.com\n", "utf-8")
    preview.post(f"{there}/dry", data={"list": "weekly", "map-0": "email", "consent": "again"})
    dry = ran(preview, there)
    assert figures(dry)["kept out"] == "1"
    assert "is unsubscribed on this list" in dry
    assert f"{there}/apply" not in dry


def test_what_a_file_and_its_name_say_is_never_markup(preview: TestClient) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    there = brought(preview, f"email,{evil}\nx{evil}@a,{evil}\n", "utf-8", name=f"{evil}.csv")
    preview.post(f"{there}/dry", data={"map-0": "email", "list": evil[:40]})
    for page in (preview.get(there).text, ran(preview, there)):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


def test_a_file_that_is_none_is_told_and_not_kept(preview: TestClient, orchard: Path) -> None:
    empty = preview.post("/subscribers/import", files={"file": ("a.csv", io.BytesIO(b""))})
    assert empty.status_code == 409
    assert "the file is empty" in empty.text
    none = preview.post("/subscribers/import", data={"file": "no file"})
    assert none.status_code == 409
    assert preview.get("/subscribers/import/0123456789abcdef").status_code == 404
    picture = preview.post(
        "/subscribers/import",
        files={"file": ("a.png", io.BytesIO(b"\x89PNG\r\n\x1a\n\0\0\0"))},
        follow_redirects=False,
    )
    refused = preview.get(picture.headers["location"], headers={"accept-language": "zh-CN"})
    assert refused.status_code == 422
    assert "a.png 是图片，这里无法读取。请索取表格文件（.xlsx 或 CSV）。" in refused.text
    assert 'type="file"' in refused.text


def test_a_file_may_be_given_up(preview: TestClient, orchard: Path) -> None:
    there = brought(preview)
    preview.post(f"{there}/drop")
    assert preview.get(there).status_code == 404
    assert not list((orchard / ".studio" / "imports").iterdir())


def test_a_running_import_can_be_stopped_and_has_then_done_nothing(
    preview: TestClient, orchard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key_file(orchard / "subscribers" / "secret.key")
    people(orchard)  # the database is there before two ask for it at once
    monkeypatch.setattr(importing, "TOLD_EVERY", 1)
    go_on = threading.Event()

    def wait(key: str) -> bool:
        assert go_on.wait(20)
        return False

    monkeypatch.setattr(importing, "_forgotten", lambda *given, **options: wait)
    lines = "".join(f"p{number}@example.com\n" for number in range(400))
    there = brought(preview, f"email\n{lines}", "utf-8")
    preview.post(f"{there}/dry", data={"list": "weekly", "map-0": "email"})
    page = preview.get(f"{there}/run").text
    assert 'data-running="yes"' in page
    assert "of about 401 lines" in page
    preview.post(f"{there}/drop")
    go_on.set()
    assert people(orchard) == {}
    assert preview.get(f"{there}/run").status_code == 404


def test_only_an_admin_may_import(as_role: Callable[[Role], TestClient], orchard: Path) -> None:
    sender, editor = as_role(Role.SENDER), as_role(Role.EDITOR)
    files = {"file": ("a.csv", io.BytesIO(b"email\na@example.com\n"))}
    assert sender.get("/subscribers/imports").status_code == 200
    assert "Only an admin may import." in sender.get("/subscribers/import").text
    for client in (sender, editor):
        assert client.post("/subscribers/import", files=files).status_code == 403
        assert client.post("/subscribers/imports/undo", data={"batch": "1"}).status_code == 403
    assert editor.get("/subscribers/imports").status_code == 403
    admin = as_role(Role.ADMIN)
    there = brought(admin, "email\na@example.com\n", "utf-8")
    admin.post(f"{there}/dry", data={"list": "weekly", "map-0": "email"})
    ran(admin, there)
    admin.post(f"{there}/apply")
    ran(admin, there)
    assert "account:admin" in admin.get("/subscribers/imports").text


def test_other_sites_bring_nothing(preview: TestClient) -> None:
    files = {"file": ("a.csv", io.BytesIO(b"email\na@example.com\n"))}
    headers = {"sec-fetch-site": "cross-site"}
    assert preview.post("/subscribers/import", files=files, headers=headers).status_code == 403


def test_more_than_may_be_kept_is_refused_before_it_is_read(
    preview: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"content-length": str(import_uploads.MOST_BYTES * 2), "content-type": "multipart/x"}
    answer = preview.post("/subscribers/import", content=b"", headers=headers)
    assert answer.status_code == 413
