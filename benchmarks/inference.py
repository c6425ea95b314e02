"""Images a second of the models at hand, in f32 and, where the processor has it, bf16.

    python benchmarks/inference.py MODELS_DIR [--seconds 3] [MODEL ...]

Asynchronous, as many requests as OpenVINO advises, random pictures; best of three spans. Beside it images a second of
processor time, which other work on the machine moves less: times the cores, it is what an idle machine would do.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import threading
import time
from pathlib import Path

import numpy as np
import openvino

from retrail.core.errors import ModelError
from retrail.runtime import Network, open_network
from retrail.runtime.cpu import has_bf16
from retrail.zoo import find_card, locate
from retrail.zoo.listing import model_list

BATCHES = {"person-reidentification": (1, 8), "face-reidentification": (1, 8)}
ROUNDS = 3


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models_dir", type=Path)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--seconds", type=float, default=3.0)
    wanted = parser.parse_args(arguments)
    names = wanted.models or [row.name for row in model_list(wanted.models_dir, here=True).models]
    precisions = ("f32", "bf16") if has_bf16() else ("f32",)
    engine = f"OpenVINO {openvino.__version__.split('-')[0]}, Python {platform.python_version()}"
    print(f"{processor()}, {os.cpu_count()} threads; {engine}")
    titles = [title for precision in precisions for title in (precision, f"{precision}, a processor second")]
    print(f"| model | batch | {' | '.join(titles)} |")
    print(f"| --- | --- | {' | '.join('---' for _ in titles)} |")
    for name in names:
        card = find_card(name)
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
    sys.exit(main(sys.argv[1:]))
