"""The kill test of bench/crash, shortened: everything dies in the middle of a campaign, and everyone is accounted for."""

from __future__ import annotations

import random

import pytest

from bench import crash


@pytest.mark.parametrize("scene", sorted(crash.SCENES))
def test_whatever_dies_nobody_is_lost_or_mailed_twice_and_each_doubt_has_a_name(scene: str) -> None:
    random.seed(scene)
    way, _, share = crash.SCENES[scene]
    deaths, people = (1, 150) if way is crash.by_faults else (4, 400)
    line = crash.play(scene, people=people, kills=deaths * share)
    assert line.startswith(f"| {scene} | {people} |")
