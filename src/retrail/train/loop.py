"""The one loop: steps, the average of weights, checkpoints, curves, time left. What is learned comes as a `Lecture`."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn

from retrail.core.errors import DataError
from retrail.train.checkpoint import Numbers, read_checkpoint, restore, write_checkpoint
from retrail.train.curves import Curves
from retrail.train.recipe import LearningSpec
from retrail.train.run_files import CHECKPOINTS, CURVES
from retrail.train.schedule import cosine_with_warmup, decayed_groups, follow, set_rate
from retrail.train.stops import stoppable

CURVE_STEPS = 20
LONGEST_GRADIENT = 20.0


class Lecture(Protocol):
    """What a net learns: made of the step's number alone, so that a run that was killed goes on as if it had not been.

    Attributes:
        net: what learns, with whatever is trained beside it (a classifier).
        steps: how many.
    """

    net: nn.Module
    steps: int

    def losses(self, net: Callable[[Tensor], Tensor], step: int) -> Mapping[str, Tensor]:
        """Losses of a step by name, weighed; their sum is what is learned from.

        ``net`` may be a faster form of it, which computes in bf16; what it returns is in 32 bits, and so are losses.
        Until it is called nothing of the net changes: what cannot be read has to be said before.
        """
        ...

    def verdict(self, average: nn.Module, step: int) -> Mapping[str, float]:
        """Figures on what is kept out, after a step; empty where it is not time."""
        ...

    def let_go(self, step: int) -> None:
        """Remove from the disk what no step from this one on needs: no checkpoint is older."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: its step, of how many, the seconds left, and the losses."""

    step: int
    steps: int
    left_s: float
    losses: Mapping[str, float]
    verdict: Mapping[str, float]


def learn(
    lecture: Lecture,
    spec: LearningSpec,
    run: Path,
    said: Callable[[Progress], None],
    *,
    until: int | None = None,
    behind: Numbers | None = None,
) -> nn.Module:
    """Go through a lecture, from the newest checkpoint of ``run`` if there is one; returns the average of the weights.

    Whatever ends it between two steps, a checkpoint keeps the last of them.

    Args:
        lecture: what is learned.
        spec: how.
        run: the run's folder.
        said: told every few steps.
        until: stop before this step, with a checkpoint; None: go to the end.
        behind: plain numbers that are kept with each checkpoint of a run that begins; one that goes on has its own.

    Raises:
        DataError: a checkpoint is damaged; it or the curves cannot be written; a loss, a gradient or a weight is no
            number any more; what the lecture raises.
        KeyboardInterrupt: Ctrl-C or SIGTERM.
    """
    torch.set_num_threads(spec.threads)
    net = lecture.net
    cast(Any, net).to(memory_format=torch.channels_last)
    average = copy.deepcopy(net).requires_grad_(False)
    optimiser = torch.optim.AdamW(cast(Any, decayed_groups(net, spec.decay)), lr=spec.rate, fused=True)
    step = 0
    kept = read_checkpoint(run / CHECKPOINTS)
    if kept is not None:
        restore(kept, net, average, optimiser)
        behind = kept.numbers
        step = int(kept.numbers["step"])
    fast = _fast(net, spec)
    end = lecture.steps if until is None else min(until, lecture.steps)
    first, begun = step, time.monotonic()
    saved_step, saved = step, begun
    curves = Curves(run / CURVES, step)

    def save() -> None:
        nonlocal saved_step, saved
        if not _finite(net) or not _finite(average):
            raise _came_apart("weights that are not finite", run, step, saved_step, spec)
        write_checkpoint(run / CHECKPOINTS, net, average, optimiser, {**(behind or {}), "step": step})
        lecture.let_go(saved_step)  # the step of the checkpoint before, which a run may have to go on from
        saved_step, saved = step, time.monotonic()

    with stoppable() as stops:

        def seen(images: Tensor) -> Tensor:
            stops.begin()  # normalisations take in what they see
            return fast(images)

        try:
            while step < end:
                set_rate(optimiser, spec.rate * cosine_with_warmup(step, lecture.steps, spec.warmup_steps))
                net.train()
                losses = lecture.losses(seen, step)
                total = torch.stack(list(losses.values())).sum()
                cast(Any, total).backward()
                length = nn.utils.clip_grad_norm_(net.parameters(), LONGEST_GRADIENT)
                values = {name: value.item() for name, value in losses.items()}
                if not math.isfinite(total.item()) or not math.isfinite(length.item()):
                    said_now = ", ".join(f"{name} {value:g}" for name, value in values.items())
                    raise _came_apart(f"{said_now}; gradient {length.item():g}", run, step + 1, saved_step, spec)
                cast(Any, optimiser).step()
                optimiser.zero_grad()
                follow(average, net, step, spec.average)
                step += 1
                stops.end()
                verdict = lecture.verdict(average, step)
                if step % CURVE_STEPS == 0 or verdict or step == end:
                    left_s = (time.monotonic() - begun) / (step - first) * (end - step)
                    curves.draw(step, _titled(values, verdict))
                    said(Progress(step, end, left_s, values, verdict))
                if time.monotonic() - saved > spec.checkpoint_s or step == end:
                    save()
        except (KeyboardInterrupt, DataError) as ended:
            if step > saved_step and not stops.within:
                stops.begin()  # a further Ctrl-C waits
                save()
                if isinstance(ended, DataError):
                    raise _kept(ended, step) from None
            raise
        finally:
            curves.close()
    return average


def _finite(net: nn.Module) -> bool:
    return all(bool(part.isfinite().all()) for part in net.state_dict().values())


def _kept(error: DataError, step: int) -> DataError:
    hint = "; ".join(filter(None, (error.hint, f"step {step} is kept, the same command goes on from it")))
    return DataError(error.what, where=error.where, found=error.found, allowed=error.allowed, hint=hint)


def _came_apart(found: str, run: Path, step: int, saved_step: int, spec: LearningSpec) -> DataError:
    kept = f"the checkpoint is that of step {saved_step}" if saved_step else "there is no checkpoint yet"
    goes_on = f"go on in a new run that begins with it (start: {run.name}, beside it)" if saved_step else "begin again"
    return DataError(
        f"Training came apart: what step {step} computed is infinite or no number",
        where=str(run),
        found=found,
        allowed="finite losses, gradients and weights",
        hint=f"nothing of it was kept, {kept}; lower learning.rate ({spec.rate:g}) and {goes_on}",
    )


def _fast(net: nn.Module, spec: LearningSpec) -> Callable[[Tensor], Tensor]:
    """The net as the recipe wants it computed."""
    fast = cast("Callable[[Tensor], Tensor]", cast(Any, torch).compile(net) if spec.compile else net)
    if not spec.bf16:
        return fast

    def in_bf16(images: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            said = fast(images)
        return said.float()  # losses in bf16 say too little: cosines of three digits

    return in_bf16


def _titled(losses: Mapping[str, float], verdict: Mapping[str, float]) -> dict[str, float]:
    """The names under which the curves are shown."""
    titled = {f"learning/{name}": value for name, value in losses.items()}
    return titled | {f"kept out/{name}": value for name, value in verdict.items()}
