"""People who are none: mannequins, and pictures of people on posters."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.render import raster
from retrail.simulate.render.body import Body
from retrail.simulate.render.lens import Lens
from retrail.simulate.render.pose import pose, skin
from retrail.simulate.render.tailor import tailor
from retrail.simulate.render.wardrobe import draw_outfit
from retrail.simulate.spec import MannequinSpec

FINE = raster.FINE
_MANNEQUIN_M = 1.8
_POSTER_PX = (140, 200)
_POSTER_LIGHT = np.array([0.0, 0.5, 0.86, 0.0, 1.0, 0.0, 0.0])
_PAPER = ((205, 190, 120), (120, 170, 215), (190, 150, 190), (150, 200, 160))
_PLASTIC = (198.0, 204.0, 208.0)


def stand_mannequins(
    mannequins: list[MannequinSpec],
    lens: Lens,
    lamps: NDArray[np.float64],
    tone: NDArray[np.uint8],
    picture: NDArray[np.uint8],
    near: NDArray[np.float32],
    floor: NDArray[np.uint8],
) -> None:
    """Draw dressed figures into an empty shop: into its picture (h, w, 3) and its depth, both changed."""
    if not mannequins:
        return
    colour = np.zeros((*near.shape, 3), np.uint8)
    owners = np.zeros(near.shape, np.int16)
    mask = np.zeros(floor.shape, np.uint8)
    for number, mannequin in enumerate(mannequins, 1):
        outfit = replace(draw_outfit(mannequin.look), skin=_PLASTIC, bald=True, beard=False, glasses=False, bag="none")
        body = tailor(outfit, _MANNEQUIN_M)
        state = np.array([*mannequin.at, math.radians(mannequin.face_deg), 0.0, 0.0, 0.0, 0.0])
        points, normals = _stood(body, state)
        points[:, 2] += mannequin.raised_m
        touched = raster.cast_shadow(
            points, body.triangles, -0.6 * lamps[0], -0.6 * lamps[1],
            lens.at, lens.axes, lens.focal_px, lens.radial, mask,
        )  # fmt: skip
        if touched[0] < touched[2]:
            raster.darken(picture, mask, floor, touched, 2, 0.3)
        seen = raster.see(points, lens.at, lens.axes, lens.focal_px, lens.radial, lens.width_px, lens.height_px)
        shade = raster.light(points, normals, lamps)
        raster.draw(
            seen, shade, body.uv, body.triangles, body.open_from, body.atlas, number, near, colour, owners
        )  # the figure now hides what is behind it
    raster.resolve(colour, owners, tone, 0, 0, lens.width_px, lens.height_px, picture)


def poster(look: int) -> NDArray[np.float64]:
    """(200, 140, 3) a picture of somebody from the front on coloured paper, in full light."""
    width, height = _POSTER_PX
    body = tailor(draw_outfit(look), 1.75)
    points, normals = _stood(body, np.array([0.0, 0.0, math.pi / 2, 0.0, 0.0, 0.0, 0.0]))
    axes = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, -1.0, 0.0]])
    lens = Lens(np.array([0.0, 4.0, 0.98]), axes, height * 4.0 / 2.1, width, height)
    depth = np.zeros((height * FINE, width * FINE), np.float32)
    colour = np.zeros((*depth.shape, 3), np.uint8)
    owners = np.zeros(depth.shape, np.int16)
    seen = raster.see(points, lens.at, lens.axes, lens.focal_px, lens.radial, width, height)
    shade = raster.light(points, normals, _POSTER_LIGHT)
    raster.draw(seen, shade, body.uv, body.triangles, body.open_from, body.atlas, 1, depth, colour, owners)
    paper = np.empty((height, width, 3), np.uint8)
    paper[:] = _PAPER[look % len(_PAPER)]
    paper[: height // 12] = 235
    same = np.broadcast_to(np.arange(256, dtype=np.uint8), (3, 256)).copy()
    raster.resolve(colour, owners, same, 0, 0, width, height, paper)
    return paper.astype(np.float64)


def _stood(body: Body, state: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    bones = pose(state, 0.0, 0, body.height_m, body.shoulder, body.hip)
    return skin(bones, body.rings, body.first, body.height_m, 0.0)
