"""Find a card by name, and say whether its licence fits."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from retrail.core.errors import ModelError
from retrail.zoo.card import Card, Task
from retrail.zoo.places import model_dirs

_CARDS = resources.files("retrail.zoo") / "cards"
_READER = TypeAdapter(Card)


def card_names(models_dir: Path | None = None) -> tuple[str, ...]:
    """Names of all cards, sorted: those that come with Retrail, and those of models of one's own (`find_card`)."""
    own = [path.stem for folder in model_dirs(models_dir) for path in folder.glob("*/*.json") if _is_card(path)]
    return tuple(sorted({*_packaged(), *own}))


def all_cards(models_dir: Path | None = None) -> tuple[Card, ...]:
    """Every card, by name.

    Raises:
        ModelError: one of a model of one's own cannot be read.
    """
    return tuple(find_card(name, models_dir=models_dir) for name in card_names(models_dir))


def find_card(name: str, task: Task | None = None, models_dir: Path | None = None) -> Card:
    """The card of that name: one that comes with Retrail, else one that lies beside its model.

    Args:
        name: of the model.
        task: what it has to be for, or None: anything.
        models_dir: looked into first for models of one's own, `NAME/NAME.json` as `retrail export` writes it.

    Raises:
        ModelError: no such card (with names like it), it cannot be read, or it is for another task.
    """
    if name in _packaged():
        card = _read(name, (_CARDS / f"{name}.json").read_text("utf-8"), f"cards/{name}.json")
    else:
        card = _own(name, models_dir)
    if task is not None and card.task != task:
        raise ModelError(
            f"{name} is a model for another task",
            found=card.task,
            allowed=task,
            hint=f"retrail models list --task {task}",
        )
    return card


def is_packaged(name: str) -> bool:
    """Whether a card of that name comes with Retrail."""
    return name in _packaged()


def require_licence(card: Card, licences: Literal["any", "commercial"]) -> None:
    """Refuse a model whose weights were not released under a licence that allows commercial use.

    Raises:
        ModelError: ``licences`` is ``commercial`` and the card's weights may not be used so, with the reason.
    """
    if licences == "commercial" and not card.commercial:
        raise ModelError(
            f"{card.name} may not be used where `licences: commercial` is stated: {card.commercial_note}",
            found=f"weights: {card.licence}; data: {card.data_licence}",
            allowed="weights released under a licence that allows commercial use",
            hint=f"choose another: retrail models list --task {card.task} --commercial",
        )


@cache
def _packaged() -> frozenset[str]:
    return frozenset(entry.name.removesuffix(".json") for entry in _CARDS.iterdir() if entry.name.endswith(".json"))


def _own(name: str, models_dir: Path | None) -> Card:
    folders = model_dirs(models_dir)
    for folder in folders:
        path = folder / name / f"{name}.json"
        if _is_card(path):
            try:
                return _read(name, path.read_text("utf-8"), str(path))
            except (OSError, UnicodeDecodeError) as error:
                raise ModelError(f"The card of {name} cannot be read", where=str(path), found=str(error)) from error
    near = get_close_matches(name, card_names(models_dir), n=3, cutoff=0.5)
    raise ModelError(
        "There is no card for this model",
        found=name,
        allowed=f"did you mean {', '.join(near)}?" if near else "a name of `retrail models list`",
        hint="retrail models list; a model of your own needs its card, NAME/NAME.json as `retrail export` writes it, "
        f"in --models-dir, a folder of RETRAIL_MODELS or {folders[-1]}",
    )


def _is_card(path: Path) -> bool:
    return path.stem == path.parent.name and path.is_file()


@lru_cache(maxsize=256)
def _read(name: str, text: str, where: str) -> Card:
    try:
        card = _READER.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        raise ModelError(
            f"The card of {name} cannot be read",
            where=where,
            found=f"{key}: {first['msg']}" if key else first["msg"],
            hint="export the model anew, or put the card right",
        ) from error
    if card.name != name:
        raise ModelError(
            "A card has another name than its file",
            where=where,
            found=card.name,
            allowed=name,
            hint="export the model anew under the name that it is to have",
        )
    return card
