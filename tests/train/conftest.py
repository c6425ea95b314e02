"""Small things that the training room's tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file
from torch import nn

PEOPLE, PICTURES = 6, 4
RECIPE = """\
task: encoder
seed: 1
net: {name: osnet, width: x0.25, dimension: 16, instance_norm: true, height_px: 128, width_px: 64}
identities: {sets: ["csv:people/labels.csv"], people: 4, pictures: 2, arcface: 0.1, cross_entropy: 0.5, steps: 6}
kept_out: ["csv:others/labels.csv"]
learning: {rate: 0.001, warmup_steps: 2}
"""


@pytest.fixture
def saved() -> Callable[[nn.Module, Path], Path]:
    """Writes a net's weights as safetensors."""

    def save(net: nn.Module, path: Path) -> Path:
        save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, path)
        return path

    return save


def write_data(folder: Path) -> Path:
    """A folder of data sets: a few people in one colour each, some others, two frames with a person drawn in."""
    dice = np.random.default_rng(0)
    frames = folder / "data/frames"
    _write_people(folder / "data/people", PEOPLE, dice)
    _write_people(folder / "data/others", 2, dice)
    frames.mkdir()
    boxes = ["file,x1_px,y1_px,x2_px,y2_px,counts"]
    for frame in range(2):
        image = np.full((96, 128, 3), 90, np.uint8)
        image[20:84, 40 + 20 * frame : 64 + 20 * frame] = (200, 40, 30)
        Image.fromarray(image).save(frames / f"{frame}.png")
        boxes.append(f"{frame}.png,{40 + 20 * frame},20,{64 + 20 * frame},84,1")
    (frames / "boxes.csv").write_text("\n".join(boxes))
    return folder / "data"


def _write_people(folder: Path, people: int, dice: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    rows = ["file,person_id,camera_id"]
    for person in range(1, people + 1):
        colour = dice.integers(0, 255, 3)
        for picture in range(PICTURES):
            noise = dice.integers(0, 40, (96, 48, 3))
            Image.fromarray(np.clip(colour + noise, 0, 255).astype(np.uint8)).save(folder / f"{person}-{picture}.png")
            rows.append(f"{person}-{picture}.png,{person},{picture % 2}")
    (folder / "labels.csv").write_text("\n".join(rows))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What `write_data` writes."""
    return write_data(tmp_path)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of six steps for an encoder."""
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path
