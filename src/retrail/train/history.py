"""How many steps are behind a run's weights, those of the runs it went on from included."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retrail.core.errors import DataError
from retrail.train.checkpoint import read_checkpoint
from retrail.train.recipe import read_recipe
from retrail.train.run_files import CHECKPOINTS, RECIPE

BEFORE = "before"
"""Among a checkpoint's numbers: steps of all the runs before, where they were known when the run began."""
MODEL = "model"
"""Among a checkpoint's numbers: 1 where the run began with a model, which does not say how many steps are behind it."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What is behind some weights.

    Attributes:
        own: steps of the run itself.
        before: of the runs it went on from, as far as they are known.
        unknown: the run whose steps, and those before it, are not known; None: all are counted.
    """

    own: int
    before: int = 0
    unknown: str | None = None

    @property
    def known(self) -> int:
        return self.own + self.before


def steps_of(run: Path) -> Steps:
    """The steps behind a run's newest checkpoint: as it says itself, else by the runs that its recipe begins from.

    Raises:
        DataError: it has no recipe or no checkpoint, or one is damaged.
    """
    kept = read_checkpoint(run / CHECKPOINTS)
    if kept is None:
        raise DataError("The run has no checkpoint yet", where=str(run), hint="train first: retrail train")
    own = int(kept.numbers["step"])
    if BEFORE in kept.numbers:
        return Steps(own, int(kept.numbers[BEFORE]))
    start = read_recipe(run / RECIPE).start
    if start is None:
        return Steps(own)
    other = beside(run, start)
    if other is None or MODEL in kept.numbers or read_checkpoint(other / CHECKPOINTS) is None:
        return Steps(own, 0, start)
    earlier = steps_of(other)
    return Steps(own, earlier.known, earlier.unknown)


def beside(run: Path, start: str) -> Path | None:
    """The run that a recipe's ``start`` names, beside ``run``; None: there is none, or it is ``run`` itself."""
    other = run.parent / start
    return other if (other / RECIPE).is_file() and other.resolve() != run.resolve() else None
