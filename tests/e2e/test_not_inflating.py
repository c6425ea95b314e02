"""Retrail does not inflate: short scenarios are drawn, run with the built-in models, and give the counts they must.

All of them: benchmarks/inflation.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scenario", ["swap", "jitter-on-a-line", "outage"])
def test_a_scenario_gives_the_counts_it_must(scenario: str, tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "benchmarks" / "inflation.py", scenario, "--models-dir", tmp_path]
    environ = {name: value for name, value in os.environ.items() if name != "RETRAIL_MODELS"}
    environ["XDG_CACHE_HOME"] = str(tmp_path)
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "right" in done.stdout
