"""Colours tell apart people who cross, and who goes out from who comes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from retrail.core.types import Box, Detection, Frame, Planes
from retrail.perceive.colours import LENGTH, colours, likeness
from retrail.perceive.track import Tracker

SIZE = (640, 360)
RED, BLUE, GREY = (40, 40, 200), (190, 70, 40), (120, 120, 120)
LEFT, RIGHT = (100.0, 100.0, 160.0, 260.0), (300.0, 100.0, 360.0, 260.0)


def picture(people: Sequence[tuple[Box, tuple[int, int, int]]]) -> NDArray[np.uint8]:
    image = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    for (x1, y1, x2, y2), colour in people:
        image[int(y1) : int(y2), int(x1) : int(x2)] = colour
    return image


def bgr(image: NDArray[np.uint8]) -> Frame:
    return Frame("hall", 0, 0.0, Planes("bgr24", (image,)), *SIZE)


def yuv(image: NDArray[np.uint8], pixel_format: Literal["i420", "nv12"]) -> Frame:
    coded = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="nv12" if pixel_format == "nv12" else "yuv420p")
    planes = coded.to_ndarray().astype(np.uint8)
    high, wide = SIZE[1], SIZE[0]
    bright, rest = planes[:high], planes[high:].ravel()
    half = (high // 2, wide // 2)
    parts = (
        (rest.reshape(*half, 2),) if pixel_format == "nv12" else tuple(part.reshape(half) for part in np.split(rest, 2))
    )
    return Frame("hall", 0, 0.0, Planes(pixel_format, (bright, *parts)), *SIZE)


class TestColours:
    def test_each_histogram_is_of_all_its_pixels(self) -> None:
        found = colours(bgr(picture([(LEFT, RED)])), [LEFT, RIGHT])
        assert found.shape == (2, LENGTH)
        np.testing.assert_allclose(found.reshape(2, 6, -1).sum(axis=2), 1.0, rtol=1e-5)

    @pytest.mark.parametrize("pixel_format", ["bgr24", "i420", "nv12"])
    def test_one_is_like_himself_elsewhere_and_unlike_another(
        self, pixel_format: Literal["bgr24", "i420", "nv12"]
    ) -> None:
        image = picture([(LEFT, RED), (RIGHT, BLUE)])
        moved = picture([(RIGHT, RED)])
        here, there = ((bgr(each) if pixel_format == "bgr24" else yuv(each, pixel_format)) for each in (image, moved))
        alike = likeness(colours(here, [LEFT, RIGHT]), colours(there, [RIGHT]))[:, 0]
        assert alike[0] > 0.95
        assert alike[1] < 0.7

    def test_a_box_at_the_border_or_outside_is_no_error(self) -> None:
        found = colours(bgr(picture([])), [(-50.0, -50.0, 20.0, 30.0), (700.0, 10.0, 720.0, 50.0)])
        assert np.isfinite(found).all()
        assert not found[1].any()


def told(
    tracker: Tracker, time_s: float, people: Sequence[tuple[Box, tuple[int, int, int]]], *, seen: bool = True
) -> dict[tuple[int, int, int], int]:
    """The keys under which the tracker has those people, by colour."""
    boxes = [box for box, _ in people]
    worn = colours(bgr(picture(people)), boxes) if seen else None
    opened = tracker.update(time_s, [Detection(box, 0.9) for box in boxes], None, worn).open
    return {colour: track.key for track in opened if track.matched for box, colour in people if track.box == box}


def at(x: float) -> Box:
    return (x, 100.0, x + 60.0, 260.0)


class TestTracking:
    def test_two_who_turn_back_where_they_meet_do_not_take_each_others_keys(self) -> None:
        """By position alone they would be taken to have passed each other, for both are hidden while they turn."""
        ways = [abs(3.0 - 0.2 * step) for step in range(31)]

        def keys(*, seen: bool) -> tuple[dict[tuple[int, int, int], int], dict[tuple[int, int, int], int]]:
            tracker, first, last = Tracker("hall", *SIZE), {}, {}
            for step, apart in enumerate(ways):
                people = [(at(300 - 45 * apart), RED), (at(300 + 45 * apart), BLUE)] if apart > 0.5 else []
                last = told(tracker, step / 5, people, seen=seen)
                first = first or last
            return first, last

        first, last = keys(seen=True)
        assert len(first) == 2
        assert last[RED] != first[BLUE]
        assert last[BLUE] != first[RED]
        first, last = keys(seen=False)
        assert (last[RED], last[BLUE]) == (first[BLUE], first[RED])

    def test_who_comes_in_where_another_went_out_is_somebody_new(self) -> None:
        tracker = Tracker("hall", *SIZE)
        first = [told(tracker, step / 5, [(at(300 + 4 * step), RED)]) for step in range(10)][-1]
        second = [told(tracker, 3.2 + step / 5, [(at(345 - 4 * step), BLUE)]) for step in range(10)][-1]
        assert first[RED] != second[BLUE]

    def test_light_that_changes_slowly_does_not_part_anybody(self) -> None:
        tracker, keys = Tracker("hall", *SIZE), set[int]()
        for step in range(60):
            light = 1.0 - 0.5 * step / 60
            colour = (int(40 * light), int(40 * light), int(200 * light))
            keys |= set(told(tracker, step / 5, [(at(100 + 4 * step), colour)]).values())
        assert len(keys) == 1
