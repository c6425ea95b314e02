"""Pictures as a net takes them."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MEAN, SCALE = 114.0, 58.0
"""Of every channel, of values in 0..255; the exported card says the same."""


def tensor_of(array: NDArray[Any]) -> Tensor:
    """The same numbers, in the same memory."""
    return cast(Any, torch).from_numpy(array)


def as_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """(b, h, w, 3) uint8 BGR to (b, 3, h, w) float32, channels last in memory, about -2 to 2.4."""
    planes = tensor_of(pictures).permute(0, 3, 1, 2).float()
    return planes.sub_(MEAN).div_(SCALE).contiguous(memory_format=torch.channels_last)
