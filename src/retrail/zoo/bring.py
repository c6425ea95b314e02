"""Bring a model to this machine: fetch it from its owner, or take a user's own file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from retrail.core.errors import ModelError
from retrail.core.whole import whole_file
from retrail.zoo.card import Card, CardFile
from retrail.zoo.checksum import difference
from retrail.zoo.fetch import Patience, Progress, fetch
from retrail.zoo.places import ModelFiles, locate, own_paths


def pull(
    card: Card,
    folder: Path,
    progress: Callable[[CardFile], Progress],
    patience: Patience = Patience(),  # noqa: B008
) -> tuple[ModelFiles, bool]:
    """Fetch a model's files into a models folder.

    Args:
        card: of the model.
        folder: the models folder; the files go where the card says, below it.
        progress: for each file, whom to tell about its bytes.
        patience: with the server.

    Returns:
        Its files, and whether anything had to be fetched.

    Raises:
        ModelError: its owner publishes no files (any more); or see :func:`retrail.zoo.fetch.fetch`.
    """
    if not card.files or any(file.url is None for file in card.files):
        raise ModelError(
            f"{card.name} cannot be fetched: no address is known. {card.note}".rstrip(),
            hint=f"if you have the file: retrail models add FILE --card {card.name}",
        )
    fetched = [fetch(file, folder / file.path, progress(file), patience) for file in card.files]
    return locate(card, folder), any(fetched)


def add(files: ModelFiles, folder: Path, *, replace: bool = False) -> ModelFiles:
    """Copy a user's own files into a models folder, each at once or not at all.

    A file that its owner published goes where the card says; any other to ``NAME/NAME.xml`` or ``NAME/NAME.onnx``.
    Whether a file fits the card is for the caller to find out, by opening it.

    Args:
        files: the card, and the files where they are now.
        folder: the models folder.
        replace: overwrite other files that are there.

    Raises:
        ModelError: another file is there, or it cannot be written.
    """
    targets = _targets(files, folder)
    sources = [files.network, *([files.weights] if files.weights else [])]
    for source, target in zip(sources, targets, strict=True):
        if target.is_file() and not replace and target.read_bytes() != source.read_bytes():
            raise ModelError(
                f"Another file of {files.card.name} is there already", where=str(target), hint="--replace overwrites it"
            )
    # The network last: what looks for it finds its weights beside it.
    for source, target in reversed(list(zip(sources, targets, strict=True))):
        _copy(source, target)
    return ModelFiles(files.card, *targets)


def is_published(files: ModelFiles) -> bool:
    """Whether these are files that the model's owner publishes or published, wherever they lie."""
    return _published(files) is not None


def _targets(files: ModelFiles, folder: Path) -> tuple[Path, ...]:
    published = _published(files)
    if published is not None:
        return tuple(folder / file.path for file in published)
    return own_paths(files.card, folder, files.network.suffix)


def _published(files: ModelFiles) -> tuple[CardFile, ...] | None:
    paths = (files.network, *([files.weights] if files.weights else []))
    card = files.card
    for known in (card.files, card.other_files, card.earlier_files):
        if len(known) == len(paths) and all(
            file.hashed and difference(path, file) is None for path, file in zip(paths, known, strict=True)
        ):
            return known
    return None


def _copy(source: Path, target: Path) -> None:
    try:
        with whole_file(target, make_folder=True) as copy, source.open("rb") as stream:
            shutil.copyfileobj(stream, copy)
    except OSError as error:
        raise ModelError("The model cannot be copied", where=f"{source} to {target}", found=str(error)) from error
