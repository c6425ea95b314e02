"""How many steps are behind some weights, and how the card says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from retrail.core.errors import DataError
from retrail.train.card_words import all_steps, kept_out, trained
from retrail.train.checkpoint import write_tensors
from retrail.train.history import Steps, steps_of
from retrail.train.recipe import read_recipe

ROOT = Path(__file__).resolve().parents[2]


def made(recipe: Path, run: Path, numbers: dict[str, int], start: str | None = None) -> Path:
    """A run's folder as training leaves it, with other weights."""
    (run / "checkpoints").mkdir(parents=True)
    (run / "recipe.yaml").write_text(recipe.read_text() + (f"start: {start}\n" if start else ""))
    path = run / "checkpoints/latest.safetensors"
    write_tensors(path, {"net.a": torch.zeros(1)}, {"numbers": json.dumps(numbers)})
    return run


def test_steps_of_runs_made_before_they_were_counted_are_found_run_by_run(recipe: Path, tmp_path: Path) -> None:
    made(recipe, tmp_path / "first", {"step": 100})
    made(recipe, tmp_path / "second", {"step": 20}, "first")
    third = made(recipe, tmp_path / "third", {"step": 3}, "second")
    assert steps_of(third) == Steps(3, 120)
    shutil.rmtree(tmp_path / "first")
    assert steps_of(third) == Steps(3, 20, "first")
    assert all_steps(steps_of(third), {"steps_before": 100}) == Steps(3, 120)
    assert "first, which are not counted" in trained(steps_of(third))


def test_a_checkpoint_that_counts_them_needs_no_other_run(recipe: Path, tmp_path: Path) -> None:
    run = made(recipe, tmp_path / "run", {"step": 7, "before": 1000}, "long-gone")
    assert steps_of(run) == Steps(7, 1000)
    assert all_steps(steps_of(run), {"steps_before": 5}) == Steps(7, 1000)
    assert trained(steps_of(run)).startswith("Trained for 1,007 steps, the last 7")


def test_a_damaged_run_before_is_said_and_not_taken_for_one_that_is_gone(recipe: Path, tmp_path: Path) -> None:
    first = made(recipe, tmp_path / "first", {"step": 100})
    second = made(recipe, tmp_path / "second", {"step": 20}, "first")
    (first / "checkpoints/latest.safetensors").write_bytes(b"half")
    with pytest.raises(DataError, match="Weights cannot be read") as caught:
        steps_of(second)
    assert "first" in str(caught.value.where)


def test_a_run_that_began_with_a_model_is_not_asked_for_a_run_of_that_name(recipe: Path, tmp_path: Path) -> None:
    made(recipe, tmp_path / "net", {"step": 100})
    assert steps_of(made(recipe, tmp_path / "run", {"step": 5, "model": 1}, "net")) == Steps(5, 0, "net")
    assert steps_of(made(recipe, tmp_path / "own", {"step": 7}, "own")) == Steps(7, 0, "own")


def test_a_folder_without_a_checkpoint_has_no_steps(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no checkpoint"):
        steps_of(tmp_path)


def test_the_cards_name_what_the_published_recipes_keep_out() -> None:
    assert "SARC3D" in kept_out(read_recipe(ROOT / "recipes/retrail-encoder-s.yaml"))
    assert "mot17_mini, coco_person, empty_scenes" in kept_out(read_recipe(ROOT / "recipes/retrail-person-s.yaml"))
