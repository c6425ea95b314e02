"""One embedded server for all tests of the store; each test has a site, and so a schema, of its own."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from retrail.core.types import Path as Track
from retrail.core.types import Sighting
from retrail.store import Store, open_store

_SITES = itertools.count()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose server runs as long as the tests do."""
    data = tmp_path_factory.mktemp("served") / "data"
    open_store(data, site_name="keeper", holder="test").close()
    with open_store(data, site_name="keeper", holder="test", read_only=True):
        yield data


@pytest.fixture(scope="session")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty site ``shop``, its server stopped: to be copied, not used."""
    data = tmp_path_factory.mktemp("stopped") / "data"
    (data / "postgres.new").mkdir(parents=True)  # somebody was killed while making it
    (data / "postgres.new" / "PG_VERSION").write_text("18")
    open_store(data, site_name="shop", holder="test").close()
    return data


@pytest.fixture
def data(stopped: Path, tmp_path: Path) -> Path:
    """A data folder of a test's own, with the empty site ``shop`` and a stopped server."""
    return copy_data(stopped, tmp_path / "data")


def copy_data(source: Path, target: Path) -> Path:
    """Copy a data folder, owners and all, as ``cp -a`` does."""
    shutil.copytree(source, target)
    for path in [source, *source.rglob("*")]:
        owner = path.stat()
        shutil.chown(target / path.relative_to(source), owner.st_uid, owner.st_gid)
    return target


@pytest.fixture
def open_site(served: Path) -> Iterator[Callable[..., Store]]:
    """Opens a site on the running server: a new one, or one by its name."""
    with ExitStack() as stores:

        def opened(name: str | None = None, *, read_only: bool = False) -> Store:
            name = name or f"site {next(_SITES)}"
            return stores.enter_context(open_store(served, site_name=name, holder="retrail run", read_only=read_only))

        yield opened


@pytest.fixture
def store(open_site: Callable[..., Store]) -> Store:
    """An empty store."""
    return open_site()


def make_sighting(
    name: str, start_s: float = 100.0, span_s: float = 10.0, *, camera: str = "door", seed: int | None = 0,
    continues: str | None = None,
) -> Sighting:  # fmt: skip
    """A sighting with eleven random boxes; ``seed`` None: without an embedding."""
    random = np.random.default_rng(seed)
    times_s = start_s + np.linspace(0.0, span_s, 11)
    boxes = random.uniform(0, 700, (11, 4)).astype(np.float32)
    embedding = random.normal(size=256).astype(np.float32)
    embedding /= np.linalg.norm(embedding)
    return Sighting(
        id=name,
        camera=camera,
        start_s=float(times_s[0]),
        end_s=float(times_s[-1]),
        path=Track(times_s, boxes, boxes[:, 2:].copy(), 1280, 720),
        embedding=None if seed is None else embedding,
        quality=0.0 if seed is None else float(random.uniform()),
        model="person-reidentification-retail-0287",
        continues=continues,
        presence="person",
    )
