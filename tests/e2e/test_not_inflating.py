"""Retrail does not inflate: short scenarios give the counts they must.

Three are drawn and run with the built-in models (all of them: benchmarks/inflation.py, in minutes); all are counted
without pixels, which takes seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrail.cli import main
from retrail.simulate.scenario import load_scenario
from retrail.store import open_store

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted((ROOT / "tests" / "simulate" / "scenarios").glob("*.yaml"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scenario", ["swap", "jitter-on-a-line", "outage"])
def test_a_scenario_gives_the_counts_it_must(scenario: str) -> None:
    command = [sys.executable, ROOT / "benchmarks" / "inflation.py", scenario]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "right" in done.stdout


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder for all scenarios, whose server runs as long as these tests do."""
    data = tmp_path_factory.mktemp("inflation") / "data"
    open_store(data, site_name="keeper", holder="test").close()
    with open_store(data, site_name="keeper", holder="test", read_only=True):
        yield data


def run(*arguments: str | Path) -> None:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert not left.value.code


@pytest.mark.parametrize("path", [path for path in SCENARIOS if path.stem != "hall"], ids=lambda path: path.stem)
def test_what_happens_in_a_scenario_is_counted_as_it_must(
    path: Path, tmp_path: Path, served: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What needs pixels is not asked: whether people are found, and whether drops and restarts break their tracks."""
    run("simulate", path, "--sightings", "--out", tmp_path)
    site = tmp_path / "site.yaml"
    run("replay", site, "--sightings", tmp_path / "sightings.parquet", "--data", served)
    capfd.readouterr()
    run("evaluate", "site", site, "--truth", tmp_path / "truth", "--data", served, "--json")
    counted = json.loads(capfd.readouterr().out)
    expect = load_scenario(path).spec.expect
    assert expect
    assert {key: counted[key] for key in expect} == expect
    assert {key: counted[f"{key}_truth"] for key in expect} == expect
