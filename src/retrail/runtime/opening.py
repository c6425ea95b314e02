"""Open a model's files as a network."""

from __future__ import annotations

from functools import cache
from typing import Literal

import openvino as ov

from retrail.core.errors import ModelError
from retrail.runtime.cpu import has_bf16
from retrail.runtime.network import Network, PrecisionWish
from retrail.runtime.openvino_graph import read_graph
from retrail.runtime.openvino_network import OpenVinoNetwork
from retrail.zoo import ModelFiles, release

_A_STREAM = 2
"""Requests for each that OpenVINO computes at once: one waits inside, so that none waits for the interpreter's lock."""


def open_network(
    files: ModelFiles,
    *,
    batch: int = 1,
    precision: PrecisionWish = "auto",
    requests: int | None = None,
    threads: int | None = None,
) -> Network:
    """A network that takes uint8 BGR images of the card's size; mean, scale, colour order and layout are in its graph.

    Args:
        files: card and files, from ``locate``.
        batch: images a run. Fewer are padded inside, never run alone: other sizes give slightly other numbers.
        precision: ``auto`` is bf16 where the processor has it, else f32.
        requests: runs in flight; None: twice as many as OpenVINO advises.
        threads: of the processor; None: all.

    Raises:
        ModelError: the files are missing, corrupt, or not what the card says; the processor lacks bf16.
    """
    for name, value in (("batch", batch), ("requests", requests), ("threads", threads)):
        if value is not None and value < 1:
            raise ModelError(f"A network needs at least one of {name}", found=str(value), allowed="1 or more")
    chosen = _precision(precision)
    core = _core()
    model, wired = read_graph(core, files, batch)
    settings: dict[str, str | int] = {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "INFERENCE_PRECISION_HINT": chosen,
    }
    if threads is not None:
        settings["INFERENCE_NUM_THREADS"] = threads
    if requests is not None:
        settings["PERFORMANCE_HINT_NUM_REQUESTS"] = requests
    try:
        compiled = core.compile_model(model, "CPU", settings)
    except RuntimeError as error:
        raise ModelError(f"{files.card.name} cannot be compiled", where=str(files.network), found=str(error)) from error
    count = requests or _A_STREAM * int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    image = files.card.input
    if image is None:
        raise ModelError(f"The card of {files.card.name} has no input", where=str(files.network))
    return OpenVinoNetwork(compiled, files.card, release(files), image, wired, batch, chosen, count)


@cache
def _core() -> ov.Core:
    """One for the process, never let go.

    Each core gives the thread that makes it another stack for signals, and when it goes puts back the one it found.
    Of two that go in the order in which they came, the second puts back one that is no more: the next signal would
    end the process.
    """
    return ov.Core()


def _precision(wish: PrecisionWish) -> Literal["f32", "bf16"]:
    if wish == "auto":
        return "bf16" if has_bf16() else "f32"
    if wish == "bf16" and not has_bf16():
        raise ModelError(
            "This processor does not compute in bf16",
            found="neither AMX nor AVX512_BF16",
            allowed="f32, or auto",
        )
    return wish
