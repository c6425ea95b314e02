"""``retrail forget`` and ``retrail replay`` as a user meets them: output, exit status, what is left."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from tests.store.conftest import make_sighting

from retrail.associate import Matcher
from retrail.cli import main
from retrail.cli.forget import json_schema as forget_schema
from retrail.cli.replay import json_schema as replay_schema
from retrail.pipeline import window_of
from retrail.simulate.scenario import load_scenario
from retrail.simulate.traffic.table import read_sightings
from retrail.simulate.traffic.writing import write_sightings
from retrail.site import Site
from retrail.store import Store, open_store

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"
START_S = 1_700_000_000.0
_NAMES = itertools.count()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose server runs as long as these tests do."""
    data = tmp_path_factory.mktemp("commands") / "data"
    open_store(data, site_name="keeper", holder="test").close()
    with open_store(data, site_name="keeper", holder="test", read_only=True):
        yield data


@pytest.fixture
def site_file(tmp_path: Path, served: Path) -> Path:
    """A site in which three people were seen; who they are is decided."""
    path = tmp_path / "shop.yaml"
    path.write_text(
        f"site: shop {next(_NAMES)}\ndata: {served}\ntimezone: Europe/Lisbon\nmode: 0.9\n"
        "cameras: {door: {source: a.mp4}}\n"
    )
    site = Site.load(path)
    with opened(site) as store:
        group = store.append([make_sighting(f"{n:012x}", START_S + 60 * n, seed=n) for n in range(3)])
        assert group is not None
        matcher = Matcher(cut=0.9, day=lambda time_s: date(2023, 11, 14))
        store.begin_resolution("f", entries=matcher.add(group.sightings))
        store.append_entries(matcher.finish())
    return path


def opened(site: Site) -> Store:
    return open_store(site.data, site_name=site.name, holder="test")


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def ids(site_file: Path, data: Path | None = None) -> list[str]:
    with opened(Site.load(site_file, data=data)) as store:
        return [sighting.id[-1] for sighting in store.sightings()]


