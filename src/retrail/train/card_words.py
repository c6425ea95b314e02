"""What a card says besides what its network is: words that a person wrote, and what the run itself knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from retrail.core.errors import DataError, SiteError
from retrail.site.document import read_document
from retrail.train.apart import learned_from
from retrail.train.frames import THIRDS, of_kind
from retrail.train.history import Steps
from retrail.train.recipe import EncoderRecipe, Recipe
from retrail.zoo import Figure

STEPS_BEFORE, FIGURES_AT = "steps_before", "figures_at_step"
WORDS = frozenset(
    {
        "summary",
        "licence",
        "data_licence",
        "commercial",
        "commercial_note",
        "score_at_half",
        "score_slope",
        "default_score",
        "cuts",
        "cut_notes",
        "figures",
        FIGURES_AT,
        STEPS_BEFORE,
        "paper",
        "gflops",
        "mparams",
        "note",
    }
)

RANGES = {"score_at_half": (0.0, 1.0), "score_slope": (0.0, 20.0), "default_score": (0.0, 1.0)}
"""What a detector's words may say of its scores, both ends left out."""
COUNTS = (STEPS_BEFORE, FIGURES_AT)


def read_words(path: Path) -> Mapping[str, Any]:
    """The words of a card from a YAML file.

    Besides fields of a card: ``steps_before``, steps behind the run that it began from, where that one is not at hand;
    ``figures_at_step``, the steps behind the weights that the figures were measured on; ``score_at_half`` and
    ``score_slope`` of a detector, and from which scaled score a box counts (``default_score``).

    Raises:
        DataError: it cannot be read, or has a key or value that no card has.
    """
    try:
        data = read_document(path, "card's file").data
    except SiteError as error:
        raise DataError(error.what, where=error.where, found=error.found, allowed=error.allowed) from None
    try:
        found = TypeAdapter(dict[str, Any]).validate_python(data)
        figures = TypeAdapter(list[Figure]).validate_python(found.get("figures", []))
    except ValidationError as error:
        raise DataError("The card's words cannot be read", where=str(path), found=str(error)) from None
    unknown = sorted(set(found) - WORDS)
    if unknown:
        raise DataError("A card has no such key", where=str(path), found=unknown[0], allowed=", ".join(sorted(WORDS)))
    for key, (low, high) in RANGES.items():
        value = found.get(key, high / 2)
        if not isinstance(value, float | int) or not low < value < high:
            raise _out_of_range(path, key, value, f"a number between {low:g} and {high:g}")
    for key in COUNTS:
        value = found.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _out_of_range(path, key, value, "a whole number from 0")
    return found | {"figures": tuple(figures)}


def all_steps(steps: Steps, words: Mapping[str, Any]) -> Steps:
    """Steps of a run, with what the card's words state of runs that are not at hand."""
    if steps.unknown is None or STEPS_BEFORE not in words:
        return steps
    return Steps(steps.own, steps.before + int(words[STEPS_BEFORE]))


def trained(steps: Steps) -> str:
    """How long.

    >>> trained(Steps(5472, 9499))
    'Trained for 14,971 steps, the last 5,472 of them in a run that went on from another.'
    >>> trained(Steps(5472, 0, "encoder-3"))
    'Trained for 5,472 steps, and before that for those of the run encoder-3, which are not counted here.'
    """
    said = f"Trained for {steps.known:,} steps"
    if steps.unknown is not None:
        return f"{said}, and before that for those of the run {steps.unknown}, which are not counted here."
    if steps.before:
        return f"{said}, the last {steps.own:,} of them in a run that went on from another."
    return f"{said}."


def kept_out(recipe: Recipe) -> str:
    """What a recipe did not learn from, to judge by; empty where it kept nothing out."""
    if isinstance(recipe, EncoderRecipe):
        # A run that was begun before such recipes were refused may say so of what it learned from.
        names = [name for name in recipe.kept_out if name not in learned_from(recipe)]
        return f"Kept out of training: {', '.join(names)}." if names else ""
    thirds = [name for name in recipe.frames.sets if of_kind(name) in THIRDS]
    return f"Kept out of training: every third sequence or picture of {', '.join(thirds)}." if thirds else ""


def _out_of_range(path: Path, key: str, value: object, allowed: str) -> DataError:
    return DataError(f"A card's {key} is out of range", where=str(path), found=str(value), allowed=allowed)
