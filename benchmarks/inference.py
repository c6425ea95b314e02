"""Images a second of the models at hand, in f32 and, where the processor has it, bf16.

    python benchmarks/inference.py MODELS_DIR [--seconds 3] [MODEL ...]
    python benchmarks/inference.py MODELS_DIR --in-turn 5 MODEL MODEL ...

Asynchronous, as many requests as OpenVINO advises, random pictures; best of three spans. Beside it images a second of
processor time, which other work on the machine moves less: times the cores, it is what an idle machine would do.

With --in-turn N: one thread, one picture at a time, processor time; in each of N rounds every model has its span, one
after the other, so that a ratio's sides come from the same minutes. Medians of the rounds, and of each round's ratio to
the first model.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino

from retrail.core.errors import ModelError, RetrailError
from retrail.runtime import Network, open_network
from retrail.runtime.cpu import has_bf16
from retrail.zoo import find_card, locate
from retrail.zoo.card import Precision
from retrail.zoo.listing import model_list

BATCHES = {"person-reidentification": (1, 8), "face-reidentification": (1, 8)}
ROUNDS = 3


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models_dir", type=Path)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--in-turn", type=int, metavar="N", help="compare the named models in so many rounds")
    wanted = parser.parse_intermixed_args(arguments)  # options may stand between the folder and the models
    if wanted.in_turn is not None and (wanted.in_turn < 1 or len(wanted.models) < 2):
        parser.error("--in-turn N needs N from 1 and two models or more, by name")
    names = wanted.models or [row.name for row in model_list(wanted.models_dir, here=True).models]
    precisions: tuple[Precision, ...] = ("f32", "bf16") if has_bf16() else ("f32",)
    engine = f"OpenVINO {openvino.__version__.split('-')[0]}, Python {platform.python_version()}"
    print(f"{processor()}, {os.cpu_count()} threads; {engine}")
    if wanted.in_turn is not None:
        compare(names, wanted.models_dir, precisions, wanted.in_turn, wanted.seconds)
        return 0
    titles = [title for precision in precisions for title in (precision, f"{precision}, a processor second")]
    print(f"| model | batch | {' | '.join(titles)} |")
    print(f"| --- | --- | {' | '.join('---' for _ in titles)} |")
    for name in names:
        card = find_card(name, models_dir=wanted.models_dir)
        for batch in BATCHES.get(card.task, (1,)):
            rates: list[str] = []
            for precision in precisions:
                try:
                    network = open_network(locate(card, wanted.models_dir), batch=batch, precision=precision)
                except ModelError:
                    break
                spans = [rate(network, wanted.seconds) for _ in range(ROUNDS)]
                rates.extend(f"{max(column):.0f}" for column in zip(*spans, strict=True))
                network.close()
            if rates:
                print(f"| {name} | {batch} | {' | '.join(rates)} |", flush=True)
    return 0


def compare(
    names: Sequence[str], models_dir: Path, precisions: Sequence[Precision], rounds: int, seconds: float
) -> None:
    """Print milliseconds a picture of each model, and the ratio to the first one."""
    titles = [title for precision in precisions for title in (f"{precision}, ms a picture", f"to {names[0]}")]
    print(f"| model | {' | '.join(titles)} |")
    print(f"| --- | {' | '.join('---:' for _ in titles)} |")
    cells: dict[str, list[str]] = {name: [] for name in names}
    for precision in precisions:
        networks = {
            name: open_network(
                locate(find_card(name, models_dir=models_dir), models_dir), precision=precision, requests=1, threads=1
            )
            for name in names
        }
        taken = [{name: work_s(network, seconds) for name, network in networks.items()} for _ in range(rounds)]
        for name, network in networks.items():
            network.close()
            ratio = statistics.median(one[name] / one[names[0]] for one in taken)
            cells[name] += [f"{1000 * statistics.median(one[name] for one in taken):.1f}", f"{ratio:.2f}"]
    for name in names:
        print(f"| {name} | {' | '.join(cells[name])} |", flush=True)


def work_s(network: Network, seconds: float) -> float:
    """Processor time of one picture after another, for so long."""
    image = np.random.default_rng(0).integers(0, 256, (1, network.height_px, network.width_px, 3), dtype=np.uint8)
    network.infer(image)
    count, start, start_work = 0, time.monotonic(), time.process_time()
    while not count or time.monotonic() - start < seconds:
        network.infer(image)
        count += 1
    return (time.process_time() - start_work) / count


def rate(network: Network, seconds: float) -> tuple[float, float]:
    """Images a second over a span, and images a second of processor time."""
    images = np.random.default_rng(0).integers(
        0, 256, (network.batch, network.height_px, network.width_px, 3), dtype=np.uint8
    )
    finished, count = threading.Lock(), 0

    def done(outcome: object) -> None:
        nonlocal count
        if isinstance(outcome, Exception):
            raise outcome
        with finished:
            count += network.batch

    network.infer(images)
    start, start_work = time.monotonic(), time.process_time()
    while time.monotonic() - start < seconds:
        network.submit(images, done)
    network.drain()
    return count / (time.monotonic() - start), count / (time.process_time() - start_work)


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except RetrailError as problem:
        sys.exit(str(problem))
