"""Files of every format, with the columns that the products write: what each line becomes."""

from __future__ import annotations

import datetime
import json
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from newsletter.problems import UsageError
from newsletter.subscribers.importers.files import ImportFile, formats, open_import
from newsletter.subscribers.importers.rows import Reject, Row

MEMBERS = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,"
    "LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,{last},LEID,EUID,NOTES,TAGS\n"
)
ANN = 'ann@example.com,Ann,Lee,3,2019-03-05 10:11:12,,2019-03-05 10:12:00,192.0.2.7,,,,,,AT,,{},1,a1,,"""vip"",""graz"""\n'
CLEANED = "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID"
UNSUBSCRIBED = "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER"


def opened(path: Path, content: str | bytes, **options: str) -> ImportFile:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_import(path, {}, options.get("format", ""))


def told(file: ImportFile) -> list[tuple[str, str, str]]:
    """Each row as address, name and status; each reject as its line and reason."""
    return [
        (row.address.email, row.name, str(row.status or ""))
        if isinstance(row, Row)
        else (str(row.line), "", row.reason)
        for row in file.rows
    ]


def row(file: ImportFile) -> Row:
    (found,) = file.rows
    assert isinstance(found, Row)
    return found


def test_mailchimp_tells_the_status_by_the_file(tmp_path: Path) -> None:
    name = tmp_path / "subscribed_members_export_1a2b.csv"
    file = opened(name, MEMBERS.format(last="LAST_CHANGED") + ANN.format("2020-01-01 00:00:00"))
    assert file.format == "mailchimp"
    ann = row(file)
    assert (ann.name, ann.status) == ("Ann Lee", "confirmed")
    assert ann.attributes["tags"] == "vip; graz"
    assert ann.attributes["CC"] == "AT"
    assert ann.consent is not None
    assert (ann.consent.when.isoformat(), ann.consent.ip) == (
        "2019-03-05T10:12:00+00:00",
        "192.0.2.7",
    )


def test_a_mailchimp_archive_holds_who_left_and_who_bounced_too(tmp_path: Path) -> None:
    path = tmp_path / "audience.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "subscribed_members_export_x.csv",
            MEMBERS.format(last="LAST_CHANGED") + ANN.format("2020-01-01 00:00:00"),
        )
        archive.writestr(
            "unsubscribed_members_export_x.csv",
            MEMBERS.format(last=UNSUBSCRIBED).replace("Email Address", "Deine E-Mail Adresse")
            + ANN.format("2020-01-01 00:00:00,,,NORMAL,").replace("ann@", "bob@"),
        )
        archive.writestr(
            "cleaned_members_export_x.csv",
            MEMBERS.format(last=CLEANED) + ANN.format("2020-01-01,,").replace("ann@", "cy@"),
        )
        archive.writestr("notes.csv", "what,when\nnothing,never\n")
    file = open_import(path)
    assert file.format == "mailchimp (zip)"
    assert sorted(told(file)) == [
        ("ann@example.com", "Ann Lee", "confirmed"),
        ("bob@example.com", "Ann Lee", "unsubscribed"),
        ("cy@example.com", "Ann Lee", "bounced"),
    ]


