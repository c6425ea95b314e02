from __future__ import annotations

import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest

from retrail.core.errors import DataError
from retrail.video.writer import ClipWriter


def picture(level: int, width: int = 64, height: int = 48) -> np.ndarray:
    image = np.full((height, width, 3), (30, 60, 200), np.uint8)
    image[: height // 2] = level
    return image


def read(path: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(path)) as container:
        return [(float(f.time), f.to_ndarray(format="bgr24")) for f in container.decode(video=0)]


def test_pictures_come_back_in_their_colours_at_their_own_times(tmp_path: Path):
    times = [100.0, 100.1, 100.25, 103.0, 103.04]
    with ClipWriter(tmp_path / "clips" / "till.mp4", 64, 48, 10) as clip:
        for number, time_s in enumerate(times):
            clip.write(picture(40 * number), time_s)
    pictures = read(tmp_path / "clips" / "till.mp4")
    assert [t for t, _ in pictures] == pytest.approx([t - 100 for t in times], abs=1e-4)
    for number, (_, image) in enumerate(pictures):
        assert np.abs(image[4:20].astype(int) - 40 * number).max() <= 4
        assert np.abs(image[28:44].mean(axis=(0, 1)) - (30, 60, 200)).max() <= 6


def test_a_clip_says_its_colours_and_when_it_began(tmp_path: Path):
    with ClipWriter(tmp_path / "a.mp4", 64, 48, 10) as clip:
        clip.write(picture(1), 1_700_000_000.0)
    with av.open(str(tmp_path / "a.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range, context.pix_fmt) == (1, 1, "yuv420p")
        assert context.name == "h264"
        assert container.metadata["creation_time"].startswith("2023-11-14T22:13:20")


def test_a_clip_appears_only_when_it_is_whole(tmp_path: Path):
    clip = ClipWriter(tmp_path / "a.mp4", 64, 48, 10)
    clip.write(picture(1), 0.0)
    assert not (tmp_path / "a.mp4").exists()
    clip.close()
    clip.close()
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_an_interrupted_clip_keeps_what_was_written(tmp_path: Path):
    clip = ClipWriter(tmp_path / "a.mp4", 64, 48, 10)
    clip.write(picture(1), 0.0)
    clip.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert len(read(tmp_path / "a.mp4")) == 1


def test_a_clip_without_pictures_leaves_no_file(tmp_path: Path):
    ClipWriter(tmp_path / "a.mp4", 64, 48, 10).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [(63, 48), (64, 47), (1, 1)])
def test_an_odd_size_grows_by_its_edge(tmp_path: Path, size: tuple[int, int]):
    with ClipWriter(tmp_path / "a.mp4", *size, 10) as clip:
        clip.write(picture(200, *size), 0.0)
    (_, image), *_ = read(tmp_path / "a.mp4")
    assert image.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)


def test_a_wrong_size_and_a_time_that_goes_back_are_refused(tmp_path: Path):
    with ClipWriter(tmp_path / "a.mp4", 64, 48, 10) as clip:
        clip.write(picture(1), 5.0)
        with pytest.raises(DataError, match="another size"):
            clip.write(picture(1, 32, 32), 6.0)
        with pytest.raises(DataError, match="not later"):
            clip.write(picture(1), 5.0)
        clip.write(picture(1), 6.0)
    assert len(read(tmp_path / "a.mp4")) == 2


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        ClipWriter(tmp_path / "file" / "a.mp4", 64, 48, 10)


@contextmanager
def full_disk(size_bytes: int) -> Iterator[None]:
    """A limit on the size of files stands for the full disk: the write fails in the same place.

    It holds for the whole process, so it is lifted before the test ends: what pytest prints may go to a file.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_one_clear_error_and_what_was_written_can_be_played(tmp_path: Path):
    clip = ClipWriter(tmp_path / "a.mp4", 320, 240, 10)

    def write_noise() -> None:
        noise = np.random.default_rng(0)
        for number in range(60):
            clip.write(noise.integers(0, 255, (240, 320, 3), np.uint8), number / 10)

    with full_disk(500_000):
        with pytest.raises(DataError, match="could not be written to its end") as caught:
            write_noise()
        clip.close()
    kept = re.fullmatch(r"File too large; the first ([\d.]+) s kept", caught.value.found or "")
    assert kept is not None
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert read_until_broken(tmp_path / "a.mp4")[-1] == pytest.approx(float(kept[1]), abs=0.06)


def test_a_disk_that_is_full_from_the_start_leaves_nothing(tmp_path: Path):
    clip = ClipWriter(tmp_path / "a.mp4", 320, 240, 10)
    with full_disk(10):
        clip.write(picture(1, 320, 240), 0.0)
        with pytest.raises(DataError, match="could not be written") as caught:
            clip.close()
    assert "nothing kept" in (caught.value.found or "")
    assert list(tmp_path.iterdir()) == []


def read_until_broken(path: Path) -> list[float]:
    times: list[float] = []
    with av.open(str(path)) as container:
        try:
            times.extend(float(f.time) for f in container.decode(video=0))
        except av.error.FFmpegError:
            return times
    return times
