"""The command ``retrail report`` on a store of its own."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import numpy as np
import polars as pl
import pytest

from retrail.cli import main
from retrail.core.time import parse_time
from retrail.core.types import LedgerEntry, Match, Sighting
from retrail.core.types import Path as Way
from retrail.site import Site
from retrail.store import open_store

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"
OPENED_S = parse_time("2026-11-20T09:00:00Z")
SITE = """
site: toy-shop
data: ./data
timezone: Europe/Lisbon
cameras: {hall: {source: hall.mp4}}
zones: {table: {camera: hall, polygon: [[0.4, 0.4], [0.6, 0.4], [0.6, 0.8], [0.4, 0.8]]}}
lines: {door: {camera: hall, from: [0.3, 0.0], to: [0.3, 1.0], inward: right}}
"""
Run = Callable[..., tuple[int, str, str]]


def walk(name: str, start_s: float, dwell_s: float) -> Sighting:
    """Somebody who comes from the left, stands at the table and goes on to the right."""
    times_s = start_s + np.arange(0.0, dwell_s + 8, 0.2)
    x = np.interp(times_s - start_s, [0, 4, 4 + dwell_s, 8 + dwell_s], [100, 500, 500, 900])
    feet = np.stack([x, np.full_like(x, 300)], axis=1).astype(np.float32)
    boxes = np.concatenate([feet - [20, 100], feet + [20, 0]], axis=1).astype(np.float32)
    path = Way(times_s, boxes, feet, 1000, 500)
    return Sighting(name, "hall", float(times_s[0]), float(times_s[-1]), path, None, 0.0, "an-encoder", None, "person")


@pytest.fixture(scope="module")
def site_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A shop with two visitors, one of them back in the afternoon, and somebody unresolved."""
    path = tmp_path_factory.mktemp("shop") / "shop.yaml"
    path.write_text(SITE)
    site = Site.load(path)
    seen = [
        walk("a" * 32, OPENED_S, 10),
        walk("b" * 32, OPENED_S + 60, 20),
        walk("c" * 32, OPENED_S + 4 * 3600, 30),
        walk("d" * 32, OPENED_S + 90, 7),
    ]
    with open_store(site.data, site_name=site.name, holder="test") as store:
        store.append(seen)
        store.begin_resolution(f"{site.fingerprint()}:0.5", None)
        store.append_entries(
            [
                LedgerEntry(
                    number, kind, sighting.end_s, who, (sighting.id,), match=Match(sighting.id, who, kind, None)
                )
                for number, (sighting, who, kind) in enumerate(
                    zip(seen, [1, 2, 1, None], ["new", "new", "assign", "unresolved"], strict=True), start=1
                )
            ]
        )
    with open_store(site.data, site_name=site.name, holder="test", read_only=True):  # keeps the server running
        yield path


