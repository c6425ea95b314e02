"""A run's folder in, a model with a checked card out."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from retrail.core.errors import DataError, SiteError
from retrail.site.document import read_document
from retrail.train.crops import decoded
from retrail.train.export import Exported, Format, export
from retrail.train.run import trained_net
from retrail.zoo import Figure

PICTURES = 32
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
WORDS = frozenset(
    {
        "summary",
        "licence",
        "data_licence",
        "commercial",
        "commercial_note",
        "score_at_half",
        "score_slope",
        "cuts",
        "cut_notes",
        "figures",
        "paper",
        "gflops",
        "mparams",
        "note",
    }
)

SCALES = {"score_at_half": (0.0, 1.0), "score_slope": (0.0, 20.0)}
"""What a detector's words may say of its scores, both ends left out."""


def publish(
    run: Path, name: str, folder: Path, kind: Format, *, pictures: Path | None = None, words: Path | None = None
) -> Exported:
    """Export what a run has reached so far.

    Args:
        run: the run's folder.
        name: of the model.
        folder: a models folder.
        kind: of file.
        pictures: folder or zip of real pictures for the parity check.
        words: YAML: what the card says besides.

    Raises:
        DataError: the run, a picture or the words cannot be read.
        ModelError: what was written does not say what the net says.
    """
    recipe, net, step = trained_net(run)
    said = dict(_words(words)) if words is not None else {}
    said.setdefault("note", f"Trained for {step} steps.")
    said.setdefault("mparams", round(sum(part.numel() for part in net.parameters()) / 1e6, 3))
    seen = _pictures(pictures, recipe.net.width_px, recipe.net.height_px) if pictures is not None else []
    return export(recipe, net, name, folder, kind, seen, said)


def _words(path: Path) -> Mapping[str, Any]:
    try:
        data = read_document(path).data
    except SiteError as error:
        what = error.what.replace("site file", "card's file")
        raise DataError(what, where=error.where, found=error.found, allowed=error.allowed) from None
    try:
        found = TypeAdapter(dict[str, Any]).validate_python(data)
        figures = TypeAdapter(list[Figure]).validate_python(found.get("figures", []))
    except ValidationError as error:
        raise DataError("The card's words cannot be read", where=str(path), found=str(error)) from None
    unknown = sorted(set(found) - WORDS)
    if unknown:
        raise DataError("A card has no such key", where=str(path), found=unknown[0], allowed=", ".join(sorted(WORDS)))
    for key, (low, high) in SCALES.items():
        value = found.get(key, high / 2)
        if not isinstance(value, float | int) or not low < value < high:
            raise DataError(
                f"A card's {key} is out of range",
                where=str(path),
                found=str(value),
                allowed=f"a number between {low:g} and {high:g}",
            )
    return found | {"figures": tuple(figures)}


def _pictures(place: Path, width_px: int, height_px: int) -> list[NDArray[np.uint8]]:
    try:
        if place.is_dir():
            paths = sorted(path for path in place.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)[:PICTURES]
            images = [decoded(path.read_bytes(), str(path)) for path in paths]
        else:
            with zipfile.ZipFile(place) as archive:
                names = sorted(n for n in archive.namelist() if Path(n).suffix.lower() in PICTURE_SUFFIXES)[:PICTURES]
                images = [decoded(archive.read(name), f"{place}: {name}") for name in names]
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError("Pictures for the check cannot be read", where=str(place), found=str(error)) from None
    if not images:
        raise DataError("There are no pictures to check the export on", where=str(place))
    sized = (image.convert("RGB").resize((width_px, height_px), Image.Resampling.BILINEAR) for image in images)
    return [np.ascontiguousarray(np.asarray(image)[..., ::-1]) for image in sized]
