"""Find a card by name, and say whether its licence fits."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from retrail.core.errors import ModelError
from retrail.zoo.card import Card, Task

_CARDS = resources.files("retrail.zoo") / "cards"
_READER = TypeAdapter(Card)


def card_names() -> tuple[str, ...]:
    """Names of all cards, sorted."""
    return tuple(sorted(entry.name.removesuffix(".json") for entry in _CARDS.iterdir() if entry.name.endswith(".json")))


def all_cards() -> tuple[Card, ...]:
    """Every card, by name."""
    return tuple(_read(name) for name in card_names())


def find_card(name: str, task: Task | None = None) -> Card:
    """The card of that name.

    Args:
        name: of the model.
        task: what it has to be for, or None: anything.

    Raises:
        ModelError: no such card (with names like it), or it is for another task.
    """
    names = card_names()
    if name not in names:
        near = get_close_matches(name, names, n=3, cutoff=0.5)
        raise ModelError(
            "There is no card for this model",
            found=name,
            allowed=f"did you mean {', '.join(near)}?" if near else "a name of `retrail models list`",
            hint="retrail models list",
        )
    card = _read(name)
    if task is not None and card.task != task:
        raise ModelError(
            f"{name} is a model for another task",
            found=card.task,
            allowed=task,
            hint=f"retrail models list --task {task}",
        )
    return card


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
def _read(name: str) -> Card:
    text = (_CARDS / f"{name}.json").read_text("utf-8")
    try:
        return _READER.validate_json(text)
    except ValidationError as error:
        raise ModelError(f"The card of {name} cannot be read", where=f"cards/{name}.json", found=str(error)) from error
