"""What there is, in rows: for a table or for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retrail.core.errors import ModelError
from retrail.zoo.card import Card, Task
from retrail.zoo.catalogue import card_names, find_card
from retrail.zoo.places import locate


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model in a list.

    Attributes:
        name, task, status, licence, commercial: those of its card.
        verified: whether the card records a golden check.
        size_bytes: of its files as published, or None.
        path: of the network on this machine, or None where it is not here.
    """

    name: str
    task: Task
    status: str
    licence: str
    commercial: bool
    verified: bool
    size_bytes: int | None
    path: str | None


@dataclass(frozen=True, slots=True)
class BrokenCard:
    """A card beside a model of one's own that cannot be read: which file, and what is wrong with it."""

    name: str
    where: str
    problem: str


@dataclass(frozen=True, slots=True)
class ModelList:
    """What ``retrail models list --json`` prints. ``broken``: cards that say nothing, and hinder no others."""

    models: tuple[ModelRow, ...]
    broken: tuple[BrokenCard, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelShown:
    """What ``retrail models show --json`` prints; ``path`` is None where the model is not on this machine."""

    card: Card
    path: str | None


def model_list(
    models_dir: Path | None = None, *, task: Task | None = None, commercial: bool = False, here: bool = False
) -> ModelList:
    """All models, or those of a task, those that a commercial site may use, those on this machine."""
    rows: list[ModelRow] = []
    broken: list[BrokenCard] = []
    for name in card_names(models_dir):
        try:
            card = find_card(name, models_dir=models_dir)
        except ModelError as error:
            problem = error.what if error.found is None else f"{error.what}: {error.found}"
            broken.append(BrokenCard(name, error.where or "", problem))
            continue
        if task in (None, card.task) and card.commercial >= commercial:
            rows.append(model_row(card, models_dir))
    return ModelList(tuple(row for row in rows if row.path is not None or not here), tuple(broken))


def model_row(card: Card, models_dir: Path | None = None) -> ModelRow:
    """One model."""
    sizes = [file.size_bytes for file in card.files if file.size_bytes is not None]
    return ModelRow(
        name=card.name,
        task=card.task,
        status=card.status,
        licence=card.licence,
        commercial=card.commercial,
        verified=card.golden is not None,
        size_bytes=sum(sizes) if sizes and len(sizes) == len(card.files) else None,
        path=_path(card, models_dir),
    )


def _path(card: Card, models_dir: Path | None) -> str | None:
    try:
        return str(locate(card, models_dir).network)
    except ModelError:
        return None
