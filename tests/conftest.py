"""Where the shared clips, models and data are, and which tests are left out where something is missing."""

from __future__ import annotations

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, and say so once; in CI nothing is left out."""
    missing: dict[str, str] = {}
    if not SHARED.is_dir():
        missing["shared"] = f"no shared folder at {SHARED}"
    if any(item.get_closest_marker("rtsp") for item in items) and (why := why_there_is_no_server()):
        missing["rtsp"] = why
    if not shutil.which("chromium"):
        missing["browser"] = "no Chromium (Debian's package chromium)"
    kept: list[pytest.Item] = []
    left_out: dict[str, list[pytest.Item]] = {}
    for item in items:
        why = next((reason for mark, reason in missing.items() if item.get_closest_marker(mark)), None)
        if why is None:
            kept.append(item)
        else:
            left_out.setdefault(why, []).append(item)
    if left_out and os.environ.get("CI"):
        raise pytest.UsageError(f"in CI no test may be left out: {'; '.join(left_out)}")
    for why, tests in left_out.items():
        print(f"left out {len(tests)} tests: {why}")
    config.hook.pytest_deselected(items=[item for tests in left_out.values() for item in tests])
    items[:] = kept
