"""The kill test of bench/crash, shortened: everything dies in the middle of a campaign, and everyone is accounted for."""

from __future__ import annotations

import random

import pytest

from bench import crash


@pytest.mark.parametrize("scene", sorted(crash.SCENES))
def test_whatever_dies_nobody_is_lost_or_mailed_twice_and_each_doubt_has_a_name(scene: str) -> None:
    random.seed(scene)
    kills = 4 * crash.SCENES[scene][2]
    line = crash.play(scene, people=400, kills=kills)
    assert line.startswith(f"| {scene} | 400 |")
