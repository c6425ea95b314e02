"""The loop: what a lecture gets from the net, however the net computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from retrail.train.loop import learn
from retrail.train.recipe import LearningSpec


class _Third:
    """Learns nothing: asks the net for a third, which 16 bits cannot say as 32 do."""

    steps = 1

    def __init__(self) -> None:
        self.net = nn.Linear(1, 1, bias=False)
        nn.init.constant_(self.net.weight, 1.0)
        self.said = torch.zeros(0)

    def losses(self, net: Callable[[Tensor], Tensor], step: int) -> Mapping[str, Tensor]:
        self.said = net(torch.full((1, 1), 1 / 3))
        return {"third": (self.said @ self.said).sum()}

    def verdict(self, average: nn.Module, step: int) -> Mapping[str, float]:
        return {}


@pytest.mark.parametrize("bf16", [False, True])
def test_losses_are_in_32_bits_however_the_net_computes(bf16: bool, tmp_path: Path) -> None:
    lecture = _Third()
    losses: list[float] = []
    spec = LearningSpec(rate=0.001, warmup_steps=1, bf16=bf16)
    learn(lecture, spec, tmp_path, lambda progress: losses.append(progress.losses["third"]))
    said = lecture.said.item()
    assert lecture.said.dtype == torch.float32
    assert (said != pytest.approx(1 / 3, abs=1e-5)) == bf16
    assert losses == pytest.approx([said**2], abs=1e-7)
