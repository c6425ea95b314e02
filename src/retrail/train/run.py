"""One training run: its folder, its recipe, and what it learns.

A run's folder holds ``recipe.yaml`` as it was begun with, ``checkpoints/``, ``curves/`` (TensorBoard) and, where there
is a teacher, ``lessons/``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from retrail.core.errors import DataError
from retrail.core.whole import whole_file
from retrail.train.apart import require_apart
from retrail.train.beginning import averaged, begin_with
from retrail.train.checkpoint import Numbers, load_net, read_checkpoint
from retrail.train.encoder import EncoderLecture, build_encoder
from retrail.train.finder import FinderLecture, build_finder
from retrail.train.loop import Lecture, Progress, learn
from retrail.train.recipe import EncoderRecipe, Recipe, read_recipe
from retrail.train.run_files import CHECKPOINTS, LESSONS, RECIPE
from retrail.train.teaching import teaching


def train(
    recipe_path: Path,
    run: Path,
    data: Path,
    said: Callable[[Progress], None],
    *,
    models_dir: Path | None = None,
    until: int | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> int:
    """Begin a run, or go on with one.

    Args:
        recipe_path: the recipe.
        run: the run's folder, made if need be.
        data: folder of the data sets.
        said: told every few steps.
        models_dir: where the teacher is looked for first.
        until: stop before this step.
        told: gets a sentence about what the run will need.

    Returns:
        How many steps the whole recipe takes.

    Raises:
        DataError: the recipe is wrong or keeps out what it learns from, the folder is of another recipe, a set or
            picture cannot be read, the disk is full, training came apart. Checkpoints stay: the same command goes on.
        ModelError: there is no such teacher.
        KeyboardInterrupt: Ctrl-C or SIGTERM; what was learned is kept.
    """
    recipe = read_recipe(recipe_path)
    require_apart(recipe, data, recipe_path)
    _claim(run, recipe_path, recipe)
    cast(Any, torch).manual_seed(recipe.seed)  # the untrained weights
    kept = read_checkpoint(run / CHECKPOINTS)
    step = int(kept.numbers["step"]) if kept is not None else 0
    with teaching(recipe, run, data, models_dir, step, told, str(recipe_path)) as waiting:
        lecture: Lecture
        if isinstance(recipe, EncoderRecipe):
            lecture = EncoderLecture(recipe, data, run / LESSONS, waiting)
            own: nn.Module = lecture.encoder
        else:
            lecture = FinderLecture(recipe, data)
            own = lecture.net
        behind: Numbers = {}
        if recipe.start is not None and kept is None:
            behind = begin_with(recipe.start, own, recipe, lecture, run, models_dir=models_dir, where=str(recipe_path))
        learn(lecture, recipe.learning, run, said, until=until, behind=behind)
    return lecture.steps


def trained_net(run: Path) -> tuple[Recipe, nn.Module, int]:
    """What a run has reached: its recipe, the average of its weights, and the step.

    Raises:
        DataError: it is no run's folder, it has no checkpoint yet, or the checkpoint is another net's.
    """
    path = run / RECIPE
    if not path.is_file():
        raise DataError("This is no folder of a training run", where=str(run), allowed=f"a folder with {RECIPE}")
    recipe = read_recipe(path)
    kept = read_checkpoint(run / CHECKPOINTS)
    if kept is None:
        raise DataError("The run has no checkpoint yet", where=str(run), hint="train first: retrail train")
    net = build_encoder(recipe.net) if isinstance(recipe, EncoderRecipe) else build_finder(recipe.net)
    load_net(averaged(kept, recipe), net, str(run))
    return recipe, net.eval(), int(kept.numbers["step"])


def _claim(run: Path, recipe_path: Path, recipe: Recipe) -> None:
    """Make the folder, and see that it is of this recipe. One of which nothing was learned may get another recipe."""
    kept = run / RECIPE
    learned = read_checkpoint(run / CHECKPOINTS) is not None or any((run / LESSONS).glob("*.npz"))
    try:
        if not kept.is_file() or not learned:
            with whole_file(kept, make_folder=True) as stream:
                stream.write(recipe_path.read_bytes())
    except OSError as error:
        raise DataError(
            "The run's folder cannot be written",
            where=str(run),
            found=error.strerror,
            hint="make room, or give another --out",
        ) from None
    if read_recipe(kept) != recipe:
        raise DataError(
            "The run was begun with another recipe",
            where=str(kept),
            found=str(recipe_path),
            hint="give another --out, or go on with the run's own recipe",
        )
