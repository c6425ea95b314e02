"""What surfaces look like: functions of metres, the same wherever a camera stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float64]
Colour = tuple[float, float, float]
"""Blue, green, red, 0..255."""


def hashed(*parts: NDArray[np.int64] | int) -> Grey:
    """0..1 that depends on whole numbers as if by chance (the finaliser of SplitMix64)."""
    value = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        for part in parts:
            value = np.asarray(part, np.int64).astype(np.uint64) ^ (value * np.uint64(0xBF58476D1CE4E5B9))
            value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            value = value ^ (value >> np.uint64(31))
    return np.asarray(value >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def clouds(x: Grey, y: Grey, seed: int) -> Grey:
    """Smooth noise in 0..1 with about one bump a unit."""
    left, low = np.floor(x), np.floor(y)
    u, v = x - left, y - low
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    i, j = left.astype(np.int64), low.astype(np.int64)
    one = hashed(i, j, seed) * (1 - u) + hashed(i + 1, j, seed) * u
    two = hashed(i, j + 1, seed) * (1 - u) + hashed(i + 1, j + 1, seed) * u
    return one * (1 - v) + two * v


def flat(shape: tuple[int, ...], colour: Colour) -> Grey:
    """(…, 3) of one colour."""
    return np.broadcast_to(np.array(colour, np.float64), (*shape, 3)).copy()


def tiles(x: Grey, y: Grey, size_m: float, base: Colour, seed: int, vary: float = 0.05, joint: float = 0.82) -> Grey:
    """Square tiles with joints."""
    i, j = np.floor(x / size_m).astype(np.int64), np.floor(y / size_m).astype(np.int64)
    u, v = x / size_m - i, y / size_m - j
    tone = 1.0 + vary * (2 * hashed(i, j, seed) - 1) + 0.07 * (clouds(x * 2.3, y * 2.3, seed + 1) - 0.5)
    tone += 0.05 * (clouds(x * 14, y * 14, seed + 2) - 0.5)
    edge = np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v)) * size_m
    tone = np.where(edge < 0.006, tone * joint, tone)
    return tone[..., None] * np.array(base)


def planks(x: Grey, y: Grey, base: Colour, seed: int) -> Grey:
    """Boards of wood along x."""
    row = np.floor(y / 0.14).astype(np.int64)
    along = x / 1.3 + hashed(row, seed) * 7
    board = np.floor(along).astype(np.int64)
    tone = 0.86 + 0.26 * hashed(row, board, seed + 1)
    tone += 0.14 * (clouds(x * 1.7 + board * 3.0, y * 40.0, seed + 2) - 0.5)
    edge = np.minimum(np.mod(y, 0.14), 0.14 - np.mod(y, 0.14))
    tone = np.where((edge < 0.004) | (np.abs(along - np.round(along)) < 0.004), tone * 0.72, tone)
    return tone[..., None] * np.array(base)


def plaster(u: Grey, v: Grey, base: Colour, seed: int) -> Grey:
    """A painted wall with a skirting board."""
    tone = 1.0 + 0.06 * (clouds(u * 0.9, v * 0.9, seed) - 0.5) + 0.03 * (clouds(u * 9, v * 9, seed + 1) - 0.5)
    tone = np.where(v < 0.1, 0.62, tone) * np.where(v < 0.35, 0.95, 1.0)
    return tone[..., None] * np.array(base)


def bricks(u: Grey, v: Grey, base: Colour, seed: int) -> Grey:
    """A brick wall."""
    row = np.floor(v / 0.075).astype(np.int64)
    along = u / 0.24 + 0.5 * (row % 2)
    brick = np.floor(along).astype(np.int64)
    tone = 0.8 + 0.35 * hashed(row, brick, seed)
    joint = (np.mod(v, 0.075) < 0.01) | (np.mod(along, 1.0) < 0.045)
    return np.where(joint[..., None], np.array((150.0, 158.0, 165.0)), tone[..., None] * np.array(base))


_PACKS: NDArray[np.float64] = np.array(
    [
        (40, 40, 200), (30, 120, 220), (40, 190, 230), (60, 160, 60), (170, 110, 40), (190, 60, 60), (200, 200, 205),
        (120, 60, 150), (90, 140, 190), (35, 70, 120), (210, 180, 120), (60, 60, 65), (180, 190, 90), (110, 90, 215),
    ],
    np.float64,
)  # fmt: skip


def goods(u: Grey, v: Grey, seed: int, pitch_m: float = 0.36, frame: Colour = (175.0, 180.0, 182.0)) -> Grey:
    """Boards of a shelf, full of packs; v from the floor."""
    row = np.floor(v / pitch_m).astype(np.int64)
    up = v - row * pitch_m
    width = 0.09 + 0.13 * hashed(row, seed, 1)
    kind_at = u / (width * (2.0 + np.floor(3.0 * hashed(row, seed, 2))))
    kind = np.floor(kind_at + hashed(row, seed, 3) * 9).astype(np.int64)
    pack = np.floor(u / width).astype(np.int64)
    inside = u / width - pack
    tall = (0.45 + 0.4 * hashed(kind, row, seed)) * pitch_m + 0.012 * hashed(pack, row, seed + 5)
    colour = _PACKS[(hashed(kind, row, seed + 6) * len(_PACKS)).astype(np.int64)]
    label = _PACKS[(hashed(kind, row, seed + 7) * len(_PACKS)).astype(np.int64)]
    share = up / tall
    band = (share > 0.3 + 0.2 * hashed(kind, row, seed + 8)) & (share < 0.68) & (inside > 0.14) & (inside < 0.86)
    picture = np.where(band[..., None], label, colour)
    round_ = 0.62 + 0.45 * np.sqrt(np.clip(1 - (2 * inside - 1) ** 2, 0, 1))
    picture = picture * (round_ * (0.75 + 0.3 * share))[..., None]
    missing = hashed(pack, row, seed + 9) < 0.06
    dark = 38.0 + 25.0 * (1 - up / pitch_m)
    picture = np.where(((up > tall) | missing)[..., None], dark[..., None] * np.ones(3), picture)
    board = up < 0.035
    tag = board & (np.abs(np.mod(u / width / 2, 1.0) - 0.5) < 0.28)
    picture = np.where(board[..., None], np.array(frame), picture)
    picture = np.where(tag[..., None], np.array((225.0, 235.0, 240.0)), picture)
    return np.where((v < 0.1)[..., None], 0.45 * np.array(frame), picture)


def garments(u: Grey, v: Grey, seed: int, top_m: float) -> Grey:
    """A rack of clothes that hang side by side."""
    piece = np.floor(u / 0.055).astype(np.int64)
    inside = u / 0.055 - piece
    colour = _PACKS[(hashed(piece // 2, seed) * len(_PACKS)).astype(np.int64)] * 0.85
    fold = 0.55 + 0.5 * np.sqrt(np.clip(1 - (2 * inside - 1) ** 2, 0, 1))
    hem = 0.25 + 0.25 * hashed(piece // 2, seed + 1)
    picture = colour * fold[..., None]
    rail = v > top_m - 0.06
    picture = np.where(rail[..., None], np.array((120.0, 122.0, 125.0)), picture)
    return np.where((v < hem)[..., None], 45.0, picture)


def wood(u: Grey, v: Grey, base: Colour, seed: int) -> Grey:
    """A smooth wooden surface."""
    tone = 0.9 + 0.2 * (clouds(u * 3, v * 30, seed) - 0.5) + 0.1 * (clouds(u * 1.1, v * 1.1, seed + 1) - 0.5)
    return tone[..., None] * np.array(base)


def leaves(u: Grey, v: Grey, seed: int, top_m: float) -> Grey:
    """A pot with a plant."""
    tone = 0.35 + 0.9 * clouds(u * 18, v * 18, seed) * clouds(u * 7, v * 7, seed + 1)
    green = tone[..., None] * np.array((50.0, 140.0, 70.0))
    return np.where((v < 0.3 * top_m)[..., None], np.array((70.0, 95.0, 150.0)), green)


_FRUIT: NDArray[np.float64] = np.array(
    [(40, 60, 190), (60, 170, 90), (40, 150, 225), (50, 200, 220), (70, 110, 60), (90, 60, 120), (60, 90, 150)],
    np.float64,
)


def heap(u: Grey, v: Grey, seed: int, size_m: float = 0.085) -> Grey:
    """Fruit from above, a kind for every half metre."""
    kind = np.floor(u / 0.45).astype(np.int64)
    row = np.floor(v / size_m).astype(np.int64)
    along = u / size_m + 0.5 * (row % 2)
    fruit = np.floor(along).astype(np.int64)
    away = np.hypot(along - fruit - 0.5, v / size_m - row - 0.5)
    colour = _FRUIT[(hashed(kind, seed) * len(_FRUIT)).astype(np.int64)]
    tone = (0.8 + 0.35 * hashed(fruit, row, seed + 1)) * np.clip(1.15 - 1.3 * away**2, 0.25, 1.1)
    return colour * tone[..., None]


def slats(u: Grey, v: Grey, seed: int) -> Grey:
    """The side of a wooden crate."""
    board = np.floor(v / 0.13).astype(np.int64)
    tone = 0.85 + 0.2 * hashed(board, seed) + 0.12 * (clouds(u * 2, v * 40, seed) - 0.5)
    tone = np.where(np.mod(v, 0.13) < 0.02, 0.35, tone)
    return tone[..., None] * np.array((95.0, 140.0, 182.0))
