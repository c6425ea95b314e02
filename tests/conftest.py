"""Where the shared clips, models and data are, and which tests are left out where something is missing."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from tests.rtsp.control import RtspServer, why_there_is_no_server

# A shared machine may be slow at any moment; and what is checked before a change lands must not depend on chance.
settings.register_profile("retrail", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("retrail")

collect_ignore = ["rtsp/server.py"]  # the system's Python runs it

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("RETRAIL_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared clips, models and data."""
    return SHARED


@pytest.fixture(scope="session")
def models_dir(shared: Path) -> Path:
    """The folder of model weights in the shared folder."""
    return shared / "models"


@pytest.fixture
def rtsp_server() -> Iterator[Callable[..., RtspServer]]:
    """Starts RTSP servers on the loopback: ``rtsp_server(fps=25, file=clip)``; they end with the test."""
    with ExitStack() as servers:
        yield lambda **options: servers.enter_context(RtspServer(**options))


def pytest_configure() -> None:
    """In CI nothing is left out."""
    if os.environ.get("CI") and (missing := what_is_missing()):
        raise pytest.UsageError(f"in CI no test may be left out: {'; '.join(missing.values())}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run."""
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (left_out if any(map(item.get_closest_marker, what_is_missing())) else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what is left out, once for all the processes that run tests."""
    for mark, why in what_is_missing().items():
        terminalreporter.write_line(f"cannot run here, tests marked {mark}: {why}", yellow=True)


@functools.cache
def what_is_missing() -> dict[str, str]:
    """Why tests of a mark cannot run on this machine, for each such mark."""
    missing: dict[str, str] = {}
    if not SHARED.is_dir():
        missing["shared"] = f"no shared folder at {SHARED}"
    if why := why_there_is_no_server():
        missing["rtsp"] = why
    if not shutil.which("chromium"):
        missing["browser"] = "no Chromium (Debian's package chromium)"
    return missing
