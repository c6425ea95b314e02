"""Pictures that Retrail writes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a (height, width, 3) uint8 BGR picture; the file appears when it is whole.

    Raises:
        DataError: it cannot be written there.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        Image.fromarray(np.ascontiguousarray(image[..., ::-1])).save(part, "PNG")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DataError("The picture cannot be written", where=str(path), found=error.strerror) from None
