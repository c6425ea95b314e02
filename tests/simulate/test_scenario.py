"""Values that a scenario cannot have are told when it is loaded, so for pixels and for sightings alike."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.simulate.worlds import room

from retrail.core.errors import DataError
from retrail.simulate.scenario import json_schema, load_scenario
from retrail.simulate.world import play

ALONE = "  - {enter_s: 0}"
BESIDE = "[[3, 5.95], [3.1, 5.95], [3, 5.99]]"  # behind the camera of the hall
CROWD = "crowds: [{count: 2, to_s: 9, %s}]"


def message(folder: Path, was: str, now: str) -> str:
    """What loading a room says in which a value was put in the place of another; ``was`` empty: a key more."""
    path = folder / "room.yaml"
    room(folder, ALONE)
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1) if was else text + now, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_scenario(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("was", "now", "key"),
    [
        ("", CROWD % "stops: [3, 1]", "crowds.0.stops"),
        ("", CROWD % "stops: [-1, 1]", "crowds.0.stops.0"),
        ("", CROWD % "stay_s: [9, 2]", "crowds.0.stay_s"),
        ("", CROWD % "sit_s: [9, 2]", "crowds.0.sit_s"),
        ("", CROWD % "serve_s: [9, 2]", "crowds.0.serve_s"),
        ("", CROWD % "back_s: [9, 2]", "crowds.0.back_s"),
        ("", CROWD % "from_s: 10", "crowds.0.to_s"),
        ("", CROWD % "looks: 0", "crowds.0.looks"),
        ("enter_s: 0", "enter_s: 0, look: -1", "people.0.look"),
        ("", "mannequins: [{at: [1, 1], look: -1}]", "mannequins.0.look"),
        ("", "mannequins: [{at: [1, 1], face_deg: .nan}]", "mannequins.0.face_deg"),
        ("", "posters: [{at: [1, 0, 1], face_deg: 0, look: -1}]", "posters.0.look"),
        ("rate_hz: 5", "rate_hz: 5, skew_s: .inf", "cameras.hall.skew_s"),
        ("rate_hz: 5", "rate_hz: .nan", "cameras.hall.rate_hz"),
        ("rate_hz: 5", "rate_hz: 5, fov_deg: .nan", "cameras.hall.fov_deg"),
        ("rate_hz: 5", "rate_hz: 5, distortion: {k1: -0.5}", "cameras.hall.distortion"),
        ("rate_hz: 5", "rate_hz: 5, distortion: {k1: 0.3, k2: -0.6}", "cameras.hall.distortion"),
        ("rate_hz: 5", "rate_hz: 5, distortion: {k1: -3}", "cameras.hall.distortion.k1"),
        ("rate_hz: 5", "rate_hz: 5, distortion: {k2: .nan}", "cameras.hall.distortion.k2"),
        ("rate_hz: 5", "rate_hz: 5, flaws: {exposure_hunting: {deviation: 2}}", "exposure_hunting.deviation"),
        ("rate_hz: 5", "rate_hz: 5, flaws: {exposure_hunting: {period_s: 0}}", "exposure_hunting.period_s"),
        ("rate_hz: 5", "rate_hz: 5, flaws: {exposure_hunting: true}", "cameras.hall.flaws.exposure_hunting"),
        ("rate_hz: 5", "rate_hz: 5, flaws: {lamp_flicker: {mains_hz: 0}}", "lamp_flicker.mains_hz"),
        ("rate_hz: 5", "rate_hz: 5, flaws: {lamp_flicker: {mains_hz: 50, depth: 1}}", "lamp_flicker.depth"),
        ("rate_hz: 5", "rate_hz: 5, flaws: {blur_px: 1000000}", "cameras.hall.flaws.blur_px"),
        ("rate_hz: 5", "rate_hz: 5, outages: [[5, 2]]", "cameras.hall.outages.0"),
        ("look_at: [3, 1, 0.6]", "look_at: [3, 5.8, 2.8]", "cameras.hall.look_at"),
        (
            "rate_hz: 5",
            "rate_hz: 5, moved: {after_s: 1, look_at: [3, 5.8, 2.8]}",
            "cameras.hall.moved.look_at",
        ),
        ("seed: 5", f"seed: {2**63 - 1}", "seed"),
        ("seed: 5", "start: 2026-11-20T09:00:00", "start"),
        ("seed: 5", "start: 2026-11-20", "start"),
        ("enter_s: 0", "enter_s: 0, plan: [{walk: []}]", "people.0.plan.0.walk"),
        ("outside: [[-3, -1.6]]", "outside: []", "doors.door.outside"),
        ("room: [-4, -3, 8, 6]", "room: [8, -3, -4, 6]", "room"),
        ("room: [-4, -3, 8, 6]", "room: [-4, -3, 8, 6]\nstreet: [-4, 0, 8, -3]", "street"),
        ("size: [1.6, 0.6, 1.4]", "size: [1.6, 0.6, 1.4], turn_deg: .nan", "furniture.0.turn_deg"),
        ("to: [2, 0]}", "to: [2, 0], paint: marble}", "walls.0.paint"),
        ("face_deg: 90", "face_deg: .inf", "spots.shelf.face_deg"),
        ("floor: {camera: hall", "floor: {camera: hal", "zones.floor.camera"),
        ("door: {camera: hall", "door: {camera: hal", "lines.door.camera"),
        ("", "links: [{from: hall, to: hal, longest_s: 9}]", "links.0.to"),
        ("", "entrances: [door, gate]", "entrances.1"),
        ("to: [4.5, 0.6]", "to: [1.5, 0.6]", "lines.door.to"),
        ("inside: [3, 3]", "inside: [3, 0.6]", "lines.door.inside"),
        ("[[0.5, 1], [5, 1], [5, 4], [0.5, 4]]", BESIDE, "zones.floor"),
        ("from: [1.5, 0.6], to: [4.5, 0.6]", "from: [-4, 5.5], to: [-3, 5.5]", "lines.door"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_that_cannot_be_is_told_with_file_line_and_key(tmp_path: Path, was: str, now: str, key: str) -> None:
    told = message(tmp_path, was, now)
    text = (tmp_path / "room.yaml").read_text(encoding="utf-8")
    at = next(number for number, line in enumerate(text.splitlines(), 1) if now.splitlines()[-1] in line)
    assert f"room.yaml line {at}: " in told
    assert f"{key}\n" in told
    assert "found:" in told


def test_the_published_schema_is_the_one_of_the_code() -> None:
    published = Path(__file__).resolve().parents[2] / "docs/schemas/scenario.schema.json"
    assert json.loads(published.read_text("utf-8")) == json_schema(), "run tools/write-schemas"


def test_a_key_that_there_is_not_names_those_that_may_stand_there(tmp_path: Path) -> None:
    told = message(tmp_path, "floor: {camera: hall", "floor: {kamera: hall")
    assert "There is no key 'kamera' here" in told
    assert "allowed: camera, floor" in told
    assert "did you mean 'camera'?" in told


def test_a_time_without_a_zone_and_a_list_that_is_too_short_say_what_is_allowed(tmp_path: Path) -> None:
    told = message(tmp_path, "seed: 5", "start: 2026-11-20T09:00:00")
    assert "A time without a zone\n" in told
    assert "found:   '2026-11-20T09:00:00'" in told
    assert "allowed: an offset or Z at its end, such as 2026-11-20T09:00:00Z" in told
    told = message(tmp_path, "enter_s: 0", "enter_s: 0, plan: [{walk: []}]")
    assert "Too few of them\n" in told
    assert "allowed: 1 or more" in told


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("seed: 5", "seed: five", "Not a whole number\n.*found: +'five'"),
        ("rate_hz: 5", "rate_hz: 5 Hz", "Not a number\n.*found: +'5 Hz'"),
        ("rate_hz: 5", "rate_hz: 0", "Out of range\n.*found: +0\n.*allowed: above 0"),
        ("rate_hz: 5", "rate_hz: 99", "Out of range\n.*found: +99\n.*allowed: 60 or less"),
        ("width_px: 320", "width_px: 321", "Out of range\n.*found: +321\n.*allowed: a multiple of 2"),
        ("kind: shelf", "kind: shelv", "Not one of the choices\n.*found: +'shelv'\n.*allowed: shelf, counter.*'shelf'"),
        ("size: [1.6, 0.6, 1.4]", "size: [1.6, 0.6]", "^Too few of them\n.*size\n.*1.6, 0.6.*allowed: 3 of them$"),
        (
            "size: [1.6, 0.6, 1.4]",
            "size: []",
            "^Too few of them\n.*size\n.*found: .*a list of 0\n.*allowed: 3 of them$",
        ),
        ("size: [1.6, 0.6, 1.4]", "size: [1, 1, 1, 1]", "Too many of them\n.*size\n.*found: .*allowed: 3 or fewer"),
    ],
)
def test_what_is_allowed_is_told_in_words_of_the_file(tmp_path: Path, was: str, now: str, said: str) -> None:
    told = message(tmp_path, was, now)
    assert re.search(said, told, re.DOTALL), told


def test_what_is_no_such_camera_names_those_there_are(tmp_path: Path) -> None:
    told = message(tmp_path, "floor: {camera: hall", "floor: {camera: hal")
    assert "There is no such camera" in told
    assert "found:   'hal'" in told
    assert "allowed: hall" in told
    assert "did you mean 'hall'?" in told


def test_a_zone_that_its_camera_does_not_see_names_those_that_do(tmp_path: Path) -> None:
    away = "hall: {at: [3, 5.8, 2.8], look_at: [3, 5.9, 1], width_px: 320, height_px: 180, rate_hz: 5}"
    told = message(tmp_path, "cameras:\n  hall:", f"cameras:\n  {away}\n  door:")
    assert "The camera hall does not see the zone floor" in told
    assert "turn or move the camera, or name one that sees it: door" in told
    assert told.startswith("2 mistakes in the scenario file\n1. ")
    assert "The camera hall does not see the line door" in told
    told = message(tmp_path, "[[0.5, 1], [5, 1], [5, 4], [0.5, 4]]", BESIDE)
    assert "to do:   turn or move the camera\n" in f"{told}\n"


def test_a_zone_of_which_a_corner_is_seen_is_none_that_is_unseen(tmp_path: Path) -> None:
    zone = "[[-4, -3], [3, 2], [-4, -2.9]]"
    room(tmp_path, ALONE, 30, ("[[0.5, 1], [5, 1], [5, 4], [0.5, 4]]", zone))


def test_a_camera_turned_away_in_a_file_that_extends_another_is_told_where_it_is_turned(tmp_path: Path) -> None:
    room(tmp_path, ALONE)
    path = tmp_path / "turned.yaml"
    path.write_text("scenario: turned\nextends: room.yaml\ncameras:\n  hall: {look_at: [3, 5.9, 1]}\n")
    with pytest.raises(DataError, match="The camera hall does not see the zone floor") as caught:
        load_scenario(path)
    assert str(caught.value).count("turned.yaml line 4: cameras.hall\n") == 2


@pytest.mark.parametrize(
    ("at", "where"),
    [
        ("[3, 5.8, -0.5]", "under the floor"),
        ("[3, 5.8, 0]", "under the floor"),
        ("[3, 5.8, 3.4]", "above the ceiling"),
        ("[3, 6.05, 2.8]", "in the wall at (4, 6)"),
        ("[6.2, 3.25, 0.9]", "in the shelf at (6.5, 3)"),
    ],
)
def test_a_camera_that_hangs_where_none_can_is_told(tmp_path: Path, at: str, where: str) -> None:
    told = message(tmp_path, "hall: {at: [3, 5.8, 2.8]", f"hall: {{at: {at}").replace(f"{tmp_path}/", "")
    assert f"The camera hall hangs {where}\n  where:   room.yaml line 18: cameras.hall.at\n  found:   {at}\n" in told
    assert "allowed: a place outside walls and furniture, above 0 m and below the ceiling at 3 m" in told
    assert "to do:   move the camera, or what is there" in told


def test_a_camera_under_a_table_or_right_before_a_wall_may_hang_there(tmp_path: Path) -> None:
    table = "size: [1.6, 0.6, 1.4]}\n  - {kind: table, at: [3, 5.5], size: [1.2, 0.8, 0.9], turn_deg: 30}"
    for at in ("[3, 5.5, 0.5]", "[3, 5.93, 2.8]"):
        room(tmp_path, ALONE, 30, ("at: [3, 5.8, 2.8]", f"at: {at}"), ("size: [1.6, 0.6, 1.4]}", table))


def told_of(folder: Path, **files: str) -> str:
    """What loading the last of some files, each over the one before it and the first over a room, says."""
    room(folder, ALONE)
    below = "room"
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(f"scenario: {name}\nextends: {below}.yaml\n{text}", encoding="utf-8")
        below = name
    with pytest.raises(DataError) as caught:
        load_scenario(folder / f"{below}.yaml")
    return str(caught.value).replace(f"{folder}/", "")


def test_a_mistake_in_a_file_that_is_extended_is_told_where_it_stands(tmp_path: Path) -> None:
    told = told_of(tmp_path, base="ceiling_m: 4\nlength_s: -1\n", child="ground: wood\n")
    assert told.startswith("Out of range\n  where:   base.yaml line 4: length_s\n  found:   -1")
    told = told_of(tmp_path, base="doors: {gate: {from: [2, 0], to: [4, 0], outside: [[0, -1]]}}\n", child="dors: {}\n")
    assert "where:   child.yaml line 3: dors\n" in told
    told = told_of(tmp_path, base="cameras: {hall: {rate_hz: 5, rates: 5}}\n", child="cameras: {hall: {rate_hz: 9}}\n")
    assert "where:   base.yaml line 3: cameras.hall.rates\n" in told


def test_what_a_file_puts_in_the_place_of_a_list_is_told_in_that_file(tmp_path: Path) -> None:
    told = told_of(tmp_path, base="people:\n  - {enter_s: 1}\n", child="ground: wood\npeople:\n  - {speed: 1}\n")
    assert told == "The key 'enter_s' is missing\n  where:   child.yaml line 5: people.0.enter_s"


def test_a_key_that_is_given_twice_is_a_mistake_in_a_file_that_is_extended_too(tmp_path: Path) -> None:
    told = told_of(tmp_path, base="seed: 3\nseed: 4\n", child="seed: 5\n")
    assert told.startswith("The key 'seed' is given twice\n  where:   base.yaml line 4: seed\n")
    assert "the first is on line 3" in told


def test_all_mistakes_of_a_file_and_of_those_it_extends_are_told_at_once(tmp_path: Path) -> None:
    told = told_of(tmp_path, base="seed: 3\nseed: 4\nlength_s: -1\n", child="grund: wood\nceiling_m: 0\n")
    assert told.startswith("4 mistakes in the scenario file\n1. There is no key 'grund' here\n")
    places = [line.split(": ", 1)[1].strip() for line in told.splitlines() if line.strip().startswith("where:")]
    assert places == [
        "child.yaml line 3: grund", "child.yaml line 4: ceiling_m", "base.yaml line 4: seed",
        "base.yaml line 5: length_s",
    ]  # fmt: skip


def test_a_camera_turned_away_below_is_told_there(tmp_path: Path) -> None:
    turned = "cameras:\n  hall: {look_at: [3, 5.9, 1]}\n"
    told = told_of(tmp_path, base=turned, child="zones: {floor: {camera: hall}}\nlines: {}\n")
    assert "The camera hall does not see the zone floor\n  where:   child.yaml line 3: zones.floor\n" in told
    assert "The camera hall does not see the line door\n  where:   child.yaml line 4" not in told
    assert "The camera hall does not see the line door\n  where:   base.yaml line 4: cameras.hall\n" in told


def test_what_is_extended_is_told_when_it_is_not_there_goes_in_a_circle_or_is_no_scenario(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    for text, base, said in (
        ("", "twin", "There is no such scenario\n  where:   one.yaml line 2: extends\n  found:   'twin'"),
        ("extends: ./one.yaml", "two.yaml", "Scenarios extend each other in a circle\n  where:   two.yaml line 1"),
        ("[1, 2]", "two.yaml", "A scenario file is a mapping"),
        ("a: b: c", "two.yaml", "Not YAML: mapping values are not allowed here\n  where:   two.yaml line 1"),
    ):
        (tmp_path / "two.yaml").write_text(text, encoding="utf-8")
        path.write_text(f"scenario: one\nextends: {base}\n", encoding="utf-8")
        with pytest.raises(DataError) as caught:
            load_scenario(path)
        assert str(caught.value).replace(f"{tmp_path}/", "").startswith(said)
    path.write_text("scenario: one\nextends: twin\n", encoding="utf-8")
    with pytest.raises(DataError, match="or a YAML file beside this one") as caught:
        load_scenario(path)
    assert caught.value.hint == "did you mean 'twins'?"


def test_what_comes_out_in_playing_is_told_in_the_file_it_stands_in(tmp_path: Path) -> None:
    room(tmp_path, ALONE)
    base = "scenario: base\nextends: room.yaml\nspots:\n  by the. wall: {at: [6.5, 3], face_deg: 90}\n"
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    (tmp_path / "child.yaml").write_text("scenario: child\nextends: base.yaml\n", encoding="utf-8")
    with pytest.raises(DataError, match="Nobody can stand there") as caught:
        play(load_scenario(tmp_path / "child.yaml"))
    assert str(caught.value.where) == f"{tmp_path}/base.yaml line 4: spots.by the. wall.at"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- scenario: room\n", "A scenario file is a mapping"),
        ("room\n", "A scenario file is a mapping"),
        ("scenario: room\nlength_s: 1\nroom: [0, 0, 1, 1]\ncameras: [hall]\n", "Not a mapping of names"),
        ("scenario: room\nlength_s: 1\nroom: [0, 0, 1, 1]\ncameras: {hall: 1}\n", "Not a mapping of keys"),
    ],
)
def test_another_kind_of_value_is_told_in_words_of_the_file(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "room.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_scenario(path)
    assert caught.value.what.startswith(said)
    assert caught.value.found
