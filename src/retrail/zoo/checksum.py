"""Is a file the one that its card speaks of?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retrail.core.errors import ModelError
from retrail.zoo.card import CardFile
from retrail.zoo.places import ModelFiles

CHUNK_BYTES = 1 << 20

FileState = Literal["published", "differs", "no published checksum"]


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file on this machine is. ``found`` and ``wanted`` say how it differs."""

    path: Path
    state: FileState
    found: str = ""
    wanted: str = ""


def check_files(files: ModelFiles) -> tuple[FileCheck, ...]:
    """Each file of a model against the size and checksum of its card.

    Raises:
        ModelError: a file cannot be read.
    """
    return tuple(_check(path, card_file) for path, card_file in _pairs(files))


def difference(path: Path, wanted: CardFile) -> tuple[str, str] | None:
    """How a file differs from what is published, as (found, wanted); None where it does not, as far as is published.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        size = path.stat().st_size
        if wanted.size_bytes is not None and size != wanted.size_bytes:
            return f"{size} bytes", f"{wanted.size_bytes} bytes"
        for algorithm, expected in (("sha256", wanted.sha256), ("sha384", wanted.sha384)):
            if expected is not None:
                found = digest(path, algorithm)
                if found != expected:
                    return f"{algorithm} {found}", f"{algorithm} {expected}"
    except OSError as error:
        raise ModelError("A model's file cannot be read", where=str(path), found=str(error)) from error
    return None


def release(files: ModelFiles) -> str:
    """The name of a model together with its weights, ``NAME@1a2b3c4d``: the first eight hex digits of SHA-256 over its
    files. What two releases say cannot be compared, though the name is one: weights may have gone on learning.

    Raises:
        ModelError: a file cannot be read.
    """
    state = hashlib.sha256()
    for path in _paths(files):
        try:
            state.update(path.read_bytes())
        except OSError as error:
            raise ModelError("A model's file cannot be read", where=str(path), found=str(error)) from error
    return f"{files.card.name}@{state.hexdigest()[:8]}"


def model_name(release: str) -> str:
    """The model's name alone, of a release or of a name."""
    return release.partition("@")[0]


def digest(path: Path, algorithm: str) -> str:
    """Checksum of a file in lower-case hex; ``algorithm`` is ``sha256`` or ``sha384``."""
    state = hashlib.new(algorithm)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            state.update(chunk)
    return state.hexdigest()


def _pairs(files: ModelFiles) -> Iterator[tuple[Path, list[CardFile]]]:
    """Each file here, with what was published under its path, newest first."""
    card = files.card
    known = [file for file in (*card.files, *card.other_files, *card.earlier_files) if file.hashed]
    for path in _paths(files):
        yield path, [file for file in known if path.as_posix().endswith(f"/{file.path}")]


def _paths(files: ModelFiles) -> tuple[Path, ...]:
    return (files.network, *([files.weights] if files.weights else []))


def _check(path: Path, published: list[CardFile]) -> FileCheck:
    differences = [difference(path, file) for file in published]
    if not differences:
        return FileCheck(path, "no published checksum")
    first = differences[0]
    return FileCheck(path, "published") if first is None or None in differences else FileCheck(path, "differs", *first)
