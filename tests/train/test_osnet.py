"""OSNet is the paper's net: its size, its work, and torchreid's weights in their places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from retrail.core.errors import DataError
from retrail.train.nets.osnet import OSNet, Width
from retrail.train.weights import load_torchreid

# As torchreid 0.2.5 has them: parameters without classifier; millions of multiply-adds at 256x128.
PUBLISHED: dict[Width, tuple[int, float]] = {
    "x1.0": (2_169_508, 978.9),
    "x0.75": (1_285_754, 571.8),
    "x0.5": (630_034, 272.9),
    "x0.25": (201_864, 82.3),
}
# What torchreid 0.2.5 says about the first of two pictures of noise (seed 1): six numbers and the length.
SAID: dict[str, tuple[list[float], float]] = {
    "osnet_x0_25_msmt17": ([1.253606, 0.000054, 0.0, 0.758865, 0.78227, 0.0], 53.58209),
    "osnet_x0_25_market1501": ([0.0, 0.0, 0.6633, 0.257492, 0.0, 0.0], 23.37337),
}


def macs(net: nn.Module, height_px: int, width_px: int) -> float:
    """Millions of multiply-adds of convolutions and linear parts for one picture."""
    counted = 0

    def count(part: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        nonlocal counted
        counted += output.shape[1:].numel() * next(part.parameters())[0].numel()

    hooks = [part.register_forward_hook(count) for part in net.modules() if isinstance(part, nn.Conv2d | nn.Linear)]
    with torch.inference_mode():
        net.eval()(torch.zeros(1, 3, height_px, width_px))
    for hook in hooks:
        hook.remove()
    return counted / 1e6


@pytest.mark.parametrize("width", PUBLISHED)
def test_it_has_the_published_size_and_work(width: Width) -> None:
    net = OSNet(width)
    parameters, work = PUBLISHED[width]
    assert sum(part.numel() for part in net.parameters()) == parameters
    assert macs(net, 256, 128) == pytest.approx(work, rel=0.0005)


def test_instance_norm_makes_it_blind_to_light_and_cast() -> None:
    torch.manual_seed(0)
    picture = torch.randn(1, 3, 128, 64)
    lit = picture * 1.7 + 0.4

    def change(net: OSNet) -> float:
        with torch.inference_mode():
            stem = net.eval().conv1
            return float((stem(picture) - stem(lit)).abs().mean())

    assert change(OSNet("x0.25", instance_norm=True)) < 0.1 * change(OSNet("x0.25"))


@pytest.mark.shared
@pytest.mark.parametrize("name", SAID)
def test_published_weights_give_what_torchreid_gives(shared: Path, name: str) -> None:
    net = load_torchreid(shared / f"models/osnet/{name}.safetensors")
    with torch.inference_mode():
        vectors = net(torch.randn(2, 3, 256, 128, generator=torch.Generator().manual_seed(1)))
    numbers, length = SAID[name]
    assert vectors[0, :6].tolist() == pytest.approx(numbers, abs=1e-4)
    assert float(vectors.norm()) == pytest.approx(length, rel=1e-4)


def test_a_classifier_of_another_set_is_left_out(tmp_path: Path, saved: Callable[[nn.Module, Path], Path]) -> None:
    path = saved(OSNet("x0.5", people=7), tmp_path / "osnet.safetensors")
    assert load_torchreid(path).classifier is None


def test_weights_of_another_net_are_refused(tmp_path: Path, saved: Callable[[nn.Module, Path], Path]) -> None:
    path = saved(nn.Sequential(nn.Linear(3, 4)), tmp_path / "other.safetensors")
    with pytest.raises(DataError, match="no OSNet"):
        load_torchreid(path)


def test_a_pickle_of_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "osnet.pth"
    torch.save({"state_dict": OSNet("x0.25"), "epoch": np.int64(3)}, path)
    with pytest.raises(DataError, match="cannot be read"):
        load_torchreid(path)
