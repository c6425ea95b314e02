"""Pictures as files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.core.types import Frame, Planes
from retrail.core.whole import whole_file


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a (height, width, 3) uint8 BGR picture; the file appears when it is whole.

    Raises:
        DataError: it cannot be written there.
    """
    try:
        with whole_file(path) as stream:
            Image.fromarray(np.ascontiguousarray(image[..., ::-1])).save(stream, "PNG")
    except OSError as error:
        raise DataError("The picture cannot be written", where=str(path), found=error.strerror) from None


def read_picture(data: bytes, where: str) -> NDArray[np.uint8]:
    """The bytes of a picture file as (height, width, 3) uint8 BGR, as its pixels are stored.

    Args:
        data: JPEG, PNG or whatever else Pillow reads.
        where: for the message.

    Raises:
        DataError: it is no picture, or only a part of one.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            rgb = np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(
            "The picture cannot be read",
            where=where,
            found="an empty file" if not data else f"{len(data)} bytes that are no whole picture ({error})",
            allowed="a JPEG or PNG file",
        ) from None
    return np.ascontiguousarray(rgb[..., ::-1])


def as_frame(image: NDArray[np.uint8], name: str) -> Frame:
    """A (height, width, 3) BGR picture as a frame of a camera of that name."""
    return Frame(name, 0, 0.0, Planes("bgr24", (image,)), image.shape[1], image.shape[0])
