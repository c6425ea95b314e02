"""The process that makes a teacher's lessons beside a run: whether it can, how much room that takes, and its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from retrail.core.errors import DataError
from retrail.train.lessons import lesson_path
from retrail.train.recipe import OSNetSpec, Recipe, TeacherSpec
from retrail.train.run_files import LESSONS
from retrail.zoo import find_card

PRELOAD = "LD_PRELOAD"
ENDS_WITHIN_S = 30.0


@contextmanager
def teaching(
    recipe: Recipe, run: Path, data: Path, models_dir: Path | None, step: int, told: Callable[[str], None], where: str
) -> Generator[Callable[[], None]]:
    """Lessons are made by a process of its own, without a preloaded malloc, while training goes on.

    Args:
        recipe: without a teacher there is nothing to do.
        run: the run's folder.
        data: folder of the data sets.
        models_dir: where the teacher is looked for first.
        step: of the run's checkpoint: lessons that no step needs from here on are not made again.
        told: gets a sentence about the room that lessons take.
        where: the recipe's file.

    Yields:
        What to call while a lesson is not there yet.

    Raises:
        DataError: the teacher's vectors have another dimension than the net's, the disk has no room for the first
            round; from what is yielded: lessons cannot be made.
        ModelError: there is no such teacher.
    """
    if recipe.task != "encoder" or recipe.teacher is None:
        yield lambda: None
        return
    spec = recipe.teacher
    says = find_card(spec.model, "person-reidentification", models_dir).output
    dimension = says.dimension if says is not None and says.dimension is not None else recipe.net.dimension
    if spec.direction and dimension != recipe.net.dimension:
        raise DataError(
            "The teacher's vectors have another dimension than the net's",
            where=f"{where}: net.dimension",
            found=f"{recipe.net.dimension}; {spec.model} has {dimension}",
            allowed=f"{dimension}",
            hint="or teacher.direction: 0, to learn the cosines among pictures (relation) alone",
        )
    first = spec.first_needed(step)
    told(_room(spec, recipe.net, run / LESSONS, first, dimension))
    command = [sys.executable, "-m", "retrail.train.lesson_maker", str(run), str(data), str(first)]
    command += [str(models_dir)] if models_dir else []
    environment = {name: value for name, value in os.environ.items() if name != PRELOAD}
    # In a group of its own: Ctrl-C is for the run, which ends it.
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, process_group=0) as maker:

        def waiting() -> None:
            if maker.poll():
                said = maker.stderr.read().strip() if maker.stderr else ""
                raise DataError("The teacher's lessons could not be made", found=said or f"status {maker.returncode}")

        try:
            yield waiting
        finally:
            maker.terminate()
            try:
                with suppress(subprocess.TimeoutExpired):
                    maker.wait(ENDS_WITHIN_S)
            finally:  # a second Ctrl-C too; a lesson half written then stays, under a name that nobody reads
                maker.kill()


def _room(spec: TeacherSpec, net: OSNetSpec, folder: Path, first: int, dimension: int) -> str:
    """How much room the lessons take that are still to be made.

    Raises:
        DataError: there is not enough for those of the next round.
    """
    one = spec.lesson * (net.height_px * net.width_px * 3 + 2 * dimension)
    missing = [number for number in range(first, spec.lessons) if not lesson_path(folder, number).is_file()]
    most, least = one * len(missing), one * sum(number < first + spec.window for number in missing)
    free = shutil.disk_usage(folder.parent).free
    if free < least:
        raise DataError(
            "There is no room for the teacher's lessons",
            where=str(folder),
            found=f"{_gigabytes(free)} free",
            allowed=f"{_gigabytes(least)} for the next round, {_gigabytes(most)} at most for all of them",
            hint="make room, or give another --out",
        )
    return (
        f"lessons: {len(missing)} to make, {_gigabytes(most)} at most in {folder} ({_gigabytes(free)} free); "
        "those that no step needs any more are removed"
    )


def _gigabytes(size_bytes: float) -> str:
    return f"{size_bytes / 1e9:.2f} GB"
