"""A camera's film of a world: each picture with who is in it, where, and how much of them is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.crowd import Guest, staff_look
from retrail.simulate.render import raster
from retrail.simulate.render.background import Background, background, lamps, tone
from retrail.simulate.render.body import Body
from retrail.simulate.render.brightness import brightness_of, relit
from retrail.simulate.render.focus import NOWHERE, Area, around, blur_part
from retrail.simulate.render.lens import lens_of
from retrail.simulate.render.pose import pose, skin
from retrail.simulate.render.tailor import tailor
from retrail.simulate.render.wardrobe import Outfit, outfit_of
from retrail.simulate.schedule import frame_times
from retrail.simulate.world import World

FINE = raster.FINE
_MOST_PX = 4096
_SHADOW = 0.34
_GRAIN = 1 << 21
_LITTLE = 0.2
"""What one pixel may take of each of its four neighbours; a lens that blurs more needs more than these."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One frame and its truth.

    Attributes:
        time_s: true time of the frame, seconds of the scenario.
        bgr: (h, w, 3) uint8.
        people: (n,) int64, who is in it with at least a sample.
        boxes: (n, 4) float32, tight boxes of whole bodies cut at the frame, pixels.
        visibility: (n,) float32, what is seen of the whole body, 0..1.
    """

    time_s: float
    bgr: NDArray[np.uint8]
    people: NDArray[np.int64]
    boxes: NDArray[np.float32]
    visibility: NDArray[np.float32]


def render_camera(world: World, camera: str) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """A camera's frames: time of its own clock in seconds UTC, and (h, w, 3) uint8 BGR, new memory each.

    Raises:
        DataError: the scenario has no such camera.
    """
    _known(world, camera)
    skew_s = world.scenario.spec.cameras[camera].skew_s
    for picture in film(world, camera):
        yield world.start_s + picture.time_s + skew_s, picture.bgr


def film(world: World, camera: str) -> Iterator[Picture]:
    """A camera's frames with their truth, in order; those that never arrive are left out.

    Raises:
        DataError: the scenario has no such camera.
    """
    _known(world, camera)
    stage = Stage(world, camera)
    for index, time_s in frame_times(world, camera):
        yield stage.picture(index, time_s)


def _known(world: World, camera: str) -> None:
    cameras = world.scenario.spec.cameras
    if camera not in cameras:
        raise DataError("There is no such camera in the scenario", found=repr(camera), allowed=", ".join(cameras))


class Stage:
    """One camera's buffers. Not to be shared by threads.

    Args:
        world: who walks where.
        camera: its name.
    """

    def __init__(self, world: World, camera: str) -> None:
        spec = world.scenario.spec
        self._world, self._spec = world, spec.cameras[camera]
        self._place = list(spec.cameras).index(camera)
        self._seed = spec_seed(world)
        self._lens = lens_of(self._spec)
        self._tone = tone(self._spec.flaws)
        self._lamps = lamps(self._seed)
        self._blur = self._spec.flaws.blur_px**2 / 2  # of each neighbour: the same variance
        own_seed = self._place + 1000 * world.seed
        self._brightness = brightness_of(self._spec.flaws, own_seed, self._seed)
        self._grain = _grain(self._spec.flaws.noise, own_seed)
        self._bodies: dict[int, Body] = {}
        self._moved = False
        shape = self._lens.height_px * FINE, self._lens.width_px * FINE
        self._colour = np.zeros((*shape, 3), np.uint8)
        self._owners = np.zeros(shape, np.int16)
        self._mask = np.zeros((self._lens.height_px, self._lens.width_px), np.uint8)
        self._set(background(spec, self._lens, self._spec.flaws, self._seed))

    def _set(self, behind: Background) -> None:
        self._behind = behind
        self._depth = behind.near.copy()

    def picture(self, index: int, time_s: float) -> Picture:
        """The frame at a second of the scenario; ``index`` chooses its grain."""
        moved = self._spec.moved
        if moved is not None and not self._moved and time_s >= moved.after_s:
            self._moved = True
            self._lens = lens_of(self._spec, moved.look_at)
            self._set(background(self._world.scenario.spec, self._lens, self._spec.flaws, self._seed))
        lens = self._lens
        bgr = (self._behind.picture if self._blur <= _LITTLE else self._behind.sharp).copy()
        changed: list[Area] = []
        drawn: list[tuple[Guest, NDArray[np.float64], NDArray[np.float64], Body, NDArray[np.float64]]] = []
        for guest, state in self._world.there(time_s):
            body = self._body(guest)
            bones = pose(state, time_s, guest.number, body.height_m, body.shoulder, body.hip)
            points, normals = skin(
                bones, body.rings, body.first, body.height_m, float(state[4] * abs(np.sin(state[3])))
            )
            seen = raster.see(points, lens.at, lens.axes, lens.focal_px, lens.radial, lens.width_px, lens.height_px)
            box = raster.extent(seen)
            changed.append(self._shadow(bgr, points, body))
            wide, high = lens.width_px * FINE, lens.height_px * FINE
            if box[0] < wide and box[1] < high and box[2] > 0 and box[3] > 0:
                drawn.append((guest, seen, raster.light(points, normals, self._lamps), body, box))
        areas = [
            raster.draw(
                seen,
                shade,
                body.uv,
                body.triangles,
                body.open_from,
                body.atlas,
                owner,
                self._depth,
                self._colour,
                self._owners,
            ).tolist()
            for owner, (_, seen, shade, body, _) in enumerate(drawn, 1)
        ]
        x1, y1, x2, y2 = around(areas)
        area = x1 // FINE, y1 // FINE, -(-x2 // FINE), -(-y2 // FINE)
        counts = self._put(bgr, area, len(drawn))
        if self._blur > _LITTLE:
            bgr = blur_part(self._behind.picture, bgr, self._spec.flaws.blur_px, around([*changed, area]))
        if self._brightness is not None:
            raster.relight(bgr, relit(self._spec.flaws, self._brightness.at(time_s)))
        if self._spec.flaws.noise > 0:
            raster.add_noise(bgr, self._grain, int((index * 7_368_787 + 13) % _GRAIN))
        return self._with_truth(time_s, bgr, drawn, counts)

    def _shadow(self, bgr: NDArray[np.uint8], points: NDArray[np.float64], body: Body) -> Area:
        """Let a body throw its shadow on the floor of the picture."""
        lens = self._lens
        touched = raster.cast_shadow(
            points, body.triangles, -0.6 * self._lamps[0], -0.6 * self._lamps[1],
            lens.at, lens.axes, lens.focal_px, lens.radial, self._mask,
        )  # fmt: skip
        x1, y1, x2, y2 = touched.tolist()
        if x1 >= x2:
            return NOWHERE
        radius = max(1, int(0.05 * lens.focal_px / max(1.0, float(np.linalg.norm(points[0] - lens.at)))))
        raster.darken(bgr, self._mask, self._behind.floor, touched, radius, _SHADOW)
        return x1 - radius, y1 - radius, x2 + radius, y2 + radius

    def _put(self, bgr: NDArray[np.uint8], area: Area, people: int) -> NDArray[np.int64]:
        """Put the people into an area of the picture, count their samples and empty the buffers."""
        x1, y1, x2, y2 = area
        if x1 >= x2:
            return np.zeros(people + 1, np.int64)
        counts = raster.count_owners(self._owners, x1, y1, x2, y2, people)
        raster.resolve(self._colour, self._owners, self._tone, x1, y1, x2, y2, bgr)
        if 0 < self._blur <= _LITTLE:
            raster.soften(bgr, self._owners, self._blur, x1, y1, x2, y2)
        part = slice(y1 * FINE, y2 * FINE), slice(x1 * FINE, x2 * FINE)
        self._owners[part] = 0
        self._depth[part] = self._behind.near[part]
        return counts

    def _with_truth(
        self,
        time_s: float,
        bgr: NDArray[np.uint8],
        drawn: list[tuple[Guest, NDArray[np.float64], NDArray[np.float64], Body, NDArray[np.float64]]],
        counts: NDArray[np.int64],
    ) -> Picture:
        people: list[int] = []
        boxes: list[NDArray[np.float64]] = []
        visibility: list[float] = []
        limits = np.array([self._lens.width_px, self._lens.height_px] * 2, np.float64)
        for owner, (guest, seen, _, body, box) in enumerate(drawn, 1):
            if counts[owner] == 0:
                continue
            samples = raster.whole(seen, body.triangles, _MOST_PX)
            people.append(guest.number)
            boxes.append(np.clip(box / FINE, 0.0, limits))
            visibility.append(min(1.0, int(counts[owner]) / max(1, samples)))
        return Picture(
            time_s,
            bgr,
            np.array(people, np.int64),
            np.array(boxes, np.float32).reshape(-1, 4),
            np.array(visibility, np.float32),
        )

    def _body(self, guest: Guest) -> Body:
        if guest.number not in self._bodies:
            self._bodies[guest.number] = _dressed(outfit_of(guest, staff_look()), guest.height_m)
        return self._bodies[guest.number]


def spec_seed(world: World) -> int:
    """What the shop itself looks like follows from the scenario, not from who comes."""
    return world.scenario.spec.seed


@lru_cache(maxsize=64)
def _dressed(outfit: Outfit, height_m: float) -> Body:
    """Somebody as all cameras see him: clothes take as long to make as ten frames, and nobody changes them."""
    return tailor(outfit, height_m)


@lru_cache(maxsize=8)
def _grain(deviation: float, seed: int) -> NDArray[np.int8]:
    """(n,) int8 noise of a sensor."""
    rng = np.random.Generator(np.random.PCG64([seed, 0x6A]))
    return np.clip(np.round(rng.normal(0.0, max(deviation, 1e-9), _GRAIN)), -127, 127).astype(np.int8)
