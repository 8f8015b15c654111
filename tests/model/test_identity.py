"""Which addresses are one person's, by rules that a publication may switch on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model.identity import PLAIN, IdentityRules
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.checking import check_address

LOCALS = st.from_regex(r"[a-z0-9.+_-]{1,20}", fullmatch=True)
DOMAINS = st.sampled_from(["gmail.com", "googlemail.com", "example.com", "例え.example"])
RULES = st.builds(
    IdentityRules,
    st.booleans(),
    st.lists(st.sampled_from(["gmail.com", "googlemail.com"]), unique=True).map(tuple),
)
BOTH = IdentityRules(plus_tags=True, dots=("gmail.com",))


@pytest.mark.parametrize(
    ("rules", "key", "identity"),
    [
        (PLAIN, "a.b+x@gmail.com", "a.b+x@gmail.com"),
        (BOTH, "a.b+x@gmail.com", "ab@gmail.com"),
        (BOTH, "a.b+x@example.com", "a.b@example.com"),
        (BOTH, "a.b@mail.gmail.com", "a.b@mail.gmail.com"),
        (BOTH, "+x@example.com", "+x@example.com"),
        (BOTH, '"a.b+x"@gmail.com', '"a.b+x"@gmail.com'),
        (BOTH, "gmail.com", "gmail.com"),
        (IdentityRules(plus_tags=True), "a.b+x+y@gmail.com", "a.b@gmail.com"),
        (IdentityRules(dots=("gmail.com",)), "a.b+x@gmail.com", "ab+x@gmail.com"),
    ],
)
def test_an_identity_by_rules(rules: IdentityRules, key: str, identity: str) -> None:
    assert rules.fold(key) == identity


@given(RULES, LOCALS, DOMAINS)
def test_folding_twice_is_folding_once_and_leaves_an_address(
    rules: IdentityRules, local: str, domain: str
) -> None:
    once = rules.fold(f"{local}@{domain}")
    assert rules.fold(once) == once
    assert once.endswith(f"@{domain}")
    assert once.partition("@")[0]


@given(RULES, LOCALS, DOMAINS)
def test_what_is_sent_to_is_never_changed_and_what_was_one_stays_one(
    rules: IdentityRules, local: str, domain: str
) -> None:
    try:
        plain = parse_address(f"{local}@{domain}")
    except BadAddress:
        return
    told = check_address(f"{local}@{domain}", rules)
    assert told.normal == plain.email
    assert told.identity == rules.fold(plain.key)
    shouted = check_address(f"{local.upper()}@{domain}", rules)
    assert shouted.identity == told.identity
