"""From an exported model back to a net that can go on learning.

An export has each normalisation folded into the convolution before it, and names of its own. Which number belongs
where is found by exporting a net of the same shape whose every number is known: both files then have the same constants
in the same order. The normalisations begin anew from what passes them, so that the net in training says what the model
says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrail.core.errors import DataError

_Numbers = NDArray[np.float32]
_Norm = (nn.BatchNorm1d, nn.BatchNorm2d)
_WEIGHT_AXES = 4
_ALIKE = 2e-3  # of the largest number: constants are kept in 16 bits


def unfold(network: Path, net: nn.Module, write: Callable[[nn.Module, Path], None]) -> None:
    """Put an exported model's numbers into ``net``, which then says in evaluation what the model says.

    Args:
        network: the model's .xml, as ``write`` made it.
        net: of the shape that was exported; its weights are replaced.
        write: exports a net as ``network`` was exported.

    Raises:
        DataError: the file cannot be read, or is of another net.
    """
    _scatter(net)
    with TemporaryDirectory() as folder:
        known = Path(folder) / "known.xml"
        write(net.eval(), known)
        ours = _constants(known)
    theirs = _constants(network)
    if [values.shape for values in ours] != [values.shape for values in theirs]:
        raise DataError(
            "The model is of another net than the recipe's",
            where=str(network),
            found=f"{sum(values.size for values in theirs)} numbers in {len(theirs)} constants",
            allowed=f"{sum(values.size for values in ours)} numbers in {len(ours)} constants",
        )
    places = _places(net)
    taken: set[int] = set()
    with torch.no_grad():
        for known_values, values in zip(ours, theirs, strict=True):
            place = _place_of(known_values, places, taken)
            if place is not None:
                taken.add(place)
                target = places[place][0]
                target.copy_(torch.as_tensor(values).reshape(target.shape))
        left = [name for place, (_, _, name) in enumerate(places) if place not in taken]
        if left:
            raise DataError("A model's numbers cannot be placed", where=str(network), found=", ".join(left[:3]))
        for part in net.modules():
            if isinstance(part, _Norm):
                _reset(part)


def settle(net: nn.Module, passes: Callable[[], object]) -> None:
    """Let normalisations take up what reaches them, without changing what the net says in evaluation.

    Args:
        net: as `unfold` left it.
        passes: sends pictures through it.
    """
    sums: dict[nn.Module, list[Tensor]] = {}

    def look(part: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        values = inputs[0].detach().double()
        axes = [axis for axis in range(values.ndim) if axis != 1]
        count = torch.tensor(float(values.numel() / values.shape[1]), dtype=torch.float64)
        now = [count, values.sum(axes), values.square().sum(axes)]
        before = sums.get(part)
        sums[part] = now if before is None else [a + b for a, b in zip(before, now, strict=True)]

    norms = [part for part in net.modules() if isinstance(part, _Norm)]
    hooks = [cast(Any, part).register_forward_pre_hook(look) for part in norms]
    net.eval()
    try:
        with torch.no_grad():
            passes()
    finally:
        for hook in hooks:
            hook.remove()
    with torch.no_grad():
        for part in norms:
            count, total, squares = sums[part]
            mean = total / count
            variance = (squares / count - mean.square()).clamp(min=0)
            scale, shift = _folded(part)
            cast(Tensor, part.running_mean).copy_(mean)
            cast(Tensor, part.running_var).copy_(variance)
            wide = (variance + part.eps).sqrt()
            part.weight.copy_(scale * wide)
            part.bias.copy_(shift + scale * mean)


def _folded(part: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Factor and shift by which it acts in evaluation, float64."""
    mean, variance = cast(Tensor, part.running_mean).double(), cast(Tensor, part.running_var).double()
    scale = part.weight.double() / (variance + part.eps).sqrt()
    return scale, part.bias.double() - mean * scale


def _reset(part: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
    """As good as absent, but for its shift, and its factor where an export keeps that apart."""
    part.reset_running_stats()
    cast(Tensor, part.running_var).fill_(1.0 - part.eps)
    if _is_folded(part):
        nn.init.ones_(part.weight)


def _is_folded(part: nn.Module) -> bool:
    """Whether an export multiplies its factor into the weights before it: after a convolution, not after a layer
    that is fully connected."""
    return isinstance(part, nn.BatchNorm2d)


def _scatter(net: nn.Module) -> None:
    """Give each number that an export keeps a value of its own, and those that it folds away none that tells."""
    dice = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for part in net.modules():
            for own in part.parameters(recurse=False):
                own.copy_(torch.randn(own.shape, generator=dice))
            if isinstance(part, _Norm):
                _reset(part)
        for part in net.modules():
            for before in _before_norms(part):
                before.bias.zero_()


def _before_norms(part: nn.Module) -> list[nn.Linear]:
    """Layers whose bias an export adds to the shift of the normalisation after them."""
    if not isinstance(part, nn.Sequential):
        return []
    layers = list(part)
    return [
        layer for layer, after in pairwise(layers) if isinstance(layer, nn.Linear) and isinstance(after, nn.BatchNorm1d)
    ]


def _places(net: nn.Module) -> list[tuple[Tensor, _Numbers, str]]:
    """The net's parameters as an export has them: where it goes, its numbers now, its name."""
    found: list[tuple[Tensor, _Numbers, str]] = []
    without_bias = {layer for part in net.modules() for layer in _before_norms(part)}
    parts = dict(cast("Iterable[tuple[str, nn.Module]]", net.named_modules()))
    for name, own in cast("Iterable[tuple[str, Tensor]]", net.named_parameters()):
        owner, _, key = name.rpartition(".")
        part = parts[owner]
        absent = (_is_folded(part) and key == "weight") or (part in without_bias and key == "bias")
        if not absent:
            found.append((own, own.detach().numpy().ravel().copy(), name))
    return found


def _place_of(values: _Numbers, places: Sequence[tuple[Tensor, _Numbers, str]], taken: set[int]) -> int | None:
    """Whose numbers these are; None: nobody's, a constant of the graph."""
    flat = values.ravel()
    for place, (_, numbers, _) in enumerate(places):
        if place not in taken and numbers.size == flat.size:
            off = float(np.abs(numbers - flat).max())
            if off <= _ALIKE * float(np.abs(numbers).max()):
                return place
    return None


def _constants(network: Path) -> list[_Numbers]:
    """The floating constants of a model's file, in the order of its graph.

    Raises:
        DataError: it cannot be read.
    """
    try:
        model = cast(Any, ov).Core().read_model(str(network))
    except RuntimeError as error:
        raise DataError("The model cannot be read", where=str(network), found=str(error).splitlines()[0]) from None
    found: list[_Numbers] = []
    for node in model.get_ordered_ops():
        if node.get_type_name() == "Constant" and node.get_element_type().is_real():
            values = np.array(node.data, np.float32)
            if values.size > 1 or values.ndim == _WEIGHT_AXES:  # a single number else scales scores, not always there
                found.append(values)
    return found
