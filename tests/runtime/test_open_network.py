"""Real weights through the runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrail.runtime import open_network
from retrail.zoo import find_card, locate

ENCODER = "person-reidentification-retail-0288"

pytestmark = pytest.mark.shared


def crops(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 256, 128, 3), dtype=np.uint8)


@pytest.mark.parametrize("threads", [1, 2])
def test_same_bits_in_every_slot_in_any_company_and_with_any_threads(models_dir: Path, threads: int) -> None:
    files = locate(find_card(ENCODER), models_dir)
    images = crops(8)
    reference_network = open_network(files, batch=8, threads=2)
    reference = reference_network.infer(images[:1])["reid_embedding"][0]
    reference_network.close()
    network = open_network(files, batch=8, threads=threads)
    for slot in range(8):
        moved = np.roll(images, slot, axis=0)
        assert np.array_equal(network.infer(moved)["reid_embedding"][slot], reference)
        assert np.array_equal(network.infer(moved[: slot + 1])["reid_embedding"][slot], reference)
    network.close()