def test_substack_says_who_wants_no_mail(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("posts.csv", "post_id,post_date,title\n1.hello,2024-01-01,Hello\n")
        archive.writestr("posts/1.opens.csv", "post_id,email\n1.hello,left@example.com\n")
        archive.writestr(
            "email_list.orchard.csv",
            "email,active_subscription,expiry,email_disabled,prefer_digests,created_at\n"
            "ann@example.com,false,,false,false,2023-02-01T10:00:00.000Z\n"
            "bob@example.com,false,,true,false,2023-02-01T10:00:00.000Z\n"
            "x1@deletion-request.substack.com,false,,true,false,2023-02-01T10:00:00.000Z\n",
        )
    file = open_import(path)
    assert file.format == "substack (zip)"
    assert told(file) == [
        ("ann@example.com", "", "confirmed"),
        ("bob@example.com", "", "unsubscribed"),
        ("4", "", "somebody who asked to be deleted"),
    ]


def test_ghost_members(tmp_path: Path) -> None:
    file = opened(
        tmp_path / "members.csv",
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,"
        "labels,tiers\n1,ann@example.com,Ann,,true,false,,2023-01-01T00:00:00.000Z,,vip,\n"
        "2,bob@example.com,Bob,,false,false,,2023-01-01T00:00:00.000Z,,,\n",
    )
    assert file.format == "ghost"
    assert told(file) == [
        ("ann@example.com", "Ann", "confirmed"),
        ("bob@example.com", "Bob", "unsubscribed"),
    ]


def test_listmonk_proves_nothing_and_keeps_attributes(tmp_path: Path) -> None:
    file = opened(
        tmp_path / "subscribers.csv",
        'uuid,email,name,attributes,status,created_at,updated_at\nu1,ann@example.com,Ann,"{""城市"": ""格拉茨"", ""age"": 4}",'
        "enabled,2023-01-01,2023-01-01\nu2,bob@example.com,Bob,{},blocklisted,2023-01-01,2023-01-01\n",
    )
    assert file.format == "listmonk"
    ann, bob = file.rows
    assert isinstance(ann, Row)
    assert isinstance(bob, Row)
    assert (ann.status, ann.consent, ann.attributes) == (None, None, {"城市": "格拉茨", "age": "4"})
    assert (bob.status, bob.suppressed) == ("unsubscribed", "blocklisted in listmonk")


def test_listmonk_subscriptions_of_the_api_never_raise(tmp_path: Path) -> None:
    def person(name: str, status: str, *lists: tuple[str, str, str]) -> dict[str, object]:
        told = [
            {"name": name, "subscription_status": said, "optin": optin}
            | {"subscription_updated_at": "2023-01-02T03:04:05Z"}
            for name, said, optin in lists
        ]
        own = {"id": 7, "uuid": name, "email": f"{name}@example.com", "name": name}
        return {**own, "attribs": {"城市": "格拉茨"}, "status": status, "lists": told}

    weekly, monthly = ("weekly", "confirmed", "double"), ("monthly", "unsubscribed", "double")
    people = [
        person("both", "enabled", weekly, monthly),
        person("unconfirmed", "enabled", ("weekly", "unconfirmed", "double")),
        person("single", "enabled", ("weekly", "unconfirmed", "single")),
        person("disabled", "disabled", weekly),
        person("blocked", "blocklisted", weekly),
        person("none", "enabled"),
    ]
    file = opened(
        tmp_path / "people.json", json.dumps({"data": {"results": people, "total": len(people)}})
    )
    assert file.format == "listmonk"
    rows = [one for one in file.rows if isinstance(one, Row)]
    assert [(one.address.email[:-12], one.list, str(one.status or "")) for one in rows] == [
        ("both", "weekly", "confirmed"),
        ("both", "monthly", "unsubscribed"),
        ("unconfirmed", "weekly", "pending"),
        ("single", "weekly", ""),
        ("disabled", "weekly", "unsubscribed"),
        ("blocked", "weekly", "unsubscribed"),
        ("none", "", ""),
    ]
    assert {one.address.email[:-12] for one in rows if one.suppressed} == {"blocked"}
    assert all(one.attributes == {"城市": "格拉茨"} for one in rows)
    assert rows[0].consent is not None
    assert rows[0].consent.when == datetime.datetime(2023, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def test_buttondown_types_and_metadata(tmp_path: Path) -> None:
    head = (
        "id,secondary_id,email,notes,subscriber_type,referrer_url,utm_source,utm_medium,utm_campaign,creation_date,"
        "ip_address,subscription_date,unsubscription_date,tags,metadata\n"
    )
    line = "1,1,{},,{},,,,,2023-01-01,192.0.2.1,2023-01-02,,a;b,\"{{'city': 'Graz'}}\"\n"
    kinds = {
        "regular": "confirmed",
        "premium": "confirmed",
        "unactivated": "pending",
        "unsubscribed": "unsubscribed",
        "undeliverable": "bounced",
        "complained": "complained",
    }
    lines = "".join(line.format(f"{kind}@example.com", kind) for kind in kinds)
    file = opened(tmp_path / "subscribers.csv", head + lines)
    assert file.format == "buttondown"
    found = [one for one in file.rows if isinstance(one, Row)]
    assert {one.address.email.partition("@")[0]: str(one.status) for one in found} == kinds
    assert found[0].attributes["city"] == "Graz"
    assert found[0].consent is not None
    assert found[3].consent is None


@pytest.mark.parametrize(
    "text",
    [
        '[{"email": "a@example.com", "name": "李"},\n {"email": "b@example.com", "status": "unsubscribed"}]',
        '{"total": 2, "subscribers": [\n{"email": "a@example.com", "name": "李"}, {"email": "b@example.com",\n"status": "unsubscribed"}]}',
        '{"email": "a@example.com", "name": "李"}\n{"email": "b@example.com", "status": "unsubscribed"}\n',
    ],
)
def test_json_in_its_three_shapes(tmp_path: Path, text: str) -> None:
    file = opened(tmp_path / "people.json", text)
    assert file.format == "json"
    assert told(file) == [("a@example.com", "李", ""), ("b@example.com", "", "unsubscribed")]


def test_json_lines_that_cannot_be_read_are_told_by_number(tmp_path: Path) -> None:
    file = opened(
        tmp_path / "p.jsonl", '{"email": "a@example.com"}\n{"email": oops}\n{"email": "b"}\n'
    )
    assert [(one.line, type(one)) for one in file.rows] == [(1, Row), (2, Reject), (3, Reject)]


def test_nested_json_becomes_attributes_and_consent(tmp_path: Path) -> None:
    person = {
        "email": "a@example.com",
        "attributes": {"city": "Graz", "points": 3, "tags": ["x", "y"]},
        "consent": {"when": "2024-01-01T00:00:00+00:00", "source": "form", "text": "yes", "ip": ""},
    }
    found = row(opened(tmp_path / "p.json", json.dumps([person])))
    assert found.attributes == {"city": "Graz", "points": "3", "tags": "x; y"}
    assert found.consent is not None
    assert (found.consent.source, found.consent.text) == ("form", "yes")


def test_a_workbook_is_read_from_its_first_sheet_with_rows(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("Leute")
    for cells in (
        ["E-Mail", "Name", "Nummer"],
        ["a@example.com", "Änne", 7.0],
        ["bad", None, None],
    ):
        sheet.append(cells)
    path = tmp_path / "people.xlsx"
    book.save(path)
    file = open_import(path)
    first, second = file.rows
    assert file.format == "xlsx"
    assert isinstance(first, Row)
    assert (first.name, first.attributes) == ("Änne", {"Nummer": "7"})
    assert isinstance(second, Reject)
    assert second.line == 3


def test_a_column_named_state_that_holds_no_status_is_an_attribute(tmp_path: Path) -> None:
    found = row(opened(tmp_path / "p.csv", "email,State\na@example.com,NY\n"))
    assert (found.status, found.attributes) == (None, {"State": "NY"})


def test_a_format_can_be_forced_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    assert row(opened(path, "email,name\na@example.com,A\n", format="csv")).name == "A"
    with pytest.raises(UsageError, match="no such format: mailchump"):
        open_import(path, {}, "mailchump")
    with pytest.raises(UsageError, match="no export of ghost"):
        list(open_import(path, {}, "ghost").rows)
    assert {"csv", "xlsx", "mailchimp"} <= set(formats())


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UsageError, match="holds no table of subscribers"):
        open_import(tmp_path / "a.zip")
    with pytest.raises(UsageError, match="broken archive"):
        opened(tmp_path / "b.xlsx", b"PK\x03\x04rubbish")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook of an old kind (.xls)"),
        ("a.xls", "\ufeff\n<table><tr><td>a@example.com</td></tr></table>".encode(), "a web page"),
        ("a.xls", '<html xmlns:x="urn"><td>a@example.com'.encode("utf-16"), "a web page"),
        ("a.xls", b'<?xml version="1.0"?>\n<Workbook>', "XML"),
        ("a.vcf", b"BEGIN:VCARD\r\nEMAIL:a@example.com\r\n", "an address book (vCard)"),
        ("a.pdf", b"%PDF-1.7\n(a@example.com)", "a PDF"),
        ("a.csv.gz", b"\x1f\x8b\x08\0", "a packed file"),
        ("a.ods", ["mimetype", "content.xml"], "an OpenDocument file"),
        ("a.numbers", ["Index/Document.iwa"], "a Numbers document"),
        ("a.docx", ["[Content_Types].xml", "word/document.xml"], "a text document"),
    ],
)
def test_a_file_of_another_kind_is_named_with_what_to_do(
    tmp_path: Path, name: str, content: bytes | list[str], kind: str
) -> None:
    if isinstance(content, list):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member in content:
                archive.writestr(member, "a@example.com")
        content = (tmp_path / name).read_bytes()
    with pytest.raises(UsageError) as caught:
        opened(tmp_path / name, content)
    assert str(caught.value) == f"{name} is {kind}, which cannot be read here"
    assert re.search("CSV|Unpack", caught.value.hint)


