"""Makes new pictures of people out of those at hand: other clothes, other light, other cameras.

What a small set of crops lacks is people and colours, and those can be made: upper and lower halves are recoloured
apart, lower halves change owners, a neighbour stands in the crop, the box is off, and the camera is another. Teacher
and student then see the same picture ("function matching", Beyer et al., CVPR 2022, arXiv 2106.05237).
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

Picture = NDArray[np.float32]
"""(HEIGHT, WIDTH, 3) float32 BGR, 0..255."""
Dice = np.random.Generator
HEIGHT, WIDTH = 256, 128
LUMA = np.array([0.114, 0.587, 0.299], np.float32)
WAIST, FEET, NECK = (0.42, 0.56), (0.90, 0.99), (0.14, 0.24)
"""Where halves begin and end, in fractions of the crop's height: a range each."""
DEFOCUS_PX, MOTION_PX = (0.5, 3.0), (3.0, 15.0)
"""How far a point of a picture is spread: its deviation, and the way that it moved; a range each."""


def fitted(image: NDArray[np.uint8], dice: Dice | None = None) -> Picture:
    """A crop of any size as a picture; with dice, the box is off by a little, as a detector's is."""
    height, width = image.shape[:2]
    box = (0.0, 0.0, float(width), float(height))
    if dice is not None:
        pad_y, pad_x = height // 8, width // 8
        image = np.pad(image, ((pad_y, pad_y), (pad_x, pad_x), (0, 0)), mode="edge")
        scale = dice.uniform(0.86, 1.1, 2)
        wide, tall = width * scale[0], height * scale[1]
        left = pad_x + (width - wide) / 2 + dice.uniform(-0.06, 0.06) * width
        top = pad_y + (height - tall) / 2 + dice.uniform(-0.05, 0.05) * height
        limits = (image.shape[1], image.shape[0])
        box = (max(left, 0), max(top, 0), min(left + wide, limits[0]), min(top + tall, limits[1]))
    resized = Image.fromarray(image).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box)
    return np.asarray(resized, np.float32)


def varied(
    first: Picture, second: Callable[[], Picture], dice: Dice, *, colours: bool = True, blur: float = 0.0
) -> NDArray[np.uint8]:
    """A new picture.

    Args:
        first: whom it shows.
        second: gives somebody else, who lends a lower half or stands in the way.
        dice: decides all of it.
        colours: whether clothes may change; without, it stays the same person.
        blur: share of the pictures that are blurred.

    Returns:
        (HEIGHT, WIDTH, 3) uint8 BGR.
    """
    image = _dressed(first, second, dice) if colours else first
    image = lit(image, dice)
    if dice.random() < 0.15:
        image = erased(image, dice)
    if dice.random() < 0.5:
        image = image[:, ::-1]
    if blur and dice.random() < blur:
        image = blurred(image, dice)
    return through_camera(image, dice)


def plain(first: Picture, dice: Dice) -> NDArray[np.uint8]:
    """The picture as it is, mirrored or not; (HEIGHT, WIDTH, 3) uint8 BGR."""
    image = first[:, ::-1] if dice.random() < 0.5 else first
    return np.clip(image, 0, 255).astype(np.uint8)


def _dressed(first: Picture, second: Callable[[], Picture], dice: Dice) -> Picture:
    waist, feet, neck = (dice.uniform(*span) for span in (WAIST, FEET, NECK))
    image = first
    if dice.random() < 0.2:
        image = _blend(image, second(), rows(waist, 1.05))
    if dice.random() < 0.55:
        image = _blend(image, recoloured(image, dice), rows(neck, waist))
    if dice.random() < 0.55:
        image = _blend(image, recoloured(image, dice), rows(waist, feet))
    if dice.random() < 0.12:
        image = neighboured(image, second(), dice)
    return image


def recoloured(image: Picture, dice: Dice) -> Picture:
    """The same cloth in another colour: hue turned, paler or richer, or dyed anew."""
    grey = (image @ LUMA)[..., None]
    if dice.random() < 0.5:
        dye = dice.uniform(0.15, 1.0, 3).astype(np.float32) ** dice.uniform(0.5, 2.0)
        dye = dye / max(float(dye @ LUMA), 0.25)
        contrast = grey.mean() + (grey - grey.mean()) * dice.uniform(0.6, 1.2)
        return contrast * dye * dice.uniform(0.35, 1.6)
    # Rotation of the hue about the grey axis (Rodrigues), then saturation and brightness.
    angle = dice.uniform(-np.pi, np.pi)
    axis = np.full(3, 3**-0.5)
    cross = np.cross(np.eye(3), axis)
    turn = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * np.outer(axis, axis)
    colour = (image - grey) @ turn.T.astype(np.float32) * dice.uniform(0.2, 1.8)
    return (grey + colour) * dice.uniform(0.4, 1.6) + dice.uniform(-15, 25)


def neighboured(image: Picture, other: Picture, dice: Dice) -> Picture:
    """Somebody else at the side, in front."""
    share = int(WIDTH * dice.uniform(0.15, 0.4))
    image = image.copy()
    if dice.random() < 0.5:
        image[:, :share] = other[:, -share:]
    else:
        image[:, -share:] = other[:, :share]
    return image


