"""Write the cards of the Open Model Zoo's models from a file of its facts: ``make_cards.py omz.json``.

What a person added to a card that is already there (cuts, golden check, notes) is kept.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

CARDS = Path(__file__).resolve().parents[1] / "src" / "retrail" / "zoo" / "cards"
KEPT = ("cuts", "cut_notes", "golden")
TASKS = (
    ("person-reidentification", "person-reidentification"),
    ("face-reidentification", "face-reidentification"),
    ("face-detection", "face-detection"),
    ("landmarks-regression", "face-landmarks"),
    ("person-detection", "person-detection"),
    ("pedestrian-", "person-detection"),
)
SUMMARIES = {
    "person-reidentification": "An embedding of a whole-body picture; the same person is near by cosine",
    "face-reidentification": "An embedding of an aligned face",
    "face-detection": "Finds faces",
    "face-landmarks": "Five points of a face: eyes, nose, corners of the mouth",
    "person-detection": "Finds people",
}
NOT_PUBLISHED = "not published"
PUBLIC_DATA = {
    "Market-1501": "judged on Market-1501, which is for research only; whether it was trained on it is not said",
    "DukeMTMC-reID": "judged on DukeMTMC-reID, withdrawn by its owners; whether it was trained on it is not said",
}
OPENVINO_PRECISIONS = ("FP16", "FP32")
UNOPENED = ("FP32-INT1", "")  # listed where there is nothing else
PERSON_CLASS = {"pedestrian-and-vehicle-detector-adas-0001": 2}
# Releases before the one that the facts speak of, with the checksums that model.yml had then: other people still pass
# them on, and they are no less the owner's.
EARLIER = {
    "face-detection-retail-0005": [
        (
            "FP16/face-detection-retail-0005.xml",
            145938,
            "b8faaf02020fc46877a844e02c56bbcf5423a163e5294b146e7d0ed7084263f9",
        ),
        (
            "FP16/face-detection-retail-0005.bin",
            2041618,
            "fef3746455eec3d1e69730b556809a225a4f714b6bc0b4bacfe5c7bb1a944105",
        ),
    ],
    "person-detection-0203": [
        ("FP16/person-detection-0203.xml", 1236770, "33c4383fdcd5697819e6c1e3e4ed6ce341a85abf70ceb972d88b1eb991a4c760"),
        ("FP16/person-detection-0203.bin", 3902628, "8beee3c9fe0a35efc17c4dd8f851caf69ecbb09a0578c6bf1631990857aeda8e"),
    ],
    "person-reidentification-retail-0200": [
        (
            "FP32/person-reidentification-retail-0200.xml",
            445425,
            "2d5c2c089aa5aae96b1dd0aa4569d0f1e4e469d3bf9aa9eb2d84882feb33d2fa",
        ),
    ],
}
# im_info as its README has it: height and width of the input, then scales of height and width, twice.
CONSTANTS = {"person-detection-retail-0002": {"im_info": [544.0, 992.0, 1.0, 1.0, 1.0, 1.0]}}
LANDMARKS = 10


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: make_cards.py omz.json", file=sys.stderr)
        return 2
    facts = json.loads(Path(arguments[0]).read_text("utf-8"))
    origin = f"{facts['repository']} at {facts['commit'][:12]}"
    for model in facts["models"]:
        write_card(card_of(model, origin))
    print(f"{len(facts['models'])} cards written to {CARDS}")
    return 0


def write_card(card: dict[str, Any]) -> None:
    path = CARDS / f"{card['name']}.json"
    if path.is_file():
        before = json.loads(path.read_text("utf-8"))
        card |= {key: before[key] for key in KEPT if key in before}
    path.write_text(as_text(card), "utf-8")


def as_text(card: dict[str, Any]) -> str:
    """JSON, with a list of numbers on one line."""
    text = json.dumps(card, indent=1, ensure_ascii=False)
    return (
        re.sub(
            r"\[[-+.\de,\s]+\]",
            lambda numbers: " ".join(numbers.group().split()).replace("[ ", "[").replace(" ]", "]"),
            text,
        )
        + "\n"
    )


def card_of(model: dict[str, Any], origin: str) -> dict[str, Any]:
    name = model["name"]
    task = next(task for start, task in TASKS if name.startswith(start))
    files = files_of(model)
    precision = next((folder for folder in (*OPENVINO_PRECISIONS, *UNOPENED) if folder in files), "FP16")
    others = [file for folder in OPENVINO_PRECISIONS if folder != precision for file in files.get(folder, [])]
    data = data_licence(model["metrics"])
    card = {
        "name": name,
        "task": task,
        "summary": SUMMARIES[task],
        "status": model["status"],
        "licence": model["licence"],
        "data_licence": data,
        "commercial": True,
        "commercial_note": f"The weights were released under {model['licence']}; the data behind them: {data}.",
        "precision": precision,
        "files": files.get(precision) or unlisted(name),
        "other_files": others,
        "earlier_files": [
            {"path": f"{name}/{path}", "size_bytes": size, "sha256": sha256}
            for path, size, sha256 in EARLIER.get(name, [])
        ],
        "input": input_of(model),
        "output": output_of(model, task),
        "default_score": 0.5 if task.endswith("detection") else None,
        "figures": [{"name": key, "value": value, "source": origin} for key, value in figures_of(model["metrics"])],
        "gflops": model["gflops"],
        "mparams": model["mparams"],
        "note": note_of(model, files, precision),
    }
    return {key: value for key, value in card.items() if value not in (None, [], "") or key in REQUIRED}


REQUIRED = ("commercial_note", "precision", "files", "input", "output")


def files_of(model: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Files by precision folder, the network before its weights; those in no folder under an empty name."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for file in model["files"]:
        folder, _, _ = file["name"].rpartition("/")
        row = {"path": f"{model['name']}/{file['name']}", "size_bytes": file["size"]}
        row |= {key: file[key] for key in ("sha256", "sha384", "url") if file.get(key)}
        folders.setdefault(folder, []).append(row)
    for rows in folders.values():
        rows.sort(key=lambda row: not row["path"].endswith((".xml", ".prototxt")))
    if any(folder for folder in folders):
        folders.pop("", None)  # the source of a conversion (.onnx), beside the converted files
    return folders


def unlisted(name: str) -> list[dict[str, Any]]:
    """Where a user's own files go, for a model whose owner never listed any."""
    return [{"path": f"{name}/FP16/{name}{suffix}"} for suffix in (".xml", ".bin")]


