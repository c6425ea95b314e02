"""Checkpoints: everything that training needs to go on as if it had never stopped, in one safetensors file.

Tensors are named ``net.…``, ``average.…``, ``optimiser.PLACE.…``; the step and what else is plain goes into the
file's metadata as JSON. A checkpoint appears whole or not at all; the one before it stays beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from retrail.core.errors import DataError
from retrail.core.whole import whole_file

LATEST, BEFORE = "latest.safetensors", "before.safetensors"
Numbers = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a file held: tensors by name, and the plain numbers beside them."""

    tensors: Mapping[str, Tensor]
    numbers: Numbers

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names begin with ``prefix.``, without it."""
        start = f"{prefix}."
        return {name.removeprefix(start): tensor for name, tensor in self.tensors.items() if name.startswith(start)}


def write_checkpoint(
    folder: Path, net: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, numbers: Numbers
) -> Path:
    """Keep a moment of a training run.

    Raises:
        DataError: it cannot be written (a full disk, …); the checkpoint before it is still there.
    """
    tensors = {f"net.{name}": tensor for name, tensor in net.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in average.state_dict().items()}
    state: dict[int, dict[str, Any]] = optimiser.state_dict()["state"]
    for place, values in state.items():
        tensors |= {f"optimiser.{place}.{key}": torch.as_tensor(value) for key, value in values.items()}
    path = folder / LATEST
    write_tensors(path, tensors, {"numbers": json.dumps(dict(numbers))}, before=folder / BEFORE)
    return path


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest checkpoint of a folder, or None where there is none yet.

    Raises:
        DataError: it is there and damaged.
    """
    path = folder / LATEST
    if not path.is_file():
        path = folder / BEFORE
    return read_tensors(path) if path.is_file() else None


def read_tensors(path: Path) -> Checkpoint:
    """A safetensors file that :func:`write_tensors` wrote.

    Raises:
        DataError: it is missing, damaged, or no safetensors file.
    """
    try:
        tensors: dict[str, Tensor] = cast(Any, safetensors.torch).load_file(path)
        opening: Any = safe_open
        with opening(path, "pt") as opened:
            kept: dict[str, str] = opened.metadata() or {}
    except (OSError, SafetensorError, ValueError) as error:
        raise DataError(
            "Weights cannot be read",
            where=str(path),
            found=str(error) or type(error).__name__,
            allowed="a whole safetensors file",
            hint=f"if there is a {BEFORE} beside it, rename that to {LATEST}",
        ) from None
    return Checkpoint(tensors, json.loads(kept.get("numbers", "{}")))


def restore(checkpoint: Checkpoint, net: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """Put a checkpoint back.

    Raises:
        DataError: it is of another net.
    """
    load_net(checkpoint.part("net"), net, "the checkpoint")
    load_net(checkpoint.part("average"), average, "the checkpoint")
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in checkpoint.part("optimiser").items():
        place, _, key = name.partition(".")
        state.setdefault(int(place), {})[key] = tensor
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    # The fused optimiser walks through memory: its numbers have to lie as the weights do, channels last.
    for weight, values in optimiser.state.items():
        for key, value in values.items():
            if isinstance(value, Tensor) and value.shape == weight.shape:
                values[key] = torch.empty_like(weight).copy_(value)


def load_net(tensors: Mapping[str, Tensor], net: nn.Module, where: str) -> None:
    """Load weights into a net of the same shape.

    Raises:
        DataError: names or shapes are another net's.
    """
    own = net.state_dict()
    missing = sorted(own.keys() - tensors.keys())
    further = sorted(tensors.keys() - own.keys())
    other = sorted(name for name in own.keys() & tensors.keys() if own[name].shape != tensors[name].shape)
    if missing or further or other:
        said = [
            f"{len(names)} {what} (such as {names[0]})"
            for what, names in (("missing", missing), ("further", further), ("of another shape", other))
            if names
        ]
        raise DataError("The weights are those of another net", where=where, found=", ".join(said))
    net.load_state_dict(dict(tensors))


def write_tensors(path: Path, tensors: Mapping[str, Tensor], kept: dict[str, str], before: Path | None = None) -> None:
    """Write a safetensors file so that it is there whole or not at all; what was there goes to ``before``.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with whole_file(path, before=before, make_folder=True) as stream:
            stream.write(save({name: part.detach().contiguous() for name, part in tensors.items()}, kept))
    except OSError as error:
        raise DataError(
            "A checkpoint cannot be written", where=str(path), found=error.strerror, hint="make room, then run it again"
        ) from None
