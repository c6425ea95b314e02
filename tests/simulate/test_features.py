"""What each feature of a scenario changes, in pictures or in the truth: two small frames each."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.simulate.worlds import room

from retrail.core.time import parse_time
from retrail.simulate.render.brightness import brightness_of
from retrail.simulate.render.film import Picture, Stage, film, render_camera
from retrail.simulate.render.focus import blurred
from retrail.simulate.scenario import load_scenario
from retrail.simulate.telling import truth_of
from retrail.simulate.world import play
from retrail.simulate.writing import write_simulation

NOBODY = "  - {enter_s: 999}"
STAYS = "  - {enter_s: 0, at: [3, 3], leaves: false, height_m: 1.7, look: %s}"
SMALL = ("width_px: 320, height_px: 180", "width_px: 160, height_px: 90")
HUNTS = "exposure_hunting: {deviation: 0.2}, lamp_flicker: {mains_hz: 49.9}"
START_S = parse_time("2026-11-20T09:00:00Z")


def flaws(text: str) -> tuple[str, str]:
    return "rate_hz: 5", f"rate_hz: 5, flaws: {{{text}}}"


def pictures(folder: Path, people: str, *changes: tuple[str, str]) -> list[Picture]:
    """The first two frames, small, and free of noise where no change speaks of flaws."""
    if not any("flaws" in now for _, now in changes):
        changes = (*changes, flaws("noise: 0"))
    world = play(room(folder, people, 0.4, SMALL, *changes))
    return list(film(world, "hall"))


def grey_levels(folder: Path, text: str) -> NDArray[np.float64]:
    """(h, w, 3) blue, green and red of the empty room as a camera with flaws shows it."""
    return pictures(folder, NOBODY, flaws(f"noise: 0, {text}"))[0].bgr.astype(np.float64)


def test_a_colour_cast_raises_red_and_lowers_blue(tmp_path: Path) -> None:
    plain, warm = (grey_levels(tmp_path, text).mean(axis=(0, 1)) for text in ("", "cast: [1.15, 1, 0.8]"))
    blue, green, red = (warm / plain).tolist()
    assert 0.75 < blue < 0.85
    assert green == pytest.approx(1.0)
    assert 1.05 < red < 1.16


def test_exposure_scales_and_contrast_spreads_the_grey_levels(tmp_path: Path) -> None:
    plain, dark, flat = (grey_levels(tmp_path, text) for text in ("", "exposure: 0.5", "contrast: 0.5"))
    assert 0.45 < dark.mean() / plain.mean() < 0.6  # what was very bright had been held down
    assert flat.std() == pytest.approx(0.5 * plain.std(), rel=0.05)


def test_noise_is_as_strong_as_said_and_new_in_every_frame(tmp_path: Path) -> None:
    silent = pictures(tmp_path, NOBODY)
    assert np.array_equal(silent[0].bgr, silent[1].bgr)
    loud = [picture.bgr.astype(np.float64) for picture in pictures(tmp_path, NOBODY, flaws("noise: 6"))]
    assert (loud[1] - loud[0]).std() == pytest.approx(6 * math.sqrt(2), rel=0.15)


def test_blur_takes_edges(tmp_path: Path) -> None:
    sharp, soft = (np.abs(np.diff(grey_levels(tmp_path, f"blur_px: {px}"), axis=1)).mean() for px in (0, 2))
    assert soft < 0.7 * sharp


@pytest.mark.parametrize("blur_px", [0.7, 2, 8])
def test_a_blurred_picture_with_people_is_the_sharp_one_blurred_as_a_whole(tmp_path: Path, blur_px: float) -> None:
    sharp, soft = (
        pictures(
            tmp_path, f"{STAYS % 7}\n{STAYS.replace('[3, 3]', '[6.2, 1.2]') % 8}", flaws(f"noise: 0, blur_px: {px}")
        )[1]
        for px in (0, blur_px)
    )
    assert len(sharp.people) == 2
    assert np.array_equal(soft.bgr, blurred(sharp.bgr, blur_px))
    assert np.array_equal(soft.boxes, sharp.boxes)
    assert np.array_equal(soft.visibility, sharp.visibility)


def test_blur_takes_the_edges_of_people_as_it_takes_those_of_the_shop(tmp_path: Path) -> None:
    kept: list[float] = []
    for px in (0, 0.6, 3):
        empty, shown = (pictures(tmp_path, who, flaws(f"noise: 0, blur_px: {px}"))[0] for who in (NOBODY, STAYS % 7))
        x1, y1, x2, y2 = pictures(tmp_path, STAYS % 7)[0].boxes[0].astype(int)
        person = shown.bgr[y1:y2, x1:x2].astype(np.float64)
        kept += [np.abs(np.diff(person, axis=0)).mean(), np.abs(np.diff(empty.bgr.astype(np.float64), axis=0)).mean()]
    sharp, shop, little, shop_little, soft, shop_soft = kept
    assert sharp > little > 2 * soft
    assert soft / sharp < 1.5 * shop_soft / shop < 0.6
    assert little / sharp == pytest.approx(shop_little / shop, abs=0.15)


def greys(folder: Path, text: str, count: int, seed: int = 5) -> NDArray[np.float64]:
    """(count,) mean level of an empty room's floor, five frames a second."""
    world = play(room(folder, NOBODY, 1, SMALL, flaws(f"noise: 0, exposure: 0.7, {text}")), seed=seed)
    stage = Stage(world, "hall")
    return np.array([stage.picture(index, index / 5).bgr[60:].mean() for index in range(count)])


