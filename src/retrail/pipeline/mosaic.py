"""One video of all cameras beside each other, every picture of it one instant of event time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.core.types import Frame
from retrail.pipeline.clips import AnnotatedClip
from retrail.video.draw import draw_text
from retrail.video.writer import ClipWriter

MOSAIC_HZ = 5.0
CELL_WIDTH_PX = 640

SILENT_S = 2.0
"""A camera that has shown nothing for so long goes dark; where all are silent, the video leaps to the next picture."""

_ROUNDED_S = 1e-3

Drawn = tuple[NDArray[np.uint8], frozenset[int]]


class _Cell:
    """One camera's part of the picture. The frame that comes next is held back until its time has come."""

    def __init__(self, camera: str, frames: Iterator[Frame], draw: Callable[[Frame], Drawn]) -> None:
        self.camera = camera
        self.next = next(frames, None)
        self.image: NDArray[np.uint8] | None = None
        self.named: frozenset[int] = frozenset()
        self._frames = frames
        self._draw = draw
        self._shown_s = -np.inf

    def pass_over(self, time_s: float) -> None:
        """Let go of the frames before this instant."""
        while self.next is not None and self.next.time_s < time_s - _ROUNDED_S:
            self.next = next(self._frames, None)

    def advance(self, time_s: float) -> None:
        """Draw the frame that comes next if it belongs to the picture of this instant."""
        if self.next is not None and self.next.time_s < time_s + 1 / MOSAIC_HZ - _ROUNDED_S:
            self.image, self.named = self._draw(self.next)
            self._shown_s = self.next.time_s
        elif time_s - self._shown_s > SILENT_S:
            self.image, self.named = None, frozenset()


def write_mosaic(path: Path, frames: Mapping[str, Iterator[Frame]], draw: Callable[[Frame], Drawn]) -> AnnotatedClip:
    """Write the video.

    Args:
        path: the file.
        frames: by camera, in order of time.
        draw: a frame as (height, width, 3) uint8 BGR with everything drawn in, and the identities in it.

    Raises:
        SourceError: a source cannot be read.
        DataError: the file cannot be written, or no camera shows anything.
    """
    cells = [_Cell(camera, each, draw) for camera, each in frames.items()]
    columns = ceil(sqrt(len(cells)))
    rows = ceil(len(cells) / columns)
    height_px = CELL_WIDTH_PX * 9 // 16
    start_s = time_s = min((cell.next.time_s for cell in cells if cell.next is not None), default=0.0)
    count, last_s, identities = 0, start_s, set[int]()
    with ClipWriter(path, columns * CELL_WIDTH_PX, rows * height_px, MOSAIC_HZ) as writer:
        while True:
            for cell in cells:
                cell.pass_over(time_s)
            waiting = [cell.next.time_s for cell in cells if cell.next is not None]
            if not waiting:
                break
            if min(waiting) - time_s > SILENT_S:
                time_s = min(waiting)
            whole = np.zeros((rows * height_px, columns * CELL_WIDTH_PX, 3), np.uint8)
            for place, cell in enumerate(cells):
                cell.advance(time_s)
                top, left = place // columns * height_px, place % columns * CELL_WIDTH_PX
                _show(whole[top : top + height_px, left : left + CELL_WIDTH_PX], cell)
                identities |= cell.named
            writer.write(whole, time_s)
            count, last_s = count + 1, time_s
            time_s += 1 / MOSAIC_HZ
    if not count:
        raise DataError("No camera shows anything, so there is no video of all", where=str(path))
    return AnnotatedClip(path, tuple(frames), start_s, last_s, count, tuple(sorted(identities)))


def _show(part: NDArray[np.uint8], cell: _Cell) -> None:
    """Put a camera's picture, shrunk or grown in its proportions, into the middle of its part."""
    if cell.image is not None:
        height, width = cell.image.shape[:2]
        scale = min(part.shape[0] / height, part.shape[1] / width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = cell.image
        if size != (width, height):
            image = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX))
        top, left = (part.shape[0] - size[1]) // 2, (part.shape[1] - size[0]) // 2
        part[top : top + size[1], left : left + size[0]] = image
    draw_text(part, cell.camera, (4, 4), plate=(40, 40, 40))
