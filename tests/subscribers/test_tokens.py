"""Unsubscribe tokens and the key that signs them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.problems import NewsletterError
from newsletter.publication import load_publication
from newsletter.subscribers.tokens import (
    Grant,
    Key,
    address_hashes,
    load_key,
    make_key_file,
    read_unsubscribe_token,
    unsubscribe_token,
)

KEY = Key(b"k" * 32)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**63 - 1))
def test_a_token_is_short_and_says_list_and_subscriber(list_id: int, subscriber: int) -> None:
    token = unsubscribe_token(KEY, Grant(list_id, subscriber))
    assert len(token) == 39
    assert read_unsubscribe_token(KEY, token) == Grant(list_id, subscriber)


def test_a_token_with_any_character_changed_is_none_of_ours() -> None:
    token = unsubscribe_token(KEY, Grant(1, 2))
    for at, character in enumerate(token):
        other = "A" if character != "A" else "B"
        changed = token[:at] + other + token[at + 1 :]
        assert read_unsubscribe_token(KEY, changed) is None


@given(st.text(max_size=80))
def test_anything_else_is_none_of_ours(text: str) -> None:
    assert read_unsubscribe_token(KEY, text) is None


def test_a_token_of_the_older_key_is_good_while_that_key_is_kept() -> None:
    token = unsubscribe_token(KEY, Grant(1, 2))
    newer = Key(b"n" * 32, older=(KEY.secret,))
    assert read_unsubscribe_token(newer, token) == Grant(1, 2)
    assert read_unsubscribe_token(Key(b"n" * 32), token) is None


def test_the_key_is_changed_by_naming_the_one_before(new_publication: Path) -> None:
    folder = new_publication / "subscribers"
    make_key_file(folder / "secret.key")
    token = unsubscribe_token(load_key(load_publication(new_publication, {})), Grant(1, 2))
    (folder / "secret.key").rename(folder / "old.key")
    make_key_file(folder / "secret.key")
    assert read_unsubscribe_token(load_key(load_publication(new_publication, {})), token) is None
    both = {"NEWSLETTER__SECRETS__OLD_KEY_FILE": "subscribers/old.key"}
    key = load_key(load_publication(new_publication, both))
    assert read_unsubscribe_token(key, token) == Grant(1, 2)
    assert unsubscribe_token(key, Grant(1, 2)) != token, "what is new is signed by the new key"
    (folder / "old.key").unlink()
    with pytest.raises(NewsletterError, match="the old key"):
        load_key(load_publication(new_publication, both))


def test_a_key_that_is_changed_twice_leaves_the_links_of_both_before(new_publication: Path) -> None:
    folder = new_publication / "subscribers"
    settings = {"NEWSLETTER__SECRETS__OLD_KEY_FILE": "subscribers/old.key"}
    (folder / "old.key").touch(mode=0o600)
    tokens, hashes = [], []
    for _ in range(3):
        make_key_file(folder / "secret.key")
        key = load_key(load_publication(new_publication, {}))
        tokens.append(unsubscribe_token(key, Grant(1, 2)))
        hashes.append(address_hashes(key, "ann@example.com")[0])
        older = (folder / "secret.key").read_text() + (folder / "old.key").read_text()
        (folder / "old.key").write_text(older)
        (folder / "secret.key").unlink()
    make_key_file(folder / "secret.key")
    key = load_key(load_publication(new_publication, settings))
    assert [read_unsubscribe_token(key, token) for token in tokens] == [Grant(1, 2)] * 3
    assert set(hashes) <= set(address_hashes(key, "ann@example.com")), (
        "whoever was forgotten stays so"
    )
    (folder / "secret.key").write_text((folder / "old.key").read_text())
    with pytest.raises(NewsletterError, match="more than one key"):
        load_key(load_publication(new_publication, {}))


def test_a_new_key_is_readable_by_its_owner_only_and_never_replaced(new_publication: Path) -> None:
    path = new_publication / "subscribers" / "secret.key"
    make_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(load_key(load_publication(new_publication, {})).secret) == 32
    with pytest.raises(FileExistsError):
        make_key_file(path)


def test_a_missing_open_or_broken_key_is_told_with_what_to_do(new_publication: Path) -> None:
    publication = load_publication(new_publication, {})
    path = new_publication / "subscribers" / "secret.key"
    with pytest.raises(NewsletterError, match="missing"):
        load_key(publication)
    make_key_file(path)
    path.chmod(0o644)
    with pytest.raises(NewsletterError, match="read by others"):
        load_key(publication)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(NewsletterError, match="does not hold a key"):
        load_key(publication)
