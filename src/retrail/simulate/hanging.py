"""Cameras that hang where none can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np

from retrail.simulate.layers import Layers
from retrail.simulate.render.trace import MATERIALS, Boxes, boxes_of
from retrail.simulate.spec import ScenarioSpec
from retrail.simulate.values import Paint, Place
from retrail.site.mistakes import Mistake


def buried(spec: ScenarioSpec, layers: Layers) -> list[Mistake]:
    """Cameras under the floor, above the ceiling, in a wall or in furniture."""
    boxes = boxes_of(spec)
    found: list[Mistake] = []
    for name, camera in spec.cameras.items():
        where, key = _where(camera.at, spec.ceiling_m, boxes), ("cameras", name, "at")
        if where is not None:
            found.append(
                Mistake(
                    f"The camera {name} hangs {where}",
                    layers.line(key),
                    key,
                    layers.found(key),
                    f"a place outside walls and furniture, above 0 m and below the ceiling at {spec.ceiling_m:g} m",
                    "move the camera, or what is there",
                )
            )
    return found


def _where(at: Place, ceiling_m: float, boxes: Boxes) -> str | None:
    if at[2] <= 0:
        return "under the floor"
    if at[2] >= ceiling_m:
        return "above the ceiling"
    apart = np.array(at) - boxes.shape[:, :3]
    cos, sin = boxes.shape[:, 6], boxes.shape[:, 7]
    across, along = cos * apart[:, 0] + sin * apart[:, 1], cos * apart[:, 1] - sin * apart[:, 0]
    inside = np.abs(np.stack([across, along, apart[:, 2]], axis=1)) < boxes.shape[:, 3:6]
    return _named(boxes, np.flatnonzero(inside.all(axis=1)).tolist())


def _named(boxes: Boxes, holding: Sequence[int]) -> str | None:
    if not holding:
        return None
    x, y = boxes.shape[holding[0], :2].tolist()
    kind: str = MATERIALS[int(boxes.material[holding[0]])]
    return f"in the {'wall' if kind in get_args(Paint) else kind} at ({x:g}, {y:g})"
