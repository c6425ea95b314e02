"""What is kept out is not learned from, and can judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrail.core.errors import DataError
from retrail.train.apart import require_apart
from retrail.train.card_words import kept_out
from retrail.train.recipe import read_recipe
from retrail.train.run import train


def keeping_out(recipe: Path, name: str) -> Path:
    recipe.write_text(recipe.read_text().replace('kept_out: ["csv:others/labels.csv"]', f'kept_out: ["{name}"]'))
    return recipe


def judged_by(data: Path, rows: str) -> str:
    (data / "others/some.csv").write_text(rows)
    return "csv:others/some.csv"


@pytest.mark.parametrize("name", ["csv:people/labels.csv", "csv:others/../people/labels.csv", "csv:people/few.csv"])
def test_a_run_that_would_judge_by_what_it_learned_from_does_not_begin(
    recipe: Path, data: Path, tmp_path: Path, name: str
) -> None:
    rows = (data / "people/labels.csv").read_text().splitlines()
    (data / "people/few.csv").write_text("\n".join(rows[:6]))
    keeping_out(recipe, name)
    with pytest.raises(DataError, match="keeps out what it learns from") as caught:
        train(recipe, tmp_path / "run", data, lambda _: None)
    count = 5 if "few" in name else 24
    assert caught.value.found == f"{name}: {count} of {count} pictures are in csv:people/labels.csv too"
    assert caught.value.where == f"{recipe}: kept_out"
    assert "identities.sets" in str(caught.value.allowed)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("file\n1-0.png\n1-1.png", "2 of 2 pictures without a person_id"),
        ("file,person_id,camera_id\n1-0.png,1,a\n2-0.png,2,a", "2 pictures of 2 people, nobody twice"),
        ("file,person_id,camera_id\n1-0.png,1,a\n1-1.png,1,a\n2-0.png,2,a", "3 pictures of 2 people, nobody twice"),
        ("file,person_id,camera_id\n1-0.png,1,a\n1-1.png,1,b", "pictures of 1 alone"),
    ],
)
def test_a_set_that_cannot_judge_is_refused(recipe: Path, data: Path, rows: str, found: str) -> None:
    keeping_out(recipe, judged_by(data, rows))
    with pytest.raises(DataError, match="cannot judge") as caught:
        require_apart(read_recipe(recipe), data, recipe)
    assert str(caught.value.found).startswith(f"csv:others/some.csv: {found}")
    assert "a person_id for each picture" in str(caught.value.allowed)
    assert caught.value.hint == "keep another set out, or none"


def test_two_pictures_of_one_person_beside_another_are_enough_where_cameras_are_not_known(
    recipe: Path, data: Path
) -> None:
    keeping_out(recipe, judged_by(data, "file,person_id\n1-0.png,1\n1-1.png,1\n2-0.png,2"))
    require_apart(read_recipe(recipe), data, recipe)


def test_a_card_does_not_claim_that_a_set_was_kept_out_that_was_learned_from(recipe: Path) -> None:
    assert kept_out(read_recipe(recipe)) == "Kept out of training: csv:others/labels.csv."
    assert kept_out(read_recipe(keeping_out(recipe, "csv:people/labels.csv"))) == ""
