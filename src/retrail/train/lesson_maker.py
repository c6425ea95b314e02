"""``python -m retrail.train.lesson_maker RUN DATA FIRST [MODELS]``: makes a run's lessons from the first on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from retrail.core.errors import DataError, RetrailError
from retrail.runtime import open_network
from retrail.train.crops import crop_set
from retrail.train.frames import scenes
from retrail.train.lessons import TEACHER_BATCH, Subjects, make_lesson, write_lessons
from retrail.train.recipe import EncoderRecipe, read_recipe
from retrail.train.run_files import LESSONS, RECIPE
from retrail.zoo import find_card, locate


def make_all(run: Path, data: Path, first: int, models_dir: Path | None) -> None:
    """Make what is missing from the lesson ``first`` on.

    Raises:
        DataError: the recipe has no teacher, or a set cannot be read.
        ModelError: the teacher is not at hand.
    """
    recipe = read_recipe(run / RECIPE)
    if not isinstance(recipe, EncoderRecipe) or recipe.teacher is None:
        raise DataError("The recipe has no teacher", where=str(run / RECIPE))
    spec = recipe.teacher
    sets = [(crop_set(name, data), share) for name, share in spec.people.items()]
    masked = any(crop.mask for part, _ in sets for crop in part.crops)
    behind = [scene.image for scene in scenes(spec.scenes, data)] if masked else []
    subjects = Subjects(sets, behind, spec.plain, spec.blur)
    card = find_card(spec.model, "person-reidentification", models_dir)
    teacher = open_network(locate(card, models_dir), batch=TEACHER_BATCH, threads=recipe.learning.threads, requests=1)
    try:
        write_lessons(
            run / LESSONS,
            while_wanted(range(first, spec.lessons)),
            lambda number: make_lesson(
                number, spec.lesson, recipe.seed, subjects, teacher, recipe.net.height_px, recipe.net.width_px
            ),
        )
    finally:
        teacher.close()
        subjects.close()


def while_wanted(numbers: Iterable[int]) -> Iterator[int]:
    """The numbers, as long as the process that asked for lessons lives: a killed one cannot end what works for it."""
    asked_by = os.getppid()
    for number in numbers:
        if os.getppid() != asked_by:
            return
        yield number


def main(arguments: list[str]) -> int:
    run, data, first, *models = arguments
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the run ends: a lesson half written is taken away
    try:
        make_all(Path(run), Path(data), int(first), Path(models[0]) if models else None)
    except KeyboardInterrupt:
        return 1
    except RetrailError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
