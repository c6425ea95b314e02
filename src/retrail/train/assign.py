"""Which cells answer for which person, and how wrong they are.

The assignment is SimOTA (Ge et al. 2021, arXiv 2107.08430) for one class; the score learns how well its box fits
(quality focal loss, Li et al. 2020, arXiv 2006.04388); boxes learn by generalised IoU (Rezatofighi et al., CVPR 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from retrail.train.nets.finder import boxes_of

REACH_CELLS = 2.5
"""Cells whose middle is this near to a person's middle may answer."""
CANDIDATES = 10
BOX_WEIGHT = 3.0
OUTSIDE = 1e4


@dataclass(frozen=True, slots=True)
class Truth:
    """The people of one picture: boxes (n, 4) float32 in its pixels; counts (n,) bool."""

    boxes: Tensor
    counts: Tensor


@dataclass(frozen=True, slots=True)
class Loss:
    """``score`` and ``box`` a person, to be added; ``people`` cells that answered."""

    score: Tensor
    box: Tensor
    people: int


def finder_loss(rows: Tensor, grid: Tensor, truths: list[Truth]) -> Loss:
    """How wrong a net's rows (b, cells, 5) are about some pictures."""
    boxes, logits = boxes_of(rows, grid), rows[..., 4]
    wanted = torch.zeros_like(logits)
    weight = torch.ones_like(logits)
    off: list[Tensor] = []
    for place, truth in enumerate(truths):
        with torch.no_grad():
            cells, persons = assign(logits[place], boxes[place], grid, truth.boxes[truth.counts])
            hidden = truth.boxes[~truth.counts]
            if len(hidden):
                weight[place, _inside(grid, hidden).any(1)] = 0.0
        if len(cells):
            theirs = truth.boxes[truth.counts][persons]
            iou, spread = overlap(boxes[place, cells], theirs)
            off.append(1 - spread)
            wanted[place, cells] = iou.detach().clamp(min=0.0)
            weight[place, cells] = 1.0
    count = sum(len(part) for part in off)
    with torch.no_grad():
        focus = (logits.sigmoid() - wanted).square() * weight
    score = (functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none") * focus).sum()
    box = torch.cat(off).sum() if off else rows.sum() * 0.0
    return Loss(score / max(count, 1), box / max(count, 1), count)


def assign(logits: Tensor, boxes: Tensor, grid: Tensor, people: Tensor) -> tuple[Tensor, Tensor]:
    """Places of the cells that answer, and for whom; all of one picture."""
    if not len(people):
        none = torch.zeros(0, dtype=torch.long)
        return none, none
    near = _near(grid, people)
    inside = _inside(grid, people)
    may = (near | inside).any(1).nonzero()[:, 0]
    best = (near & inside)[may]
    iou, _ = overlap(boxes[may][:, None], people[None])
    iou = iou.clamp(min=0.0)
    unlikely = functional.binary_cross_entropy_with_logits(logits[may][:, None].expand_as(iou), iou, reduction="none")
    cost = unlikely + BOX_WEIGHT * -torch.log(iou + 1e-8) + OUTSIDE * ~best
    take = iou.topk(min(CANDIDATES, len(may)), dim=0).values.sum(0).int().clamp(min=1)
    chosen = torch.zeros_like(cost, dtype=torch.bool)
    for person in range(len(people)):
        chosen[cost[:, person].topk(int(take[person]), largest=False).indices, person] = True
    # A cell that several would have answers for the one it costs least.
    several = chosen.sum(1) > 1
    if several.any():
        cheapest = cost[several].argmin(1)
        chosen[several] = False
        chosen[several.nonzero()[:, 0], cheapest] = True
    cells, persons = chosen.nonzero(as_tuple=True)
    return may[cells], persons


def overlap(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU of boxes (…, 4), broadcast."""
    low, high = torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:])
    both = (high - low).clamp(min=0).prod(-1)
    together = _area(first) + _area(second) - both
    iou = both / together.clamp(min=1e-6)
    low, high = torch.minimum(first[..., :2], second[..., :2]), torch.maximum(first[..., 2:], second[..., 2:])
    hull = (high - low).clamp(min=0).prod(-1).clamp(min=1e-6)
    return iou, iou - (hull - together) / hull


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


def _middles(grid: Tensor) -> Tensor:
    return (grid[:, :2] + 0.5) * grid[:, 2:]


def _inside(grid: Tensor, boxes: Tensor) -> Tensor:
    """(cells, n): whether a cell's middle lies in a box."""
    middles = _middles(grid)[:, None]
    return ((middles > boxes[None, :, :2]) & (middles < boxes[None, :, 2:])).all(-1)


def _near(grid: Tensor, boxes: Tensor) -> Tensor:
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    return ((_middles(grid)[:, None] - middles[None]).abs() < REACH_CELLS * grid[:, None, 2:]).all(-1)
