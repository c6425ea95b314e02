"""The empty shop as one camera sees it: drawn once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.render import paint
from retrail.simulate.render.figures import poster, stand_mannequins
from retrail.simulate.render.focus import blurred
from retrail.simulate.render.lens import Lens
from retrail.simulate.render.raster import FINE
from retrail.simulate.render.trace import CEILING, FLOOR, MATERIALS, PAVEMENT, Boxes, Hits, boxes_of, trace
from retrail.simulate.spec import CameraFlaws, ScenarioSpec


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """An empty shop.

    Attributes:
        picture: (h, w, 3) uint8 BGR, as the camera shows it, without noise.
        sharp: (h, w, 3) uint8 BGR, the same before the lens blurs it.
        near: (h * FINE, w * FINE) float32, one over the depth in metres.
        floor: (h, w) uint8, 1 where the floor is seen.
    """

    picture: NDArray[np.uint8]
    sharp: NDArray[np.uint8]
    near: NDArray[np.float32]
    floor: NDArray[np.uint8]


def lamps(seed: int) -> NDArray[np.float64]:
    """(7,) the light of a shop: direction (3), depth, frequency and phases of the pools under its lamps."""
    tilt, turn = 0.55, 2 * math.pi * float(paint.hashed(seed, 11))
    direction = math.sin(tilt) * math.cos(turn), math.sin(tilt) * math.sin(turn), math.cos(tilt)
    phases = (6.28 * float(paint.hashed(seed, 12)), 6.28 * float(paint.hashed(seed, 13)))
    return np.array([*direction, 0.14, 2 * math.pi / 3.4, *phases], np.float64)


def tone(flaws: CameraFlaws) -> NDArray[np.uint8]:
    """(3, 256) uint8: what a camera makes of blue, green and red."""
    grey = np.arange(256, dtype=np.float64)
    curves: list[NDArray[np.float64]] = []
    for gain in reversed(flaws.cast):
        lit = rolled(grey * gain * flaws.exposure)
        curves.append(118 + (lit - 118) * flaws.contrast)
    return np.clip(np.round(np.stack(curves)), 0, 255).astype(np.uint8)


def rolled(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Grey levels of light as a sensor gives them: highlights roll off towards 255."""
    return np.where(light > 200, 200 + 55 * (1 - np.exp(-(light - 200) / 55)), light)