def test_without_yes_it_is_shown_and_nothing_is_erased(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("forget", site_file, "--identity", "2") == 0
    shown = capsys.readouterr()
    assert "Would erase: 1 sightings, 1 embeddings" in shown.out
    assert "door: 2023-11-14T22:14:20.000+00:00 to 2023-11-14T22:14:30.000+00:00" in shown.out
    assert "Nothing was erased" in shown.err
    assert ids(site_file) == ["0", "1", "2"]


def test_looking_first_is_no_failure_and_the_object_says_that_nothing_went(
    site_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("forget", site_file, "--identity", "2", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, forget_schema())
    assert (report["erased"], report["sightings"]) == (False, 1)
    assert ids(site_file) == ["0", "1", "2"]


def test_with_yes_it_is_gone_and_a_replay_still_works(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("forget", site_file, "--identity", "2", "--yes", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, forget_schema())
    assert (report["erased"], report["sightings"], len(report["forgotten"])) == (True, 1, 1)
    assert ids(site_file) == ["0", "2"]
    assert run("replay", site_file, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, replay_schema())
    assert (report["identities_before"], report["identities"], report["moved"]) == (2, 2, 0)
    assert run("forget", site_file, "--identity", "99", "--yes") == 1


def test_all_before_a_time_of_the_shops_clock(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("forget", site_file, "--before", "2023-11-14T22:14:30", "--yes") == 0
    assert "Erased: 2 sightings" in capsys.readouterr().out
    assert ids(site_file) == ["2"]


def test_expired_goes_without_asking(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("forget", site_file, "--expired") == 0
    assert "Erased: 0 sightings, 0 embeddings" in capsys.readouterr().out
    with opened(Site.load(site_file)) as store:
        store.append([make_sighting("old", 0)], now_s=START_S)
    assert run("forget", site_file, "--expired") == 0
    assert "Erased: 1 sightings, 1 embeddings" in capsys.readouterr().out


def test_exactly_one_choice_is_wanted(site_file: Path) -> None:
    assert run("forget", site_file) == 2
    assert run("forget", site_file, "--identity", "1", "--expired") == 2


def test_another_mode_decides_again(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site_file.write_text(site_file.read_text().replace("mode: 0.9", "mode: -1.0"))
    assert run("replay", site_file) == 0
    assert "1 identities (before: 3)" in capsys.readouterr().out


def test_where_nothing_was_recorded_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("site: shop\ntimezone: UTC\ncameras: {door: {source: a.mp4}}\n")
    for command in (["replay", path], ["forget", path, "--expired"], ["forget", path, "--identity", "1"]):
        assert run(*command) == 1
        assert "Nothing has been recorded yet" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["shop.yaml"]


@pytest.mark.parametrize(("name", "schema"), [("forget", forget_schema()), ("replay", replay_schema())])
def test_the_published_schema_is_current(name: str, schema: object) -> None:
    assert json.loads((SCHEMAS / f"{name}.schema.json").read_text()) == schema, "run tools/write-schemas"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corner shop without pixels: site.yaml, sightings.parquet, truth."""
    out = tmp_path_factory.mktemp("played")
    return write_sightings(load_scenario("corner-shop"), out, seed=12).site


def test_simulated_sightings_are_logged_and_decided(
    played: Path, served: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sightings = played.with_name("sightings.parquet")
    assert run("replay", played, "--sightings", sightings, "--data", served, "--json") == 0
    first = json.loads(capfd.readouterr().out)
    assert 18 <= first["identities"] <= 22
    with opened(Site.load(played, data=served)) as store:
        logged = store.sightings()
        assert len(logged) == sum(1 for _ in read_sightings(sightings))
        windows = [window_of(one.end_s) for one in logged]
        assert windows == sorted(windows)
    assert run("replay", played, "--sightings", sightings, "--data", served, "--json") == 0
    again = json.loads(capfd.readouterr().out)
    assert (again["identities"], again["moved"]) == (first["identities"], 0)


def test_another_simulation_in_the_same_log_is_refused_and_nothing_of_it_is_logged_or_judged(
    tmp_path: Path, served: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = tmp_path / "shop.yaml"
    shop.write_text(f"scenario: shop {next(_NAMES)}\nextends: corner-shop\nlength_s: 60\n", encoding="utf-8")
    scenario, out = load_scenario(shop), tmp_path / "out"
    first = write_sightings(scenario, out, seed=1)
    truth = ("--truth", first.truth_folder, "--data", served)
    assert run("replay", first.site, "--sightings", first.sightings, "--data", served) == 0
    assert run("evaluate", "site", first.site, *truth) == 0
    before = ids(first.site, served)
    write_sightings(scenario, out, seed=2)
    capfd.readouterr()
    for command in (
        ("replay", first.site, "--sightings", first.sightings, "--data", served),
        ("evaluate", "site", first.site, *truth),
    ):
        assert run(*command) == 1
        told = capfd.readouterr().err
        assert "The log holds sightings that are not of this simulation" in told
        assert str(first.site) in told  # where
        assert re.search(rf"\d+ of {len(before)} are not in \S+sightings.parquet", told)  # what was found
        assert "those of one simulation" in told  # what is allowed
        assert f"--data FOLDER, or delete {served}" in told  # what to do
    assert ids(first.site, served) == before


def test_what_was_never_decided_is_decided_for_the_first_time(
    played: Path, served: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(played.read_text().replace("corner-shop", f"shop {next(_NAMES)}"))
    sightings = played.with_name("sightings.parquet")
    assert run("replay", site, "--sightings", sightings, "--data", served) == 0
    first = capfd.readouterr().out
    assert "decided for the first time" in first
    assert "before" not in first
    assert run("replay", site, "--data", served) == 0
    assert "0 tracklets are in other company than before" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [(r"\bentrance\b", "porch", "camera that the site does not have"), ("-0287", "-0286", "another encoder")],
)
def test_sightings_of_another_site_are_refused(
    played: Path, tmp_path: Path, served: Path, capfd: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(re.sub(old, new, played.read_text()).replace("corner-shop", f"shop {next(_NAMES)}"))
    assert run("replay", other, "--sightings", played.with_name("sightings.parquet"), "--data", served) == 1
    told = capfd.readouterr().err
    assert says in told
    assert "site.yaml that was written with the sightings" in told


def test_what_is_no_file_of_sightings_is_told(played: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.parquet"
    empty.touch()
    for path in (empty, tmp_path / "nothing.parquet"):
        assert run("replay", played, "--sightings", path, "--data", tmp_path / "data") == 1
        told = capfd.readouterr().err
        assert path.name in told
        assert "retrail simulate --sightings" in told
    assert not (tmp_path / "data").exists()
