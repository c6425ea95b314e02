from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from retrail.core.types import Frame
from retrail.video.decoded import to_planes
from retrail.video.planes import whole_bgr

COLOURS = [(200, 30, 60), (20, 220, 40), (10, 40, 240), (230, 230, 230)]


def four_colours(width: int, height: int) -> np.ndarray:
    """(height, width, 3) BGR: red, green over blue, grey."""
    image = np.zeros((height, width, 3), np.uint8)
    for place, rgb in enumerate(COLOURS):
        rows = slice(0, height // 2) if place < 2 else slice(height // 2, height)
        columns = slice(0, width // 2) if place % 2 == 0 else slice(width // 2, width)
        image[rows, columns] = rgb[::-1]
    return image


def picture(image: np.ndarray, pix_fmt: str, matrix: str = "ITU601", full: bool = False) -> av.VideoFrame:
    """What a decoder would give: converted, and tagged as a stream tags it."""
    made = av.VideoFrame.from_ndarray(image, "bgr24").reformat(
        format=pix_fmt,
        dst_colorspace=Colorspace[matrix],
        dst_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        src_color_range=ColorRange.JPEG,
    )
    made.colorspace = {"ITU709": 1, "ITU601": 6, "BT2020": 9}[matrix]
    made.color_range = ColorRange.JPEG if full else ColorRange.MPEG
    return made


def shown(decoded: av.VideoFrame) -> np.ndarray:
    planes, width, height = to_planes(decoded)
    return whole_bgr(Frame("till", 0, 0.0, planes, width, height))


def colours_of(image: np.ndarray) -> list[tuple[int, int, int]]:
    height, width = image.shape[:2]
    places = [(h, w) for h in (height // 4, 3 * height // 4) for w in (width // 4, 3 * width // 4)]
    return [tuple(int(part) for part in image[h, w, ::-1]) for h, w in places]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", ["ITU601", "ITU709"])
@pytest.mark.parametrize(
    "pix_fmt",
    ["yuv420p", "nv12", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le", "yuyv422", "p010le", "nv21"],
)
def test_every_format_shows_its_colours_in_its_own_matrix_and_range(pix_fmt, matrix, full):
    found = colours_of(shown(picture(four_colours(64, 48), pix_fmt, matrix, full)))
    assert np.abs(np.array(found) - COLOURS).max() <= 5


@pytest.mark.parametrize("pix_fmt", ["rgb24", "bgr24", "rgba", "gbrp", "rgb48le"])
def test_rgb_formats_become_bgr(pix_fmt):
    image = four_colours(64, 48)
    made = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format=pix_fmt)
    planes, *_ = to_planes(made)
    assert planes.pixel_format == "bgr24"
    assert np.abs(shown(made).astype(int) - image).max() <= 1


def test_grey_pictures_stay_grey():
    image = np.tile(np.arange(0, 256, 4, dtype=np.uint8), (48, 1))
    found = shown(av.VideoFrame.from_ndarray(image, "gray"))
    assert np.abs(found.astype(int) - image[..., None]).max() <= 3


def test_bt2020_is_brought_to_bt709():
    found = colours_of(shown(picture(four_colours(64, 48), "yuv420p10le", "BT2020")))
    assert np.abs(np.array(found) - COLOURS).max() <= 6


def test_4_2_0_is_kept_where_the_decoder_put_it():
    decoded = picture(four_colours(64, 48), "yuv420p")
    planes, *_ = to_planes(decoded)
    assert planes.owner is decoded
    assert np.shares_memory(planes.arrays[0], np.frombuffer(decoded.planes[0], np.uint8))


@pytest.mark.parametrize(
    ("size", "matrix"), [((640, 480), "bt601"), ((720, 576), "bt601"), ((1280, 720), "bt709"), ((1288, 728), "bt709")]
)
def test_a_stream_that_does_not_name_its_matrix_has_that_of_its_size(size, matrix):
    decoded = av.VideoFrame(*size, "yuv420p")
    assert to_planes(decoded)[0].matrix == matrix


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "nv12", "yuv422p", "yuv444p", "bgr24"])
@pytest.mark.parametrize("size", [(1, 1), (33, 47), (853, 480), (64, 1)])
def test_odd_sizes_are_kept(pix_fmt, size):
    width, height = size
    decoded = av.VideoFrame(width, height, pix_fmt)
    planes, *shape = to_planes(decoded)
    assert shape == [width, height]
    assert planes.arrays[0].shape[:2] == (height, width)
    if planes.pixel_format != "bgr24":
        assert planes.arrays[1].shape[:2] == ((height + 1) // 2, (width + 1) // 2)


# --- rotation ---------------------------------------------------------------------------------------------------------

UPRIGHT = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def turned(path: Path, clockwise: int) -> Path:
    """Writes into the track header of an MP4 that players shall turn its pictures."""
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd") + 4 + 40
    a, b, c, d = UPRIGHT[clockwise]
    data[at : at + 36] = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
def test_a_turned_recording_is_shown_upright(clip, watch, tmp_path, clockwise):
    path = tmp_path / "a.mp4"
    image = four_colours(64, 48)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        container.mux(stream.encode(None))
    (frame,) = watch(turned(path, clockwise), start_s=0.0).frames()
    expected = np.rot90(image, -clockwise // 90)
    assert (frame.height_px, frame.width_px) == expected.shape[:2]
    assert frame.planes.arrays[0].shape == expected.shape[:2]
    assert np.abs(np.array(colours_of(whole_bgr(frame))) - colours_of(expected)).max() <= 12


# --- extremes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (33, 17)])
def test_tiny_and_odd_clips_are_read(clip, watch, tmp_path, size):
    path = clip(tmp_path / "a.mkv", range(3), size=size, codec="ffv1")
    frames = watch(path, start_s=0.0).frames()
    assert [(f.width_px, f.height_px) for f in frames] == [size] * 3
    assert whole_bgr(frames[0]).shape == (size[1], size[0], 3)


def test_an_8k_clip_is_read(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mp4", range(1), size=(7680, 4320), codec="mjpeg", pix_fmt="yuvj420p")
    sizes = [(f.width_px, f.height_px) for f in watch(path, start_s=0.0).source.frames()]
    assert sizes == [(7680, 4320)]
