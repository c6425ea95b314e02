"""Makes new frames out of those at hand: people and decoys pasted in, a part of the frame, another light."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from retrail.train.frames import Scene

Dice = np.random.Generator
FILL = 114
LEAST_VISIBLE, PARTLY_VISIBLE = 0.35, 0.12
"""Of a box inside the picture: above, it counts; between, it is neither person nor background; below, it is gone."""
LEAST_PX = 22.0
"""Lower boxes are neither person nor background."""
LOG_HEIGHT, LOG_ZOOM = (math.log(0.15), math.log(1.1)), (math.log(0.75), math.log(2.6))
"""Logarithms: of a pasted person's height in pictures' heights, and of how much nearer a picture is looked at."""
NEAR_SHARE, NEAR_HEIGHT = 0.3, (0.7, 1.2)
"""Of pasted people so many fill the picture, or nearly: else there are few, and head and legs of one get a box each."""
HIDDEN = 0.6
"""Of a box behind pasted people, from which on it no longer counts."""


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """A person without background: (h, w, 3) uint8 BGR, and (h, w) uint8, 255 on the person."""

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]


def frame_to_learn(
    scene: Scene, cutouts: Sequence[CutOut], size: tuple[int, int], dice: Dice, pasted: int, decoys: int = 0
) -> Scene:
    """A frame of ``size`` (width, height), made from a scene.

    Args:
        scene: where it begins.
        cutouts: who may be pasted in.
        size: of the result.
        dice: decides all of it.
        pasted: how many people at most.
        decoys: how many things at most that are as high and slim as people, and nobody.
    """
    for _ in range(int(dice.integers(0, decoys + 1))):
        scene = with_decoy(scene, cutouts[int(dice.integers(len(cutouts)))] if cutouts else None, dice)
    if cutouts:
        for _ in range(int(dice.integers(0, pasted + 1))):
            scene = with_person(scene, cutouts[int(dice.integers(len(cutouts)))], dice)
    scene = cropped(scene, size, dice)
    if dice.random() < 0.5:
        scene = mirrored(scene)
    return Scene(relit(scene.image, dice), scene.boxes, scene.counts)


def with_person(scene: Scene, person: CutOut, dice: Dice) -> Scene:
    """Somebody more, nearest of all: what stands behind counts less."""
    bounds = Image.fromarray(person.mask).getbbox()
    if bounds is None:
        return scene
    figure = Image.fromarray(np.ascontiguousarray(person.image)).crop(bounds)
    shape = Image.fromarray(person.mask).crop(bounds)
    near = dice.random() < NEAR_SHARE
    share = dice.uniform(*NEAR_HEIGHT) if near else math.exp(dice.uniform(*LOG_HEIGHT))
    tall = int(scene.image.shape[0] * share)
    across = max(int(tall * figure.width / figure.height * dice.uniform(0.85, 1.15)), 2)
    return _pasted(scene, figure, shape, (across, tall), dice, is_person=True)


def with_decoy(scene: Scene, person: CutOut | None, dice: Dice) -> Scene:
    """Something more that is nobody: a part of the scene without people, in the outline of a person or of a box.

    What a pasted person has besides being one (an edge around it, a light of its own, an upright shape), a decoy has
    too, so that none of it passes for a person.

    Args:
        scene: where it is put, and out of which it is made.
        person: whose outline it gets, half of the time.
        dice: decides all of it.
    """
    high, wide = int(scene.image.shape[0]), int(scene.image.shape[1])
    tall = int(high * math.exp(dice.uniform(math.log(0.06), LOG_HEIGHT[1])))
    across = max(int(tall * math.exp(dice.uniform(math.log(0.15), math.log(0.7)))), 2)
    part = dice.uniform(0.1, 0.5, 2) * [wide, high]
    x1, y1 = dice.uniform(0, 1, 2) * ([wide, high] - part)
    source = np.array([x1, y1, x1 + part[0], y1 + part[1]], np.float32)
    if (_covered(scene.boxes, source) > 0).any():
        return scene
    columns, rows = (slice(*source[edges].astype(int).tolist()) for edges in ([0, 2], [1, 3]))
    texture = Image.fromarray(np.ascontiguousarray(scene.image[rows, columns]))
    bounds = None if person is None or dice.random() < 0.5 else Image.fromarray(person.mask).getbbox()
    shape = Image.new("L", (2, 2), 255)
    if person is not None and bounds is not None:
        shape = Image.fromarray(person.mask).crop(bounds)
    return _pasted(scene, texture, shape, (across, tall), dice, is_person=False)


def _pasted(
    scene: Scene, figure: Image.Image, shape: Image.Image, size: tuple[int, int], dice: Dice, *, is_person: bool
) -> Scene:
    """A figure (BGR) in the outline of a shape (255 inside) somewhere in the scene, in a light of its own."""
    high, wide = int(scene.image.shape[0]), int(scene.image.shape[1])
    across, tall = size
    outline = shape.resize(size, Image.Resampling.BILINEAR).filter(ImageFilter.BoxBlur(1))
    colours = np.asarray(figure.resize(size, Image.Resampling.BILINEAR), np.float32)
    share = np.asarray(outline, np.float32)
    if dice.random() < 0.5:
        colours, share = colours[:, ::-1], share[:, ::-1]
    colours = np.clip(colours * dice.uniform(0.5, 1.2) * dice.uniform(0.9, 1.1, 3), 0, 255)
    left = int(dice.uniform(-0.3 * across, wide - 0.7 * across))
    top = int(dice.uniform(-0.1 * tall, max(high - 0.6 * tall, 0)))
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + across, wide), min(top + tall, high)
    if x2 - x1 < 4 or y2 - y1 < 8:
        return scene
    here = (slice(y1 - top, y2 - top), slice(x1 - left, x2 - left))
    image = scene.image.copy()
    part = image[y1:y2, x1:x2].astype(np.float32)
    image[y1:y2, x1:x2] = part + (colours[here] - part) * (share[here][..., None] / 255)
    box = np.array([[x1, y1, x2, y2]], np.float32)
    counts = scene.counts & (_covered(scene.boxes, box[0]) < HIDDEN)
    if not is_person:
        return Scene(image, scene.boxes, counts)
    seen = (x2 - x1) * (y2 - y1) / (across * tall)
    return Scene(image, np.concatenate([scene.boxes, box]), np.append(counts, seen >= LEAST_VISIBLE))


def cropped(scene: Scene, size: tuple[int, int], dice: Dice) -> Scene:
    """A part of the scene, or the scene with grey around it, stretched a little, at the size."""
    wide, high = size
    fit = min(wide / scene.image.shape[1], high / scene.image.shape[0])
    zoom = fit * math.exp(dice.uniform(*LOG_ZOOM)) if dice.random() < 0.8 else fit
    zoom_x, zoom_y = zoom * dice.uniform(0.9, 1.1), zoom * dice.uniform(0.9, 1.1)
    across, tall = (
        max(round(side * part), 8) for side, part in zip(scene.image.shape[1::-1], (zoom_x, zoom_y), strict=True)
    )
    left, top = _offset(wide, across, dice), _offset(high, tall, dice)
    box = (max(-left, 0) / zoom_x, max(-top, 0) / zoom_y)
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + across, wide), min(top + tall, high)
    source = (
        box[0],
        box[1],
        min(box[0] + (x2 - x1) / zoom_x, scene.image.shape[1]),
        min(box[1] + (y2 - y1) / zoom_y, scene.image.shape[0]),
    )
    shown = Image.fromarray(scene.image).resize((x2 - x1, y2 - y1), Image.Resampling.BILINEAR, box=source)
    field = np.full((high, wide, 3), FILL, np.uint8)
    field[y1:y2, x1:x2] = np.asarray(shown)
    boxes = scene.boxes * np.array([zoom_x, zoom_y] * 2, np.float32) + np.array([left, top] * 2, np.float32)
    inside = np.clip(boxes, [0, 0, 0, 0], [wide, high, wide, high]).astype(np.float32)
    seen = _area(inside) / np.maximum(_area(boxes), 1e-6)
    big = (inside[:, 3] - inside[:, 1]) >= LEAST_PX
    keep = seen >= PARTLY_VISIBLE
    return Scene(field, inside[keep], (scene.counts & (seen >= LEAST_VISIBLE) & big)[keep])


def mirrored(scene: Scene) -> Scene:
    wide = scene.image.shape[1]
    boxes = scene.boxes.copy()
    boxes[:, [0, 2]] = wide - scene.boxes[:, [2, 0]]
    return Scene(np.ascontiguousarray(scene.image[:, ::-1]), boxes, scene.counts)


def relit(image: NDArray[np.uint8], dice: Dice) -> NDArray[np.uint8]:
    """Another lamp and another camera: light, contrast, cast, saturation, coarseness, noise."""
    # A table for each channel does light, contrast, gamma and cast in one pass.
    levels = np.arange(256, dtype=np.float32)[None] / 255
    gains = dice.uniform(0.65, 1.35) * dice.uniform(0.9, 1.1, (3, 1))
    curves = np.clip(levels ** float(np.exp(dice.uniform(-0.35, 0.35))) * gains, 0, 1)
    curves = np.clip(0.45 + (curves - 0.45) * dice.uniform(0.7, 1.2), 0, 1) * 255
    image = np.stack([curves[place].astype(np.uint8)[image[..., place]] for place in range(3)], -1)
    if dice.random() < 0.4:
        grey = image.mean(-1, keepdims=True, dtype=np.float32)
        image = np.clip(
            grey + (image - grey) * (0.0 if dice.random() < 0.25 else dice.uniform(0.3, 1.3)), 0, 255
        ).astype(np.uint8)
    if dice.random() < 0.2:
        image = np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(float(dice.uniform(0.4, 1.4)))))
    if dice.random() < 0.2:
        noise = dice.normal(0, dice.uniform(2, 9), (*image.shape[:2], 1)).astype(np.float32)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return image


def _offset(field: int, side: int, dice: Dice) -> int:
    """Where a picture begins in a field: anywhere inside, or so that it covers the field."""
    low, high = sorted((0, field - side))
    return int(dice.integers(low, high + 1))


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)


def _covered(boxes: NDArray[np.float32], by: NDArray[np.float32]) -> NDArray[np.float32]:
    """Share of each box that another one covers."""
    both = np.concatenate([np.maximum(boxes[:, :2], by[:2]), np.minimum(boxes[:, 2:], by[2:])], 1)
    empty = (both[:, 2] <= both[:, 0]) | (both[:, 3] <= both[:, 1])
    return np.asarray(np.where(empty, 0, _area(both)) / np.maximum(_area(boxes), 1e-6), np.float32)
