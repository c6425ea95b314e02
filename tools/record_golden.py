"""Record the golden check in the cards of the models at hand: ``record_golden.py MODELS_DIR``."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import openvino
from make_cards import CARDS, as_text

from retrail.core.errors import ModelError
from retrail.runtime import open_network
from retrail.runtime.golden import golden_vector, recorded
from retrail.zoo import Card, ModelFiles, all_cards, check_files, locate
from retrail.zoo.checksum import difference


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: record_golden.py MODELS_DIR", file=sys.stderr)
        return 2
    for card in all_cards():
        try:
            record(card, Path(arguments[0]))
        except ModelError as error:
            print(f"{card.name}: unverified: {error.what}")
        else:
            print(f"{card.name}: recorded")
    return 0


def record(card: Card, models_dir: Path) -> None:
    files = locate(card, models_dir)
    if any(check.state != "published" for check in check_files(files)):
        raise ModelError("the files are not those that its owner published")
    network = open_network(files, precision="f32")
    vector = golden_vector(network)
    network.close()
    release = "" if is_newest(files) else ", an earlier release of the files"
    how = f"OpenVINO {openvino.__version__.split('-')[0]}, f32, {platform.machine()}{release}"
    golden = asdict(recorded(vector, how))
    path = CARDS / f"{card.name}.json"
    facts = json.loads(path.read_text("utf-8")) | {"golden": golden}
    path.write_text(as_text(facts), "utf-8")


def is_newest(files: ModelFiles) -> bool:
    paths = (files.network, *([files.weights] if files.weights else []))
    return all(difference(path, file) is None for path, file in zip(paths, files.card.files, strict=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
