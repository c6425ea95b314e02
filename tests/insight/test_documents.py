"""What `--json`, `--csv` and `--parquet` hold."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from retrail.insight import COMPOSERS, REPORTS, find, json_schemas, look
from retrail.insight.tables import csv_text, parquet_bytes, table

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"


@pytest.fixture(scope="module")
def views(toys):
    """A view of two people, and one of nobody."""
    site = toys.square()
    way = [(0, 0.2, 0.6), (4, 0.5, 0.6), (14, 0.5, 0.6), (18, 0.8, 0.6)]
    seen = [toys.walk(way, "a"), toys.walk([(2, 0.2, 0.2), (5, 0.3, 0.2)], "b"), toys.walk(way, "c")]
    return {
        "people": look(find(seen, {"a": 1, "b": 2, "c": None}, site)),
        "nobody": look(find([], {}, site)),
        "nobody then": look(find(seen, {"a": 1}, site), 9000.0, 9900.0),
    }


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("situation", ["people", "nobody", "nobody then"])
def test_every_report_fits_its_published_schema(views, report, situation):
    schema = json.loads((SCHEMAS / f"report-{report}.schema.json").read_text(encoding="utf-8"))
    text = COMPOSERS[report](views[situation]).model_dump_json()
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    validator.check_schema(schema)
    validator.validate(json.loads(text))


@pytest.mark.parametrize("name", [f"report-{report}.schema.json" for report in REPORTS])
def test_the_published_schemas_are_current(name):
    published = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    assert published == json_schemas()[name], "run tools/write-schemas"


def test_journeys_are_identities_with_their_visits_and_nothing_else(views):
    found = json.loads(COMPOSERS["journeys"](views["people"]).model_dump_json())
    visit = {
        "camera": "hall",
        "zone": "square",
        "enter": "1970-01-01T00:00:02.667+00:00",
        "leave": "1970-01-01T00:00:15.333+00:00",
        "dwell_s": 12.666,
    }
    assert found == {"journeys": [{"identity": 1, "visits": [visit]}, {"identity": 2, "visits": []}]}


def test_the_same_log_gives_the_same_bytes(toys):
    seen = [toys.walk([(0, 0.2, 0.6), (40, 0.8, 0.6)], name) for name in "abc"]
    identity_of = {"a": 1, "b": 2, "c": 1}
    texts = {
        COMPOSERS["overview"](look(find(order, identity_of, toys.square()))).model_dump_json()
        for order in (seen, seen[::-1])
    }
    assert len(texts) == 1


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("situation", ["people", "nobody"])
def test_tables_survive_csv_and_parquet(views, report, situation):
    frame = table(views[situation], report)
    assert pl.read_parquet(io.BytesIO(parquet_bytes(frame))).equals(frame)
    assert pl.read_csv(io.StringIO(csv_text(frame))).columns == frame.columns


def test_times_in_csv_are_iso_8601_with_the_shops_offset(toys):
    site = toys.site(timezone="Asia/Kathmandu")
    frame = table(look(find([toys.walk([(0, 0.5, 0.5), (9, 0.5, 0.5)])], {"a": 1}, site)), "journeys")
    assert (
        csv_text(frame).splitlines()[1] == "1,hall,hall,1970-01-01T05:30:00.000+05:30,1970-01-01T05:30:09.000+05:30,9.0"
    )
