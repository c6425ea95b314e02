"""What is drawn into a picture is where it should be, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import DataError
from retrail.video.draw import colour_of, draw_box, draw_line, draw_polygon, draw_text, text_size
from retrail.video.picture import write_png

RED = (0, 0, 255)


def _grey(height: int = 60, width: int = 80) -> NDArray[np.uint8]:
    return np.full((height, width, 3), 100, np.uint8)


def _touched(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (image != 100).any(axis=2)


def test_a_box_is_an_outline_of_its_width() -> None:
    image = _grey()
    draw_box(image, (10, 20, 40, 50), colour=RED, width_px=2)
    inside = np.zeros((60, 80), np.bool_)
    inside[20:50, 10:40] = True
    inside[22:48, 12:38] = False
    assert (_touched(image) == inside).all()
    assert tuple(image[20, 10]) == RED


def test_a_label_stands_above_its_box_and_inside_where_there_is_no_room() -> None:
    low, high = _grey(120, 160), _grey(120, 160)
    draw_box(low, (20, 60, 100, 100), "7", RED)
    draw_box(high, (20, 2, 100, 100), "7", RED)
    plate_px = text_size("7")[1]
    assert _touched(low)[60 - plate_px : 60, 22].all()
    assert _touched(high)[2 : 2 + plate_px, 24].all()


@pytest.mark.parametrize(
    ("start", "end"),
    [((5, 5), (70, 50)), ((70, 50), (5, 5)), ((10, 55), (20, 5)), ((3, 30), (77, 30))],
)
def test_a_line_covers_what_is_near_it(start: tuple[int, int], end: tuple[int, int]) -> None:
    image = _grey()
    draw_line(image, start, end, RED, width_px=3)
    rows, columns = np.mgrid[0:60, 0:80]
    along = np.subtract(end, start)
    share = np.clip(((columns - start[0]) * along[0] + (rows - start[1]) * along[1]) / (along @ along), 0, 1)
    distance = np.hypot(columns - start[0] - share * along[0], rows - start[1] - share * along[1])
    assert (image[distance < 0.9] == RED).all()
    assert not _touched(image)[distance > 2.1].any()


def test_a_filled_polygon_tints_its_inside() -> None:
    image = _grey()
    draw_polygon(image, [(10, 10), (70, 10), (40, 50)], RED, fill=0.5, width_px=1)
    assert image[20, 40, 2] == pytest.approx(178, abs=2)
    assert not _touched(image)[45:, 60:].any()


def test_text_that_would_not_fit_is_moved_into_the_picture() -> None:
    image = _grey()
    draw_text(image, "42", (78, 58), RED)
    assert _touched(image)[-30:, -40:].any()


def test_letters_that_the_font_lacks_are_spelled_without_accents() -> None:
    plain, accented = _grey(), _grey()
    draw_text(plain, "Zoe", (0, 0))
    draw_text(accented, "Zoë", (0, 0))
    assert (plain == accented).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-500, 500)] * 2), min_size=3, max_size=5),
    st.text(max_size=30),
    st.floats(0.5, 9),
)
def test_whatever_lies_outside_is_cut_off(corners: list[tuple[float, float]], text: str, width_px: float) -> None:
    image = _grey(20, 30)
    draw_polygon(image, corners, colour_of(3), label=text, fill=0.3, width_px=width_px)
    draw_box(image, (*corners[0], *corners[1]), text, size_px=10)
    draw_line(image, corners[0], corners[1], width_px=width_px, arrow=True)


def test_a_one_pixel_picture_can_be_drawn_into() -> None:
    image = _grey(1, 1)
    draw_box(image, (0, 0, 1, 1), "name", RED)
    draw_text(image, "name", (0, 0), plate=RED)


def test_a_picture_comes_back_from_its_file(tmp_path) -> None:
    image = _grey()
    draw_box(image, (10, 20, 40, 50), colour=RED)
    write_png(tmp_path / "till.png", image)
    assert (np.asarray(Image.open(tmp_path / "till.png"))[..., ::-1] == image).all()
    assert [path.name for path in tmp_path.iterdir()] == ["till.png"]


def test_a_folder_that_is_not_there_is_one_error(tmp_path) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        write_png(tmp_path / "gone" / "till.png", _grey())