def unrolled(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """The light of which `rolled` makes grey levels up to 255; much at most, where it is anybody's guess."""
    return np.where(grey > 200, 200 - 55 * np.log(np.clip(1 - (grey - 200) / 55, 1e-6, 1.0)), grey)


def background(spec: ScenarioSpec, lens: Lens, flaws: CameraFlaws, seed: int) -> Background:
    """Draw the empty shop for a camera."""
    boxes = boxes_of(spec)
    hits = trace(spec, boxes, lens)
    lit = _coloured(spec, boxes, hits, seed) * _light(hits, lamps(seed))[..., None]
    high, wide = lens.height_px, lens.width_px
    fine: NDArray[np.float64] = lit.reshape(high, FINE, wide, FINE, 3).mean(axis=(1, 3))
    picture = np.clip(np.round(fine), 0, 255).astype(np.uint8)
    curves = tone(flaws)
    picture = np.stack([curves[channel][picture[..., channel]] for channel in range(3)], axis=2)
    picture = np.ascontiguousarray(picture)
    floor = (hits.box == -1).reshape(high, FINE, wide, FINE).all(axis=(1, 3)).astype(np.uint8)
    stand_mannequins(spec.mannequins, lens, lamps(seed), curves, picture, hits.near, floor)
    soft = blurred(picture, flaws.blur_px) if flaws.blur_px > 0 else picture
    return Background(soft, picture, hits.near, floor)


def _material(hits: Hits, boxes: Boxes, street: tuple[float, float, float, float] | None) -> NDArray[np.int64]:
    kinds = np.concatenate([boxes.material, [CEILING, FLOOR]])  # index -1: floor, -2: ceiling
    material = kinds[np.maximum(hits.box, -2)]
    if street is None:
        return material
    west, south, east, north = street
    outside = (hits.x >= west) & (hits.x <= east) & (hits.y >= south) & (hits.y < north)
    return np.where((material == FLOOR) & outside, PAVEMENT, material)


def _coloured(spec: ScenarioSpec, boxes: Boxes, hits: Hits, seed: int) -> NDArray[np.float64]:
    picture = np.zeros((*hits.box.shape, 3))
    material = _material(hits, boxes, spec.street)
    for number, name in enumerate(MATERIALS):
        mask = material == number
        if mask.any():
            picture[mask] = _surface(name, spec, boxes, hits, mask, seed)
    return picture


def _surface(
    name: str, spec: ScenarioSpec, boxes: Boxes, hits: Hits, mask: NDArray[np.bool_], seed: int
) -> NDArray[np.float64]:
    x, y, z = (part[mask].astype(np.float64) for part in (hits.x, hits.y, hits.z))
    u, v = hits.u[mask].astype(np.float64), hits.v[mask].astype(np.float64)
    face = hits.face[mask]
    if name in ("floor", "pavement", "ceiling"):
        return _GROUNDS[spec.ground if name == "floor" else name](x, y, seed)
    if name in ("plaster", "panel", "glass", "outside", "brick"):
        along = x + y  # the same paint goes on around a corner
        return _WALLS[name](along, z, seed)
    own = boxes.seed[hits.box[mask]]
    side = face < 4
    colour = np.empty((len(u), 3))
    for box in np.unique(own):
        part = own == box
        height = 2 * float(boxes.shape[box, 5])
        if name == "poster":
            own_poster = spec.posters[int(box) - (len(boxes.material) - len(spec.posters))]
            colour[part] = _printed(poster(own_poster.look), u[part], v[part], face[part], own_poster.size)
            continue
        colour[part] = _piece(name, u[part], v[part], side[part], int(box) + 31 * seed, height)
    return colour


def _printed(
    print_: NDArray[np.float64],
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    face: NDArray[np.int8],
    size: tuple[float, float],
) -> NDArray[np.float64]:
    """A poster's front, seen from where it looks; grey elsewhere."""
    high, wide = print_.shape[:2]
    column = np.clip(((0.5 - u / size[0]) * wide).astype(np.int64), 0, wide - 1)
    row = np.clip(((1.0 - v / size[1]) * high).astype(np.int64), 0, high - 1)
    return np.where((face == 3)[:, None], print_[row, column], 120.0)


def _piece(
    name: str, u: NDArray[np.float64], v: NDArray[np.float64], side: NDArray[np.bool_], seed: int, top_m: float
) -> NDArray[np.float64]:
    if name == "shelf":
        return np.where(side[:, None], paint.goods(u, v, seed), paint.flat(u.shape, (170, 176, 178)))
    if name == "fridge":
        glow = np.minimum(255.0, paint.goods(u, v, seed, 0.3, (225.0, 225.0, 225.0)) * 1.2 + 12.0)
        door = np.abs(np.mod(u / 0.7, 1.0) - 0.5) > 0.46
        glow = np.where((door | (v > top_m - 0.22))[:, None], np.array((205.0, 208.0, 208.0)), glow)
        return np.where(side[:, None], glow, paint.flat(u.shape, (190, 192, 192)))
    if name == "rack":
        return np.where(side[:, None], paint.garments(u, v, seed, top_m), paint.flat(u.shape, (95, 98, 100)))
    if name == "counter":
        front = paint.wood(u, v, (92.0, 128.0, 168.0), seed)
        return np.where(side[:, None], front, paint.flat(u.shape, (205, 208, 210)))
    if name == "crate":
        heap = paint.heap(u, v, seed)
        return np.where(side[:, None], paint.slats(u, v, seed), heap)
    if name == "plant":
        return paint.leaves(u, v, seed, top_m)
    base = {
        "table": (105.0, 150.0, 192.0), "chair": (60.0, 66.0, 74.0), "stool": (60.0, 70.0, 90.0),
        "pillar": (196.0, 202.0, 205.0), "sign": (60.0, 60.0, 190.0),
    }.get(name, (120.0, 120.0, 120.0))  # fmt: skip
    return paint.wood(u, v, base, seed)


_Painter = Callable[[NDArray[np.float64], NDArray[np.float64], int], NDArray[np.float64]]

_GROUNDS: dict[str, _Painter] = {
    "tiles": lambda x, y, seed: paint.tiles(x, y, 0.45, (172.0, 182.0, 188.0), seed),
    "vinyl": lambda x, y, seed: paint.tiles(x, y, 0.9, (186.0, 190.0, 192.0), seed, 0.02, 0.94),
    "wood": lambda x, y, seed: paint.planks(x, y, (98.0, 138.0, 176.0), seed),
    "concrete": lambda x, y, seed: paint.tiles(x, y, 2.5, (150.0, 154.0, 156.0), seed, 0.03, 0.85),
    "pavement": lambda x, y, seed: paint.tiles(x, y, 0.6, (150.0, 152.0, 155.0), seed, 0.1, 0.7),
    "ceiling": lambda x, y, seed: paint.tiles(x, y, 0.6, (222.0, 226.0, 228.0), seed, 0.01, 0.8),
}

_WALLS: dict[str, _Painter] = {
    "plaster": lambda u, z, seed: paint.plaster(u, z, (206.0, 216.0, 222.0), seed),
    "panel": lambda u, z, seed: paint.planks(z, u, (110.0, 140.0, 165.0), seed),
    "glass": lambda u, z, seed: paint.plaster(u, z, (215.0, 205.0, 190.0), seed),
    "brick": lambda u, z, seed: paint.bricks(u, z, (75.0, 90.0, 160.0), seed),
    "outside": lambda u, z, seed: paint.bricks(u, z, (140.0, 160.0, 185.0), seed),
}


def _light(hits: Hits, shop: NDArray[np.float64]) -> NDArray[np.float64]:
    """How bright each sample is: what faces up is brightest, and corners and what is under things are darker."""
    by_face = np.array([0.8, 0.86, 0.78, 0.88, 0.55, 1.0])
    x, y = hits.x.astype(np.float64), hits.y.astype(np.float64)
    pools = 1.0 + shop[3] * np.sin(shop[4] * x + shop[5]) * np.sin(shop[4] * y + shop[6])
    low = np.where(hits.box >= 0, np.minimum(1.0, 0.78 + 0.25 * hits.z.astype(np.float64)), 1.0)
    beside = np.where(hits.box == -1, 1.0 - 0.42 * np.exp(-hits.beside.astype(np.float64) / 0.16), 1.0)
    return by_face[hits.face] * pools * low * beside
