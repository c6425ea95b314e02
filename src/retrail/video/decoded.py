"""From a decoder's frame to planes: no conversion where the format is one of ours, rotation as the file says."""

from __future__ import annotations

from typing import cast

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from retrail.core.types import ColourMatrix, PixelFormat, Planes

_AV_BT709, _AV_UNSPECIFIED, _AV_BT2020 = 1, 2, (9, 10)
_HD_WIDTH_PX, _HD_HEIGHT_PX = 1280, 576
_KEPT: dict[str, PixelFormat] = {"yuv420p": "i420", "yuvj420p": "i420", "nv12": "nv12", "bgr24": "bgr24"}


def to_planes(picture: VideoFrame) -> tuple[Planes, int, int]:
    """The planes of a decoded frame, upright, with their width and height in pixels.

    4:2:0 in eight bits and BGR are kept where the decoder put them (and keep the decoder's frame alive); anything else
    is converted once by swscale, RGB to BGR and every other YUV to I420 in its own matrix and range.
    Where a stream does not name its matrix, HD is BT.709 and anything smaller BT.601, as players take it.
    """
    turns = round(picture.rotation / 90) % 4
    matrix = _matrix(picture)
    full_range = _is_full_range(picture)
    if picture.format.name not in _KEPT:
        picture = _convert(picture, matrix, full_range)
    pixel_format = _KEPT[picture.format.name]
    arrays = _arrays(picture, pixel_format)
    owner: object = picture
    width, height = picture.width, picture.height
    if turns:
        arrays = tuple(np.ascontiguousarray(np.rot90(array, turns)) for array in arrays)
        owner = None
        width, height = (height, width) if turns % 2 else (width, height)
    return Planes(pixel_format, arrays, matrix, full_range, owner), width, height


def _matrix(picture: VideoFrame) -> ColourMatrix:
    if picture.colorspace in (_AV_BT709, *_AV_BT2020):
        return "bt709"
    hd = picture.width >= _HD_WIDTH_PX or picture.height > _HD_HEIGHT_PX
    return "bt709" if picture.colorspace == _AV_UNSPECIFIED and hd else "bt601"


def _is_full_range(picture: VideoFrame) -> bool:
    if picture.color_range != ColorRange.UNSPECIFIED:
        return picture.color_range == ColorRange.JPEG
    return picture.format.name.startswith(("yuvj", "gray"))


def _convert(picture: VideoFrame, matrix: ColourMatrix, full_range: bool) -> VideoFrame:
    own = Colorspace.ITU709 if matrix == "bt709" else Colorspace.ITU601
    coded = ColorRange.JPEG if full_range else ColorRange.MPEG
    if picture.format.is_rgb or picture.format.name == "pal8":
        full = ColorRange.JPEG
        return VideoReformatter().reformat(
            picture, format="bgr24", src_colorspace=own, dst_colorspace=own, src_color_range=full, dst_color_range=full
        )
    return VideoReformatter().reformat(
        picture,
        format="yuv420p",
        src_colorspace=Colorspace.BT2020 if picture.colorspace in _AV_BT2020 else own,
        dst_colorspace=own,
        src_color_range=coded,
        dst_color_range=coded,
        threads=1,
    )


def _arrays(picture: VideoFrame, pixel_format: PixelFormat) -> tuple[NDArray[np.uint8], ...]:
    width, height = picture.width, picture.height
    half_width, half_height = (width + 1) // 2, (height + 1) // 2
    planes = picture.planes
    if pixel_format == "bgr24":
        return (_view(planes[0], height, width * 3).reshape(height, width, 3, copy=False),)
    y = _view(planes[0], height, width)
    if pixel_format == "nv12":
        uv = _view(planes[1], half_height, half_width * 2)
        return y, uv.reshape(half_height, half_width, 2, copy=False)
    return y, _view(planes[1], half_height, half_width), _view(planes[2], half_height, half_width)


def _view(plane: VideoPlane, rows: int, row_bytes: int) -> NDArray[np.uint8]:
    flat = np.frombuffer(cast(bytes, plane), np.uint8)  # a buffer, which PyAV's stubs do not say
    return flat[: rows * plane.line_size].reshape(rows, plane.line_size)[:, :row_bytes]
