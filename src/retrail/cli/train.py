"""``retrail train``: learn an encoder or a detector by a recipe."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from retrail.cli import INTERRUPTED
from retrail.cli.options import ModelsDir
from retrail.core.errors import RetrailError

if TYPE_CHECKING:
    from retrail.train.loop import Progress

app = typer.Typer(add_completion=False)

DATA = "RETRAIL_DATA"
"""The variable that says where the data sets are, where ``--data`` does not."""
MALLOC = (
    Path("/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"),
    Path("/usr/lib/aarch64-linux-gnu/libtcmalloc_minimal.so.4"),
)
"""tcmalloc, as Debian has it; steps take half the time with it."""
SAID_STEPS = 100


@app.command()
def train(
    recipe: Annotated[Path, typer.Argument(help="The recipe (YAML), see recipes/.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="Folder of the run.", show_default=False)],
    data: Annotated[
        Path, typer.Option("--data", envvar=DATA, help="Folder that holds the data sets.", show_default=False)
    ],
    steps: Annotated[int | None, typer.Option(min=1, help="Stop after this step.", show_default=False)] = None,
    models_dir: ModelsDir = None,
) -> None:
    """Train a model by a recipe, or go on with a run that was stopped, as if it had never been.

    The run's folder holds the recipe, checkpoints and curves (`tensorboard --logdir RUN/curves`).
    """
    require_training()
    _with_fast_malloc()
    from retrail.train.history import steps_of
    from retrail.train.run import train as go  # torch is slow to import

    try:
        whole = go(recipe, out, data, _say, models_dir=models_dir, until=steps, told=print)
    except KeyboardInterrupt:
        print(_interrupted(out))
        raise typer.Exit(INTERRUPTED) from None
    print(_ended(out, data, steps_of(out).own, whole))


def require_training() -> None:
    """See that the training extra is installed.

    Raises:
        RetrailError: it is not.
    """
    missing = [
        name for name in ("torch", "pytorch_metric_learning", "safetensors", "tensorboard") if not find_spec(name)
    ]
    if missing:
        raise RetrailError(
            "Training needs the extra `train`",
            found=f"missing: {', '.join(missing)}",
            hint="pip install 'retrail[train]'",
        )


def _with_fast_malloc() -> None:
    """Begin this process anew with tcmalloc in it, where it is on this machine and not in yet."""
    library = next((path for path in MALLOC if path.is_file()), None)
    if library is None or os.environ.get("LD_PRELOAD"):
        return
    sys.stdout.flush()
    os.environ["LD_PRELOAD"] = str(library)
    os.execv(sys.executable, [sys.executable, "-m", "retrail", *sys.argv[1:]])


def _ended(run: Path, data: Path, reached: int, whole: int) -> str:
    """What to say at the end, and what can be done next; ``whole``: how many steps the recipe takes."""
    export = f"retrail export {run} --name NAME --to openvino --out FOLDER --data {data}"
    if reached < whole:
        goes_on = "The same command without --steps goes on"
        return f"stopped at step {reached} of {whole}: {run}. {goes_on}; what is there can be exported: {export}"
    return f"trained: {run}. Next: {export}"


def _interrupted(run: Path) -> str:
    """What to say after Ctrl-C or SIGTERM."""
    from retrail.train.checkpoint import read_checkpoint
    from retrail.train.run_files import CHECKPOINTS

    kept = read_checkpoint(run / CHECKPOINTS)
    if kept is None:
        return f"interrupted before the first step was done: {run}. The same command begins again"
    return f"interrupted at step {int(kept.numbers['step'])}, all of it kept: {run}. The same command goes on"


def _say(progress: Progress) -> None:
    if progress.step % SAID_STEPS and not progress.verdict and progress.step != progress.steps:
        return
    losses = ", ".join(f"{name} {value:.3f}" for name, value in progress.losses.items())
    verdict = "".join(f", {name} {value:.1%}" for name, value in progress.verdict.items())
    left = f"{progress.left_s / 60:.0f} min left"
    print(f"step {progress.step} of {progress.steps}: {losses}{verdict}; {left}", flush=True)
