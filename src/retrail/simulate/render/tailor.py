"""From an outfit to a body: tubes for what it is made of, and the atlas of their surfaces."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.render import fabric
from retrail.simulate.render.body import (
    ARM_L,
    ARM_R,
    ATLAS_PX,
    CARRIED,
    CHEST,
    FOOT_L,
    FOOT_R,
    FOREARM_L,
    FOREARM_R,
    HEAD,
    PELVIS,
    SHIN_L,
    SHIN_R,
    SKIRT,
    THIGH_L,
    THIGH_R,
    Body,
    Rect,
    Tube,
    make_body,
)  # fmt: skip
from retrail.simulate.render.wardrobe import Outfit

_Ring = tuple[float, float, float, float, float, float, float]

_TORSO, _HEAD, _HAIR = (0, 0, 128, 96), (128, 0, 64, 64), (192, 0, 64, 64)
_LEG, _ARM = ((0, 96, 48, 96), (48, 96, 48, 96)), ((96, 96, 40, 80), (136, 96, 40, 80))
_SKIRT, _BAG, _SHOE, _SKIN_PATCH, _HAT = (
    (176, 96, 80, 80), (176, 176, 48, 48), (224, 176, 32, 24), (224, 204, 32, 20), (176, 228, 64, 28),
)  # fmt: skip
_COAT, _STRAP = (0, 192, 96, 60), (96, 192, 48, 24)


def tailor(outfit: Outfit, height_m: float) -> Body:
    """Dress somebody."""
    atlas = np.zeros((ATLAS_PX, ATLAS_PX, 4), np.uint8)
    tubes = [*_torso(outfit, atlas), *_limbs(outfit, atlas), *_head(outfit, atlas)]
    tubes += [*_lower(outfit, atlas), *_bag(outfit, atlas)]
    return make_body(tubes, atlas, height_m, outfit.shoulder, outfit.hip)


def _put(
    atlas: NDArray[np.uint8], rect: Rect, colour: NDArray[np.float64], solid: NDArray[np.bool_] | None = None
) -> None:
    x, y, width, height = rect
    atlas[y : y + height, x : x + width, :3] = np.clip(np.round(colour), 0, 255).astype(np.uint8)
    atlas[y : y + height, x : x + width, 3] = 255 if solid is None else np.where(solid, 255, 0)


def _torso(outfit: Outfit, atlas: NDArray[np.uint8]) -> list[Tube]:
    girth, thick = outfit.girth, 1.1 if outfit.outer is not None else 1.03
    belly = max(0.0, girth - 1.02)
    rows: list[_Ring] = []
    for bone, up, rx, ry, forward in (
        (CHEST, 0.332, 0.036, 0.038, 0.004), (CHEST, 0.318, 0.066, 0.05, 0.0),
        (CHEST, 0.296, 0.7 * outfit.shoulder + 0.03, 0.062, 0.0),
        (CHEST, 0.255, 0.106, 0.072, 0.004), (CHEST, 0.205, 0.1, 0.072, 0.006), (CHEST, 0.15, 0.092, 0.064, 0.004),
        (CHEST, 0.10, 0.089, 0.062, 0.004), (PELVIS, 0.05, 0.096, 0.067, 0.0), (PELVIS, 0.0, 0.1, 0.072, -0.004),
        (PELVIS, -0.045, 0.09, 0.066, -0.004),
        (PELVIS, -0.07, 0.055, 0.045, 0.0),
    ):  # fmt: skip
        wide = girth if up < 0.28 else 0.5 + 0.5 * girth
        rows.append(
            (
                bone,
                up,
                rx * wide * thick,
                ry * wide * thick,
                0.0,
                forward + (belly * 0.06 if 0.02 < up < 0.2 else 0.0),
                0.0,
            )
        )
    _put(atlas, _TORSO, fabric.torso(outfit, _TORSO[2], _TORSO[3]))
    tubes = [Tube(tuple(rows), _TORSO)]
    neck = ((HEAD, 0.03, 0.032, 0.034, 0.0, -0.006, 0.0), (CHEST, 0.325, 0.036, 0.036, 0.0, 0.0, 0.0))
    _put(atlas, _SKIN_PATCH, fabric.flat(outfit.skin, _SKIN_PATCH, outfit.seed))
    tubes.append(Tube(neck, _SKIN_PATCH))
    if outfit.scarf is not None:
        rings = tuple(
            (CHEST, up, r, r * 0.95, 0.0, 0.004, 0.0)
            for up, r in ((0.358, 0.042), (0.345, 0.055), (0.325, 0.058), (0.308, 0.05))
        )
        _put(atlas, _STRAP, fabric.flat(outfit.scarf, _STRAP, outfit.seed + 1))
        tubes.append(Tube(rings, _STRAP))
    return tubes


def _limbs(outfit: Outfit, atlas: NDArray[np.uint8]) -> list[Tube]:
    tubes: list[Tube] = []
    girth = 0.45 + 0.55 * outfit.girth
    width = outfit.leg_width if outfit.leg_length > 0.0 else 0.88
    sleeve = 1.22 if outfit.outer is not None else 1.06
    for side, (thigh, shin, foot, arm, forearm) in enumerate(
        ((THIGH_L, SHIN_L, FOOT_L, ARM_L, FOREARM_L), (THIGH_R, SHIN_R, FOOT_R, ARM_R, FOREARM_R))
    ):
        flare = 0.3 + 0.7 * width if outfit.leg_length > 0.9 else 0.9
        leg: tuple[_Ring, ...] = tuple(
            (bone, along, rx * girth, ry * girth, 0.0, 0.0, 0.0)
            for bone, along, rx, ry in (
                (thigh, 0.03, 0.056, 0.066), (thigh, -0.03, 0.058 * (0.6 + 0.4 * width), 0.066),
                (thigh, -0.11, 0.05 * width, 0.055 * width),
                (thigh, -0.19, 0.042 * width, 0.046 * width), (thigh, -0.23, 0.04 * width, 0.043 * width),
                (shin, -0.02, 0.039 * width, 0.043 * width),
                (shin, -0.09, 0.038 * width, 0.042 * width), (shin, -0.16, 0.034 * flare, 0.036 * flare),
                (shin, -0.215, 0.034 * flare, 0.037 * flare),
            )
        )  # fmt: skip
        _put(atlas, _LEG[side], fabric.leg(outfit, _LEG[side][2], _LEG[side][3], side))
        tubes.append(Tube(leg, _LEG[side]))
        shoe: tuple[_Ring, ...] = tuple(
            (foot, along, rx, ry, 0.0, up, 0.0)  # from the toes to the heel: its bone looks forward
            for along, rx, ry, up in (
                (0.11, 0.006, 0.006, -0.03), (0.095, 0.024, 0.014, -0.026), (0.06, 0.027, 0.02, -0.02),
                (0.02, 0.025, 0.03, -0.01), (-0.03, 0.022, 0.028, -0.008), (-0.036, 0.004, 0.008, -0.012),
            )
        )  # fmt: skip
        _put(atlas, _SHOE, fabric.shoe(outfit, _SHOE[2], _SHOE[3]))
        tubes.append(Tube(shoe, _SHOE))
        rings: tuple[_Ring, ...] = tuple(
            (bone, along, r * girth * s, r * girth * s, 0.0, 0.0, 0.0)
            for bone, along, r, s in (
                (arm, 0.025, 0.002, sleeve), (arm, 0.021, 0.018, sleeve), (arm, 0.012, 0.028, sleeve),
                (arm, -0.03, 0.032, sleeve),
                (arm, -0.1, 0.028, sleeve),
                (arm, -0.155, 0.025, sleeve), (forearm, -0.02, 0.025, sleeve), (forearm, -0.08, 0.022, sleeve),
                (forearm, -0.145, 0.018, sleeve),
            )
        )  # fmt: skip
        _put(atlas, _ARM[side], fabric.arm(outfit, _ARM[side][2], _ARM[side][3]))
        tubes.append(Tube(rings, _ARM[side]))
        hand: tuple[_Ring, ...] = tuple(
            (forearm, along, rx, ry, 0.0, 0.0, 0.0)
            for along, rx, ry in (
                (-0.14, 0.014, 0.016),
                (-0.165, 0.014, 0.024),
                (-0.2, 0.012, 0.022),
                (-0.225, 0.004, 0.008),
            )
        )
        tubes.append(Tube(hand, _SKIN_PATCH))
    return tubes


def _head(outfit: Outfit, atlas: NDArray[np.uint8]) -> list[Tube]:
    def ball(scale: float, low_deg: float, middle: float = 0.068, count: int = 8, back: float = 0.0) -> list[_Ring]:
        rings: list[_Ring] = []
        for step in range(count):
            angle = math.radians(90 - (90 - low_deg) * step / (count - 1))
            up, around = math.sin(angle), math.cos(angle)
            jaw = 1.0 - 0.2 * max(0.0, -up)
            rings.append(
                (
                    HEAD,
                    middle + 0.072 * scale * up,
                    0.05 * scale * around * jaw,
                    0.06 * scale * around * jaw,
                    0.0,
                    0.006 - back,
                    0.0,
                )
            )
        return rings

    _put(atlas, _HEAD, fabric.face(outfit, _HEAD[2], _HEAD[3]))
    tubes = [Tube(tuple(ball(1.0, -88)), _HEAD)]
    if not outfit.bald:
        rings = ball(1.1, -25 - 25 * min(1.0, 3 * outfit.hair_length), back=0.006)
        if outfit.hair_length > 0.3:
            fall = 0.02 + 0.1 * outfit.hair_length
            rings += [
                (HEAD, -0.005, 0.05, 0.05, 0.0, -0.018, 0.0),
                (CHEST, 0.35 - fall * 0.6, 0.056, 0.044, 0.0, -0.03, 0.0),
                (CHEST, 0.345 - fall, 0.045, 0.03, 0.0, -0.042, 0.0),
            ]  # fmt: skip
        colour, solid = fabric.hair(outfit, _HAIR[2], _HAIR[3])
        _put(atlas, _HAIR, colour, solid)
        tubes.append(Tube(tuple(rings), _HAIR, open=True))
    if outfit.hat != "none":
        low = {"cap": 12, "beanie": -5, "hood": -50}[outfit.hat]
        rings = ball(1.2 if outfit.hat != "hood" else 1.3, low, back=0.004 if outfit.hat != "hood" else 0.016)
        if outfit.hat == "cap":
            lowest = rings[-1]
            rings.append((HEAD, lowest[1] - 0.004, lowest[2] * 0.95, lowest[3] * 1.25, 0.0, 0.024, 0.0))
        colour, solid = fabric.hat(outfit, _HAT[2], _HAT[3])
        _put(atlas, _HAT, colour, solid)
        tubes.append(Tube(tuple(rings), _HAT, open=True))
    return tubes


def _lower(outfit: Outfit, atlas: NDArray[np.uint8]) -> list[Tube]:
    """What hangs from the waist: a skirt, the lower part of a coat or of a shirt."""
    tubes: list[Tube] = []
    girth = outfit.girth
    if outfit.skirt is not None:
        length = outfit.skirt_length
        rings: tuple[_Ring, ...] = tuple(
            (bone, up, rx * girth, ry * girth, 0.0, -0.004, swing)
            for bone, up, rx, ry, swing in (
                (PELVIS, 0.09, 0.096, 0.07, 0.0), (PELVIS, 0.02, 0.108, 0.08, 0.0), (SKIRT, -0.05, 0.114, 0.086, 0.1),
                (SKIRT, -0.05 - length * 0.5, 0.12, 0.09, 0.35), (SKIRT, -0.05 - length, 0.128, 0.098, 0.7),
            )
        )  # fmt: skip
        _put(atlas, _SKIRT, fabric.skirt(outfit, _SKIRT[2], _SKIRT[3]))
        tubes.append(Tube(rings, _SKIRT, open=True))
    length = outfit.outer_length if outfit.outer is not None else outfit.tuck
    if length > 0.01 and (outfit.outer is not None or outfit.skirt is None):
        scale = girth * (1.1 if outfit.outer is not None else 1.0)
        rings = tuple(
            (bone, up, rx * scale, ry * scale, 0.0, -0.002, swing)
            for bone, up, rx, ry, swing in (
                (PELVIS, 0.05, 0.1, 0.073, 0.0), (PELVIS, 0.0, 0.109, 0.081, 0.0),
                (SKIRT, -0.04 - length * 0.5, 0.112, 0.085, 0.25),
                (SKIRT, -0.04 - length, 0.116, 0.09, 0.5),
            )
        )  # fmt: skip
        colour, solid = fabric.coat_tail(outfit, _COAT[2], _COAT[3])
        _put(atlas, _COAT, colour, solid)
        tubes.append(Tube(rings, _COAT, open=True))
    return tubes


def _bag(outfit: Outfit, atlas: NDArray[np.uint8]) -> list[Tube]:
    if outfit.bag == "none":
        return []
    _put(atlas, _BAG, fabric.bag(outfit, _BAG[2], _BAG[3]))
    side = outfit.bag_side
    shapes: dict[str, tuple[float, tuple[tuple[float, float, float, float, float], ...]]] = {
        # bone; up, half width, half depth, right, forward
        "backpack": (CHEST, ((0.31, 0.02, 0.015, 0.0, -0.1), (0.3, 0.072, 0.04, 0.0, -0.105),
        (0.2, 0.082, 0.052, 0.0, -0.118),
                             (0.1, 0.084, 0.055, 0.0, -0.118), (0.07, 0.075, 0.045, 0.0, -0.112),
                             (0.065, 0.02, 0.015, 0.0, -0.11))),
        "shoulder": (PELVIS, ((0.09, 0.01, 0.02, 0.118 * side, 0.01), (0.085, 0.026, 0.075, 0.128 * side, 0.01),
        (-0.05, 0.032, 0.082, 0.138 * side, 0.01),
                              (-0.055, 0.01, 0.03, 0.138 * side, 0.01))),
        "tote": (CARRIED, ((0.0, 0.006, 0.01, 0.0, 0.0), (-0.06, 0.03, 0.085, 0.0, 0.0),
        (-0.2, 0.038, 0.095, 0.0, 0.0), (-0.205, 0.01, 0.03, 0.0, 0.0))),
        "handbag": (CARRIED, ((0.0, 0.005, 0.008, 0.0, 0.0), (-0.05, 0.02, 0.06, 0.0, 0.0),
        (-0.13, 0.03, 0.075, 0.0, 0.0), (-0.135, 0.01, 0.02, 0.0, 0.0))),
        "basket": (CARRIED, ((-0.03, 0.07, 0.12, 0.0, 0.02), (-0.035, 0.085, 0.13, 0.0, 0.02),
        (-0.13, 0.065, 0.105, 0.0, 0.02), (-0.135, 0.02, 0.03, 0.0, 0.02))),
    }  # fmt: skip
    bone, rows = shapes[outfit.bag]
    return [Tube(tuple((bone, up, rx, ry, right, forward, 0.0) for up, rx, ry, right, forward in rows), _BAG)]
