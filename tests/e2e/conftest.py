"""Runs the command itself, as a user would."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.e2e.command import COMMAND, Ran, Retrail

ONE_BY_ONE = """\
site: one-by-one
start: 2026-11-20T09:00:00Z
timezone: Europe/Lisbon
cameras:
  room: {{source: {clip}}}
zones:
  table: {{camera: room, polygon: [[0.4, 0.6], [0.7, 0.6], [0.7, 0.97], [0.4, 0.97]]}}
lines:
  exit: {{camera: room, from: [0.75, 0.0], to: [0.75, 1.0], inward: left}}
"""


@pytest.fixture(scope="session")
def environment(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The shared models, and a cache of our own."""
    cache = tmp_path_factory.mktemp("cache")
    return {**os.environ, "RETRAIL_MODELS": str(models_dir), "XDG_CACHE_HOME": str(cache), "COLUMNS": "160"}


@pytest.fixture(scope="session")
def retrail(environment: dict[str, str]) -> Retrail:
    """Runs ``retrail`` with arguments and waits for it."""

    def run(*arguments: str | Path, timeout_s: float = 900.0) -> Ran:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def one_by_one_site(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """A site file for the clip of six people, one after the other."""
    site = tmp_path_factory.mktemp("one-by-one") / "shop.yaml"
    site.write_text(ONE_BY_ONE.format(clip=shared / "video/one_by_one.mp4"))
    return site


@pytest.fixture(scope="session")
def one_by_one_run(one_by_one_site: Path, retrail: Retrail) -> Ran:
    """That site, run once."""
    return retrail("run", one_by_one_site, "--json")
