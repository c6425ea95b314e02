"""A small detector of people: anchor-free, one class, three scales.

YOLOX's grid, boxes and assignment (Ge et al. 2021, arXiv 2107.08430) on a narrow CSP backbone (Wang et al. 2019, arXiv
1911.11929) with a light shared head and a score that says how well the box fits, as NanoDet has it (quality focal loss,
Li et al. 2020, arXiv 2006.04388). Kernels are full 3x3 where pixels are few: they cost a processor less time than
depthwise ones of the same worth.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES_PX = (8, 16, 32)
RARE = 0.01
"""The score that an untrained net gives every cell."""


class Finder(nn.Module):
    """Where people are.

    Args:
        channels: after stem and the four stages, at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture.
        neck: channels where scales meet, and in the head.
    """

    def __init__(self, channels: tuple[int, int, int, int, int] = (16, 32, 64, 128, 192), neck: int = 64) -> None:
        super().__init__()
        stem, quarter, eighth, sixteenth, last = channels
        self.stem = Unit(3, stem, 3, stride=2)
        self.quarter = nn.Sequential(Unit(stem, quarter, 3, stride=2), Crossing(quarter, quarter, 1))
        self.eighth = nn.Sequential(Unit(quarter, eighth, 3, stride=2), Crossing(eighth, eighth, 2))
        self.sixteenth = nn.Sequential(Unit(eighth, sixteenth, 3, stride=2), Crossing(sixteenth, sixteenth, 2))
        self.last = nn.Sequential(Unit(sixteenth, last, 3, stride=2), Pools(last), Crossing(last, last, 1))
        self.sides = nn.ModuleList([Unit(wide, neck, 1) for wide in (eighth, sixteenth, last)])
        self.down = nn.ModuleList([Crossing(2 * neck, neck, 1, plain=True) for _ in range(2)])
        self.shrink = nn.ModuleList([Light(neck, neck, stride=2) for _ in range(2)])
        self.up = nn.ModuleList([Crossing(2 * neck, neck, 1, plain=True) for _ in range(2)])
        self.head = nn.ModuleList([nn.Sequential(Light(neck, neck), Light(neck, neck)) for _ in STRIDES_PX])
        self.score = nn.ModuleList([nn.Conv2d(neck, 1, 1) for _ in STRIDES_PX])
        self.box = nn.ModuleList([nn.Conv2d(neck, 4, 1) for _ in STRIDES_PX])
        for part in self.score:
            if isinstance(part, nn.Conv2d) and part.bias is not None:
                nn.init.constant_(part.bias, -math.log((1 - RARE) / RARE))

    def forward(self, images: Tensor) -> Tensor:
        """Rows (b, cells, 5) of (b, 3, h, w) pictures whose sides are multiples of 32.

        A row is x, y (cells from the cell's corner), log width, log height (cells), and the score's logit; cells of
        stride 8 first, each scale row by row.
        """
        eighth = self.eighth(self.quarter(self.stem(images)))
        sixteenth = self.sixteenth(eighth)
        small, middle, large = (
            side(found) for side, found in zip(self.sides, (eighth, sixteenth, self.last(sixteenth)), strict=True)
        )
        middle = self.down[0](torch.cat([functional.interpolate(large, scale_factor=2.0), middle], 1))
        small = self.down[1](torch.cat([functional.interpolate(middle, scale_factor=2.0), small], 1))
        middle = self.up[0](torch.cat([self.shrink[0](small), middle], 1))
        large = self.up[1](torch.cat([self.shrink[1](middle), large], 1))
        rows: list[Tensor] = []
        for place, found in enumerate((small, middle, large)):
            seen = self.head[place](found)
            rows.append(torch.cat([self.box[place](seen), self.score[place](seen)], 1).flatten(2))
        return torch.cat(rows, 2).transpose(1, 2)


class Unit(nn.Module):
    """Convolution, normalisation, SiLU."""

    def __init__(self, inputs: int, outputs: int, size: int, *, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, images: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(images)))


class Light(nn.Sequential):
    """A 5x5 convolution in two parts: across places, then across channels."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1) -> None:
        super().__init__(Unit(inputs, inputs, 5, stride=stride, groups=inputs), Unit(inputs, outputs, 1))


class Crossing(nn.Module):
    """Cross-stage partial block: half the channels go through residual blocks, half pass by."""

    def __init__(self, inputs: int, outputs: int, depth: int, *, plain: bool = False) -> None:
        super().__init__()
        middle = outputs // 2
        self.through, self.past = Unit(inputs, middle, 1), Unit(inputs, middle, 1)
        self.blocks = nn.Sequential(*(Residual(middle, plain=plain) for _ in range(depth)))
        self.join = Unit(2 * middle, outputs, 1)

    def forward(self, images: Tensor) -> Tensor:
        return self.join(torch.cat([self.blocks(self.through(images)), self.past(images)], 1))


class Residual(nn.Module):
    """1x1, 3x3, and what came in (or not: ``plain``)."""

    def __init__(self, channels: int, *, plain: bool) -> None:
        super().__init__()
        self.first, self.second, self.plain = Unit(channels, channels, 1), Unit(channels, channels, 3), plain

    def forward(self, images: Tensor) -> Tensor:
        found = self.second(self.first(images))
        return found if self.plain else images + found


class Pools(nn.Module):
    """Spatial pyramid pooling: what is near, at three sizes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        middle = channels // 2
        self.enter, self.leave = Unit(channels, middle, 1), Unit(4 * middle, channels, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, images: Tensor) -> Tensor:
        seen = [self.enter(images)]
        for _ in range(3):
            seen.append(self.pool(seen[-1]))
        return self.leave(torch.cat(seen, 1))


def cells(height_px: int, width_px: int) -> Tensor:
    """(cells, 3) float32: column, row and stride in pixels of each cell, in the order of the net's rows."""
    parts: list[Tensor] = []
    for stride in STRIDES_PX:
        high, wide = height_px // stride, width_px // stride
        row, column = torch.meshgrid(torch.arange(high), torch.arange(wide), indexing="ij")
        parts.append(torch.stack([column, row, torch.full_like(row, stride)], -1).reshape(-1, 3))
    return torch.cat(parts).float()


def boxes_of(rows: Tensor, grid: Tensor) -> Tensor:
    """(…, cells, 4) x1, y1, x2, y2 in pixels of the net's rows."""
    stride = grid[:, 2:]
    middle = (rows[..., :2] + grid[:, :2]) * stride
    half = rows[..., 2:4].clamp(-10, 10).exp() * stride / 2
    return torch.cat([middle - half, middle + half], -1)
