"""The published JSON Schema is current, and accepts and refuses what the loader does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from retrail.site import Site, json_schema

ROOT = Path(__file__).resolve().parents[2]


def _valid(text: str) -> bool:
    data = YAML(typ="safe", pure=True).load(text)
    plain = json.loads(json.dumps(data, default=str))
    return jsonschema.Draft202012Validator(json_schema()).is_valid(plain)


def test_the_published_schema_is_current() -> None:
    published = json.loads((ROOT / "docs/schemas/site.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema(), "run: .venv/bin/python tools/write-schemas"


def test_it_is_a_schema_and_every_key_is_described() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    places = [schema, *schema["$defs"].values()]
    for place in places:
        assert place["description"]
        for key, field in place["properties"].items():
            assert field.get("description") or "$ref" in field, key


def test_the_documented_example_is_valid(example: str) -> None:
    assert _valid(example)


def test_the_example_that_is_shipped_is_valid_and_loads() -> None:
    path = ROOT / "examples/shop.yaml"
    assert _valid(path.read_text(encoding="utf-8"))
    site = Site.load(path, environ={"CAM_USER": "eva", "CAM_PASSWORD": "otter"})
    assert {camera for link in site.links for camera in (link.from_camera, link.to_camera)} <= set(site.cameras)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("site: corner-shop", ""),
        ("site: corner-shop", "site: a/b"),
        ("timezone:", "timezon:"),
        ("mode: journey", "mode: jorney"),
        ("mode: journey", "mode: 7"),
        ("detect_hz: 5", "detect_hz: 0"),
        ("detect_hz: 5", "detekt_hz: 5"),
        ("[0.7, 0.6]", "[1.7, 0.6]"),
        ("[0.7, 0.6]", "[0.7]"),
        ("inward: up", "inward: upp"),
        ("inward: up", ""),
        ("shortest_s: 2", "shortest_s: -2"),
        ("24h", "24"),
        ("  samples:", "  sam/ples:"),
        ("retention:", "database: mysql://db\nretention:"),
        ("retention:", "definitions: {vist_gap_s: 3}\nretention:"),
    ],
)
def test_what_the_loader_refuses_an_editor_marks(
    change: Callable[[str, str], str], mistakes: Callable[[str], Exception], old: str, new: str
) -> None:
    text = change(old, new)
    mistakes(text)
    assert not _valid(text)


def test_numbers_from_the_environment_are_valid(change: Callable[[str, str], str]) -> None:
    assert _valid(change("detect_hz: 5", 'detect_hz: "${HZ}"'))
