"""From planes to the pixels a model wants: swscale, with the frame's own matrix and range, and only where needed.

Every result is new memory, owned by the caller. Nothing is kept between calls (measured: a kept swscale context saves
nothing), so any thread may convert any frame.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.core.types import Box, Frame, Planes

_MATRIX = {"bt601": Colorspace.ITU601, "bt709": Colorspace.ITU709}
# Area averages where the picture shrinks and is bilinear where it grows; without accurate rounding grey turns
# pink (green 2 too low).
_SCALING = Interpolation.AREA | Interpolation.ACCURATE_RND


def resize_bgr(frame: Frame, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """The whole frame stretched to (height_px, width_px, 3) uint8 BGR."""
    whole = _part(frame, 0, 0, frame.width_px, frame.height_px)
    return _scale(whole, frame.planes, width_px, height_px, "bgr24")


def letterbox_bgr(frame: Frame, width_px: int, height_px: int, fill: int = 114) -> tuple[NDArray[np.uint8], float]:
    """The whole frame in its proportions at the top left of a field of grey, as YOLOX (arXiv 2107.08430) wants it.

    Returns:
        (height_px, width_px, 3) uint8 BGR and the scale: field pixels a frame pixel.
    """
    scale = min(width_px / frame.width_px, height_px / frame.height_px)
    inner_width = min(width_px, max(1, round(frame.width_px * scale)))
    inner_height = min(height_px, max(1, round(frame.height_px * scale)))
    field = np.full((height_px, width_px, 3), fill, np.uint8)
    field[:inner_height, :inner_width] = resize_bgr(frame, inner_width, inner_height)
    return field, scale


def crop_bgr(frame: Frame, box: Box, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """The part of a frame inside ``box``, stretched to (height_px, width_px, 3) uint8 BGR; only that part is converted.

    Args:
        box: frame pixels; clipped to the frame, then widened to whole pixels (even ones in YUV, where two by two pixels
            share a colour).

    Raises:
        DataError: nothing of the box lies inside the frame.
    """
    x1, y1 = max(0, floor(box[0])), max(0, floor(box[1]))
    x2, y2 = min(frame.width_px, ceil(box[2])), min(frame.height_px, ceil(box[3]))
    if x2 <= x1 or y2 <= y1:
        raise DataError(
            "A box outside its frame cannot be cropped",
            where=f"camera {frame.camera}, frame {frame.index}",
            found=str(box),
            allowed=f"a box that overlaps (0, 0, {frame.width_px}, {frame.height_px})",
        )
    if frame.planes.pixel_format != "bgr24":
        x1, y1 = x1 - x1 % 2, y1 - y1 % 2
        x2, y2 = min(frame.width_px, x2 + x2 % 2), min(frame.height_px, y2 + y2 % 2)
    return _scale(_part(frame, x1, y1, x2, y2), frame.planes, width_px, height_px, "bgr24")


def whole_bgr(frame: Frame) -> NDArray[np.uint8]:
    """The whole frame as (height, width, 3) uint8 BGR, unscaled."""
    whole = _part(frame, 0, 0, frame.width_px, frame.height_px)
    image = _scale(whole, frame.planes, whole.width, whole.height, "bgr24")
    return np.ascontiguousarray(image[: frame.height_px, : frame.width_px])


def luma(frame: Frame, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """Brightness as (height_px, width_px) uint8: Y as it was coded (16..235 where the range is limited)."""
    if frame.planes.pixel_format == "bgr24":
        whole = _part(frame, 0, 0, frame.width_px, frame.height_px)
    else:
        whole = VideoFrame.from_numpy_buffer(_writable(frame.planes.arrays[0]), "gray")
    return _scale(whole, frame.planes, width_px, height_px, "gray")


def _part(frame: Frame, x1: int, y1: int, x2: int, y2: int) -> VideoFrame:
    """A view of a part of the planes; in YUV from even pixels, and grown by a repeated edge to an even size."""
    planes = frame.planes
    if planes.pixel_format == "bgr24":
        return VideoFrame.from_numpy_buffer(_writable(planes.arrays[0][y1:y2, x1:x2]), "bgr24")
    y = planes.arrays[0][y1:y2, x1:x2]
    if y.shape[0] % 2 or y.shape[1] % 2:
        y = np.pad(y, ((0, y.shape[0] % 2), (0, y.shape[1] % 2)), mode="edge")
    chroma = slice(y1 // 2, (y2 + 1) // 2), slice(x1 // 2, (x2 + 1) // 2)
    parts = (_writable(y), *(_writable(plane[chroma]) for plane in planes.arrays[1:]))
    return VideoFrame.from_dlpack(parts, format="nv12" if planes.pixel_format == "nv12" else "yuv420p")


def _writable(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # Neither DLPack nor PyAV's buffers take arrays that are read-only or whose pixels are not side by side.
    packed = plane.strides[1:] == ((1,) if plane.ndim == 2 else (plane.shape[2], 1))
    return plane if plane.flags.writeable and packed and plane.strides[0] > 0 else plane.copy()


def _scale(part: VideoFrame, planes: Planes, width_px: int, height_px: int, to: str) -> NDArray[np.uint8]:
    matrix = _MATRIX[planes.matrix]
    as_coded = to == "gray" and planes.pixel_format != "bgr24"
    full = planes.full_range or as_coded or planes.pixel_format == "bgr24"
    scaled = VideoReformatter().reformat(
        part,
        width=width_px,
        height=height_px,
        format=to,
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=_SCALING,
        threads=1,  # a decode thread a camera is enough on the machines that shops own
    )
    return np.asarray(scaled.to_ndarray(), np.uint8)
