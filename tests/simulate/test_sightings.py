"""Traffic without pixels: who is where agrees with the plan of the shop, and looks spread as they should."""

from __future__ import annotations

import errno
import os
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from tests.simulate.worlds import room

from retrail.associate import Matcher
from retrail.core.errors import DataError
from retrail.core.time import parse_time
from retrail.core.types import Group, Sighting
from retrail.evaluate.site import judge_site
from retrail.simulate.crowd import guests
from retrail.simulate.scenario import Scenario, load_scenario
from retrail.simulate.traffic import table
from retrail.simulate.traffic.appearance import FittedLooks, RealLooks
from retrail.simulate.traffic.table import read_sightings
from retrail.simulate.traffic.writing import LONGEST_S, WrittenSightings, write_sightings
from retrail.simulate.truth import read_truth
from retrail.site import Site


def test_somebody_who_comes_in_stays_and_goes_leaves_sightings_a_visit_and_two_crossings(tmp_path: Path) -> None:
    scenario = room(tmp_path, "  - {enter_s: 2, plan: [{walk: [[3, 2], [3, 3]]}, {stand: shelf, for_s: 30}]}", 90)
    written = write_sightings(scenario, tmp_path / "out")
    sightings = [sighting for sighting, person in read_sightings(written.sightings) if person == 1]
    assert [one.direction for one in read_truth(written.truth_folder).crossings or ()] == ["in", "out"]
    assert all(0 < one.end_s - one.start_s <= LONGEST_S + 1e-6 for one in sightings)
    assert all(abs(float(np.linalg.norm(one.embedding)) - 1) < 1e-4 for one in sightings if one.embedding is not None)
    assert Site.load(written.site).encoder == sightings[0].model


STAYS = "  - {enter_s: 0, at: [3, 3], leaves: false}"


def flawed(folder: Path, people: str, flaw: str) -> Scenario:
    """The room, for a minute, with a camera that has a flaw."""
    path = folder / "room.yaml"
    room(folder, people, 60)
    path.write_text(path.read_text("utf-8").replace("rate_hz: 5", f"rate_hz: 5, {flaw}"), "utf-8")
    return load_scenario(path)


def logged(written: WrittenSightings) -> list[Sighting]:
    return sorted((one for one, _ in read_sightings(written.sightings)), key=lambda one: one.start_s)


def test_nobody_is_logged_in_an_outage_and_who_comes_and_goes_in_one_is_in_no_truth(tmp_path: Path) -> None:
    stays = write_sightings(flawed(tmp_path, STAYS, "outages: [[10, 25], [40, 40.5]]"), tmp_path / "stays")
    start_s = parse_time("2026-11-20T09:00:00Z")
    spans = [(round(one.start_s - start_s, 3), round(one.end_s - start_s, 3)) for one in logged(stays)]
    assert spans == [(0.0, 10.0), (25.0, 40.0), (40.5, 60.0)]
    assert [one.continues for one in logged(stays)] == [None] * 3
    passes = write_sightings(flawed(tmp_path, "  - {enter_s: 1}", "outages: [[0, 59]]"), tmp_path / "passes")
    assert passes.count == 0
    assert passes.truth.people == passes.truth.crossings == ()


def test_the_truth_without_pixels_has_all_tables_and_no_uneven_frames(tmp_path: Path) -> None:
    folder = write_sightings(flawed(tmp_path, STAYS, "outages: [[10, 25]]"), tmp_path / "out").truth_folder
    tables = ("cameras", "people", "visits", "crossings", "occupancy")
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.*")}
    assert files == {f"{table}.csv" for table in tables} | {str(Path("mot/hall.txt"))}
    (hall,) = read_truth(folder).cameras.values()
    assert len(hall.boxes)
    at_s = hall.time_of(hall.boxes.frame) - hall.first_frame_s
    assert not ((at_s > 10) & (at_s < 25)).any()


def test_everybody_who_uses_a_southern_door_of_the_mall_passes_its_line(tmp_path: Path) -> None:
    few = "{count: 40, from_s: 0, to_s: 600, stops: [1, 3], stay_s: [10, 20]}"
    (tmp_path / "few.yaml").write_text(f"scenario: few\nextends: mall\nlength_s: 1800\ncrowds: [{few}]\n")
    scenario = load_scenario(tmp_path / "few.yaml")
    write_sightings(scenario, tmp_path / "out")
    crossings = read_truth(tmp_path / "out/truth").crossings or ()
    doors = {guest.number: guest.door for guest in guests(scenario.spec, scenario.spec.seed)}
    for door in ("south-west", "south-east"):
        through = sorted(number for number, chosen in doors.items() if chosen == door)
        came = sorted(one.person for one in crossings if (one.line, one.direction) == (door, "in"))
        assert came == through
        assert len(came) > 5