def test_an_exposure_that_hunts_wanders_slowly_as_the_seed_has_it(tmp_path: Path) -> None:
    plain = greys(tmp_path, "", 1)[0]
    one, again, other = (
        greys(tmp_path, "exposure_hunting: {deviation: 0.1, period_s: 4}", 500, seed) / plain for seed in (5, 5, 6)
    )
    assert one.std() == pytest.approx(0.1, rel=0.15)
    assert one.mean() == pytest.approx(1.0, abs=0.02)
    assert np.abs(np.diff(one)).max() < 0.1  # 0.2 s of about 4
    assert np.array_equal(one, again)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.5


def test_lamps_flicker_with_the_beat_of_the_mains_against_the_frame_rate(tmp_path: Path) -> None:
    plain = greys(tmp_path, "", 1)[0]
    shown = greys(tmp_path, "lamp_flicker: {mains_hz: 50.1, depth: 0.08}", 200) / plain
    strength = np.abs(np.fft.rfft(shown - shown.mean())) / 100
    assert np.argmax(strength) == 8  # 100.2 Hz five times a second: 0.2 Hz, eight times in 40 s
    assert strength[8] == pytest.approx(0.08, rel=0.05)
    assert np.ptp(greys(tmp_path, "lamp_flicker: {mains_hz: 50}", 9)) == 0.0


def test_a_changed_exposure_is_what_that_exposure_would_have_been(tmp_path: Path) -> None:
    text = "noise: 0, blur_px: 0, cast: [1.1, 1, 0.9], contrast: 0.9"

    def stage_with(more: str) -> Stage:
        return Stage(play(room(tmp_path, STAYS % 7, 12, SMALL, flaws(f"{text}, {more}"))), "hall")

    changing = stage_with(f"exposure: 0.7, {HUNTS}")
    spec = load_scenario(tmp_path / "room.yaml").spec.cameras["hall"]
    brightness = brightness_of(spec.flaws, 5000, 5)
    assert brightness is not None
    for index in (40, 3, 17):  # in whatever order
        factor = brightness.at(index / 5)
        assert abs(factor - 1) > 0.02
        one, two = (by.picture(index, index / 5) for by in (changing, stage_with(f"exposure: {0.7 * factor}")))
        apart = np.abs(one.bgr.astype(int) - two.bgr.astype(int))
        assert apart.mean() < 0.5
        assert np.quantile(apart, 0.999) <= 3  # shadows are darkened in the finished picture
        assert len(one.people) == 1
        assert np.array_equal(one.boxes, two.boxes)


def test_compression_makes_the_video_smaller_and_leaves_frames_and_truth_alone(tmp_path: Path) -> None:
    sizes: list[int] = []
    said: list[bytes] = []
    shown: list[bytes] = []
    for rate_factor in (12, 45):
        scenario = room(tmp_path, STAYS % 7, 0.4, SMALL, flaws(f"compression: {rate_factor}"))
        written = write_simulation(scenario, tmp_path / f"{rate_factor}", threads=1)
        sizes.append(written.videos["hall"].stat().st_size)
        said.append((written.truth_folder / "mot/hall.txt").read_bytes())
        shown += [picture.bgr.tobytes() for picture in film(play(scenario), "hall")]
    assert sizes[1] < 0.6 * sizes[0]
    assert said[0] == said[1] != b""
    assert shown[:2] == shown[2:]


def test_groups_stand_in_the_truth_and_come_together(tmp_path: Path) -> None:
    people = "  - {enter_s: 0, at: [2, 3], group: family}\n  - {enter_s: 0, at: [4, 3], group: family}"
    alone = "  - {enter_s: 0, at: [3, 2]}"
    truth = truth_of(play(room(tmp_path, f"{people}\n{alone}", 0.4, SMALL)))
    assert [one.group for one in truth.people or ()] == ["family", "family", ""]
    crowd = "crowds: [{count: 4, to_s: 20, group_share: 1}]"
    _, *crowded = play(room(tmp_path, NOBODY, 0.4, ("", crowd))).lives
    for one, two in (crowded[:2], crowded[2:]):
        assert one.guest.group == two.guest.group != ""
        assert one.guest.plan == two.guest.plan
        assert 0 < two.guest.enter_s - one.guest.enter_s < 1
    assert crowded[0].guest.group != crowded[2].guest.group


