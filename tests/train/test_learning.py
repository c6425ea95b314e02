"""That training learns: each loss says by hand what it says, and some steps on toy data lower each of them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from retrail.train.assign import Truth, finder_loss, overlap
from retrail.train.encoder import EncoderLecture
from retrail.train.finder import FinderLecture
from retrail.train.lessons import Lesson, lesson_path, write_lesson
from retrail.train.loop import Lecture, Progress, learn
from retrail.train.losses import IdentityLoss, direction_loss, relation_loss
from retrail.train.nets.finder import boxes_of, cells
from retrail.train.recipe import EncoderRecipe, FinderRecipe, IdentitySpec, read_recipe

ENCODER = """\
task: encoder
seed: 3
net: {name: osnet, width: x0.25, dimension: 16, instance_norm: true, height_px: 128, width_px: 64}
LEARNT
learning: {rate: 0.005, warmup_steps: 2, average: 0.9}
"""
TAUGHT = 'teacher: {model: any, people: {"csv:people/labels.csv": 1}, lesson: 240, first: 1, rounds: 1, batch: 8, LOSS}'
NAMED = 'identities: {sets: ["csv:people/labels.csv"], people: 4, pictures: 4, steps: 40, LOSS}'
FINDER = """\
task: finder
seed: 2
net: {name: finder, channels: [4, 8, 8, 16, 16], neck: 8, width_px: 128, height_px: 96}
frames: {sets: {"boxes:frames": 1}, pasted: 0, steps: 40, batch: 4, small: [96, 64], small_share: 1}
learning: {rate: 0.01, warmup_steps: 2, average: 0.9}
"""


def write_a_lesson(folder: Path) -> None:
    """Pictures of six colours; what the teacher says of each follows from its colour."""
    dice = np.random.default_rng(0)
    kinds = dice.integers(0, 6, 240)
    colours, vectors = dice.integers(0, 255, (6, 3)), dice.normal(size=(6, 16))
    noise = dice.integers(0, 40, (240, 128, 64, 3))
    pictures = np.clip(colours[kinds][:, None, None] + noise, 0, 255).astype(np.uint8)
    said = vectors[kinds] / np.linalg.norm(vectors[kinds], axis=1, keepdims=True)
    write_lesson(lesson_path(folder, 0), Lesson(pictures, said.astype(np.float16)))


def lost(lecture: Lecture, steps: range) -> dict[str, float]:
    """The mean of each loss over some steps, with the net as it stands."""
    lecture.net.train()
    with torch.no_grad():
        found = [lecture.losses(lecture.net, step) for step in steps]
    return {name: float(np.mean([part[name].item() for part in found])) for name in found[0]}


def before_and_after(recipe_path: Path, data: Path, run: Path) -> tuple[dict[str, float], dict[str, float]]:
    recipe = read_recipe(recipe_path)
    torch.manual_seed(recipe.seed)
    lecture: Lecture
    if isinstance(recipe, EncoderRecipe):
        lecture = EncoderLecture(recipe, data, data.parent / "lessons", lambda: None)
    else:
        assert isinstance(recipe, FinderRecipe)
        lecture = FinderLecture(recipe, data)
    steps = range(0, lecture.steps, lecture.steps // 4)
    before = lost(lecture, steps)
    said: list[Progress] = []
    learn(lecture, recipe.learning, run, said.append)
    assert said[-1].step == lecture.steps
    return before, lost(lecture, steps)


@pytest.mark.parametrize(
    ("learnt", "loss", "name", "least"),
    [
        (TAUGHT, "direction: 1, relation: 0", "direction", 0.6),
        (TAUGHT, "direction: 0, relation: 5", "relation", 0.7),
        (NAMED, "triplet: 1", "triplet", 0.95),
        (NAMED, "triplet: 0, arcface: 1", "arcface", 0.85),
        (NAMED, "triplet: 0, cross_entropy: 1", "cross entropy", 0.9),
    ],
    ids=["direction", "relation", "triplet", "arcface", "cross entropy"],
)
def test_some_steps_lower_each_loss_of_an_encoder(
    learnt: str, loss: str, name: str, least: float, data: Path, tmp_path: Path
) -> None:
    write_a_lesson(tmp_path / "lessons")
    path = tmp_path / "recipe.yaml"
    path.write_text(ENCODER.replace("LEARNT", learnt.replace("LOSS", loss)))
    before, after = before_and_after(path, data, tmp_path / "run")
    assert set(before) == {name}
    assert after[name] < least * before[name]


def test_some_steps_make_a_detectors_boxes_fit_better(data: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(FINDER)
    before, after = before_and_after(recipe, data, tmp_path / "run")
    assert set(before) == {"score", "box"}
    assert after["box"] < 0.85 * before["box"]


def test_what_lowers_a_detectors_losses_says_where_somebody_is() -> None:
    grid = cells(96, 128)
    person = torch.tensor([[40.0, 20.0, 64.0, 84.0]])
    torch.manual_seed(0)
    rows = torch.randn(1, len(grid), 5).requires_grad_()
    optimiser = torch.optim.Adam([rows], lr=0.2)
    lost: list[float] = []
    for _ in range(100):
        loss = finder_loss(rows, grid, [Truth(person, torch.tensor([True]))])
        optimiser.zero_grad()
        (loss.score + loss.box).backward()
        optimiser.step()
        lost.append((loss.score + loss.box).item())
    assert lost[-1] < 0.2 * lost[0]
    scores = rows[0, :, 4].sigmoid()
    best = int(scores.argmax())
    assert scores[best] > 0.8
    assert scores.median() < 0.1
    assert overlap(boxes_of(rows, grid)[0, best], person[0])[0] > 0.8


def test_direction_is_one_less_the_cosine() -> None:
    found = torch.tensor([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]])
    wanted = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    assert direction_loss(found, wanted).item() == pytest.approx((0 + 1 + 2) / 3)


def test_relation_is_the_mean_square_by_which_cosines_are_off() -> None:
    found = torch.tensor([[2.0, 0.0], [0.0, 1.0], [0.0, 4.0]])  # cosines 0, 0 and 1
    wanted = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # 1, 0 and 0
    assert relation_loss(found, wanted).item() == pytest.approx((1 + 0 + 1) / 3)
    assert relation_loss(found, found * 2).item() == pytest.approx(0, abs=1e-6)


def identity_loss(triplet: float = 0.0, arcface: float = 0.0, cross_entropy: float = 0.0) -> IdentityLoss:
    """Of two people and two numbers a picture."""
    spec = IdentitySpec(sets=("any",), triplet=triplet, arcface=arcface, cross_entropy=cross_entropy)
    return IdentityLoss(2, 2, spec)


def test_triplet_is_how_much_nearer_than_a_margin_the_nearest_other_is() -> None:
    # Two people at right angles but for the second picture of the first, which is 60 degrees from both.
    angles = torch.tensor([0.0, 60.0, 120.0, 120.0]).deg2rad()
    vectors = torch.stack([angles.cos(), angles.sin()], 1)
    people = torch.tensor([0, 0, 1, 1])
    # Of the hardest of each picture: other's cosine - own + 0.2: -0.5 - 0.5 + 0.2; 0.5 - 0.5 + 0.2; 0.5 - 1 + 0.2 (2x).
    # One alone is above 0, and the mean is over those above 0.
    loss = identity_loss(triplet=2.0)(vectors, people)
    assert loss["triplet"].item() == pytest.approx(2 * 0.2, abs=1e-5)
    nearer = identity_loss(triplet=1.0)(torch.stack([vectors[0], vectors[0], -vectors[0], -vectors[0]]), people)
    assert nearer["triplet"].item() == 0


def test_cross_entropy_is_that_of_the_classifier_smoothed_by_a_tenth() -> None:
    loss = identity_loss(cross_entropy=0.5)
    assert loss.classifier is not None
    with torch.no_grad():
        loss.classifier.weight.copy_(torch.eye(2))
    value = loss(torch.tensor([[2.0, 0.0]]), torch.tensor([0]))["cross entropy"].item()
    right, wrong = math.log(math.exp(2) / (math.exp(2) + 1)), math.log(1 / (math.exp(2) + 1))
    assert value == pytest.approx(-0.5 * (0.95 * right + 0.05 * wrong), rel=1e-5)


def test_arcface_asks_for_an_angle_less_by_its_margin() -> None:
    loss = identity_loss(arcface=0.5)
    assert loss.arcface is not None
    with torch.no_grad():
        loss.arcface.W.copy_(torch.eye(2))  # the people's directions, one a column
    angle = math.radians(50)
    value = loss(torch.tensor([[math.cos(angle), math.sin(angle)]]), torch.tensor([0]))["arcface"].item()
    # pytorch-metric-learning's scale of 64 and margin of 28.6 degrees.
    own, other = 64 * math.cos(angle + math.radians(28.6)), 64 * math.sin(angle)
    assert value == pytest.approx(0.5 * math.log(1 + math.exp(other - own)), rel=1e-3)
