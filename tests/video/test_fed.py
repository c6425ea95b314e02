"""Frames that the caller makes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from retrail import Pipeline, Site
from retrail.core.errors import DataError, SiteError, SourceError
from retrail.core.types import CameraEvent
from retrail.video import Feed, Source, open_source

BLACK = np.zeros((36, 64, 3), np.uint8)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    path = tmp_path / "site.yaml"
    path.write_text("site: kiosk\ncameras:\n  hall: {source: none.mp4, offset_s: 2}\n", encoding="utf-8")
    return Site.load(path)


def fed(site: Site, *frames: tuple[float, NDArray[np.uint8]], events: list[CameraEvent] | None = None) -> Source:
    told = [] if events is None else events
    return open_source(site.cameras["hall"], feed=lambda: iter(frames), on_event=told.append)


def test_frames_come_as_they_were_fed_and_once_more(site: Site) -> None:
    grey = np.full_like(BLACK, 90)
    source = fed(site, (100.0, BLACK), (100.1, grey))
    for reader in (source, source.again()):
        frames = list(reader.frames())
        assert [(frame.camera, frame.index, frame.time_s) for frame in frames] == [
            ("hall", 0, 102.0),
            ("hall", 1, 102.1),
        ]
        assert [(frame.width_px, frame.height_px) for frame in frames] == [(64, 36)] * 2
        assert frames[1].planes.arrays[0] is grey
    assert source.counters().frames == 2
    assert not source.live


def test_a_change_of_size_is_told(site: Site) -> None:
    events: list[CameraEvent] = []
    assert len(list(fed(site, (0.0, BLACK), (1.0, BLACK[:18]), events=events).frames())) == 2
    assert [event.kind for event in events] == ["resolution"]


@pytest.mark.parametrize(
    "image", [BLACK[..., 0], BLACK.astype(np.float32), np.zeros((36, 64, 4), np.uint8), np.zeros((0, 64, 3), np.uint8)]
)
def test_what_is_no_picture_is_one_clear_error(site: Site, image: NDArray[np.uint8]) -> None:
    with pytest.raises(DataError, match="no picture") as caught:
        list(fed(site, (0.0, BLACK), (1.0, image)).frames())
    assert caught.value.where == "camera hall, frame 1"
    assert caught.value.found == f"shape {image.shape}, {image.dtype}"


@pytest.mark.parametrize("image", [None, [[1, 2, 3]]])
def test_what_is_no_array_is_no_picture_either(site: Site, image: Any) -> None:
    with pytest.raises(DataError, match="no picture") as caught:
        list(fed(site, (0.0, image)).frames())
    assert caught.value.found is not None
    assert type(image).__name__ in caught.value.found


def test_a_feed_that_fails_is_an_error_of_its_camera(site: Site) -> None:
    def broken() -> Iterator[tuple[float, NDArray[np.uint8]]]:
        yield 0.0, BLACK
        raise OSError("the disk is gone")

    source = open_source(site.cameras["hall"], feed=broken)
    with pytest.raises(SourceError, match="The feed failed") as caught:
        list(source.frames())
    assert (caught.value.where, caught.value.found) == ("camera hall", "the disk is gone")


def test_a_mistake_in_a_feed_is_not_hidden(site: Site) -> None:
    def wrong() -> Iterator[tuple[float, NDArray[np.uint8]]]:
        raise KeyError("frame")
        yield 0.0, BLACK

    with pytest.raises(KeyError, match="frame"):
        list(open_source(site.cameras["hall"], feed=wrong).frames())


@pytest.mark.parametrize("time_s", [5.0, 4.0, float("nan"), float("inf")])
def test_time_has_to_rise(site: Site, time_s: float) -> None:
    with pytest.raises(DataError, match="no later time") as caught:
        list(fed(site, (5.0, BLACK), (time_s, BLACK)).frames())
    assert caught.value.where == "camera hall, frame 1"


def test_a_feed_without_a_frame_is_an_error(site: Site) -> None:
    with pytest.raises(SourceError, match="Not one frame was fed"):
        list(fed(site).frames())


@pytest.mark.parametrize("how", ["stop", "close"])
def test_it_ends_when_it_is_told_to(site: Site, how: str) -> None:
    def endless() -> Iterator[tuple[float, NDArray[np.uint8]]]:
        time_s = 0.0
        while True:
            time_s += 1.0
            yield time_s, BLACK

    feed: Feed = endless
    stop = threading.Event()
    source = open_source(site.cameras["hall"], feed=feed, stop=stop)
    frames = source.frames()
    next(frames)
    stop.set() if how == "stop" else source.close()
    assert list(frames) == []


def test_a_feed_for_a_camera_that_is_not_there_is_one_clear_error(site: Site) -> None:
    with pytest.raises(SiteError, match="no such camera") as caught:
        Pipeline(site, feeds={"hal": list})
    assert caught.value.allowed == "hall"
