"""A site file that is wrong: one error that names file, line, key, what was found, what is allowed, and near names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from retrail.core.errors import SiteError
from retrail.site import Site, SiteFileError

Change = Callable[[str, str], str]
Mistakes = Callable[..., SiteFileError]

# ruff: noqa: E501   (a table is read by its columns)
CASES = [
    # passage, instead, line, key, what, found, allowed, hint
    ("timezone: Europe", "timezon: Europe", 3, "timezon", "no key", None, "timezone", "'timezone'"),
    ("Europe/Lisbon", "Europe/Lisboa", 3, "timezone", "No such timezone", "'Europe/Lisboa'", "IANA", "'Europe/Lisbon'"),
    ("Europe/Lisbon", "Europe", 3, "timezone", "No such timezone", "'Europe'", "IANA", None),
    ("Europe/Lisbon", "../etc", 3, "timezone", "No such timezone", "'../etc'", "IANA", None),
    ('"04:00"', '"25:00"', 4, "day_starts", "Not a time of day", "'25:00'", "23:59", None),
    ('"04:00"', "4", 4, "day_starts", "Not a time of day", "4", "23:59", None),
    ("2026-11-20T09:00:00Z", "tomorrow", 5, "start", "Not a time", "'tomorrow'", "ISO 8601", None),
    ("2026-11-20T09:00:00Z", "2026-13-20", 5, "start", "Not a time", "'2026-13-20'", "ISO 8601", None),
    ("2026-11-20T09:00:00Z", "12", 5, "start", "Not a text", "12", "text", None),
    ("detector:", "detektor:", 6, "models.detektor", "no key", None, "detector, encoder", "'detector'"),
    ("person-detection-retail-0013", "13", 6, "models.detector", "Not a text", "13", "text", None),
    ("mode: journey", "mode: jorney", 7, "mode", "Not a mode", "'jorney'", "count, journey, vip", "'journey'"),
    ("mode: journey", "mode: 2", 7, "mode", "Not a mode", "2", "-1 to 1", None),
    ("mode: journey", "mode: true", 7, "mode", "Not a mode", "true", "count, journey, vip", None),
    ("mode: journey", "licences: comercial", 7, "licences", "choices", "'comercial'", "commercial", "'commercial'"),
    ("  samples: ", "  sam/les: ", 12, "cameras.sam/les", "Not a name", "'sam/les'", "letters", None),
    ("clips/entrance.mp4", "", 9, "cameras.entrance.source", "missing", None, "address", None),
    ("clips/entrance.mp4", "[a.mp4]", 9, "cameras.entrance.source", "Not a source", "['a.mp4']", "URL", None),
    ("clips/entrance.mp4", '""', 9, "cameras.entrance.source", "Not a source", "''", "URL", None),
    ("{source: clips/entrance.mp4}", "clips/entrance.mp4", 9, "cameras.entrance", "Not a mapping", "'clips", "source", None),
    ("{source: clips/entrance.mp4}", "", 9, "cameras.entrance", "Not a mapping", "nothing", "source", None),
    ("rtsp://", "rstp://", 10, "cameras.aisle.source", "a kind that is not known", "'rstp://", "rtsp://", "rtsp"),
    ("camera-7.shop.example/", ":554/", 10, "cameras.aisle.source", "without a host", "'rtsp://", "host", None),
    ("camera-7.shop.example/", "camera:five/", 10, "cameras.aisle.source", "port cannot be told", "'rtsp://", "host", None),
    ("detect_hz: 5", "detect_hz: 0", 10, "cameras.aisle.detect_hz", "Out of range", "0", "above 0", None),
    ("detect_hz: 5", "detect_hz: fast", 10, "cameras.aisle.detect_hz", "Not a number", "'fast'", "above 0", None),
    ("detect_hz: 5", "detect_hz: true", 10, "cameras.aisle.detect_hz", "Not a number", "true", "above 0", None),
    ("detect_hz: 5", 'detect_hz: "5"', 10, "cameras.aisle.detect_hz", "Not a number", "'5'", "above 0", None),
    ("detect_hz: 5", "detekt_hz: 5", 10, "cameras.aisle.detekt_hz", "no key", None, "detect_hz", "'detect_hz'"),
    ("detect_hz: 5", "start: 2026-11-20", 10, "cameras.aisle.start", "wall clock", "'2026-11-20'", None, "leave"),
    ("offset_s: 0", "offset_s: .inf", 10, "cameras.aisle.offset_s", "Out of range", "inf", "number", None),
    ("till_%Y%m%d_%H%M%S", "till_%Y%m%d_%Q", 11, "cameras.till.name_time", "no time can be read", "%Q", "strptime", None),
    ("till_%Y%m%d_%H%M%S", "till_%H%M%S", 11, "cameras.till.name_time", "without a year", "%H", "strptime", None),
    ("till_%Y%m%d_%H%M%S", "till_%Y", 11, "cameras.till.name_time", "without month", "%Y", "strptime", None),
    ("fps: 5", "fps: -5", 12, "cameras.samples.fps", "Out of range", "-5", "above 0", None),
    ("camera: entrance, polygon", "camera: entrace, polygon", 14, "zones.table.camera", "no such camera", "'entrace'", "entrance, aisle", "'entrance'"),
    ("camera: entrance, polygon", "camera: 7, polygon", 14, "zones.table.camera", "name of a camera", "7", "entrance, aisle", None),
    ("polygon:", "poligon:", 14, "zones.table.poligon", "no key", None, "camera, polygon", "'polygon'"),
    ("[0.7, 0.97], [0.4, 0.97]]", "]", 14, "zones.table.polygon", "polygon of 2 corners", "a list of 2", "three", None),
    ("[0.7, 0.6]", "[1.7, 0.6]", 14, "zones.table.polygon.1", "outside the frame", "[1.7, 0.6]", "0 to 1", "pixels"),
    ("[0.7, 0.6]", "[-0.1, 0.6]", 14, "zones.table.polygon.1", "outside the frame", "[-0.1, 0.6]", "0 to 1", None),
    ("[0.7, 0.6]", "[.nan, 0.6]", 14, "zones.table.polygon.1", "outside the frame", "[nan, 0.6]", "0 to 1", None),
    ("[0.7, 0.6]", "[0.7]", 14, "zones.table.polygon.1", "Not a point", "[0.7]", "[x, y]", None),
    ("[0.7, 0.6]", "[0.7, left]", 14, "zones.table.polygon.1", "Not a point", "[0.7, 'left']", "[x, y]", None),
    ("[0.7, 0.6]", "0.7", 14, "zones.table.polygon.1", "Not a point", "0.7", "[x, y]", None),
    ("[0.7, 0.97], [0.4, 0.97]", "[0.4, 0.97], [0.7, 0.97]", 14, "zones.table.polygon", "sides cross: corners 2-3 and 4-1", "a list of 4", "in order", None),
    ("[0.7, 0.97], [0.4, 0.97]", "[0.4, 0.97], [0.4, 0.6]", 14, "zones.table.polygon", "Corners 4 and 1 are the same", "a list of 4", "closes itself", None),
    ("[0.7, 0.97], [0.4, 0.97]", "[0.9, 0.6]", 14, "zones.table.polygon", "Not a polygon", "a list of 3", "in order", None),
    ("  table: {camera: entrance", "  aisle: {camera: entrance", 14, "zones.aisle", "itself the zone aisle", "a mapping", "another name", None),
    ("to: [0.9, 0.9]", "to: [0.1, 0.9]", 16, "lines.door.to", "no length", "[0.1, 0.9]", None, None),
    ("to: [0.9, 0.9]", "to: [0.1, 0.2]", 16, "lines.door.inward", "vertical", "'up'", "left or right", None),
    ("inward: up", "inward: left", 16, "lines.door.inward", "horizontal", "'left'", "up or down", None),
    ("inward: up", "inward: upp", 16, "lines.door.inward", "choices", "'upp'", "up, down, left, right", "'up'"),
    ("inward: up", "", 16, "lines.door.inward", "missing", None, "way in", None),
    ("to: aisle", "to: ailse", 18, "links.0.to", "no such camera", "'ailse'", "entrance, aisle", "'aisle'"),
    ("to: aisle", "to: entrance", 18, "links.0.to", "to itself", "'entrance'", "two cameras", None),
    ("shortest_s: 2", "shortest_s: 200", 18, "links.0.shortest_s", "shortest time is more", "200", "longest_s", None),
    ("shortest_s: 2", "shortest_s: -2", 18, "links.0.shortest_s", "Out of range", "-2", "from 0", None),
    ("- {from: entrance", "- [from, entrance] #", 18, "links.0", "Not a mapping", "['from', 'entrance']", "from, to", None),
    ("links:\n  - {", "links:\n   {", 18, "links", "Not a list", "a mapping with from", "a list", None),
    ("24h", "24", 19, "retention.embeddings", "Not a span", "24", "24h or 90d", None),
    ("24h", "0h", 19, "retention.embeddings", "no length", "'0h'", "24h or 90d", None),
    ("24h", "100d", 19, "retention.embeddings", "longer than the journeys", "'100d'", "span of journeys", None),
    ("90d", "90y", 19, "retention.journeys", "Not a span", "'90y'", "24h or 90d", None),
    ("retention:", "definitions: {vist_gap_s: 3}\nretention:", 19, "definitions.vist_gap_s", "no key", None, "visit_gap_s", "'visit_gap_s'"),
    ("retention:", "definitions: {visit_gap_s: -3}\nretention:", 19, "definitions.visit_gap_s", "Out of range", "-3", "from 0", None),
    ("retention:", "definitions: 3\nretention:", 19, "definitions", "Not a mapping", "3", "visit_gap_s", None),
    ("retention:", "database: mysql://shop\nretention:", 19, "database", "PostgreSQL", "'mysql://shop'", "postgresql://", None),
    ("retention:", "database: shop.db\nretention:", 19, "database", "PostgreSQL", "another text", "postgresql://", None),
    ("timezone:", "site: other\ntimezone:", 3, "site", "given twice", None, None, "line 1"),
    ("timezone:", "? [a, b]\n: c\ntimezone:", 3, "", "no text", None, "a name", None),
    ("Europe/Lisbon", "!town Lisbon", 3, "timezone", "YAML tag", None, None, None),
    ("timezone:", "<<: 3\ntimezone:", 3, "<<", "no mapping", None, None, None),
    ("Europe/Lisbon", "${TOWN}", 3, "timezone", "variable TOWN is not set", "'${TOWN}'", None, "export TOWN"),
    ("${CAM_USER}", "${CAM_USR}", 10, "cameras.aisle.source", "variable CAM_USR is not set", "${CAM_USR}:${CAM_PASSWORD}@", None, "'CAM_USER'"),
    ("${CAM_USER}", "${CAM-USER}", 10, "cameras.aisle.source", "Not the name", None, None, "${NAME}"),
]  # fmt: skip


@pytest.mark.parametrize(("passage", "instead", "line", "key", "what", "found", "allowed", "hint"), CASES)
def test_one_mistake(
    mistakes: Mistakes,
    change: Change,
    tmp_path: Path,
    passage: str,
    instead: str,
    line: int,
    key: str,
    what: str,
    found: str | None,
    allowed: str | None,
    hint: str | None,
) -> None:
    error = mistakes(change(passage, instead))
    assert len(error.mistakes) == 1, str(error)
    assert error.where == f"{tmp_path / 'shop.yaml'} line {line}" + (f": {key}" if key else "")
    assert what in error.what
    for said, due in ((error.found, found), (error.allowed, allowed), (error.hint, hint)):
        assert due is None or (said is not None and due in said), str(error)


def test_several_mistakes_are_told_at_once_in_the_order_of_the_file(mistakes: Mistakes, change: Change) -> None:
    text = change("mode: journey", "mode: jorney").replace("timezone", "timezon").replace("to: aisle", "to: nowhere")
    error = mistakes(text)
    assert [(mistake.line, mistake.key) for mistake in error.mistakes] == [
        (3, ("timezon",)),
        (7, ("mode",)),
        (18, ("links", 0, "to")),
    ]
    message = str(error)
    assert message.startswith("3 mistakes in the site file\n1. There is no key 'timezon' here\n")
    assert message.count("shop.yaml line") == 3


def test_a_second_link_the_same_way_is_a_mistake(mistakes: Mistakes, example: str) -> None:
    link = "  - {from: entrance, to: aisle, shortest_s: 2, longest_s: 120}\n"
    error = mistakes(example.replace(link, link + link.replace("2,", "3,")))
    assert (error.mistakes[0].line, error.mistakes[0].key) == (19, ("links", 1))
    assert "A second link from entrance to aisle" in error.what


def test_an_entrance_that_is_no_line_is_a_mistake(mistakes: Mistakes, change: Change) -> None:
    error = mistakes(change("links:\n", "entrances: [door, dor]\nlinks:\n"))
    assert error.mistakes[0].key == ("entrances", 1)
    assert (error.what, error.allowed) == ("There is no such line", "door")
    assert error.hint is not None
    assert "door" in error.hint


def test_an_entrance_that_is_no_line_is_told_beside_a_line_that_is_wrong(mistakes: Mistakes, change: Change) -> None:
    error = mistakes(change("inward: ", "inward: north-").replace("links:\n", "entrances: [gate]\nlinks:\n"))
    assert [mistake.key[0] for mistake in error.mistakes] == ["lines", "entrances"]


@pytest.mark.parametrize(
    ("cameras", "what"),
    [("{}", "without a camera"), ("", "missing"), ("[]", "Not a mapping"), ("a.mp4", "Not a mapping")],
)
def test_a_site_without_cameras_is_a_mistake(mistakes: Mistakes, cameras: str, what: str) -> None:
    error = mistakes(f"site: kiosk\ncameras: {cameras}\n")
    assert what in error.what
    assert error.where is not None
    assert error.where.endswith(": cameras")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("site: [kiosk\n", 2, "Not YAML"),
        ("site: kiosk\ncameras:\n\tdoor: {source: a.mp4}\n", 3, "Not YAML"),
        ("site: a: b\n", 1, "Not YAML"),
        ("site: *shop\n", 1, "Not YAML"),
        ("site: 'kiosk\n", 2, "Not YAML"),
        ("site: kiosk\n---\nsite: other\n", 2, "Not YAML"),
        ("site: &a [*a]\n", 1, "circles"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(load: Callable[..., Site], text: str, line: int, what: str) -> None:
    with pytest.raises(SiteError, match=what) as caught:
        load(text)
    assert caught.value.where is not None
    assert f"shop.yaml line {line}" in caught.value.where


def test_a_tab_and_an_unquoted_variable_bring_a_hint(load: Callable[..., Site]) -> None:
    with pytest.raises(SiteError, match="with spaces, not with tabs"):
        load("cameras:\n\tdoor: {source: a.mp4}\n")
    with pytest.raises(SiteError, match="in quotes"):
        load("cameras: {door: {source: ${A}/b.mp4}}\n")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"# nothing yet\n", "empty"),
        (b"site: caf\xe9\n", "no UTF-8 text"),
        (b"\x00\x00\x00\x18ftypmp42", "Not YAML"),
        (b"a: b\n" * 250_000, "larger than a megabyte"),
        (b"- " * 700, "nested too deeply"),
        (b"- site\n- cameras\n", "Not a mapping"),
        (b"site\n", "Not a mapping"),
    ],
)
def test_another_kind_of_file_is_no_site_file(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "shop.yaml").write_bytes(content)
    with pytest.raises(SiteError, match=what):
        Site.load(tmp_path / "shop.yaml")


def test_aliases_that_multiply_are_stopped(load: Callable[..., Site]) -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(SiteError, match="circles"):
        load("\n".join(layers))


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="There is no such site file"):
        Site.load(tmp_path / "shop.yml")
    with pytest.raises(SiteError, match="cannot be read"):
        Site.load(tmp_path)
    with pytest.raises(SiteError, match="cannot be read"):
        Site.load("shop\0.yaml")


def test_a_text_file_with_a_mark_in_front_is_read(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_bytes("\ufeffsite: kiosk\r\ncameras: {door: {source: a.mp4}}\r\n".encode())
    assert Site.load(tmp_path / "shop.yaml").name == "kiosk"