def lit(image: Picture, dice: Dice) -> Picture:
    """Another lamp: brightness, contrast, gamma, cast of colour, a side that is darker."""
    image = _f32(np.clip(image, 0, 255) / 255)
    image = _f32(np.power(image, math.exp(dice.uniform(-0.5, 0.5))) * dice.uniform(0.7, 1.25))
    if dice.random() < 0.15:
        # Blacks without a trace of cloth, before a bright wall: what tells people apart is then shape, skin and hair.
        floor = _f32(image.mean() * dice.uniform(0.3, 0.9))
        image = _f32(np.clip(image - floor, 0, 1) / (1 - floor))
    image = image * _f32(dice.uniform(0.85, 1.15, 3))
    if dice.random() < 0.4:
        down, across = dice.uniform(-0.3, 0.3), dice.uniform(-0.3, 0.3)
        slope = 1 + np.linspace(-down, down, HEIGHT)[:, None] + np.linspace(-across, across, WIDTH)[None]
        image = image * _f32(slope)[..., None]
    middle = float(image.mean())
    grey = (image @ LUMA)[..., None]
    image = _f32(grey + (image - grey) * dice.uniform(0.6, 1.25))
    return _f32(np.clip((middle + (image - middle) * dice.uniform(0.75, 1.15)) * 255, 0, 255))


def erased(image: Picture, dice: Dice) -> Picture:
    """Something in the way, of one colour."""
    tall, wide = int(HEIGHT * dice.uniform(0.1, 0.35)), int(WIDTH * dice.uniform(0.2, 0.7))
    top, left = dice.integers(0, HEIGHT - tall), dice.integers(0, WIDTH - wide)
    image = image.copy()
    image[top : top + tall, left : left + wide] = dice.uniform(0, 255, 3)
    return image


def blurred(image: Picture, dice: Dice) -> Picture:
    """Out of focus or, as often, moved while the shutter was open."""
    if dice.random() < 0.5:
        kept = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
        return _f32(kept.filter(ImageFilter.GaussianBlur(dice.uniform(*DEFOCUS_PX))))
    angle, length_px = dice.uniform(0, math.pi), dice.uniform(*MOTION_PX)
    way = np.linspace(-length_px / 2, length_px / 2, math.ceil(length_px) + 1)
    down, across = np.rint(way * math.sin(angle)), np.rint(way * math.cos(angle))
    rows = (np.arange(HEIGHT) + down[:, None]).clip(0, HEIGHT - 1).astype(np.intp)
    columns = (np.arange(WIDTH) + across[:, None]).clip(0, WIDTH - 1).astype(np.intp)
    return _f32(np.mean([image[row[:, None], column] for row, column in zip(rows, columns, strict=True)], axis=0))


def through_camera(image: Picture, dice: Dice) -> NDArray[np.uint8]:
    """As a poor camera has it: coarse, noisy, compressed."""
    picture = np.clip(image, 0, 255)
    if dice.random() < 0.45:
        tall = int(dice.uniform(36, 150))
        small = Image.fromarray(picture.astype(np.uint8)).resize((max(tall // 2, 12), tall), Image.Resampling.BOX)
        method = Image.Resampling.BILINEAR if dice.random() < 0.7 else Image.Resampling.BICUBIC
        picture = np.asarray(small.resize((WIDTH, HEIGHT), method), np.float32)
    if dice.random() < 0.3:
        coarse = dice.normal(0, dice.uniform(2, 10), (HEIGHT // 2, WIDTH // 2, 3)).astype(np.float32)
        picture = np.clip(picture + coarse.repeat(2, 0).repeat(2, 1), 0, 255)
    done = picture.astype(np.uint8)
    if dice.random() < 0.3:
        stream = io.BytesIO()
        Image.fromarray(done).save(stream, "JPEG", quality=int(dice.integers(20, 85)))
        done = np.asarray(Image.open(stream).convert("RGB"))
    return done


def on_background(image: Picture, mask: NDArray[np.bool_], background: Picture) -> Picture:
    """A cut-out person somewhere else. ``mask`` is (h, w) of any size, True on the person."""
    shape = Image.fromarray(mask.astype(np.uint8) * 255).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    return _blend(background, image, _f32(shape)[..., None] / np.float32(255))


def rows(start: float, end: float, soft: float = 0.03) -> NDArray[np.float32]:
    """(HEIGHT, 1, 1): 1 between two heights, 0 outside, soft at the edges; all in fractions of the height."""
    place = (np.arange(HEIGHT) + 0.5) / HEIGHT
    inside = np.minimum((place - start) / soft, (end - place) / soft) + 0.5
    return _f32(np.clip(inside, 0, 1))[:, None, None]


def _f32(values: ArrayLike | Image.Image) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)


def _blend(below: Picture, above: Picture, share: NDArray[np.float32]) -> Picture:
    return _f32(below + (above - below) * share)
