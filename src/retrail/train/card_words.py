"""What a card says besides what its network is: words that a person wrote, and what the run itself knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_type_hints

from pydantic import TypeAdapter, ValidationError

from retrail.core.errors import DataError, SiteError
from retrail.site.document import Document, read_document
from retrail.site.mistakes import KeyPath, dotted, shown
from retrail.site.near import near_hint
from retrail.site.plain import mapping
from retrail.train.apart import learned_from
from retrail.train.frames import THIRDS, of_kind
from retrail.train.history import Steps
from retrail.train.recipe import EncoderRecipe, Recipe
from retrail.zoo import Card

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

_KINDS = {key: kind for key, kind in get_type_hints(Card).items() if key in WORDS}
OF_ENCODERS = frozenset({"cuts", "cut_notes"})
OF_DETECTORS = frozenset({"score_at_half", "score_slope", "default_score"})
MODES = ("count", "journey", "vip")
RANGES = {"score_at_half": (0.0, 1.0), "score_slope": (0.0, 20.0), "default_score": (0.0, 1.0)}
"""What a detector's words may say of its scores, both ends left out."""
COUNTS = (STEPS_BEFORE, FIGURES_AT)


def read_words(path: Path, task: Literal["encoder", "finder"]) -> Mapping[str, Any]:
    """The words of a card from a YAML file.

    Besides fields of a card: ``steps_before``, steps behind the run that it began from, where that one is not at hand;
    ``figures_at_step``, the steps behind the weights that the figures were measured on; ``score_at_half`` and
    ``score_slope`` of a detector, and from which scaled score a box counts (``default_score``).

    Args:
        path: the file.
        task: of the recipe.

    Raises:
        DataError: it cannot be read, or has a key or value that no card has, or that a card of this task has not.
    """
    try:
        document = read_document(path, "card's file")
    except SiteError as error:
        raise DataError(error.what, where=error.where, found=error.found, allowed=error.allowed) from None
    if document.mistakes:
        first = document.mistakes[0]
        raise DataError(first.what, where=f"{path} line {first.line}", found=first.found, allowed=first.allowed)
    found = mapping(document.data)
    if found is None:
        raise DataError("A card's words are keys and values", where=str(path), allowed=", ".join(sorted(WORDS)))
    allowed = sorted(WORDS - (OF_DETECTORS if task == "encoder" else OF_ENCODERS))
    for key in found:
        if key not in WORDS:
            hint = near_hint(key, allowed)
            raise _wrong(document, (key,), "A card has no such key", found=key, allowed=", ".join(allowed), hint=hint)
        if key not in allowed:
            other = "a detector" if task == "encoder" else "an encoder"
            raise _wrong(document, (key,), f"Only the card of {other} has this key", found=key, hint="leave it out")
    values = {key: _value(document, key) for key in found}
    for key, (low, high) in RANGES.items():
        value = found.get(key, high / 2)
        if isinstance(value, bool) or not isinstance(value, float | int) or not low < value < high:
            raise _out_of_range(document, key, f"a number between {low:g} and {high:g}")
    for key in COUNTS:
        value = found.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _out_of_range(document, key, "a whole number from 0")
    cuts: Mapping[str, float] = values.get("cuts") or {}
    for mode, cut in cuts.items():
        if mode not in MODES or not -1 < cut < 1:
            what, said = "A cut is of a mode, and between -1 and 1", f"{mode}: {cut:g}"
            raise _wrong(document, ("cuts", mode), what, found=said, allowed=", ".join(MODES))
    return values


def _value(document: Document, key: str) -> Any:
    """A value as the card's field has it; of keys that are no field, as it is."""
    if key not in _KINDS:
        return document.at((key,))
    try:
        # Strictly, or "yes" would be a permission, and 1 a licence.
        return TypeAdapter(_KINDS[key]).validate_python(document.at((key,)), strict=key == "commercial")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = "This value is not allowed on a card"
        raise _wrong(document, (key, *first["loc"]), what, found=shown(first["input"]), allowed=first["msg"]) from None


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


def _out_of_range(document: Document, key: str, allowed: str) -> DataError:
    return _wrong(
        document, (key,), f"A card's {key} is out of range", found=shown(document.at((key,))), allowed=allowed
    )


def _wrong(document: Document, key: KeyPath, what: str, **more: str | None) -> DataError:
    return DataError(what, where=f"{document.path} line {document.line(key)}: {dotted(key)}", **more)
