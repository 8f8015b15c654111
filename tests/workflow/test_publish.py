"""A published revision is frozen: whole, numbered, never renewed without need, its pictures kept for ever."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from urllib.parse import urlsplit

import lxml.html
import pytest
from PIL import Image

from newsletter.problems import ContentError, TryAgainLater
from newsletter.publication import Publication, load_publication
from newsletter.workflow.publish import publish
from newsletter.workflow.published import all_published, newest

ARTICLE = "---\ntitle: Apples\n---\n\nThe frost came late this year.\n\n![Blossom](blossom.png)\n"


@pytest.fixture
def orchard(new_publication: Path) -> Publication:
    folder = new_publication / "issues" / "2026-05" / "01-fruit"
    folder.mkdir(parents=True)
    (folder.parent / "issue.md").write_text("---\ntitle: May\ndate: 2026-05-01\nnumber: 5\n---\n")
    (folder / "section.md").write_text("---\ntitle: Fruit\n---\n")
    (folder / "01-apples.md").write_text(ARTICLE)
    Image.new("RGB", (64, 40), "#e8c8d0").save(folder / "blossom.png")
    return load_publication(new_publication, {})


def article(orchard: Publication) -> Path:
    return orchard.issues_folder / "2026-05" / "01-fruit" / "01-apples.md"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_first_publishing_is_revision_1_with_page_pictures_and_pdf(orchard):
    revision = publish(orchard, "2026-05")
    assert (revision.number, revision.new) == (1, True)
    assert revision.url == "https://orchard.example.com/issues/2026-05/"
    there = names(revision.folder)
    assert {"index.html", "2026-05.pdf", "cover.jpg"} <= there
    assert any(name.startswith("pictures/") for name in there)


def test_unchanged_content_makes_no_new_revision(orchard):
    first = publish(orchard, "2026-05")
    again = publish(orchard, "2026-05")
    assert (again.number, again.digest, again.new) == (1, first.digest, False)
    assert not (orchard.published_folder / "revisions" / "2026-05" / "2").exists()


def test_changed_content_is_the_next_revision_and_the_old_one_is_kept(orchard):
    publish(orchard, "2026-05")
    article(orchard).write_text(ARTICLE.replace("late", "early"))
    second = publish(orchard, "2026-05")
    assert (second.number, second.new) == (2, True)
    kept = orchard.published_folder / "revisions" / "2026-05"
    assert "late this year" in (kept / "1" / "index.html").read_text()
    assert "early this year" in (kept / "2" / "index.html").read_text()
    assert "early this year" in (second.folder / "index.html").read_text()


def test_pictures_of_older_revisions_stay_for_mails_already_sent(orchard):
    before = names(publish(orchard, "2026-05").folder)
    Image.new("RGB", (64, 40), "#305030").save(article(orchard).parent / "blossom.png")
    after = names(publish(orchard, "2026-05").folder)
    assert {name for name in before if name.startswith("pictures/")} < after


def test_a_page_that_is_gone_goes_but_its_record_stays(orchard):
    folder = publish(orchard, "2026-05").folder
    (folder / "leftover.html").write_text("from another time")
    article(orchard).write_text(ARTICLE.replace("late", "early"))
    publish(orchard, "2026-05")
    assert not (folder / "leftover.html").exists()


def test_the_record_tells_what_was_frozen(orchard):
    revision = publish(orchard, "2026-05")
    record = json.loads(
        (orchard.published_folder / "revisions/2026-05/1/revision.json").read_text()
    )
    assert record["title"] == "May"
    assert record["date"] == "2026-05-01"
    assert record["articles"] == ["Apples"]
    assert record["digest"] == revision.digest
    assert "index.html" in record["files"]


def test_the_archive_and_feed_list_what_is_published_newest_first(orchard):
    publish(orchard, "2026-05")
    june = orchard.issues_folder / "2026-06.md"
    june.write_text("---\ntitle: June\ndate: 2026-06-01\n---\n\n## Pears\n\nRipe already.\n")
    publish(orchard, "2026-06")
    assert [one.slug for one in all_published(orchard)] == ["2026-06", "2026-05"]
    archive = (orchard.published_folder / "issues" / "index.html").read_text()
    assert archive.index("June") < archive.index("May")
    assert "/issues/2026-06/" in (orchard.published_folder / "issues" / "feed.xml").read_text()


def test_a_feed_leads_to_the_article_on_its_page_where_that_was_kept(orchard):
    shown = orchard.published_folder / "issues"
    advertisement = article(orchard).parent.with_name("02-ad")
    advertisement.mkdir()
    (advertisement / "section.md").write_text("---\ntitle: Sponsor\nkind: sponsor\n---\n")
    (advertisement / "01-buy.md").write_text("---\ntitle: Buy\n---\n\nNow.\n")
    publish(orchard, "2026-05")
    links = _links_of_feed(shown)
    assert [text for text, _ in links] == ["Apples"]
    page = lxml.html.fromstring((shown / "2026-05/index.html").read_bytes())
    assert page.get_element_by_id(urlsplit(links[0][1]).fragment) is not None
    # Records of old tell neither, and list advertisements: the page that was frozen with them does tell.
    record = orchard.published_folder / "revisions/2026-05/1/revision.json"
    old = json.loads(record.read_text())
    del old["anchors"]
    old["articles"] = ["Apples", "Buy"]
    record.write_text(json.dumps(old))
    publish(orchard, "2026-05")
    assert _links_of_feed(shown) == links
    assert "Buy" not in (shown / "feed.xml").read_text()
    assert "Buy" not in (shown / "index.html").read_text()
    record.with_name("index.html").unlink()
    publish(orchard, "2026-05")
    assert _links_of_feed(shown) == []
    assert "Apples" in (shown / "feed.xml").read_text()


def _links_of_feed(shown: Path) -> list[tuple[str, str]]:
    (item,) = json.loads((shown / "feed.json").read_text())["items"]
    links = lxml.html.fragment_fromstring(item["content_html"], "div").findall(".//a")
    return [(link.text_content(), link.get("href")) for link in links]


def test_an_issue_with_errors_is_not_published_and_the_last_one_stays(orchard):
    folder = publish(orchard, "2026-05").folder
    page = (folder / "index.html").read_bytes()
    article(orchard).write_text(ARTICLE + "\n![Gone](gone.png)\n")
    with pytest.raises(ContentError) as caught:
        publish(orchard, "2026-05")
    assert any(problem.source.line for problem in caught.value.problems)
    assert (folder / "index.html").read_bytes() == page
    assert newest(orchard, "2026-05").revision == 1


def test_an_issue_that_was_never_published_has_no_newest_revision(orchard):
    assert newest(orchard, "2026-05") is None
    assert all_published(orchard) == ()


def test_two_cannot_publish_at_the_same_time(orchard):
    orchard.published_folder.mkdir()
    with (orchard.published_folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(TryAgainLater):
            publish(orchard, "2026-05")


def test_issues_lead_to_each_other_without_a_new_revision(orchard):
    first = publish(orchard, "2026-05")
    june = orchard.issues_folder / "2026-06"
    june.mkdir()
    (june / "issue.md").write_text("---\ntitle: June\ndate: 2026-06-01\nnumber: 6\n---\n\nPears.\n")
    second = publish(orchard, "2026-06")

    def leads(slug: str) -> list[str]:
        page = lxml.html.fromstring((second.folder.parent / slug / "index.html").read_text())
        return page.xpath("//nav[@class='neighbours']/a/@href")

    assert leads("2026-05") == ["../2026-06/"]
    assert leads("2026-06") == ["../2026-05/"]
    page = lxml.html.fromstring((first.folder / "index.html").read_text())
    assert page.xpath("//nav[@class='bar']//a/@href")[0] == "../"
    assert page.xpath("//p[@class='ways']/a/@href")[-1] == "../feed.xml"
    assert page.xpath("//link[@rel='next']/@href") == ["../2026-06/"]
    again = publish(orchard, "2026-05")
    assert (again.number, again.digest, again.new) == (1, first.digest, False)
    assert leads("2026-05") == ["../2026-06/"]
    kept = orchard.published_folder / "revisions" / "2026-05" / "1" / "index.html"
    assert "2026-06" not in kept.read_text()


def test_an_issue_between_two_is_put_between_them(orchard):
    for month in ("2026-01", "2026-09"):
        folder = orchard.issues_folder / month
        folder.mkdir()
        (folder / "issue.md").write_text(f"---\ntitle: M\ndate: {month}-01\n---\n\nText.\n")
        publish(orchard, month)
    between = publish(orchard, "2026-05")
    for slug, expected in (
        ("2026-01", ["../2026-05/"]),
        ("2026-05", ["../2026-01/", "../2026-09/"]),
        ("2026-09", ["../2026-05/"]),
    ):
        page = lxml.html.fromstring((between.folder.parent / slug / "index.html").read_text())
        assert page.xpath("//nav[@class='neighbours']/a/@href") == expected
