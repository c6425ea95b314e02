"""Encoders on every labelled set of people at hand, as it is and with each camera's mean taken off.

    python benchmarks/encoders.py SHARED [--encoders NAME ...] [--sets market1501 viper grid]

(SHARED: the folder that holds data/ and models/.) The Market-1501 protocol, each picture and its mirror image averaged,
as `retrail evaluate retrieval` has it; rank-1 with its 95 % bootstrap interval over queries.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from retrail.core.errors import ModelError
from retrail.evaluate.judge import looks_of
from retrail.evaluate.people import read_crops
from retrail.evaluate.retrieval import RetrievalScore, retrieval_score
from retrail.runtime import open_network
from retrail.zoo import find_card, locate

ENCODERS = (
    "retrail-encoder-s",
    "person-reidentification-retail-0277",
    "person-reidentification-retail-0286",
    "person-reidentification-retail-0287",
    "person-reidentification-retail-0288",
    "osnet_x0_25_msmt17",
)
SETS = ("viper", "grid", "market1501")
BATCH = 8


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("shared", type=Path)
    options.add_argument("--encoders", nargs="+", default=ENCODERS)
    options.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    options.add_argument("--threads", type=int)
    chosen = options.parse_args()
    print("| set | encoder | rank-1 (95 %) | mAP | mINP | mean off: rank-1 (95 %) | mAP | pictures a CPU second |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in chosen.sets:
        folder = chosen.shared / "data" / name
        crops = read_crops(f"market1501:{folder}" if name == "market1501" else f"csv:{folder / 'labels.csv'}")
        for encoder in chosen.encoders:
            try:
                files = locate(find_card(encoder), chosen.shared / "models")
            except ModelError as error:
                print(f"{encoder} is left out: {error.what}", file=sys.stderr)
                continue
            network = open_network(files, batch=BATCH, threads=chosen.threads)
            began_s = time.process_time()
            query, gallery = looks_of(network, crops)
            took_s = time.process_time() - began_s
            network.close()
            plain, centred = (retrieval_score(query, gallery, centre=centre) for centre in (False, True))
            rate = (len(query) + len(gallery)) / took_s
            print(
                f"| {name} | {encoder} | {cells(plain)} | {plain.minp:.1%} | {cells(centred)} | {rate:.0f} |",
                flush=True,
            )


def cells(score: RetrievalScore) -> str:
    return f"{score.rank1:.1%} ({score.rank1_low:.1%} to {score.rank1_high:.1%}) | {score.map:.1%}"


if __name__ == "__main__":
    main()
