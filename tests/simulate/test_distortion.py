"""A lens that bends straight lines bends them alike in the pictures, the truth and the site file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]
from tests.simulate.worlds import room

from retrail.core.errors import DataError
from retrail.core.geometry import points_in_polygon
from retrail.simulate.distortion import (
    PINHOLE,
    Radial,
    distorted,
    radial_of,
    steepest,
    straightening,
    stretch,
    undistorted,
)
from retrail.simulate.outline import thinned
from retrail.simulate.render.film import film
from retrail.simulate.render.lens import Lens, lens_of
from retrail.simulate.scenario import Scenario
from retrail.simulate.site_file import site_file
from retrail.simulate.traffic.writing import write_sightings
from retrail.simulate.world import play
from retrail.site import Site

NOBODY = "  - {enter_s: 999}"
SHARP = "flaws: {noise: 0, blur_px: 0}"


def bent(coefficients: str, fov_deg: float = 100) -> tuple[str, str]:
    return "rate_hz: 5", f"rate_hz: 5, fov_deg: {fov_deg}, distortion: {{{coefficients}}}, {SHARP}"


BARREL = bent("k1: -0.28, k2: 0.07")
PINCUSHION = bent("k1: 0.4", 70)
both = pytest.mark.parametrize("bend", [BARREL, PINCUSHION], ids=["barrel", "pincushion"])


def lens_in(scenario: Scenario) -> Lens:
    return lens_of(scenario.spec.cameras["hall"])


def wide() -> Radial:
    found = radial_of(-0.28, 0.07, math.tan(math.radians(50)), 9 / 16)
    assert found is not None
    return found


def test_a_point_is_shown_where_opencv_shows_it(tmp_path: Path) -> None:
    lens = lens_in(room(tmp_path, NOBODY, 1, BARREL))
    point = np.array([1.4, 2.2, 1.1])
    right, down, forward = (lens.axes @ (point - lens.at)).tolist()
    x, y = right / forward, down / forward
    squared = x * x + y * y
    factor = 1 - 0.28 * squared + 0.07 * squared * squared
    shown = 320 / 2 + lens.focal_px * x * factor, 180 / 2 + lens.focal_px * y * factor
    assert lens.project(point[None])[0, :2].tolist() == pytest.approx(shown, abs=1e-6)


def test_the_field_of_view_is_what_the_picture_shows(tmp_path: Path) -> None:
    lens = lens_in(room(tmp_path, NOBODY, 1, BARREL))
    for side, column in ((1.0, 320.0), (-1.0, 0.0)):
        ray = lens.axes[2] + side * math.tan(math.radians(50)) * lens.axes[0]
        assert lens.project((lens.at + ray)[None])[0, :2].tolist() == pytest.approx([column, 90.0], abs=1e-6)


@given(st.floats(0, 1e6))
def test_undistorting_takes_back_what_distorting_did_also_far_outside_the_picture(radius: float) -> None:
    lens = wide()
    shown = stretch(radius, lens) * radius
    assert shown == pytest.approx(distorted(radius, lens), rel=1e-9, abs=1e-9)
    assert undistorted(shown, lens) == pytest.approx(radius, rel=1e-9, abs=1e-9)
    assert straightening(shown, lens) * shown == pytest.approx(radius, rel=1e-9, abs=1e-9)


def test_what_is_further_out_is_shown_further_out() -> None:
    for lens in (wide(), radial_of(-0.2, 0.0, 0.8, 9 / 16)):
        assert lens is not None
        assert (np.diff(distorted(np.linspace(0, 50, 20_000), lens)) > 0).all()


@given(st.floats(0, 1e9))
def test_without_distortion_not_a_bit_changes(radius: float) -> None:
    assert radial_of(0.0, 0.0, 1.2, 0.5) == PINHOLE
    assert (stretch(radius, PINHOLE), straightening(radius, PINHOLE)) == (1.0, 1.0)
    assert steepest(PINHOLE) == 1.0


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.18, 1.73), st.floats(0.3, 1.5))
def test_a_distortion_is_refused_exactly_where_it_hardly_rises(
    k1: float, k2: float, half: float, aspect: float
) -> None:
    found = radial_of(k1, k2, half, aspect)
    radii = np.linspace(0, 40, 400_001)
    shown = radii * (1 + k1 * radii**2 + k2 * radii**4)
    corner = half * (1 + k1 * half**2 + k2 * half**4) * math.hypot(1, aspect)
    slopes = 1 + 3 * k1 * radii**2 + 5 * k2 * radii**4
    first = int(np.argmax(slopes < 0.05)) if (slopes < 0.05).any() else len(radii) - 1
    rises = radii[first] > half and shown[first] > corner
    if found == PINHOLE:
        assert k1 == k2 == 0
    elif found is None:
        assert not rises or abs(shown[first] - corner) < 0.01 or abs(radii[first] - half) < 0.01
    else:
        assert rises or abs(shown[first] - corner) < 0.01
        assert float(distorted(found.edge, found)) == pytest.approx(corner, rel=1e-6)
        assert steepest(found) == pytest.approx(max(1.0, slopes[radii <= found.edge].max()), abs=0.01)


@both
def test_a_zone_of_the_site_file_is_where_the_picture_shows_that_floor(tmp_path: Path, bend: tuple[str, str]) -> None:
    west, south, east, north = 0.2, 0.3, 7.8, 4.5
    corners = np.array([(west, south, 0), (east, south, 0), (east, north, 0), (west, north, 0)])
    larger = ("width_px: 320, height_px: 180", "width_px: 640, height_px: 360")
    zone = ("[[0.5, 1], [5, 1], [5, 4], [0.5, 4]]", str(corners[:, :2].tolist()))
    bare = ("- {kind: shelf, at: [6.5, 3], size: [1.6, 0.6, 1.4]}", "[]")
    paved = ("room: [-4, -3, 8, 6]", f"room: [-4, -3, 8, 6]\nstreet: [{west}, {south}, {east}, {north}]")
    scenario = room(tmp_path, NOBODY, 1, bend, larger, zone, bare)
    (tmp_path / "site.yaml").write_text(site_file(scenario), encoding="utf-8")
    outline = np.array(Site.load(tmp_path / "site.yaml").zones["floor"].polygon) * [640, 360]
    painted = room(tmp_path, NOBODY, 1, bend, larger, zone, bare, paved)
    plain, changed = (next(film(play(one), "hall")).bgr.astype(int) for one in (scenario, painted))
    shown = (plain != changed).any(axis=2)
    rows, columns = np.indices(shown.shape)
    middles = np.column_stack([columns.ravel() + 0.5, rows.ravel() + 0.5])
    assert 5 <= len(outline) <= 40
    assert astray(shown, points_in_polygon(middles, outline).reshape(shown.shape)) < 0.001 * shown.sum()
    alone = lens_in(scenario).project(corners)[:, :2]
    assert astray(shown, points_in_polygon(middles, alone).reshape(shown.shape)) > 0.005 * shown.sum()


def astray(shown: NDArray[np.bool_], inside: NDArray[np.bool_]) -> int:
    """How many pixels are in one of two areas and more than a pixel away from the other."""
    grown, shrunk = (cast(Any, ndimage).binary_dilation(area, np.ones((3, 3))) for area in (inside, ~inside))
    return int((shown & ~grown).sum() + (~shown & ~shrunk).sum())


@both
def test_the_floor_that_counts_is_the_floor_of_the_zone_in_the_picture(tmp_path: Path, bend: tuple[str, str]) -> None:
    lens = lens_in(room(tmp_path, NOBODY, 1, bend))
    floor = [(0.5, 1.0), (9.0, 1.0), (9.0, 5.0), (0.5, 5.0)]  # a part of it is beyond the picture
    rng = np.random.default_rng(3)
    points = rng.uniform([-2, 0], [10, 6], (4000, 2))
    outline = np.array(lens.polygon(floor)) * [320, 180]
    shown = lens.project(np.column_stack([points, np.zeros(len(points))]))[:, :2]
    framed = np.isfinite(shown).all(axis=1) & (shown > 0).all(axis=1) & (shown < [320, 180]).all(axis=1)
    on_picture = framed & points_in_polygon(np.nan_to_num(shown, nan=-1.0), outline)
    on_floor = points_in_polygon(points, np.array(lens.seen_floor(floor)))
    assert 300 < on_floor.sum() < 3000
    assert (on_picture != on_floor).mean() < 0.005
    counted = lens.counted_floor(points)
    held = lens.project(np.column_stack([counted, np.zeros(len(points))]))[:, :2]
    beyond = np.isfinite(counted).all(axis=1) & ~framed
    assert beyond.sum() > 50
    assert np.allclose(held[beyond], np.clip(shown[beyond], [0.32, 0.18], [319.68, 179.82]), atol=1e-5)


def test_a_line_ends_where_the_picture_shows_its_ends(tmp_path: Path) -> None:
    scenario = room(tmp_path, NOBODY, 1, BARREL)
    (tmp_path / "site.yaml").write_text(site_file(scenario), encoding="utf-8")
    line = Site.load(tmp_path / "site.yaml").lines["door"]
    ends = lens_in(scenario).project(np.array([[1.5, 0.6, 0.0], [4.5, 0.6, 0.0]]))[:, :2] / [320, 180]
    assert np.allclose([line.start, line.end], ends, atol=1e-4)
    assert line.inward == "down"
    assert 0.01 < lens_in(scenario).strays_m((1.5, 0.6), (4.5, 0.6)) < 0.25


def test_a_line_that_is_bent_too_far_is_refused_with_how_far(tmp_path: Path) -> None:
    across = ("from: [1.5, 0.6], to: [4.5, 0.6], inside: [3, 3]", "from: [-1, 3.2], to: [7, 3.2], inside: [3, 1]")
    room(tmp_path, NOBODY, 1, across)
    with pytest.raises(DataError, match="The lens of hall bends the line door too much") as caught:
        room(tmp_path, NOBODY, 1, BARREL, across)
    assert str(caught.value.where).endswith("lines.door")
    assert " m on the floor" in str(caught.value.found)
    assert caught.value.allowed == "0.25 m or less"


def test_a_zone_that_the_edge_of_the_picture_cuts_in_pieces_is_refused(tmp_path: Path) -> None:
    below = ("[[0.5, 1], [5, 1], [5, 4], [0.5, 4]]", "[[-1, 3.9], [7, 3.9], [7, 5.9], [-1, 5.9]]")
    with pytest.raises(DataError, match="What hall shows of the zone floor is not one piece of floor") as caught:
        room(tmp_path, NOBODY, 1, BARREL, below)  # its far side is in the picture at the left and right alone
    assert str(caught.value.where).endswith("zones.floor")
    assert "Its sides cross" in str(caught.value.found)


def test_a_distortion_that_folds_the_picture_is_refused_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="The distortion folds the picture over") as caught:
        room(tmp_path, NOBODY, 1, bent("k1: -0.28"))
    assert "cameras.hall.distortion" in str(caught.value.where)
    assert caught.value.hint == "a k1 nearer to 0, a k2 further above 0, or a narrower fov_deg"


def test_sightings_are_where_the_lens_shows_people(tmp_path: Path) -> None:
    scenario = room(tmp_path, "  - {enter_s: 0, at: [3, 3], leaves: false}", 8, BARREL)
    truth = write_sightings(scenario, tmp_path / "out").truth
    x1, _, x2, y2 = truth.cameras["hall"].boxes.xyxy[0].tolist()
    feet = lens_in(scenario).project(np.array([[3.0, 3.0, 0.0]]))[0]
    assert ((x1 + x2) / 2, y2) == pytest.approx(tuple(feet[:2].tolist()), abs=4)


def test_a_thinned_line_keeps_its_ends_and_stays_near() -> None:
    turn = np.linspace(0, math.pi, 500)
    arc = np.column_stack([100 * np.cos(turn), 100 * np.sin(turn)])
    few = thinned(arc, 0.25, closed=False)
    assert few[[0, -1]].tolist() == arc[[0, -1]].tolist()
    assert len(few) < 40
    assert np.abs(np.hypot(*((few[1:] + few[:-1]) / 2).T) - 100).max() < 0.3
    square = np.array([[0, 0], [5, 0], [10, 0], [10, 10], [5, 10.1], [0, 10]], np.float64)
    assert thinned(square, 0.25, closed=True).tolist() == [[0, 0], [10, 0], [10, 10], [0, 10]]
