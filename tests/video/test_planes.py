from __future__ import annotations

import numpy as np
import pytest

from retrail.core.errors import DataError
from retrail.core.types import ColourMatrix, Frame, PixelFormat, Planes
from retrail.video.planes import crop_bgr, letterbox_bgr, luma, resize_bgr, whole_bgr

WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}


def coded(rgb: tuple[int, int, int], matrix: ColourMatrix, full_range: bool) -> tuple[int, int, int]:
    """Y, Cb, Cr of a colour by the equations of ITU-R BT.601 and BT.709."""
    red, blue = WEIGHTS[matrix]
    r, g, b = (part / 255 for part in rgb)
    y = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    scale_y, scale_c, black = (255, 255, 0) if full_range else (219, 224, 16)
    return round(scale_y * y + black), round(scale_c * u + 128), round(scale_c * v + 128)


def frame_of(
    image: np.ndarray, pixel_format: PixelFormat, matrix: ColourMatrix = "bt601", full_range: bool = False
) -> Frame:
    """A frame that shows an RGB image of blocks of two by two equal pixels."""
    height, width = image.shape[:2]
    if pixel_format == "bgr24":
        arrays = (image[..., ::-1].copy(),)
    else:
        yuv = np.array([[coded(tuple(p), matrix, full_range) for p in row] for row in image.tolist()], np.uint8)
        y, u, v = yuv[..., 0].copy(), yuv[::2, ::2, 1].copy(), yuv[::2, ::2, 2].copy()
        arrays = (y, np.stack([u, v], axis=-1)) if pixel_format == "nv12" else (y, u, v)
    return Frame("till", 0, 0.0, Planes(pixel_format, arrays, matrix, full_range), width, height)


def plain(rgb: tuple[int, int, int], width: int = 16, height: int = 12) -> np.ndarray:
    return np.tile(np.array(rgb, np.uint8), (height, width, 1))


@pytest.mark.parametrize("rgb", [(200, 30, 60), (20, 220, 40), (10, 40, 240), (128, 128, 128), (255, 255, 255)])
@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("pixel_format", ["i420", "nv12", "bgr24"])
def test_a_colour_comes_back_in_its_own_matrix_and_range(pixel_format, matrix, full_range, rgb):
    frame = frame_of(plain(rgb), pixel_format, matrix, full_range)
    for image in (whole_bgr(frame), resize_bgr(frame, 7, 30), crop_bgr(frame, (2, 2, 9, 9), 20, 20)):
        assert image.dtype == np.uint8
        assert np.abs(image[..., ::-1].astype(int) - rgb).max() <= 3


def blocks(width: int, height: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    small = rng.integers(30, 220, (-(-height // 8), -(-width // 8), 3), np.uint8)
    return small.repeat(8, axis=0).repeat(8, axis=1)[:height, :width]


@pytest.mark.parametrize("pixel_format", ["i420", "nv12", "bgr24"])
@pytest.mark.parametrize(("width", "height"), [(64, 48), (63, 47), (64, 47), (33, 48), (1, 1), (2, 1), (1, 9)])
def test_even_odd_and_tiny_frames_keep_their_size(pixel_format, width, height):
    frame = frame_of(blocks(width, height), pixel_format)
    assert whole_bgr(frame).shape == (height, width, 3)
    assert resize_bgr(frame, 20, 10).shape == (10, 20, 3)
    assert luma(frame, 5, 4).shape == (4, 5)
    assert crop_bgr(frame, (-5, -5, 500, 500), 8, 16).shape == (16, 8, 3)


@pytest.mark.parametrize("pixel_format", ["i420", "nv12", "bgr24"])
def test_a_crop_shows_what_the_whole_shows_there(pixel_format):
    frame = frame_of(blocks(64, 48), pixel_format)
    whole = whole_bgr(frame)
    crop = crop_bgr(frame, (16, 8, 48, 40), 32, 32)
    assert np.abs(crop.astype(int) - whole[8:40, 16:48]).mean() < 3


def test_a_crop_reads_padded_rows():
    frame = frame_of(blocks(64, 48), "i420")
    y, u, v = frame.planes.arrays
    padded = tuple(np.pad(plane, ((0, 0), (0, 9)), constant_values=7)[:, : plane.shape[1]] for plane in (y, u, v))
    again = Frame("till", 0, 0.0, Planes("i420", padded), 64, 48)
    assert np.array_equal(crop_bgr(frame, (9, 9, 60, 40), 32, 32), crop_bgr(again, (9, 9, 60, 40), 32, 32))


def test_a_crop_outside_the_frame_is_refused():
    frame = frame_of(plain((1, 2, 3)), "i420")
    for box in ((20, 0, 30, 5), (3, 3, 3, 9), (-9, -9, -1, -1)):
        with pytest.raises(DataError, match="outside its frame"):
            crop_bgr(frame, box, 8, 8)


def test_a_letterbox_keeps_the_proportions():
    image, scale = letterbox_bgr(frame_of(plain((255, 255, 255), 40, 20), "i420"), 80, 80)
    assert scale == 2.0
    assert image.shape == (80, 80, 3)
    assert image[:40].min() > 250
    assert (image[40:] == 114).all()


def test_luma_is_y_as_it_was_coded():
    frame = frame_of(plain((255, 255, 255)), "nv12")
    assert (luma(frame, 4, 4) == 235).all()


def test_read_only_planes_can_be_converted():
    frame = frame_of(blocks(64, 48), "i420")
    expected = whole_bgr(frame)
    for plane in frame.planes.arrays:
        plane.flags.writeable = False
    assert np.array_equal(whole_bgr(frame), expected)
    assert luma(frame, 8, 8).shape == (8, 8)
