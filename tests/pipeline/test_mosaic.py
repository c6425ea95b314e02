"""All cameras in one video: every picture of it is one instant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from tests.numbers_in_pictures import draw_number, read_number

from retrail.core.errors import DataError
from retrail.core.types import Frame, Planes
from retrail.pipeline.mosaic import CELL_WIDTH_PX, MOSAIC_HZ, Drawn, write_mosaic
from retrail.video.planes import whole_bgr

CELL = 360, CELL_WIDTH_PX


def frames(camera: str, times_s: np.ndarray, size: tuple[int, int] = (320, 180)) -> Iterator[Frame]:
    """Pictures that show their own time in tenths of a second."""
    for index, time_s in enumerate(times_s.tolist()):
        luma = draw_number(round(10 * time_s), *size)
        image = np.ascontiguousarray(np.repeat(luma[..., None], 3, axis=2))
        yield Frame(camera, index, time_s, Planes("bgr24", (image,)), *size)


def draw(frame: Frame) -> Drawn:
    return whole_bgr(frame), frozenset({7} if frame.camera == "till" else ())


def cells(path: Path) -> list[tuple[float, list[np.ndarray]]]:
    """Each picture's time, and its four parts."""
    height, width = CELL
    with av.open(str(path)) as clip:
        return [
            (float(frame.time), [luma[y : y + height, x : x + width] for y in (0, height) for x in (0, width)])
            for frame in clip.decode(video=0)
            for luma in [frame.to_ndarray(format="gray")]
        ]


def test_cameras_of_other_rates_and_sizes_stand_at_the_same_instant(tmp_path: Path) -> None:
    clip = write_mosaic(
        tmp_path / "m.mp4",
        {
            "door": frames("door", np.arange(0, 6, 0.1)),
            "aisle": frames("aisle", np.arange(1, 5, 0.2), (640, 360)),
            "till": frames("till", np.arange(0, 6, 0.04), (160, 90)),
        },
        draw,
    )
    pictures = cells(clip.path)
    assert clip.frames == len(pictures) == 6 * MOSAIC_HZ
    assert clip.cameras == ("door", "aisle", "till")
    assert clip.identities == (7,)
    for time_s, (door, aisle, till, none) in pictures:
        assert read_number(door) == pytest.approx(10 * time_s, abs=0.5)
        assert read_number(till) == pytest.approx(10 * time_s, abs=1.5)
        assert none.mean() < 20
        if 1 <= time_s < 5:
            assert read_number(aisle) == pytest.approx(10 * time_s, abs=1.5)
        elif time_s < 1:
            assert aisle.mean() < 30


def test_where_nobody_shows_anything_the_video_leaps_and_its_clock_goes_on(tmp_path: Path) -> None:
    times_s = np.concatenate([np.arange(0, 2, 0.1), np.arange(600, 602, 0.1)])
    clip = write_mosaic(tmp_path / "m.mp4", {"door": frames("door", times_s), "till": frames("till", times_s)}, draw)
    seen = [read_number(parts[0]) for _, parts in cells_of_two(clip.path)]
    assert len(seen) == 2 * 2 * MOSAIC_HZ
    assert seen[-1] == 6018
    assert clip.end_s == pytest.approx(601.8)


def cells_of_two(path: Path) -> list[tuple[float, list[np.ndarray]]]:
    with av.open(str(path)) as clip:
        return [
            (float(frame.time), [frame.to_ndarray(format="gray")[:, :CELL_WIDTH_PX]]) for frame in clip.decode(video=0)
        ]


def test_cameras_that_show_nothing_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        write_mosaic(tmp_path / "m.mp4", {"door": iter(())}, draw)
    assert list(tmp_path.iterdir()) == []
