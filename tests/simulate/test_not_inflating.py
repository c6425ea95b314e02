"""Scenarios that must not inflate a count: what each is said to give is what truly happens in it.

Whether Retrail counts the same: tests/e2e/test_not_inflating.py and, by minutes of pictures, benchmarks/inflation.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from retrail.simulate.happenings import crossings, visits
from retrail.simulate.scenario import load_scenario
from retrail.simulate.traffic.writing import write_sightings
from retrail.simulate.world import play
from retrail.site import Definitions

SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", [path for path in SCENARIOS if path.stem != "hall"], ids=lambda path: path.stem)
def test_what_a_scenario_must_give_is_what_happens_in_it(path: Path) -> None:
    scenario = load_scenario(path)
    world = play(scenario)
    spec = scenario.spec
    passed = crossings(world, "door", spec.lines["door"], Definitions())
    happened = {
        "visitors": sum(bool(life.spans) for life in world.lives),
        "entries": sum(one.direction == "in" for one in passed),
        "exits": sum(one.direction == "out" for one in passed),
        "visits": len(visits(world, "floor", spec.zones["floor"], {}, Definitions())),
    }
    assert {key: happened[key] for key in spec.expect} == dict(spec.expect)


@pytest.mark.parametrize("path", [path for path in SCENARIOS if path.stem != "hall"], ids=lambda path: path.stem)
def test_without_pixels_the_same_happens_in_it(path: Path, tmp_path: Path) -> None:
    scenario = load_scenario(path)
    truth = write_sightings(scenario, tmp_path).truth
    passed = [one.direction for one in truth.crossings or ()]
    happened = {
        "visitors": len(truth.people or ()),
        "entries": passed.count("in"),
        "exits": passed.count("out"),
        "visits": len(truth.visits or ()),
    }
    assert {key: happened[key] for key in scenario.spec.expect} == dict(scenario.spec.expect)
