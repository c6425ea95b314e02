"""Published OSNet weights (torchreid's names and layout) in our nets. Safetensors, or tensors alone of a .pth."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from retrail.core.errors import DataError
from retrail.train.checkpoint import load_net, read_tensors
from retrail.train.nets.osnet import CHANNELS, OSNet, Width

STEM, EMBEDDING = "conv1.conv.weight", "fc.0.weight"
WRAPPED = "module."


def load_torchreid(path: Path) -> OSNet:
    """An OSNet with the weights of a file, ready to embed (RGB, ImageNet's mean and deviation). Its width follows from
    the weights; the classifier of the people they were trained on is left out.

    Args:
        path: .safetensors, or a .pth that holds tensors and nothing else.

    Raises:
        DataError: it cannot be read, holds objects, or is no OSNet.
    """
    tensors = _tensors(path)
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("classifier.")}
    if STEM not in kept or EMBEDDING not in kept:
        raise DataError("These are no OSNet weights", where=str(path), found=f"{len(kept)} tensors", allowed=STEM)
    widths: list[Width] = [name for name, channels in CHANNELS.items() if channels[0] == len(kept[STEM])]
    if not widths:
        raise DataError("No OSNet is this wide", where=str(path), found=f"{len(kept[STEM])} channels in the stem")
    net = OSNet(widths[0], dimension=len(kept[EMBEDDING]))
    # Files written by old versions of torch do not count batches.
    counts = {name: tensor for name, tensor in net.state_dict().items() if name.endswith("num_batches_tracked")}
    load_net(counts | kept, net, str(path))
    return net.eval()


def _tensors(path: Path) -> Mapping[str, Tensor]:
    if path.suffix == ".safetensors":
        return read_tensors(path).tensors
    try:
        found: Any = cast(Any, torch).load(path, map_location="cpu", weights_only=True)
    except (OSError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise DataError(
            "Weights cannot be read",
            where=str(path),
            found=str(error).splitlines()[0] if str(error) else type(error).__name__,
            allowed="safetensors, or a .pth of tensors alone",
        ) from None
    outer = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    inner = outer.get("state_dict", outer)
    parts = cast("dict[str, object]", inner) if isinstance(inner, dict) else {}
    return {name.removeprefix(WRAPPED): value for name, value in parts.items() if isinstance(value, Tensor)}