def test_a_lookalike_is_nearer_to_the_one_he_looks_like_than_to_another(tmp_path: Path) -> None:
    one, alike, other = (
        pictures(tmp_path, STAYS % look)[0].bgr.astype(np.float64) for look in ("7", "7, alike: 0.5", "8")
    )
    assert 0 < np.abs(one - alike).mean() < 0.5 * np.abs(one - other).mean()


def test_who_is_dressed_like_the_staff_looks_like_them_but_is_none(tmp_path: Path) -> None:
    staff, guest, own = (
        pictures(tmp_path, STAYS % look)[0].bgr for look in ("7, staff: true", "7, uniform: true", "7")
    )
    assert np.array_equal(staff, guest)
    assert not np.array_equal(staff, own)
    truth = truth_of(play(room(tmp_path, STAYS % "7, uniform: true", 0.4, SMALL)))
    assert [one.staff for one in truth.people or ()] == [False]


@pytest.mark.parametrize(
    "figure",
    [
        "mannequins: [{at: [3, 3], face_deg: 90, look: 3}]",
        "posters: [{at: [4.6, 0.1, 1.5], face_deg: 90, size: [0.9, 1.4], look: 3}]",
    ],
    ids=["mannequin", "poster"],
)
def test_a_figure_is_in_the_picture_and_not_in_the_truth(tmp_path: Path, figure: str) -> None:
    (empty, _), (shown, later) = pictures(tmp_path, NOBODY), pictures(tmp_path, NOBODY, ("", figure))
    other = pictures(tmp_path, NOBODY, ("", figure.replace("look: 3", "look: 4")))[0]
    changed = np.abs(shown.bgr.astype(int) - empty.bgr.astype(int)).max(axis=2) > 40
    assert 30 < changed.sum() < 0.1 * changed.size
    assert not np.array_equal(shown.bgr, other.bgr)
    assert np.array_equal(shown.bgr, later.bgr)
    assert len(shown.people) == 0


def test_a_mannequin_hides_who_stands_behind(tmp_path: Path) -> None:
    behind = STAYS.replace("[3, 3]", "[3, 2.4]") % 7
    (seen, _), (hidden, _) = (
        pictures(tmp_path, behind, *more) for more in ((), (("", "mannequins: [{at: [3, 3], look: 3}]"),))
    )
    assert seen.visibility[0] > 0.95
    assert len(hidden.people) == 0 or hidden.visibility[0] < 0.7


def test_a_camera_that_was_moved_shows_another_part_from_then_on(tmp_path: Path) -> None:
    moved = ("rate_hz: 5", "rate_hz: 5, flaws: {noise: 0}, moved: {after_s: 0.2, look_at: [4, 1, 0.6]}")
    before, after = pictures(tmp_path, STAYS % 7, moved)
    still = pictures(tmp_path, STAYS % 7)
    assert np.array_equal(before.bgr, still[0].bgr)
    assert np.abs(after.bgr.astype(int) - still[1].bgr.astype(int)).mean() > 5
    assert after.boxes[0, 0] > before.boxes[0, 0] + 5  # the camera turned to its left
    stage = Stage(play(room(tmp_path, STAYS % 7, 0.4, SMALL, moved)), "hall")
    assert np.array_equal(stage.picture(1, 0.2).bgr, after.bgr)


def test_a_wrong_clock_shifts_the_frames_times_alone(tmp_path: Path) -> None:
    skewed = ("rate_hz: 5", "rate_hz: 5, skew_s: 1.5")
    right, wrong = (
        play(room(tmp_path, "  - {enter_s: 0, plan: [{walk: [[3, 2], [3, 3]]}]}", 8, SMALL, *more))
        for more in ((), (skewed,))
    )
    for (time_s, image), (shown_s, same) in list(
        zip(render_camera(right, "hall"), render_camera(wrong, "hall"), strict=True)
    )[:2]:
        assert shown_s == time_s + 1.5
        assert np.array_equal(image, same)
    one, two = truth_of(right), truth_of(wrong)
    assert two.cameras["hall"].first_frame_s == one.cameras["hall"].first_frame_s + 1.5 == START_S + 1.5
    assert one.crossings
    assert (one.crossings, one.visits, one.occupancy) == (two.crossings, two.visits, two.occupancy)
