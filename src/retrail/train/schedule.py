"""How fast to learn at which step, and the average of the weights."""

from __future__ import annotations

import math

import torch
from torch import nn


def cosine_with_warmup(step: int, steps: int, warmup: int, floor: float = 0.01) -> float:
    """Share of the highest rate: up in a line, then down along a cosine to ``floor``.

    >>> [round(cosine_with_warmup(step, 110, 10), 2) for step in (0, 9, 60, 109)]
    [0.1, 1.0, 0.51, 0.01]
    """
    if step < warmup:
        return (step + 1) / warmup
    done = min((step - warmup) / max(steps - warmup, 1), 1.0)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate


def decayed_groups(net: nn.Module, decay: float) -> list[dict[str, object]]:
    """Parameters for AdamW: weight decay for matrices and kernels, none for biases and normalisation."""
    named = list(net.parameters())
    return [
        {"params": [value for value in named if value.ndim > 1], "weight_decay": decay},
        {"params": [value for value in named if value.ndim <= 1], "weight_decay": 0.0},
    ]


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, step: int, keep: float) -> None:
    """Move the average a little towards the net: more in the first steps, ``1 - keep`` of the way later."""
    share = 1 - min(keep, (1 + step) / (10 + step))
    ours, theirs = list(average.parameters()), list(net.parameters())
    for held, fresh in zip(ours, theirs, strict=True):
        held.lerp_(fresh, share)
    for held, fresh in zip(average.buffers(), net.buffers(), strict=True):
        if held.dtype.is_floating_point:
            held.lerp_(fresh, share)
        else:
            held.copy_(fresh)