def test_a_camera_without_zones_is_one_zone(tmp_path: Path) -> None:
    path = tmp_path / "room.yaml"
    room(tmp_path, STAYS, 60)
    path.write_text(re.sub(r"zones:\n.*\n", "", path.read_text("utf-8")), "utf-8")
    truth = write_sightings(load_scenario(path), tmp_path / "out").truth
    assert [(one.person, one.camera, one.zone, one.dwell_s) for one in truth.visits or ()] == [
        (1, "hall", "hall", 60.0)
    ]
    assert [(one.zone, one.people) for one in truth.occupancy or ()] == [("", 1), ("hall", 1), ("", 0), ("hall", 0)]


def test_a_clock_that_is_wrong_shifts_the_sightings_but_not_the_truth(tmp_path: Path) -> None:
    right, wrong = (
        write_sightings(flawed(tmp_path, STAYS, f"skew_s: {skew_s}"), tmp_path / f"{skew_s}") for skew_s in (0, 1.5)
    )
    assert [one.start_s for one in logged(wrong)] == pytest.approx([one.start_s + 1.5 for one in logged(right)])
    assert [one.end_s for one in logged(wrong)] == pytest.approx([one.end_s + 1.5 for one in logged(right)])
    assert wrong.truth.occupancy == right.truth.occupancy
    assert wrong.truth.cameras["hall"].first_frame_s == right.truth.cameras["hall"].first_frame_s + 1.5
    assert Site.load(wrong.site).cameras["hall"].start_s == Site.load(wrong.site).start_s + 1.5


def test_a_camera_that_was_moved_sees_with_its_other_view(tmp_path: Path) -> None:
    start_s = parse_time("2026-11-20T09:00:00Z")
    aside = write_sightings(flawed(tmp_path, STAYS, "moved: {after_s: 15, look_at: [4, 1, 0.6]}"), tmp_path / "aside")
    before, *after = logged(aside)
    assert before.end_s - start_s == after[0].start_s - start_s == 15.0
    assert after[-1].end_s - start_s == 60.0
    feet_x_px = [float(one.path.feet_px[0, 0]) for one in (before, *after)]
    assert min(feet_x_px[1:]) > feet_x_px[0] + 10  # the camera turned to its left
    away = write_sightings(flawed(tmp_path, STAYS, "moved: {after_s: 15, look_at: [7.5, 5.5, 1]}"), tmp_path / "away")
    assert [one.end_s - start_s for one in logged(away)] == [15.0]


def test_the_same_seed_gives_the_same_sightings(tmp_path: Path) -> None:
    scenario = load_scenario("corner-shop")
    first, again = (write_sightings(scenario, tmp_path / name, seed=9) for name in ("a", "b"))
    assert first.count == again.count > 50
    for (one, who), (two, also) in zip(read_sightings(first.sightings), read_sightings(again.sightings), strict=True):
        assert (one.id, one.camera, one.start_s, who) == (two.id, two.camera, two.start_s, also)
        assert one.embedding is not None
        assert two.embedding is not None
        assert np.array_equal(one.embedding, two.embedding)


def test_an_id_is_that_of_a_tracklet_and_says_nothing_of_the_person(tmp_path: Path) -> None:
    written = write_sightings(load_scenario("corner-shop"), tmp_path, seed=9)
    found = list(read_sightings(written.sightings))
    assert all(re.fullmatch("[0-9a-f]{16}", one.id) for one, _ in found)
    assert len({one.id for one, _ in found}) == len(found)
    person_of = {one.id: (person, one.camera) for one, person in found}
    cut = [(one, person) for one, person in found if one.continues is not None]
    assert len(cut) > 10
    assert all(person_of[str(one.continues)] == (person, one.camera) for one, person in cut)


def test_people_on_the_same_spot_are_two_sightings(tmp_path: Path) -> None:
    written = write_sightings(room(tmp_path, f"{STAYS}\n{STAYS}"), tmp_path / "out")
    assert len({one.id for one in logged(written)}) == written.count == 4


def test_drawn_looks_are_nearer_to_the_same_person_than_to_others() -> None:
    person = np.repeat(np.arange(1, 61), 2)
    camera = np.tile([0, 1], 60)
    vectors = FittedLooks(1).vectors(person, camera).astype(np.float64)
    alike = vectors[0::2] @ vectors[1::2].T
    same, different = np.diag(alike), alike[~np.eye(60, dtype=bool)]
    assert 0.55 < same.mean() < 0.75
    assert 0.05 < different.mean() < 0.15
    assert 0.06 < same.std() < 0.2
    assert 0.06 < different.std() < 0.14


def alike_across_cameras(folder: Path, *changes: tuple[str, str]) -> tuple[float, float]:
    """The mean cosine of the same person and of two people, of eight who come into the room, seen twice each."""
    folder.mkdir()
    crowd = "crowds: [{count: 8, from_s: 0, to_s: 5}]"
    spec = room(folder, STAYS, 30, ("", crowd), *changes).spec
    everybody = [guest for guest in guests(spec, 5) if guest.at is None]
    person = np.repeat([guest.number for guest in everybody], 2)
    vectors = FittedLooks(5, everybody).vectors(person, np.tile([0, 1], len(everybody))).astype(np.float64)
    alike = vectors[0::2] @ vectors[1::2].T
    return float(np.diag(alike).mean()), float(alike[~np.eye(len(alike), dtype=bool)].mean())


