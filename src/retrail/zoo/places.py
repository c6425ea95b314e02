"""Where model files are: ``--models-dir``, ``RETRAIL_MODELS``, the user's cache, Retrail's own, in this order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from retrail.core.errors import ModelError
from retrail.zoo.card import Card, Task

BUILT_IN: Mapping[Task, str] = {"person-detection": "retrail-person-s", "person-reidentification": "retrail-encoder-s"}
"""Retrail's own models, which come with it."""
ENVIRONMENT = "RETRAIL_MODELS"
NETWORKS = frozenset({".xml", ".onnx"})
_HERE: Final = Path(__file__).resolve()


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A card with its files on this machine. ``weights`` is the .bin beside an .xml, None for .onnx."""

    card: Card
    network: Path
    weights: Path | None = None

    @property
    def opens(self) -> bool:
        """Whether it is a network (.xml, .onnx) rather than weights only."""
        return self.network.suffix in NETWORKS


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's folder for models: ``$XDG_CACHE_HOME/retrail/models``, else ``~/.cache/retrail/models``."""
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "retrail" / "models"


def built_in_dir() -> Path:
    """The folder of the models that come with Retrail: in the installed package, or beside the sources."""
    installed = _HERE.parents[1] / "models"
    return installed if installed.is_dir() else _HERE.parents[3] / "models"


def model_dirs(models_dir: Path | None = None, environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Folders to look in, first wins. ``RETRAIL_MODELS`` may name several, with ``:`` between them."""
    named = [Path(part) for part in environ.get(ENVIRONMENT, "").split(os.pathsep) if part]
    return (*([models_dir] if models_dir else []), *named, cache_dir(environ))


def locate(card: Card, models_dir: Path | None = None) -> ModelFiles:
    """Where the model's files are.

    Below each folder they lie as the card says (``NAME/FP16/NAME.xml``, ``yolox/yolox_nano.onnx``), or under
    ``intel/``, as Open Model Zoo's downloader puts them, or as a user's own: ``NAME/NAME.xml``, ``NAME/NAME.onnx``.
    A folder that has one file of the two does not count.

    Raises:
        ModelError: they are nowhere; says where it looked and which command brings them.
    """
    folders = model_dirs(models_dir)
    for folder in (*folders, built_in_dir()):
        for paths in _layouts(card, folder):
            if paths and all(path.is_file() for path in paths):
                return ModelFiles(card, *paths[:2])
    raise ModelError(
        f"The model {card.name} is not on this machine",
        where=", ".join(str(folder) for folder in folders),
        hint=how_to_get(card),
    )


def how_to_get(card: Card) -> str:
    """The command that brings the model, or what to do where its owner no longer publishes it."""
    if card.name in BUILT_IN.values():
        return "it comes with Retrail: install Retrail again"
    if all(file.url for file in card.files) and card.files:
        return f"retrail models pull {card.name}"
    return f"its owner no longer publishes it; if you have the file: retrail models add FILE --card {card.name}"


def own_paths(card: Card, folder: Path, suffix: str) -> tuple[Path, ...]:
    """Where a user's own files of a model go: network and, beside an .xml, its .bin."""
    network = folder / card.name / f"{card.name}{suffix}"
    return (network, network.with_suffix(".bin")) if suffix == ".xml" else (network,)


def _layouts(card: Card, folder: Path) -> Iterator[tuple[Path, ...]]:
    for files in (card.files, card.other_files):
        yield tuple(folder / file.path for file in files)
        yield tuple(folder / "intel" / file.path for file in files)
    yield own_paths(card, folder, ".xml")
    yield own_paths(card, folder, ".onnx")
