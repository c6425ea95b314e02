"""What a run begins with that goes on from other weights: those of a run beside it, or those of a model."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from retrail.core.errors import DataError, ModelError
from retrail.train.checkpoint import Checkpoint, Numbers, load_net, read_checkpoint
from retrail.train.export import write_network
from retrail.train.history import BEFORE, MODEL, beside, steps_of
from retrail.train.loop import Lecture
from retrail.train.recipe import EncoderRecipe, Recipe
from retrail.train.run_files import CHECKPOINTS
from retrail.train.unfold import settle, unfold
from retrail.zoo import find_card, locate

ENCODER_PART = "parts.encoder"
SETTLING_STEPS = 8


def begin_with(
    start: str, net: nn.Module, recipe: Recipe, lecture: Lecture, run: Path, *, models_dir: Path | None, where: str
) -> Numbers:
    """Take the weights that a recipe starts from; returns what a checkpoint keeps of what is behind them.

    Args:
        start: name of another run in the folder where ``run`` is, else of a model as `retrail models list` has it.
        net: gets them.
        recipe: of the run that begins.
        lecture: gives the pictures by which normalisations that a model has no longer are found again.
        run: the run that begins.
        models_dir: where the model is looked for first.
        where: the recipe's file.

    Raises:
        DataError: there is neither, or it is of another net.
    """
    other = beside(run, start)
    if other is not None:
        return _of_run(other, net, recipe, where)
    try:
        network = locate(find_card(start, models_dir=models_dir), models_dir).network
    except ModelError as error:
        raise DataError(
            "There is nothing to start from",
            where=where,
            found=f"{start}: {error.what[0].lower()}{error.what[1:]}",
            allowed=f"a run in {run.parent}, or an exported model of the same net, such as retrail-person-s",
        ) from None
    unfold(network, net, lambda known, path: write_network(recipe, known, path))
    settle(net, lambda: [lecture.losses(lecture.net, step) for step in range(min(SETTLING_STEPS, lecture.steps))])
    return {MODEL: 1}


def _of_run(run: Path, net: nn.Module, recipe: Recipe, where: str) -> Numbers:
    """The averaged weights of another run."""
    kept = read_checkpoint(run / CHECKPOINTS)
    if kept is None:
        raise DataError("The run to start from has no checkpoint", where=where, found=str(run))
    load_net(averaged(kept, recipe), net, str(run))
    steps = steps_of(run)
    return {BEFORE: steps.known} if steps.unknown is None else {}


def averaged(kept: Checkpoint, recipe: Recipe) -> dict[str, Tensor]:
    """The average of the net's own weights, without what is trained beside it."""
    weights = kept.part("average")
    if isinstance(recipe, EncoderRecipe):
        weights = Checkpoint(weights, {}).part(ENCODER_PART)
    return weights
