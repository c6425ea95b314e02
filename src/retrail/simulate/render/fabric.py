"""The surfaces of an outfit: cloth with pattern and folds, faces, hair. The middle column is the front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.render.paint import clouds, hashed
from retrail.simulate.render.wardrobe import Cloth, Colour, Outfit

Picture = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _grid(width: int, height: int) -> tuple[Picture, Picture]:
    """u -1 (back) over 0 (front) to 1 (back), v 0 (top) to 1, each (height, width)."""
    u = (np.arange(width) + 0.5) / width * 2 - 1
    v = (np.arange(height) + 0.5) / height
    return np.broadcast_to(u, (height, width)).copy(), np.broadcast_to(v[:, None], (height, width)).copy()


def cloth(kind: Cloth, u: Picture, v: Picture, around_m: float, down_m: float) -> Picture:
    """(h, w, 3) a fabric over a surface so many metres around and down, without folds."""
    x, y = u * around_m / 2, v * down_m
    first, second = np.array(kind.colour), np.array(kind.second)
    scale, seed = kind.scale, kind.kind % 100_003
    if kind.pattern == "bands":
        share = _soft(np.sin(2 * np.pi * y / (0.07 * scale)))
    elif kind.pattern == "stripes":
        share = _soft(np.sin(2 * np.pi * x / (0.045 * scale)) - 0.4)
    elif kind.pattern == "check":
        step = 0.07 * scale
        share = 0.5 * _soft(np.sin(2 * np.pi * x / step)) + 0.5 * _soft(np.sin(2 * np.pi * y / step))
    elif kind.pattern == "print":
        wide, high = 0.3 + 0.15 * (seed % 3), 0.22 + 0.06 * (seed % 4)
        middle = 0.35 + 0.05 * (seed % 3)
        blob = clouds(x * 16 / scale, y * 16 / scale, seed) > 0.38
        share = ((np.abs(u) < wide) & (np.abs(v - middle) < high) & blob).astype(np.float64)
    elif kind.pattern == "blocks":
        share = (v > 0.3 + 0.08 * (seed % 4)).astype(np.float64)
    elif kind.pattern == "dots":
        step = 0.045 * scale
        i, j = np.floor(x / step), np.floor(y / step)
        share = (np.hypot(x / step - i - 0.5, y / step - j - 0.5) < 0.28).astype(np.float64)
    elif kind.pattern == "mottled":
        share = _soft(6 * (clouds(x * 12 / scale, y * 12 / scale, seed) - 0.52))
    elif kind.pattern == "letters":
        row = np.abs(v - 0.36) < 0.075 * scale
        glyph = hashed(np.floor(x / 0.014).astype(np.int64), np.floor(y / 0.02).astype(np.int64), seed) > 0.42
        share = (row & (np.abs(u) < 0.36) & glyph).astype(np.float64)
    else:
        share = np.zeros_like(u)
    picture = first + share[..., None] * (second - first)
    if kind.pattern == "denim":
        worn = 0.25 * np.exp(-((v - 0.3) ** 2) / 0.05) * (np.abs(u) < 0.5)
        picture = picture * (1 + worn)[..., None] + 10 * worn[..., None]
    weave = 1 + 0.07 * (hashed((x * 300).astype(np.int64), (y * 300).astype(np.int64), seed + 1) - 0.5)
    return picture * weave[..., None]


def _soft(value: Picture) -> Picture:
    return 1 / (1 + np.exp(-6 * np.clip(value, -4, 4)))


def folds(u: Picture, v: Picture, seed: int, depth: float = 0.2, across: float = 5.0, along: float = 3.0) -> Picture:
    """(h, w, 1) how folds lighten and darken cloth; slanted, finer towards the bottom."""
    wave = clouds(u * across + 1.5 * v, v * along * 2, seed) + 0.5 * clouds(
        u * across * 2.3 - v, v * along * 4, seed + 1
    )
    return (1 + depth * (wave - 0.75))[..., None]


def flat(colour: Colour, rect: tuple[int, int, int, int], seed: int) -> Picture:
    """One colour with a little unevenness."""
    u, v = _grid(rect[2], rect[3])
    return np.array(colour) * folds(u, v, seed, 0.15)


def torso(outfit: Outfit, width: int, height: int) -> Picture:
    """Inner garment, outer garment, collar, straps."""
    u, v = _grid(width, height)
    inner = cloth(outfit.top, u, v, 0.95, 0.66)
    if outfit.skirt is None and outfit.tuck < 0.01:
        inner = np.where((v > 0.8)[..., None], np.array(outfit.legs.colour), inner)
        inner = np.where((np.abs(v - 0.79) < 0.02)[..., None], np.array((30.0, 32.0, 40.0)), inner)
    picture = inner * folds(u, v, outfit.seed)
    neckline = v < 0.06 + 0.09 * np.exp(-((u / 0.16) ** 2)) * (1 + outfit.seed % 3) / 2
    picture = np.where(neckline[..., None], np.array(outfit.skin), picture)
    if outfit.outer is not None:
        outer = cloth(outfit.outer, u, v, 0.95, 0.66) * folds(u, v, outfit.seed + 2, 0.26)
        open_to = outfit.opening * (0.75 + 0.5 * v) + 0.015
        covers = np.abs(u) > open_to
        edge = covers & (np.abs(u) < open_to + 0.035)
        outer = np.where(edge[..., None], outer * 0.72, outer)
        lapel = covers & (np.abs(u) < open_to + 0.12 * (1 - v / 0.45)) & (v < 0.42)
        outer = np.where(lapel[..., None], outer * 1.16, outer)
        picture = np.where((covers | ((v < 0.1) & (np.abs(u) > 0.1)))[..., None], outer, picture)
    elif outfit.seed % 3 == 0:
        buttons = (np.abs(u) < 0.012) | ((np.abs(u) < 0.03) & (v < 0.16))
        picture = np.where(buttons[..., None], picture * 0.75, picture)
    if outfit.bag == "backpack":
        strap = (np.abs(np.abs(u) - 0.3) < 0.05) & (v < 0.6)
        picture = np.where(strap[..., None], np.array(outfit.bag_cloth.colour) * 0.85, picture)
    elif outfit.bag == "shoulder":
        slant = np.abs(u * outfit.bag_side + 0.45 - 1.1 * v) < 0.045
        picture = np.where((slant & (np.abs(u) < 0.75))[..., None], np.array(outfit.bag_cloth.colour) * 0.8, picture)
    return picture


def arm(outfit: Outfit, width: int, height: int) -> Picture:
    """A sleeve, and skin below it."""
    u, v = _grid(width, height)
    own = outfit.outer or outfit.top
    plain = own.pattern in ("print", "letters", "blocks")
    colour = np.array(own.colour) * np.ones((*u.shape, 1)) if plain else cloth(own, u, v, 0.36, 0.56)
    colour = colour * folds(u, v, outfit.seed + 5, 0.3, 3.0, 4.0)
    length = 1.0 if outfit.outer is not None else outfit.sleeve
    cuff = np.abs(v - length) < 0.03
    colour = np.where(cuff[..., None], colour * 0.75, colour)
    return np.where((v > length)[..., None], np.array(outfit.skin) * folds(u, v, outfit.seed, 0.08), colour)


def leg(outfit: Outfit, width: int, height: int, side: int) -> Picture:
    """A trouser leg, and skin or sock below it."""
    u, v = _grid(width, height)
    colour = cloth(outfit.legs, u, v, 0.5, 0.85) * folds(u, v, outfit.seed + 7 + side, 0.24, 3.0, 5.0)
    inside = np.abs(np.abs(u) - 0.5) < 0.02
    colour = np.where(inside[..., None], colour * 0.85, colour)
    bare = v > outfit.leg_length if outfit.leg_length < 0.95 else np.zeros_like(u, bool)
    colour = np.where(bare[..., None], np.array(outfit.skin) * folds(u, v, outfit.seed, 0.08), colour)
    sock = (v > 0.93) & bare
    return np.where(sock[..., None], np.array(outfit.soles), colour)


def shoe(outfit: Outfit, width: int, height: int) -> Picture:
    """Leather above, a sole below."""
    u, v = _grid(width, height)
    colour = np.array(outfit.shoes) * folds(u, v, outfit.seed + 9, 0.2)
    return np.where((np.abs(u) > 0.72)[..., None], np.array(outfit.soles), colour)


def face(outfit: Outfit, width: int, height: int) -> Picture:
    """A face in front, skin elsewhere; hair where it is short."""
    u, v = _grid(width, height)
    skin = np.array(outfit.skin) * folds(u, v, outfit.seed + 11, 0.06)
    cheek = np.exp(-((np.abs(u) - 0.16) ** 2) / 0.006 - (v - 0.6) ** 2 / 0.008)
    skin = skin * (1 - 0.1 * cheek[..., None] * np.array((1.0, 0.8, 0.0)))
    eyes = (np.abs(np.abs(u) - 0.115) < 0.05) & (np.abs(v - 0.5) < 0.022)
    brows = (np.abs(np.abs(u) - 0.115) < 0.065) & (np.abs(v - 0.44) < 0.014)
    mouth = (np.abs(u) < 0.075) & (np.abs(v - 0.69) < 0.014)
    nose = (np.abs(u) < 0.02) & (np.abs(v - 0.58) < 0.05)
    skin = np.where(eyes[..., None], 52.0, skin)
    skin = np.where(brows[..., None], np.array(outfit.hair) * 0.8, skin)
    skin = np.where(nose[..., None], skin * 1.08, skin)
    skin = np.where(mouth[..., None], skin * np.array((0.62, 0.6, 0.86)), skin)
    if outfit.glasses:
        rim = (np.abs(np.abs(u) - 0.115) < 0.08) & (np.abs(v - 0.5) < 0.055) & ~(
            (np.abs(np.abs(u) - 0.115) < 0.06) & (np.abs(v - 0.5) < 0.035)
        )  # fmt: skip
        skin = np.where(
            (rim | ((np.abs(u) > 0.19) & (np.abs(u) < 0.5) & (np.abs(v - 0.49) < 0.012)))[..., None], 32.0, skin
        )
    if outfit.beard:
        beard = (v > 0.6) & (np.abs(u) < 0.42) & ~mouth & ~((v < 0.64) & (np.abs(u) < 0.05))
        skin = np.where(beard[..., None], 0.75 * np.array(outfit.hair) + 0.2 * skin, skin)
    if not outfit.bald:
        hairline = v < 0.3 + 0.3 * np.clip((np.abs(u) - 0.25) / 0.3, 0, 1)
        skin = np.where(hairline[..., None], np.array(outfit.hair), skin)
    return skin


def hair(outfit: Outfit, width: int, height: int) -> tuple[Picture, Mask]:
    """Hair, and where it leaves the face free."""
    u, v = _grid(width, height)
    strands = (
        1
        + 0.35 * (clouds(u * 26, v * 3, outfit.seed + 13) - 0.5)
        + 0.2 * (clouds(u * 60, v * 6, outfit.seed + 14) - 0.5)
    )
    shine = 1 + 0.25 * np.exp(-((v - 0.16) ** 2) / 0.004)
    reach = 0.62 if outfit.hair_length > 0.3 else 1.0
    fringe = (0.3 + 0.05 * (outfit.seed % 4)) * reach
    parting = (outfit.seed % 3 - 1) * 0.08
    face_free = (np.abs(u) < 0.3) & (v > fringe + 0.12 * np.abs(u - parting) * reach)
    jagged = v > 0.93 + 0.12 * (clouds(u * 20, u * 0, outfit.seed) - 0.5)
    return np.array(outfit.hair) * (strands * shine)[..., None], ~(face_free | jagged)


def hat(outfit: Outfit, width: int, height: int) -> tuple[Picture, Mask]:
    """A cap with a peak in front, a beanie, or a hood that leaves the face free."""
    u, v = _grid(width, height)
    colour = np.array(outfit.hat_colour) * folds(u, v, outfit.seed + 15, 0.2)
    if outfit.hat == "hood":
        own = (outfit.outer or outfit.top).colour
        return np.array(own) * folds(u, v, outfit.seed + 15, 0.2), ~((np.abs(u) < 0.3) & (v > 0.35))
    if outfit.hat == "cap":
        return colour, (v < 0.9) | (np.abs(u) < 0.32)
    return np.where((v > 0.75)[..., None], colour * 0.85, colour), np.ones_like(u, bool)


def skirt(outfit: Outfit, width: int, height: int) -> Picture:
    """A skirt with pleats."""
    u, v = _grid(width, height)
    own = outfit.skirt or outfit.top
    pleats = 1 + 0.16 * np.sin(2 * np.pi * u * (7 + outfit.seed % 6)) * v
    return cloth(own, u, v, 1.1, 0.55) * folds(u, v, outfit.seed + 17, 0.18) * pleats[..., None]


def coat_tail(outfit: Outfit, width: int, height: int) -> tuple[Picture, Mask]:
    """The lower part of a coat, open in front as far as it is, or the hem of a shirt that is not tucked in."""
    u, v = _grid(width, height)
    own = outfit.outer or outfit.top
    plain = own.pattern in ("print", "letters", "blocks")
    colour = (
        np.array(own.second if own.pattern == "blocks" else own.colour) * np.ones((*u.shape, 1))
        if plain
        else cloth(own, u, v, 1.0, 0.3)
    )
    colour = colour * folds(u, v, outfit.seed + 19, 0.26)
    hem = np.abs(v - 0.97) < 0.03
    colour = np.where(hem[..., None], colour * 0.8, colour)
    open_to = (outfit.opening * (1.25 + 0.3 * v) + 0.012) if outfit.outer is not None else np.zeros_like(u)
    return colour, np.abs(u) >= open_to


def bag(outfit: Outfit, width: int, height: int) -> Picture:
    """A bag with a flap, a pocket and a rim."""
    u, v = _grid(width, height)
    colour = cloth(outfit.bag_cloth, u, v, 0.7, 0.45) * folds(u, v, outfit.seed + 21, 0.22)
    pocket = (np.abs(v - 0.68) < 0.16) & (np.abs(np.abs(u) - 1) > 0.15)
    colour = np.where(pocket[..., None], colour * 0.84, colour)
    return np.where((np.abs(v - 0.3) < 0.02)[..., None], colour * 0.6, colour)
