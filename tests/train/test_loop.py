"""The loop: what a lecture gets from the net, however the net computes."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from retrail.core.errors import DataError
from retrail.train.checkpoint import read_checkpoint
from retrail.train.loop import Progress, learn
from retrail.train.recipe import LearningSpec


class _Third:
    """Learns nothing: asks the net for a third, which 16 bits cannot say as 32 do."""

    steps = 1

    def __init__(self) -> None:
        net = nn.Linear(1, 1, bias=False)
        nn.init.constant_(net.weight, 1.0)
        self.net: nn.Module = net
        self.said = torch.zeros(0)

    def losses(self, net: Callable[[Tensor], Tensor], step: int) -> Mapping[str, Tensor]:
        self.said = net(torch.full((1, 1), 1 / 3))
        return {"third": (self.said @ self.said).sum()}

    def verdict(self, average: nn.Module, step: int) -> Mapping[str, float]:
        return {}

    def let_go(self, step: int) -> None:
        pass


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


SPEC = LearningSpec(rate=0.001, warmup_steps=1, checkpoint_s=0.000001)


class _Poor:
    """Learns a line, until at one step something happens."""

    steps = 12

    def __init__(self, at: int, happens: Callable[[Tensor], Tensor], *, before: Callable[[], object] = int) -> None:
        torch.manual_seed(0)
        self.net: nn.Module = nn.Linear(2, 1)
        self._at, self._happens, self._before = at, happens, before

    def losses(self, net: Callable[[Tensor], Tensor], step: int) -> Mapping[str, Tensor]:
        if step == self._at:
            self._before()
        loss = net(torch.full((4, 2), 0.1 * step)).square().mean()
        return {"line": self._happens(loss) if step == self._at else loss, "other": 0 * loss + 1}

    def verdict(self, average: nn.Module, step: int) -> Mapping[str, float]:
        return {}

    def let_go(self, step: int) -> None:
        pass


def quiet(_: Progress) -> None:
    pass


def kept_step(run: Path) -> int:
    kept = read_checkpoint(run / "checkpoints")
    assert kept is not None
    assert all(bool(tensor.isfinite().all()) for tensor in kept.tensors.values())
    return int(kept.numbers["step"])


def ask(kind: signal.Signals) -> None:
    os.kill(os.getpid(), kind)


def test_a_loss_that_is_no_number_stops_the_run_before_anything_of_it_is_kept(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(DataError, match="step 7 computed is infinite or no number") as caught:
        learn(_Poor(6, lambda loss: loss * math.nan), SPEC, run, quiet)
    assert caught.value.where == str(run)
    assert "line nan, other 1;" in str(caught.value.found)
    hint = str(caught.value.hint)
    assert "checkpoint is that of step 6" in hint
    assert "lower learning.rate (0.001)" in hint
    assert "start: run" in hint
    assert kept_step(run) == 6


def test_a_gradient_that_is_no_number_stops_it_too(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="step 3 computed") as caught:
        learn(_Poor(2, lambda loss: (loss * 0).sqrt()), SPEC, tmp_path, quiet)
    assert "gradient nan" in str(caught.value.found)
    assert kept_step(tmp_path) == 2


def test_weights_that_are_no_numbers_are_not_kept(tmp_path: Path) -> None:
    lecture = _Poor(-1, lambda loss: loss)
    lecture.steps = 1
    with pytest.raises(DataError, match="step 1 computed") as caught:
        learn(lecture, SPEC.model_copy(update={"rate": 1e39}), tmp_path, quiet)
    assert caught.value.found == "weights that are not finite"
    assert "there is no checkpoint yet; lower learning.rate (1e+39) and begin again" in str(caught.value.hint)
    assert read_checkpoint(tmp_path / "checkpoints") is None


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("within", [False, True], ids=["between steps", "within a step"])
def test_who_interrupts_a_run_loses_no_step_that_was_done(kind: signal.Signals, within: bool, tmp_path: Path) -> None:
    def happens(loss: Tensor) -> Tensor:
        if within:
            ask(kind)
        return loss

    spec = SPEC.model_copy(update={"checkpoint_s": 1000.0})
    before = signal.getsignal(kind)
    lecture = _Poor(6, happens, before=int if within else lambda: ask(kind))
    with pytest.raises(KeyboardInterrupt):
        learn(lecture, spec, tmp_path / "parts", quiet)
    assert signal.getsignal(kind) is before
    assert kept_step(tmp_path / "parts") == (7 if within else 6)
    learn(_Poor(-1, lambda loss: loss), spec, tmp_path / "parts", quiet)
    learn(_Poor(-1, lambda loss: loss), spec, tmp_path / "whole", quiet)
    parts, whole = (read_checkpoint(tmp_path / name / "checkpoints") for name in ("parts", "whole"))
    assert parts is not None
    assert whole is not None
    assert all(torch.equal(parts.tensors[name], tensor) for name, tensor in whole.tensors.items())


def test_what_cannot_be_read_between_steps_loses_none_and_says_how_to_go_on(tmp_path: Path) -> None:
    def fails() -> Any:
        raise DataError("A picture cannot be read", where="there", hint="mend it")

    with pytest.raises(DataError, match="A picture cannot be read") as caught:
        learn(
            _Poor(6, lambda loss: loss, before=fails),
            SPEC.model_copy(update={"checkpoint_s": 1000.0}),
            tmp_path,
            quiet,
        )
    assert caught.value.where == "there"
    assert caught.value.hint == "mend it; step 6 is kept, the same command goes on from it"
    assert kept_step(tmp_path) == 6
