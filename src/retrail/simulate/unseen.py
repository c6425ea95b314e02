"""Zones and lines that are nowhere in their camera's picture, or there as no site file can have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from retrail.simulate.layers import Layers
from retrail.simulate.outline import rounded
from retrail.simulate.render.lens import Lens, lens_of
from retrail.simulate.spec import ScenarioSpec
from retrail.simulate.values import Floor
from retrail.site.mistakes import KeyPath, Mistake
from retrail.site.shapes import polygon_problem

FURTHEST_M = 0.25
"""So far may a line that is straight in the picture be from one that is straight on the floor: some tenths of a second
of somebody's way."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A zone or a line.

    Attributes:
        camera: by which it is seen.
        floor: its corners, metres.
    """

    kind: Literal["zone", "line"]
    name: str
    camera: str
    floor: Sequence[Floor]

    @property
    def key(self) -> KeyPath:
        """Where it stands."""
        return (f"{self.kind}s", self.name)

    @property
    def closed(self) -> bool:
        return self.kind == "zone"

    def seen(self, lens: Lens) -> bool:
        """By the cutting with which the site file is made: a few products a corner, and so as exact as the file."""
        return len(lens.polygon(self.floor, self.closed)) >= (3 if self.closed else 2)


def unseen(spec: ScenarioSpec, layers: Layers) -> list[Mistake]:
    """What a camera shall count at, but does not see. Walls in between are not looked at: nor does the site file."""
    lenses = {name: lens_of(camera) for name, camera in spec.cameras.items()}
    places = [_Place("zone", name, zone.camera, zone.floor) for name, zone in spec.zones.items()]
    places += [_Place("line", name, line.camera, [line.start, line.end]) for name, line in spec.lines.items()]
    return [_mistake(place, lenses, layers) for place in places if not place.seen(lenses[place.camera])]


def bent(spec: ScenarioSpec, layers: Layers) -> list[Mistake]:
    """Lines that a lens bends so much that the straight one of a site file, between the same ends, is another one."""
    found: list[Mistake] = []
    for name, line in spec.lines.items():
        strays_m = lens_of(spec.cameras[line.camera]).strays_m(line.start, line.end)
        if strays_m > FURTHEST_M:
            place = _Place("line", name, line.camera, [line.start, line.end])
            key = _key(place, layers)
            found.append(
                Mistake(
                    f"The lens of {line.camera} bends the line {name} too much to be counted at",
                    layers.line(key),
                    key,
                    f"up to {strays_m:.2f} m on the floor between it and the straight line of a site file",
                    f"{FURTHEST_M:g} m or less",
                    "make the line shorter or bring it nearer to the middle of the picture, or distort less",
                )
            )
    return found


def in_pieces(spec: ScenarioSpec, layers: Layers) -> list[Mistake]:
    """Zones of which the edge of the picture leaves more than one piece, or hardly any.

    Sides that are bent, or that turn inwards, go out of the picture and come back; a site file has a zone in one piece.
    """
    found: list[Mistake] = []
    for name, zone in spec.zones.items():
        corners = [rounded(corner) for corner in lens_of(spec.cameras[zone.camera]).polygon(zone.floor)]
        problem = polygon_problem(corners) if len(corners) >= 3 else None
        if problem is not None:
            key = _key(_Place("zone", name, zone.camera, zone.floor), layers)
            found.append(
                Mistake(
                    f"What {zone.camera} shows of the zone {name} is not one piece of floor",
                    layers.line(key),
                    key,
                    f"an outline of {len(corners)} corners. {problem}",
                    "a part of the picture with one outline",
                    "move its sides away from the edge of the picture, or make a zone of each piece",
                )
            )
    return found


def _mistake(place: _Place, lenses: dict[str, Lens], layers: Layers) -> Mistake:
    key = _key(place, layers)
    others = ", ".join(name for name, lens in lenses.items() if place.seen(lens))
    hint = f"turn or move the camera, or name one that sees it: {others}" if others else "turn or move the camera"
    return Mistake(
        f"The camera {place.camera} does not see the {place.kind} {place.name}",
        layers.line(key),
        key,
        layers.found(key),
        "a place in the camera's picture",
        hint,
    )


def _key(place: _Place, layers: Layers) -> KeyPath:
    """The place, or its camera if that was changed in a file above the place's: there is what made it unseen."""
    return min(place.key, ("cameras", place.camera), key=lambda key: layers.documents.index(layers.origin(key)))
