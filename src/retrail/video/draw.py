"""Boxes, lines, polygons and text, drawn into pictures in place.

A picture is (height, width, 3) uint8 BGR and writable; colours are (blue, green, red), 0..255; positions are pixels,
x to the right and y down, and may lie outside: what is outside is not drawn.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from retrail.core.types import Box

Colour = tuple[int, int, int]
"""(blue, green, red), each 0..255."""

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (24, 24, 24)
PALETTE: tuple[Colour, ...] = (
    (178, 114, 0),
    (0, 94, 213),
    (115, 158, 0),
    (167, 121, 204),
    (0, 159, 230),
    (233, 180, 86),
    (66, 228, 240),
    (128, 62, 148),
)
"""Colours that people who do not see red or green can tell apart (Okabe and Ito)."""


def colour_of(number: int) -> Colour:
    """The colour of an identity, zone or line by its number: the same one in every picture."""
    return PALETTE[number % len(PALETTE)]


def draw_box(
    image: NDArray[np.uint8],
    box: Box,
    label: str = "",
    colour: Colour = PALETTE[0],
    *,
    width_px: int = 2,
    size_px: int = 16,
) -> None:
    """The outline of a box, and its label on a plate above it (inside, where there is no room above)."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = (round(value) for value in box)
    for left, top, right, bottom in (
        (x1, y1, x2, y1 + width_px),
        (x1, y2 - width_px, x2, y2),
        (x1, y1, x1 + width_px, y2),
        (x2 - width_px, y1, x2, y2),
    ):
        image[_cut(top, height) : _cut(bottom, height), _cut(left, width) : _cut(right, width)] = colour
    if label:
        _, plate_px = text_size(label, size_px)
        draw_text(image, label, (x1, y1 - plate_px if y1 >= plate_px else y1), size_px=size_px, plate=colour)


def draw_line(
    image: NDArray[np.uint8],
    start: tuple[float, float],
    end: tuple[float, float],
    colour: Colour = PALETTE[1],
    *,
    width_px: float = 2,
    arrow: bool = False,
) -> None:
    """A smooth line; ``arrow`` puts a head at its end."""
    _stroke(image, start, end, colour, width_px)
    if arrow and start != end:
        head = max(4 * width_px, 8.0)
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        for turn in (2.6, -2.6):
            _stroke(
                image,
                end,
                (end[0] + head * math.cos(angle + turn), end[1] + head * math.sin(angle + turn)),
                colour,
                width_px,
            )


def draw_polygon(
    image: NDArray[np.uint8],
    corners: Sequence[tuple[float, float]],
    colour: Colour = PALETTE[2],
    *,
    label: str = "",
    fill: float = 0.0,
    width_px: float = 2,
    size_px: int = 16,
) -> None:
    """A closed outline, its inside tinted by ``fill`` (0 to 1), its label at the topmost corner."""
    if fill > 0:
        mask = Image.new("L", (image.shape[1], image.shape[0]))
        ImageDraw.Draw(mask).polygon(list(corners), fill=round(255 * fill))
        left, top, right, bottom = mask.getbbox() or (0, 0, 0, 0)
        place = image[top:bottom, left:right]
        place[:] = _mixed(place, np.asarray(mask)[top:bottom, left:right], colour)
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        draw_line(image, a, b, colour, width_px=width_px)
    if label:
        x, y = min(corners, key=lambda corner: (corner[1], corner[0]))
        draw_text(image, label, (x + 2 * width_px, y + 2 * width_px), size_px=size_px, plate=colour)