def test_lookalikes_are_nearer_to_each_other_but_nearest_to_themselves(tmp_path: Path) -> None:
    same, others = alike_across_cameras(tmp_path / "others")
    same_too, twins = alike_across_cameras(tmp_path / "twins", ("to_s: 5}", "to_s: 5, looks: 1}"))
    assert others < 0.2
    assert twins > others + 0.25
    assert min(same, same_too) > twins + 0.05


def test_who_wears_the_uniform_is_nearer_to_the_staff(tmp_path: Path) -> None:
    plan = "enter_s: 0, at: [3, 3], look"
    people = "\n".join(f"  - {{{plan}: {look}, uniform: {str(look > 24).lower()}}}" for look in range(1, 49))
    everybody = guests(room(tmp_path, people).spec, 5)
    person = np.array([guest.number for guest in everybody])
    vectors = FittedLooks(5, everybody).vectors(np.repeat(person, 2), np.tile([0, 1], len(person)))
    alike = vectors[0::2] @ vectors[1::2].T
    others = ~np.eye(24, dtype=bool)
    plain, mixed, dressed = (alike[:24, :24][others].mean(), alike[:24, 24:].mean(), alike[24:, 24:][others].mean())
    assert dressed > max(plain, mixed) + 0.1
    assert np.diag(alike)[24:].mean() > dressed + 0.15


def test_a_person_keeps_the_looks_of_one_real_person() -> None:
    rng = np.random.default_rng(0)
    of = {str(who): {camera: rng.normal(size=(3, 8)).astype(np.float32) for camera in "ab"} for who in range(3)}
    looks = RealLooks(1, "encoder", of)
    vectors = looks.vectors(np.array([1, 1]), np.array([0, 0]))
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-6
    assert np.abs(vectors[0] - vectors[1]).max() < 1e-6
    with pytest.raises(DataError, match="More people are simulated"):
        looks.vectors(np.array([4]), np.array([0]))


def test_boxes_of_the_truth_are_those_of_the_sightings(tmp_path: Path) -> None:
    scenario = room(tmp_path, "  - {enter_s: 2, plan: [{walk: [[3, 2], [3, 3]]}, {stand: shelf, for_s: 30}]}", 90)
    written = write_sightings(scenario, tmp_path / "out")
    (camera,) = read_truth(written.truth_folder).cameras.values()
    assert camera.frame_rate_hz == 10.0
    assert set(camera.boxes.person.tolist()) == {1}
    assert len(np.unique(camera.boxes.frame)) == len(camera.boxes)
    times_s = camera.time_of(camera.boxes.frame)
    for sighting, _ in read_sightings(written.sightings):
        inside = (times_s >= sighting.start_s) & (times_s < sighting.end_s)
        assert abs(int(inside.sum()) - 10 * (sighting.end_s - sighting.start_s)) <= 1
        at = [np.interp(times_s[inside], sighting.path.times_s, sighting.path.boxes_px[:, side]) for side in range(4)]
        assert np.abs(np.stack(at, axis=1) - camera.boxes.xyxy[inside]).max() < 0.1


def test_a_run_on_simulated_sightings_is_judged(tmp_path: Path) -> None:
    """Nobody is missed where there are no pixels: what is lost is who was taken for whom."""
    written = write_sightings(load_scenario("corner-shop"), tmp_path, seed=12)
    site = Site.load(written.site)
    sightings = [sighting for sighting, _ in read_sightings(written.sightings, by_end=True)]
    matcher = Matcher(cut=0.4, links=site.links, entrances=site.entrances, day=lambda time_s: date(2026, 11, 20))
    entries = matcher.resume([Group(1, tuple(sightings))], ())
    score = judge_site(site, sightings, entries, read_truth(written.truth_folder))
    assert score.visitors_truth == 20
    assert score.recall is not None
    assert score.recall > 0.98
    assert score.identities.idf1 is not None
    assert score.identities.idf1 > 0.9


def test_who_goes_passes_the_line_at_the_door_as_who_comes(tmp_path: Path) -> None:
    path = tmp_path / "longer.yaml"  # until everybody has gone
    path.write_text("scenario: longer\nextends: corner-shop\nlength_s: 420\n", encoding="utf-8")
    crossings = write_sightings(load_scenario(path), tmp_path / "out", seed=12).truth.crossings or ()
    came, went = ([one.person for one in crossings if one.direction == way] for way in ("in", "out"))
    assert sorted(came) == sorted(went)
    assert len(came) == 19


@pytest.mark.parametrize("at", ["portion", "end"])
def test_sightings_on_a_full_disk_are_one_error_and_leave_the_earlier_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    scenario, out = room(tmp_path, STAYS), tmp_path / "out"
    path = write_sightings(scenario, out).sightings
    earlier = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if at == "end":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(table.pq.ParquetWriter, "write_table", full)
    with pytest.raises(DataError, match="The sightings cannot be written") as caught:
        write_sightings(scenario, out, seed=9)
    assert "No space left on device" in str(caught.value.found)
    assert path.read_bytes() == earlier
    assert [one.name for one in out.iterdir() if one.name.endswith(".part")] == []