def test_addresses_in_angle_brackets_are_no_web_page(tmp_path: Path) -> None:
    assert told(opened(tmp_path / "a.txt", "<html@example.com>\n<b@example.com>\n")) == [
        ("html@example.com", "", ""),
        ("b@example.com", "", ""),
    ]


def test_a_mailchimp_export_names_people_in_its_own_language(tmp_path: Path) -> None:
    header = MEMBERS.format(last="LAST_CHANGED").replace(
        "Email Address,First Name,Last Name", "Deine E-Mail Adresse,Vorname,Nachname"
    )
    ann = row(opened(tmp_path / "subscribed.csv", header + ANN.format("2020-01-01 00:00:00")))
    assert (ann.name, ann.address.email) == ("Ann Lee", "ann@example.com")


@pytest.mark.parametrize(
    "text",
    [
        '{"data":{"subscribers":[{"email":"a@example.com","name":"Ann"}],"next":{"page":2}}}',
        '{"db":[{"data":{"posts":[{"title":"x"}],"members":[{"email":"a@example.com","name":"Ann"}]}}]}',
        '{"a@example.com":{"name":"Ann"}}',
        '[["email","name"],["a@example.com","Ann"]]',
        '{"meta":[1],"members":[{"email":"a@example.com","merge_fields":{"FNAME":"Ann"},"tags":[{"id":1,"name":"vip"}]}]}',
    ],
)
def test_people_are_found_wherever_they_stand_in_json(tmp_path: Path, text: str) -> None:
    found = row(opened(tmp_path / "people.json", text))
    assert (found.address.email, found.name) == ("a@example.com", "Ann")
    assert found.attributes.get("tags") == ("vip" if "vip" in text else None)


def test_a_list_of_addresses_in_json_is_people(tmp_path: Path) -> None:
    file = opened(tmp_path / "people.json", '["a@example.com", "b@example.com"]')
    assert [name for name, *_ in told(file)] == ["a@example.com", "b@example.com"]


def test_buttondown_as_json_and_a_type_that_came_later(tmp_path: Path) -> None:
    people = [
        {
            "email_address": f"{kind}@example.com",
            "type": kind,
            "creation_date": "2023-01-02T10:00:00Z",
        }
        for kind in ("regular", "unsubscribed", "undeliverable", "hibernating")
    ]
    file = opened(tmp_path / "subscribers.json", json.dumps(people))
    assert file.format == "buttondown"
    assert [status for _, _, status in told(file)] == [
        "confirmed",
        "unsubscribed",
        "bounced",
        "pending",
    ]


def test_the_sheet_with_addresses_is_read_below_its_title(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["What this workbook is"])
    sheet = book.create_sheet("Readers")
    for cells in (["Our readers", None], [], ["E-Mail", "Name"], ["a@example.com", "Ann"]):
        sheet.append(cells)
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert told(open_import(path)) == [("a@example.com", "Ann", "")]