@pytest.fixture
def run(site_file: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs ``retrail report SITE …``; returns status, output and errors."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["report", str(site_file), *arguments])
        out, err = capfdbinary.readouterr()
        return left.value.code or 0, out.decode("latin-1" if "--parquet" in arguments else "utf-8"), err.decode()

    return ran


@pytest.mark.parametrize("report", ["overview", "visitors", "dwell", "journeys", "flows", "occupancy"])
def test_every_report_is_a_table_and_json_that_fits_its_schema(run: Run, report: str) -> None:
    status, out, err = run(report)
    assert (status, err) == (0, "")
    assert "2 visitors" in out
    assert "1 sighting is of somebody seen too badly" in out
    status, out, _ = run(report, "--json")
    schema = json.loads((SCHEMAS / f"report-{report}.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(out), schema)


def test_without_a_name_it_is_the_overview(run: Run) -> None:
    _, out, _ = run("--json")
    found = json.loads(out)
    assert found["visitors"] == {"estimate": 2, "low": None, "high": None, "unresolved": 1}
    assert found["returns"] == 1
    doors = [place for place in found["places"] if place["kind"] == "line"]
    assert [(door["footfall"]["entries"], door["footfall"]["exits"]) for door in doors] == [(3, 0)]


def test_journeys_say_where_everybody_was_and_for_how_long(run: Run) -> None:
    _, out, _ = run("journeys", "--json")
    journeys = json.loads(out)["journeys"]
    assert [(one["identity"], len(one["visits"])) for one in journeys] == [(1, 2), (2, 1)]
    visit = journeys[1]["visits"][0]
    assert (visit["camera"], visit["zone"]) == ("hall", "table")
    assert visit["enter"].startswith("2026-11-20T09:01:0")
    assert visit["dwell_s"] == pytest.approx(22, abs=0.1)


def test_a_period_and_a_bucket_can_be_asked_for(run: Run) -> None:
    _, out, _ = run("visitors", "--json", "--from", "2026-11-20T12:00", "--to", "2026-11-20T15:00", "--bucket", "1h")
    site = json.loads(out)["places"][0]
    assert [part["visitors"]["estimate"] for part in site["buckets"]] == [0, 1, 0]
    _, out, _ = run("--from", "2026-11-21")
    assert "Nobody was seen in this period." in out


@pytest.mark.parametrize("order", [("journeys", "--csv"), ("--csv", "journeys")])
def test_csv_goes_to_standard_output_where_no_file_is_named(run: Run, order: tuple[str, str]) -> None:
    _, out, _ = run(*order)
    lines = out.splitlines()
    assert lines[0] == "identity,camera,zone,enter,leave,dwell_s"
    assert len(lines) == 4


def test_tables_are_written_to_files(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "dwell.parquet"
    status, out, err = run("dwell", "--parquet", str(target), "--csv", str(tmp_path / "dwell.csv"))
    assert (status, out) == (0, "")
    assert str(target) in err
    assert pl.read_parquet(target)["stays"].to_list() == [3, 3, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dwell.csv", "dwell.parquet"]
    _, out, _ = run("dwell", "--parquet")
    assert pl.read_parquet(io.BytesIO(out.encode("latin-1"))).equals(pl.read_parquet(target))


def test_one_identity_can_be_looked_up_and_the_search_is_kept(run: Run, site_file: Path) -> None:
    _, out, _ = run("journeys", "--identity", "2", "--json")
    assert [one["identity"] for one in json.loads(out)["journeys"]] == [2]
    site = Site.load(site_file)
    with open_store(site.data, site_name=site.name, holder="test", read_only=True) as store:
        assert store.searches()[-1][1] == "report journeys --identity 2"
    status, _, err = run("journeys", "--identity", "77", "--json")
    assert status == 1
    assert "Nobody has this number" in err


def test_the_page_goes_to_a_file_or_to_standard_output(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    status, out, err = run("--html", str(target))
    assert (status, out) == (0, "")
    assert str(target) in err
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("--html")[1].startswith("<!doctype html>")


def test_forgetting_names_the_exports_that_name_somebody(run: Run, site_file: Path, tmp_path: Path) -> None:
    run("journeys", "--csv", str(tmp_path / "journeys.csv"))
    run("dwell", "--csv", str(tmp_path / "dwell.csv"))
    run("--html", str(tmp_path / "page.html"))
    site = Site.load(site_file)
    with open_store(site.data, site_name=site.name, holder="test", read_only=True) as store:
        beyond = {Path(what).name for what, _ in store.forget_identity(2, dry_run=True).beyond_reach}
    assert {"journeys.csv", "page.html"} <= beyond
    assert "dwell.csv" not in beyond


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("dwel",), 2, "'dwell'"),
        (("--bucket", "2h"), 2, "'15m'"),
        (("--from", "noon"), 1, "Not a time"),
        (("--from", "2026-11-21", "--to", "2026-11-20"), 1, "ends before it begins"),
        (("--json", "--csv"), 2, "standard output"),
        (("dwell", "--identity", "1"), 2, "journeys"),
        (("--csv", "no/such/folder/x.csv"), 1, "cannot be written"),
    ],
)
def test_a_mistake_is_told(run: Run, arguments: tuple[str, ...], status: int, said: str) -> None:
    found, _, err = run(*arguments)
    assert found == status
    assert said in err


def test_a_site_file_that_changed_since_is_told(run: Run, site_file: Path, tmp_path: Path) -> None:
    before = site_file.read_text()
    site_file.write_text(before.replace("cameras:", "mode: vip\ncameras:"))
    try:
        status, _, err = run()
    finally:
        site_file.write_text(before)
    assert status == 0
    assert "The site file has changed since: `retrail replay`" in err


def test_a_shop_without_a_log_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shop.yaml").write_text(SITE)
    with pytest.raises(SystemExit) as left:
        main(["report", str(tmp_path / "shop.yaml")])
    assert left.value.code == 1
    assert capfd.readouterr().err


def test_every_option_is_documented(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", "--help"])
    page = (SCHEMAS.parent / "report.md").read_text(encoding="utf-8")
    options = set(re.findall(r"--[a-z]{2,}", capfd.readouterr().out)) - {"--help"}
    assert len(options) >= 9
    assert [option for option in options if f"`{option}" not in page and f" `{option}" not in page] == []