def draw_text(
    image: NDArray[np.uint8],
    text: str,
    position: tuple[float, float],
    colour: Colour | None = None,
    *,
    size_px: int = 16,
    plate: Colour | None = None,
) -> None:
    """One line of text, its upper left corner at ``position``, moved so far that the picture holds it.

    Args:
        colour: None: black or white, whichever is read better on the plate.
        size_px: height of the letters.
        plate: colour of the ground behind it; None: the picture itself.
    """
    mask = _text_mask(text, size_px)
    height, width = mask.shape
    x = max(0, min(round(position[0]), image.shape[1] - width))
    y = max(0, min(round(position[1]), image.shape[0] - height))
    place = image[y : y + height, x : x + width]
    if plate is not None:
        place[:] = plate
    light = plate is not None and 0.114 * plate[0] + 0.587 * plate[1] + 0.299 * plate[2] > 140
    place[:] = _mixed(place, mask[: place.shape[0], : place.shape[1]], colour or (BLACK if light else WHITE))


def text_size(text: str, size_px: int = 16) -> tuple[int, int]:
    """(width, height) in pixels that `draw_text` covers."""
    height, width = _text_mask(text, size_px).shape
    return width, height


@lru_cache(maxsize=512)
def _text_mask(text: str, size_px: int) -> NDArray[np.uint8]:
    """How much of each pixel the letters cover, 0..255, with a margin for the plate."""
    font = _font(size_px)
    margin = max(2, size_px // 5)
    line = _drawable(text)
    left, _, right, _ = font.getbbox(line)
    _, top, _, bottom = font.getbbox("Ág")
    size = (math.ceil(right - left) + 2 * margin, math.ceil(bottom - top) + 2 * margin)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).text((margin - left, margin - top), line, fill=255, font=font)
    return np.asarray(mask)


@lru_cache(maxsize=16)
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px)


def _drawable(text: str) -> str:
    """The text in the letters that Pillow's own font has: accents are left away, other scripts become ``?``."""
    spelled = " ".join(text.split()).translate({ord("ß"): "ss", ord("ø"): "o", ord("Ø"): "O", ord("ł"): "l"})
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter))
    return plain.encode("ascii", "replace").decode() or " "


def _stroke(
    image: NDArray[np.uint8],
    start: tuple[float, float],
    end: tuple[float, float],
    colour: Colour,
    width_px: float,
) -> None:
    """A smooth line: at each step along its longer direction, the few pixels across it that it covers."""
    if abs(end[0] - start[0]) < abs(end[1] - start[1]):
        image, start, end = image.transpose(1, 0, 2), (start[1], start[0]), (end[1], end[0])
    (x1, y1), (x2, y2) = sorted((start, end))
    slope = (y2 - y1) / (x2 - x1) if x2 > x1 else 0.0
    half = width_px / 2
    first, last = max(0, math.floor(x1 - half)), min(image.shape[1], math.ceil(x2 + half) + 1)
    x = np.arange(first, max(first, last), dtype=np.int64)[:, None]
    reach = math.ceil(half * math.hypot(1, slope)) + 1
    y = np.floor(y1 + slope * (x - x1)).astype(np.int64) + np.arange(-reach, reach + 2)[None, :]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    across, along = (x2 - x1) / length, (y2 - y1) / length
    walked = np.clip((x - x1) * across + (y - y1) * along, 0, length)
    distance = np.hypot(x - x1 - walked * across, y - y1 - walked * along)
    cover = np.clip(half + 0.5 - distance, 0, 1)
    kept = (y >= 0) & (y < image.shape[0]) & (cover > 0)
    rows, columns = y[kept], np.broadcast_to(x, y.shape)[kept]
    image[rows, columns] = _mixed(image[rows, columns], (cover[kept] * 255).astype(np.uint8), colour)


def _mixed(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], colour: Colour) -> NDArray[np.uint8]:
    """A colour laid over pixels (…, 3), as much as the mask (…), 0..255, says."""
    cover = mask[..., None].astype(np.uint16)
    return ((pixels * (255 - cover) + np.asarray(colour, np.uint16) * cover + 127) // 255).astype(np.uint8)


def _cut(value: float, size: int) -> int:
    return max(0, min(math.floor(value), size))
