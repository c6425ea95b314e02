"""Recipes: the published ones are read, and a mistake is told with line and key."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

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
