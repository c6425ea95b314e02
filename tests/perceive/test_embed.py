"""What an embedding promises: the same bits in any company, and people told apart."""

from __future__ import annotations

import csv
import io
import threading
from zipfile import ZipFile

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import ModelError
from retrail.core.types import Shot
from retrail.perceive.embed import Embedder

pytestmark = pytest.mark.shared
SMALL = "person-reidentification-retail-0288"


def picture(seed: int) -> NDArray[np.uint8]:
    coarse = np.random.default_rng(seed).integers(0, 256, (16, 8, 3))
    return coarse.repeat(16, 0).repeat(16, 1).astype(np.uint8)


def shots(*seeds: int) -> tuple[Shot, ...]:
    return tuple(Shot(float(seed), (0.0, 0.0, 8.0, 16.0), 0.2 + 0.1 * (seed % 7), picture(seed)) for seed in seeds)


def test_an_embedding_has_length_one_and_the_quality_of_its_shots(network) -> None:
    ((vector, quality),) = Embedder(network(SMALL, batch=8)).embed([shots(1, 2, 3)])
    assert vector is not None
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)
    assert 0.3 < quality < 0.5


def test_a_tracklet_without_a_shot_has_no_embedding(network) -> None:
    embedder = Embedder(network(SMALL, batch=8))
    assert embedder.embed([()]) == [(None, 0.0)]
    assert embedder.embed([]) == []
    (first, none, last) = embedder.embed([shots(1), (), shots(2)])
    assert none == (None, 0.0)
    assert first[0] is not None
    assert last[0] is not None


def test_the_same_bits_in_any_slot_order_and_company(network) -> None:
    embedder = Embedder(network(SMALL, batch=8))
    groups = [shots(1, 2, 3), shots(4), shots(*range(5, 13)), shots(20, 21)]
    together = embedder.embed(groups)
    backwards = embedder.embed([group[::-1] for group in groups[::-1]])[::-1]
    alone = [embedder.embed([group])[0] for group in groups]
    for one, two, three in zip(together, backwards, alone, strict=True):
        assert one[0].tobytes() == two[0].tobytes() == three[0].tobytes()
        assert one[1] == two[1] == three[1]


def test_the_same_bits_with_one_thread_and_with_two(network) -> None:
    group = [shots(*range(8)), shots(9, 10, 11)]
    one = Embedder(network(SMALL, batch=8, threads=1, requests=1)).embed(group)
    two = Embedder(network(SMALL, batch=8, threads=2, requests=2)).embed(group)
    assert [vector.tobytes() for vector, _ in one] == [vector.tobytes() for vector, _ in two]


def test_the_same_bits_when_two_threads_embed_at_once(network) -> None:
    embedder = Embedder(network(SMALL, batch=8))
    groups = [shots(1, 2), shots(3, 4, 5)]
    expected = [vector.tobytes() for vector, _ in embedder.embed(groups)]
    found: list[list[bytes]] = []
    threads = [
        threading.Thread(target=lambda: found.append([vector.tobytes() for vector, _ in embedder.embed(groups)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_who_is_mirrored_is_the_same(network) -> None:
    embedder = Embedder(network(SMALL, batch=8))
    mirrored = [Shot(each.time_s, each.box, each.quality, each.crop[:, ::-1].copy()) for each in shots(1, 2)]
    (straight, _), (other, _) = embedder.embed([shots(1, 2), mirrored])
    assert float(straight @ other) == pytest.approx(1.0, abs=1e-6)


def test_a_crop_of_another_size_and_a_detector_are_refused(network) -> None:
    embedder = Embedder(network(SMALL, batch=8))
    with pytest.raises(ModelError, match="does not fit"):
        embedder.embed([[Shot(0.0, (0, 0, 1, 1), 0.5, np.zeros((128, 64, 3), np.uint8))]])
    with pytest.raises(ModelError, match="no encoder"):
        Embedder(network("person-detection-retail-0013"))


@pytest.fixture(scope="module")
def market(shared) -> tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]]:
    """One query picture each of 48 people of Market-1501, and one of each from another camera; BGR, 128 x 256."""
    folder = shared / "data" / "market1501"
    queries: dict[str, dict[str, str]] = {}
    answers: dict[str, dict[str, str]] = {}
    with (folder / "labels.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if row["split"] == "query":
            queries.setdefault(row["person_id"], row)
    for row in rows:
        asked = queries.get(row["person_id"])
        if row["split"] == "gallery" and asked is not None and asked["camera_id"] != row["camera_id"]:
            answers.setdefault(row["person_id"], row)
    people = sorted(answers)[:: len(answers) // 48][:48]
    return (
        _pictures(folder / "query.zip", [queries[person]["file"] for person in people]),
        _pictures(folder / "gallery.zip", [answers[person]["file"] for person in people]),
    )


def _pictures(path, names: list[str]) -> list[NDArray[np.uint8]]:
    with ZipFile(path) as archive:
        inside = {name.rsplit("/", 1)[-1]: name for name in archive.namelist()}
        images = [Image.open(io.BytesIO(archive.read(inside[name.rsplit("/", 1)[-1]]))) for name in names]
    resized = [image.convert("RGB").resize((128, 256), Image.Resampling.BILINEAR) for image in images]
    return [np.ascontiguousarray(np.asarray(image)[:, :, ::-1]) for image in resized]


def told_apart(
    embedder: Embedder, queries: list[NDArray[np.uint8]], gallery: list[NDArray[np.uint8]]
) -> tuple[float, float]:
    """Rank-1, and how many deviations of the impostors' cosines the genuine ones lie above them."""
    cosines = embedder.vectors(queries) @ embedder.vectors(gallery).T
    own = np.eye(len(cosines), dtype=bool)
    rank_one = (cosines.argmax(axis=1) == np.arange(len(cosines))).mean()
    return float(rank_one), float((cosines[own].mean() - cosines[~own].mean()) / cosines[~own].std())


@pytest.mark.parametrize(("name", "least"), [("person-reidentification-retail-0287", 0.9), ("osnet_x0_25_msmt17", 0.6)])
def test_people_are_told_apart_and_the_order_of_colours_is_right(name: str, least: float, network, market) -> None:
    embedder = Embedder(network(name, batch=8))
    queries, gallery = market
    rank_one, apart = told_apart(embedder, queries, gallery)
    _, apart_swapped = told_apart(
        embedder, [image[:, :, ::-1].copy() for image in queries], [image[:, :, ::-1].copy() for image in gallery]
    )
    assert rank_one >= least
    assert apart > apart_swapped