def input_of(model: dict[str, Any]) -> dict[str, Any] | None:
    facts = model["input"]
    if not facts.get("shapes") or not facts.get("colour_order"):
        return None
    shape = facts["shapes"][0]
    _, _, height, width = [int(part) for part in shape.split("x")] if isinstance(shape, str) else shape
    names = facts.get("names") or [None]
    # Names out of a model.yml are those of the network; those out of prose are not to be relied on.
    name = names[0] if facts["source"].startswith("model.yml") else None
    row: dict[str, Any] = {"name": name, "width_px": width, "height_px": height, "colour": facts["colour_order"]}
    if model["name"] in CONSTANTS:
        row["constants"] = CONSTANTS[model["name"]]
    return row


def output_of(model: dict[str, Any], task: str) -> dict[str, Any] | None:
    shapes = model["output"].get("shapes") or []
    names = model["output"].get("names") or [None]
    if not shapes:
        return None
    if task.endswith("reidentification"):
        numbers = [int(part) for part in re.findall(r"\d+", shapes[0])]
        return {"name": names[0], "head": "embedding", "dimension": max(numbers)}
    if task == "face-landmarks":
        return {"name": None, "head": "landmarks", "dimension": LANDMARKS}
    if any(shape.endswith(",5") and "," in shape for shape in shapes):
        if len(names) > 1:  # a two-stage network of 2018 with three outputs that need a decoder of their own
            return None
        return {"name": "boxes", "head": "boxes"}
    if model["name"] in PERSON_CLASS:
        return {"name": None, "head": "ssd", "person_class": PERSON_CLASS[model["name"]]}
    return {"name": None, "head": "ssd"}


def data_licence(metrics: dict[str, str]) -> str:
    named = next((text for data, text in PUBLIC_DATA.items() if any(data in key for key in metrics)), None)
    return f"{NOT_PUBLISHED}; {named}" if named else NOT_PUBLISHED


def figures_of(metrics: dict[str, str]) -> list[tuple[str, str]]:
    return [(re.sub(r"\[([^]]+)\]\(http[^)]*\)", r"\1", key), value) for key, value in metrics.items()]


def note_of(model: dict[str, Any], files: dict[str, Any], precision: str) -> str:
    parts: list[str] = []
    if model["first_release"]:
        parts.append(f"Released from {model['first_release']} to {model['last_release']}.")
    if not model["files"]:
        parts.append("Its owner never listed files for it.")
    elif precision in UNOPENED:
        kinds = precision or ", ".join(sorted({Path(file["name"]).suffix for file in model["files"]}))
        parts.append(f"Published only as {kinds}, which is not opened here.")
    if not model["input"].get("shapes") or not model["output"].get("shapes"):
        parts.append("What goes in and what comes out was not published.")
    return " ".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
