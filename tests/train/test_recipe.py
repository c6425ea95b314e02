"""Recipes: the published ones are read, and a mistake is told with line and key."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from tests.train.conftest import RECIPE

from retrail.core.errors import DataError
from retrail.simulate.scenario import load_scenario
from retrail.train.recipe import TeacherSpec, read_recipe

ROOT = Path(__file__).resolve().parents[2]
RECIPES = sorted(path for path in (ROOT / "recipes").glob("*.yaml") if not path.name.endswith(".card.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_published_recipes_are_read_and_take_one_page(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.task in ("encoder", "finder")
    assert len(path.read_text("utf-8").splitlines()) <= 60


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_value_of_a_published_recipe_stands_beside_its_reason(path: Path) -> None:
    lines = [line for line in path.read_text("utf-8").splitlines() if re.match(r" *[^# ]\S*: *[^# ]", line)]
    assert len(lines) > 20
    assert [line for line in lines if not re.search(r" # \w", line)] == []


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_published_recipes_begin_from_a_clone(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.start is None  # runs are in no clone
    command = (
        (ROOT / "recipes/README.md").read_text("utf-8").split("tools/make-training-frames ../shared ../runs/frames")[1]
    )
    shops: list[tuple[str, str]] = re.findall(r"([\w/.-]+):(\d+)", command.split("retrail train")[0])
    drawn = {f"{Path(shop).stem}-{seed}" for shop, seed in shops}
    for shop in {shop for shop, _ in shops}:
        assert load_scenario(ROOT / shop if shop.endswith(".yaml") else shop).spec.cameras
    filmed = set(runpy.run_path(str(ROOT / "tools/make-training-frames"))["CLIPS"]) | {"market"}
    wanted = set(re.findall(r"(?:boxes|csv):\.\./\.\./runs/frames/([\w-]+)", path.read_text("utf-8")))
    assert wanted
    assert wanted <= drawn | filmed


@pytest.mark.parametrize(
    ("old", "new", "what", "line", "key"),
    [
        ("seed: 1", "sead: 1", "no key 'sead'", 2, "sead"),
        ("width: x0.25", "width: x0.3", "not allowed", 3, "net.width"),
        ("dimension: 16, ", "", "'dimension' is missing", 3, "net.dimension"),
        ("rate: 0.001", "rate: fast", "not allowed", 6, "learning.rate"),
        ("task: encoder", "task: poet", "does not say what it trains", 1, ""),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(
    recipe: Path, old: str, new: str, what: str, line: int, key: str
) -> None:
    text = recipe.read_text()
    assert old in text
    recipe.write_text(text.replace(old, new))
    with pytest.raises(DataError, match=what) as caught:
        read_recipe(recipe)
    assert f"line {line}" in str(caught.value.where)
    assert key in str(caught.value.where)


TAUGHT = """\
task: encoder
seed: 1
net: {name: osnet, width: x0.25, dimension: 16, instance_norm: true, height_px: 128, width_px: 64}
teacher: {model: any, people: {ccp_cutouts: 1}, lesson: 32, first: 1, rounds: 2, batch: 8}
learning: {rate: 0.001, warmup_steps: 2}
"""
FINDER = """\
task: finder
seed: 2
net: {name: finder, channels: [4, 8, 8, 16, 16], neck: 8, width_px: 128, height_px: 96}
frames: {sets: {"boxes:frames": 1}, pasted: 0, steps: 4, batch: 4, small: [64, 64], small_share: 0.5}
learning: {rate: 0.001, warmup_steps: 1}
"""


@pytest.mark.parametrize(
    ("text", "old", "new", "key", "found", "allowed"),
    [
        (RECIPE, "rate: 0.001", "rate: .inf", "line 6: learning.rate", "inf", "a finite number"),
        (RECIPE, "rate: 0.001", "rate: .nan", "line 6: learning.rate", "nan", "a finite number"),
        (RECIPE, "rate: 0.001", "rate: 0", "line 6: learning.rate", "0", "more than 0.0"),
        (RECIPE, "seed: 1", "seed: true", "line 2: seed", "true", "a whole number"),
        (RECIPE, "seed: 1", "seed: 1.5", "line 2: seed", "1.5", "a whole number"),
        (RECIPE, "instance_norm: true", "instance_norm: 1", "line 3: net.instance_norm", "1", "true or false"),
        (RECIPE, 'sets: ["csv:people/labels.csv"]', "sets: here", "line 4: identities.sets", "'here'", "a list"),
        (RECIPE, "people: 4", "people: 1", "line 4: identities.people", "1", "2 or more"),
        (RECIPE, "pictures: 2", "pictures: 1", "line 4: identities.pictures", "1", "2 or more, or triplet: 0"),
        (RECIPE, "{rate: 0.001, warmup_steps: 2}", "fast", "line 6: learning", "'fast'", "a mapping with rate"),
        (TAUGHT, "ccp_cutouts: 1", "ccp_cutouts: .inf", "line 4: teacher.people.ccp_cutouts", "inf", "a finite"),
        (TAUGHT, "{ccp_cutouts: 1}", "ccp_cutouts", "line 4: teacher.people", "'ccp_cutouts'", "a mapping"),
        (FINDER, "small: [64, 64]", "small: [100, 64]", "line 4: frames.small.0", "100", "a multiple of 32"),
        (FINDER, "small: [64, 64]", "small: [64, -32]", "line 4: frames.small.1", "-32", "64 or more"),
        (FINDER, "small: [64, 64]", "small: [64]", "line 4: frames.small", "[64]", "2 values"),
        (FINDER, "[4, 8, 8, 16, 16]", "[4, 8]", "line 3: net.channels", "[4, 8]", "5 values"),
        (FINDER, "[4, 8, 8, 16, 16]", "[0, 8, 8, 16, 16]", "line 3: net.channels.0", "0", "2 or more"),
    ],
)
def test_a_value_out_of_range_is_one_error(
    tmp_path: Path, text: str, old: str, new: str, key: str, found: str, allowed: str
) -> None:
    assert old in text
    path = tmp_path / "recipe.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match="This value is not allowed") as caught:
        read_recipe(path)
    assert caught.value.where == f"{path} {key}"
    assert caught.value.found == found
    assert str(caught.value.allowed).startswith(allowed)


def test_losses_that_are_all_left_out_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE.replace("arcface: 0.1, cross_entropy: 0.5", "triplet: 0"))
    with pytest.raises(DataError, match="losses of identities are all left out") as caught:
        read_recipe(path)
    assert caught.value.where == f"{path} line 4: identities.triplet"
    path.write_text(TAUGHT.replace("batch: 8", "batch: 8, direction: 0, relation: 0"))
    with pytest.raises(DataError, match="teacher's losses are all left out") as caught:
        read_recipe(path)
    assert caught.value.allowed == "direction or relation above 0"


def test_a_batch_that_no_round_holds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(TAUGHT.replace("batch: 8", "batch: 64"))
    with pytest.raises(DataError, match="A batch is larger than the first round") as caught:
        read_recipe(path)
    assert caught.value.where == f"{path} line 4: teacher.batch"
    assert (caught.value.found, str(caught.value.allowed)[:10]) == ("64", "at most 32")


def test_all_mistakes_are_told_at_once(recipe: Path) -> None:
    text = recipe.read_text().replace("seed: 1", "sead: 1").replace("x0.25", "x0.3").replace("0.001", "-1")
    recipe.write_text(text)
    with pytest.raises(DataError) as caught:
        read_recipe(recipe)
    said = str(caught.value)
    assert said.startswith("3 mistakes in the recipe\n1. There is no key 'sead' here")
    assert "2. This value is not allowed" in said
    assert f"{recipe} line 6: learning.rate" in said


def test_a_key_like_a_known_one_is_suggested(recipe: Path) -> None:
    recipe.write_text(recipe.read_text().replace("warmup_steps", "warmup_step"))
    with pytest.raises(DataError) as caught:
        read_recipe(recipe)
    assert "warmup_steps" in str(caught.value.hint)


def test_a_recipe_with_nothing_to_learn_from_is_refused(recipe: Path) -> None:
    text = recipe.read_text()
    recipe.write_text("\n".join(line for line in text.splitlines() if not line.startswith("identities")))
    with pytest.raises(DataError, match="nothing to learn from"):
        read_recipe(recipe)


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"- a list"])
def test_what_is_no_recipe_is_one_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "recipe.yaml").write_bytes(content)
    with pytest.raises(DataError):
        read_recipe(tmp_path / "recipe.yaml")


def test_a_missing_recipe_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such recipe"):
        read_recipe(tmp_path / "recipe.yaml")


def test_rounds_go_through_the_newest_lessons() -> None:
    spec = TeacherSpec(
        model="any", people={"ccp_cutouts": 1}, lesson=128, first=4, step=1, window=8, rounds=7, batch=64
    )
    assert [list(spec.span(number))[::7] for number in (0, 4, 6)] == [[0], [0, 7], [2, 9]]
    assert (spec.lessons, spec.steps_of(0), spec.steps_of(6)) == (10, 8, 16)
