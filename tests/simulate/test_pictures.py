"""What is drawn is what the truth says."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.simulate.worlds import room

from retrail.core.errors import DataError
from retrail.simulate.render.film import film
from retrail.simulate.scenario import load_scenario, presets
from retrail.simulate.site_file import site_file
from retrail.simulate.telling import truth_of
from retrail.simulate.truth import read_truth
from retrail.simulate.world import play
from retrail.simulate.writing import write_simulation
from retrail.site import Site

WALK = "  - {enter_s: 0, plan: [{walk: [[3, 2], [3, 4]]}]}"


@pytest.mark.parametrize("lens", ["fov_deg: 78", "fov_deg: 100, distortion: {k1: -0.28, k2: 0.07}"])
def test_a_person_differs_from_the_empty_room_inside_the_box_alone(tmp_path: Path, lens: str) -> None:
    world = play(room(tmp_path, WALK, 12, ("rate_hz: 5", f"rate_hz: 5, {lens}")))
    pictures = list(film(world, "hall"))
    empty = pictures[0].bgr.astype(int)
    assert not len(pictures[0].people)
    seen = [picture for picture in pictures if len(picture.people) and picture.visibility[0] > 0.99]
    assert len(seen) > 10
    for picture in seen[::5]:
        x1, y1, x2, y2 = picture.boxes[0]
        changed = np.abs(picture.bgr.astype(int) - empty).max(axis=2) > 75  # shadows are less
        rows, columns = np.nonzero(changed)
        assert changed.sum() > 0.2 * (x2 - x1) * (y2 - y1)
        inside = (columns >= x1 - 1) & (columns <= x2) & (rows >= y1 - 1) & (rows <= y2)
        assert inside.mean() > 0.95


def test_the_truth_of_somebody_who_comes_in_is_one_entry_and_one_visit(tmp_path: Path) -> None:
    world = play(room(tmp_path, "  - {enter_s: 1, plan: [{walk: [[3, 2], [3, 3.5]]}, {walk: [[3, 2.5], [3, 3.4]]}]}"))
    truth = truth_of(world)
    assert [(one.person, one.line, one.direction) for one in truth.crossings or ()] == [
        (1, "door", "in"),
        (1, "door", "out"),
    ]
    assert [(one.person, one.zone) for one in truth.visits or ()] == [(1, "floor")]
    assert [change.people for change in truth.occupancy or () if change.zone == ""] == [1, 0]


def test_what_is_written_can_be_read_and_the_site_file_loads(tmp_path: Path) -> None:
    out = tmp_path / "out"
    written = write_simulation(room(tmp_path, WALK, 12), out)
    site = Site.load(written.site)
    assert (out / "video" / "hall.mp4").stat().st_size > 1000
    assert site.lines["door"].inward == "down"
    truth = read_truth(written.truth_folder)
    assert len(truth.cameras["hall"].boxes) == len(written.truth.cameras["hall"].boxes) > 0


def test_one_and_two_threads_draw_the_same(tmp_path: Path) -> None:
    shelf = (
        "  shelf: {at: [7.6, 5.6, 2.6], look_at: [5, 2, 0.6], width_px: 160, height_px: 90, rate_hz: 5, drops: 0.2, %s}"
    )
    shelf %= "flaws: {exposure_hunting: {period_s: 2}, lamp_flicker: {mains_hz: 49.9}}, distortion: {k1: -0.1}"
    crowd = "crowds: [{count: 3, to_s: 1, group_share: 0.5}]"
    scenario = room(tmp_path, WALK, 6, ("cameras:\n", f"cameras:\n{shelf}\n"), ("", crowd))

    cameras = list(scenario.spec.cameras)

    def drawn(threads: int) -> dict[str, list[bytes]]:
        world = play(scenario)
        with ThreadPoolExecutor(threads) as pool:
            return dict(pool.map(lambda name: (name, [one.bgr.tobytes() for one in film(world, name)]), cameras))

    assert len(cameras) == 2
    assert drawn(1) == drawn(2)
    for threads in (1, 2):
        write_simulation(scenario, tmp_path / f"{threads}", threads=threads)
    one, two = ({str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
                for folder in (tmp_path / "1", tmp_path / "2"))  # fmt: skip
    assert {"site.yaml", "video/shelf.mp4", "truth/mot/shelf.txt", "truth/frames/shelf.csv"} <= set(one)
    assert one == two


def test_entrances_are_lines(tmp_path: Path) -> None:
    def written(entrances: str) -> Path:
        path = tmp_path / "room.yaml"
        room(tmp_path, WALK)
        path.write_text(path.read_text(encoding="utf-8") + f"entrances: {entrances}\n", encoding="utf-8")
        (tmp_path / "site.yaml").write_text(site_file(load_scenario(path)))
        return tmp_path / "site.yaml"

    assert [line.name for line in Site.load(written("[door]")).entrances] == ["door"]
    with pytest.raises(DataError, match="There is no such line") as caught:
        written("[door, gate]")
    assert str(caught.value.where).endswith("entrances.1")
    assert (caught.value.found, caught.value.allowed) == ("'gate'", "door")


def test_the_page_says_how_pictures_go_straight_into_the_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/simulate.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    said: dict[str, Any] = {}
    exec(compile(code, "docs/simulate.md", "exec"), said)
    time_s, image = next(said["feeds"]["till"]())
    assert time_s == said["site"].start_s
    assert image.shape == (360, 640, 3)


@pytest.mark.parametrize("preset", presets())
def test_every_zone_and_line_of_a_preset_is_seen(preset: str, tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(site_file(load_scenario(preset)), encoding="utf-8")
    Site.load(path)
