"""What there is, in rows: for a table or for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retrail.core.errors import ModelError
from retrail.zoo.card import Card, Task
from retrail.zoo.catalogue import all_cards
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
class ModelList:
    """What ``retrail models list --json`` prints."""

    models: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class ModelShown:
    """What ``retrail models show --json`` prints; ``path`` is None where the model is not on this machine."""

    card: Card
    path: str | None


def model_rows(
    models_dir: Path | None = None, *, task: Task | None = None, commercial: bool = False, here: bool = False
) -> tuple[ModelRow, ...]:
    """All models, or those of a task, those that a commercial site may use, those on this machine."""
    rows = [_row(card, models_dir) for card in all_cards(models_dir) if task in (None, card.task)]
    return tuple(row for row in rows if row.commercial >= commercial and (row.path is not None or not here))


def _row(card: Card, models_dir: Path | None) -> ModelRow:
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
