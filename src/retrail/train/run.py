"""One training run: its folder, its recipe, and the process that makes a teacher's lessons beside it.

A run's folder holds ``recipe.yaml`` as it was begun with, ``checkpoints/``, ``curves/`` (TensorBoard) and, where there
is a teacher, ``lessons/``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
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

PRELOAD = "LD_PRELOAD"


def train(
    recipe_path: Path,
    run: Path,
    data: Path,
    said: Callable[[Progress], None],
    *,
    models_dir: Path | None = None,
    until: int | None = None,
) -> int:
    """Begin a run, or go on with one.

    Args:
        recipe_path: the recipe.
        run: the run's folder, made if need be.
        data: folder of the data sets.
        said: told every few steps.
        models_dir: where the teacher is looked for first.
        until: stop before this step.

    Returns:
        How many steps the whole recipe takes.

    Raises:
        DataError: the recipe is wrong or keeps out what it learns from, the folder is of another recipe, a set or
            picture cannot be read, the disk is full. Checkpoints stay: the same command goes on.
    """
    recipe = read_recipe(recipe_path)
    require_apart(recipe, data, recipe_path)
    _claim(run, recipe_path, recipe)
    cast(Any, torch).manual_seed(recipe.seed)  # the untrained weights
    with _lessons(recipe, run, data, models_dir) as waiting:
        lecture: Lecture
        if isinstance(recipe, EncoderRecipe):
            lecture = EncoderLecture(recipe, data, run / LESSONS, waiting)
            own: nn.Module = lecture.encoder
        else:
            lecture = FinderLecture(recipe, data)
            own = lecture.net
        behind: Numbers = {}
        if recipe.start is not None and read_checkpoint(run / CHECKPOINTS) is None:
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
    """Make the folder, and see that it is of this recipe."""
    kept = run / RECIPE
    try:
        if not kept.is_file():
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


@contextmanager
def _lessons(recipe: Recipe, run: Path, data: Path, models_dir: Path | None) -> Generator[Callable[[], None]]:
    """Lessons are made by a process of its own, without a preloaded malloc, while training goes on."""
    if not isinstance(recipe, EncoderRecipe) or recipe.teacher is None:
        yield lambda: None
        return
    command = [sys.executable, "-m", "retrail.train.lesson_maker", str(run), str(data)]
    command += [str(models_dir)] if models_dir else []
    environment = {name: value for name, value in os.environ.items() if name != PRELOAD}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as maker:

        def waiting() -> None:
            if maker.poll():
                said = maker.stderr.read().strip() if maker.stderr else ""
                raise DataError("The teacher's lessons could not be made", found=said or f"status {maker.returncode}")

        try:
            yield waiting
        finally:
            maker.terminate()
