"""The site file of a scenario: the same cameras, zones and lines as Retrail is told of them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ruamel.yaml import YAML

from retrail.core.time import format_time
from retrail.core.time import parse_time as seconds
from retrail.simulate.outline import rounded
from retrail.simulate.render.lens import Lens, lens_of
from retrail.simulate.scenario import Scenario
from retrail.simulate.spec import LineSpec


def site_file(scenario: Scenario, starts_s: Mapping[str, float] | None = None, encoder: str | None = None) -> str:
    """YAML text whose sources are ``video/CAMERA.mp4`` beside it.

    Args:
        starts_s: by camera, time of the first frame in seconds UTC, where it is not the scenario's start.
        encoder: the model that the site shall name.
    """
    spec = scenario.spec
    lenses = {name: lens_of(camera) for name, camera in spec.cameras.items()}
    site: dict[str, object] = {
        "site": spec.scenario,
        "data": "./retrail-data",
        "start": format_time(seconds(spec.start)),
    }
    if encoder is not None:
        site["models"] = {"encoder": encoder}
    site["cameras"] = {name: _camera(name, (starts_s or {}).get(name)) for name in spec.cameras}
    zones: dict[str, object] = {}
    for name, zone in spec.zones.items():
        corners = lenses[zone.camera].polygon(zone.floor)
        zones[name] = {"camera": zone.camera, "polygon": [list(rounded(corner)) for corner in corners]}
    lines: dict[str, object] = {}
    for name, line in spec.lines.items():
        lens = lenses[line.camera]
        ends = lens.polygon([line.start, line.end], closed=False)
        inward = _inward(line, lens, ends)
        lines[name] = {
            "camera": line.camera,
            "from": list(rounded(ends[0])),
            "to": list(rounded(ends[-1])),
            "inward": inward,
        }
    links = [
        {"from": link.start, "to": link.end, "shortest_s": link.shortest_s, "longest_s": link.longest_s}
        for link in spec.links
    ]
    given = {"zones": zones, "lines": lines, "entrances": list(spec.entrances), "links": links}
    site |= {key: value for key, value in given.items() if value}
    return site_text(scenario, site)


def site_text(scenario: Scenario, site: Mapping[str, object]) -> str:
    """A site file's keys as YAML text, with a line that says where it comes from."""
    yaml = YAML(typ="safe", pure=True)
    yaml.sort_base_mapping_type_on_output = False  # pyright: ignore[reportAttributeAccessIssue]
    yaml.default_flow_style = None
    yaml.width = 120
    text = io.StringIO()
    cast(Any, yaml).dump(dict(site), text)
    return f"# Written by `retrail simulate {scenario.name}`; the truth is in truth/.\n{text.getvalue()}"


def _camera(name: str, start_s: float | None) -> dict[str, object]:
    source: dict[str, object] = {"source": f"video/{name}.mp4"}
    return source if start_s is None else source | {"start": format_time(start_s)}


def _inward(line: LineSpec, lens: Lens, ends: Sequence[tuple[float, float]]) -> str:
    """The direction of the picture that leads most squarely over the line to its inner side."""
    aspect = lens.width_px / lens.height_px
    along = ((ends[-1][0] - ends[0][0]) * aspect, ends[-1][1] - ends[0][1])
    square = -along[1], along[0]
    # The inner side near the line, where no perspective turns it round.
    middle = ((line.start[0] + line.end[0]) / 2, (line.start[1] + line.end[1]) / 2)
    towards = line.inside[0] - middle[0], line.inside[1] - middle[1]
    size = 0.2 / ((towards[0] ** 2 + towards[1] ** 2) ** 0.5 or 1.0)
    points = lens.polygon([middle, (middle[0] + towards[0] * size, middle[1] + towards[1] * size)], closed=False)
    step = ((points[-1][0] - points[0][0]) * aspect, points[-1][1] - points[0][1]) if len(points) > 1 else square
    if square[0] * step[0] + square[1] * step[1] < 0:
        square = -square[0], -square[1]
    if abs(square[0]) > abs(square[1]):
        return "right" if square[0] > 0 else "left"
    return "down" if square[1] > 0 else "up"
