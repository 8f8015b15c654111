"""The kill test of bench/crash, shortened: everything dies in the middle of a campaign, and everyone is accounted for."""

from __future__ import annotations

import os
import random
import subprocess

import pytest

from bench import crash
from tests.journeys.nursery import nursery


def _start(scene: crash.Scene, *arguments: str, limit: int = 0) -> subprocess.Popen[str]:
    return nursery().start(
        *("--publication", str(scene.folder), *arguments),
        program=crash.HERE / "crash_worker.py",
        limit=limit,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"CRASH_LEASE": scene.lease},
    )


@pytest.mark.parametrize("scene", sorted(crash.SCENES))
def test_whatever_dies_nobody_is_lost_or_mailed_twice_and_each_doubt_has_a_name(
    scene: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash.Scene, "start", _start)
    random.seed(scene)
    way, _, share = crash.SCENES[scene]
    deaths, people = (1, 150) if way is crash.by_faults else (4, 400)
    line = crash.play(scene, people=people, kills=deaths * share)
    assert line.startswith(f"| {scene} | {people} |")
