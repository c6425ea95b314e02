"""From a run to a model that anything can open: OpenVINO or ONNX, with its card, checked against the net."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, cast

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrail.core.errors import DataError
from retrail.runtime import Network, open_network
from retrail.runtime.golden import golden_image, golden_vector, recorded
from retrail.train.parity import Parity, parity_of_boxes, parity_of_embeddings
from retrail.train.recipe import EncoderRecipe, Recipe
from retrail.train.seen import Seen
from retrail.train.swap import require_own, take_place
from retrail.train.tensors import MEAN, SCALE, as_tensor
from retrail.zoo import Card, CardFile, CardInput, CardOutput, Golden, ModelFiles

Format = Literal["openvino", "onnx"]
OPSET = 17
DEFAULT_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class Exported:
    """Where an exported model lies, and how far it is from the net it was made of.

    Attributes:
        network: the .xml or .onnx.
        card: its card, JSON.
        parity: with the net.
        checked: on what.
        left_out: of the card's words, what does not hold for these weights; empty: nothing.
    """

    network: Path
    card: Path
    parity: Parity
    checked: str
    left_out: str = ""


class FinderOutput(nn.Module):
    """A detector as its card describes it: YOLOX's head with one class, which is certain.

    Trackers take 0.5 for the score from which a box counts, whatever the net, so scores are scaled on their logits
    (Platt 1999).

    Args:
        net: what was trained.
        at_half: its score that becomes 0.5.
        slope: how much further from 0.5 others get.
    """

    def __init__(self, net: nn.Module, at_half: float = DEFAULT_SCORE, slope: float = 1.0) -> None:
        super().__init__()
        self.net = net
        self.middle, self.slope = math.log(at_half / (1 - at_half)), slope

    def forward(self, images: Tensor) -> Tensor:
        rows = self.net(images)
        score = (self.slope * (rows[..., 4:] - self.middle)).sigmoid()
        return torch.cat([rows[..., :4], score, torch.ones_like(score)], -1)


def export(
    recipe: Recipe,
    net: nn.Module,
    name: str,
    folder: Path,
    kind: Format,
    seen: Seen,
    words: Mapping[str, Any],
    *,
    left_out: str = "",
) -> Exported:
    """Write ``folder/NAME/NAME.xml`` (16 bit weights) or ``.onnx`` with ``NAME.json`` beside it, instead of an
    earlier export of that name.

    Args:
        recipe, net: of the run.
        name: of the model.
        folder: made if need be.
        kind: of file.
        seen: real pictures for the parity check.
        words: what the card says besides: summary, data_licence, cuts, figures, …
        left_out: of the words, to be told.

    Raises:
        DataError: it cannot be written, or something else than an export of that name is in its place.
        ModelError: what was written does not say what the net says.
        In all cases an earlier export of that name is as it was.
    """
    wrapped = _as_exported(recipe, net, words)
    size = (recipe.net.height_px, recipe.net.width_px)
    place = folder / name
    try:
        require_own(place)
        folder.mkdir(parents=True, exist_ok=True)
        # Beside its place until it is known to be right: an earlier export of that name stays whole till then.
        with TemporaryDirectory(prefix=f".{name}.", dir=folder) as beside:
            draft = Path(beside) / name
            draft.mkdir()
            network = draft / f"{name}{'.xml' if kind == 'openvino' else '.onnx'}"
            _write(wrapped, recipe, network, kind)
            card = _card(recipe, name, network, words)
            shown = [*seen.pictures, golden_image(size[1], size[0])]
            parity, golden = _checked(recipe, wrapped, shown, ModelFiles(card, network, _weights(network)))
            described = network.with_suffix(".json")
            note = f"{card.note} Compared with the trained net on {seen.said}: {parity.said}.".strip()
            described.write_text(card_text(replace(card, golden=golden, note=note)), "utf-8")
            take_place(draft, place)
    except OSError as error:
        raise DataError(
            "The model cannot be written",
            where=str(place),
            found=error.strerror,
            hint="make room, or give another --out; an earlier export of that name is as it was",
        ) from None
    return Exported(place / network.name, place / described.name, parity, seen.said, left_out)


def write_network(recipe: Recipe, net: nn.Module, network: Path) -> None:
    """Write a net's .xml as `export` does, without card or check.

    Raises:
        OSError: it cannot be written.
    """
    _write(_as_exported(recipe, net, {}), recipe, network, "openvino")


def card_text(card: Card) -> str:
    """A card as the file that the catalogue reads: what is empty is left out."""
    kept = {key: value for key, value in asdict(card).items() if value not in (None, (), "", {}) or key == "precision"}
    return json.dumps(_without_nothing(kept), indent=1, ensure_ascii=False) + "\n"


def _as_exported(recipe: Recipe, net: nn.Module, words: Mapping[str, Any]) -> nn.Module:
    """What becomes the file: the net, with the scale of its scores if it is a detector."""
    if isinstance(recipe, EncoderRecipe):
        return net.eval()
    return FinderOutput(net, words.get("score_at_half", DEFAULT_SCORE), words.get("score_slope", 1.0)).eval()


def _write(net: nn.Module, recipe: Recipe, network: Path, kind: Format) -> None:
    """Convert and save.

    Raises:
        OSError: it cannot be saved.
    """
    example = torch.zeros(1, 3, recipe.net.height_px, recipe.net.width_px)
    with warnings.catch_warnings():
        # Both converters still trace, which torch calls deprecated (its successor fixes the batch); they warn of
        # shapes that become constants too. That the result is right is checked afterwards.
        warnings.simplefilter("ignore")
        if kind == "openvino":
            _write_openvino(net, example, network)
        else:
            _write_onnx(net, example, network)


def _write_openvino(net: nn.Module, example: Tensor, network: Path) -> None:
    with torch.inference_mode():
        model = cast(Any, ov).convert_model(net, example_input=example, input=list(example.shape))
    model.inputs[0].get_tensor().set_names({"images"})
    model.outputs[0].get_tensor().set_names({"output"})
    try:
        ov.save_model(model, str(network), compress_to_fp16=True)
    except RuntimeError as error:  # all that OpenVINO says of a full disk is "iostream error"
        free = shutil.disk_usage(network.parent).free
        raise OSError(errno.EIO, f"{error}; {free / 1e6:.1f} MB are free") from None


def _write_onnx(net: nn.Module, example: Tensor, network: Path) -> None:
    cast(Any, torch.onnx).export(
        net,
        (example,),
        str(network),
        input_names=["images"],
        output_names=["output"],
        opset_version=OPSET,
        dynamo=False,
    )


def _card(recipe: Recipe, name: str, network: Path, words: Mapping[str, Any]) -> Card:
    encoder = isinstance(recipe, EncoderRecipe)
    paths = [path for path in (network, _weights(network)) if path is not None]
    return Card(
        name=name,
        task="person-reidentification" if encoder else "person-detection",
        summary=words.get("summary", "Made by retrail train"),
        status="community",
        licence=words.get("licence", "the user's own"),
        data_licence=words.get("data_licence", "that of the data named in the recipe"),
        commercial=words.get("commercial", False),
        commercial_note=words.get("commercial_note", "Whether the data behind the weights allow it is not known here."),
        precision="",
        files=tuple(_file(path, name) for path in paths),
        input=CardInput(
            "images",
            recipe.net.width_px,
            recipe.net.height_px,
            "BGR",
            (MEAN, MEAN, MEAN),
            (SCALE, SCALE, SCALE),
            "stretch" if encoder else "letterbox",
        ),
        output=CardOutput("output", "embedding", recipe.net.dimension)
        if isinstance(recipe, EncoderRecipe)
        else CardOutput("output", "yolox", 6, 0),
        default_score=None if encoder else words.get("default_score", DEFAULT_SCORE),
        cuts=words.get("cuts"),
        cut_notes=words.get("cut_notes"),
        figures=tuple(words.get("figures", ())),
        paper=words.get("paper"),
        gflops=words.get("gflops"),
        mparams=words.get("mparams"),
        note=words.get("note", ""),
    )


def _file(path: Path, name: str) -> CardFile:
    data = path.read_bytes()
    return CardFile(f"{name}/{path.name}", len(data), hashlib.sha256(data).hexdigest())


def _weights(network: Path) -> Path | None:
    return network.with_suffix(".bin") if network.suffix == ".xml" else None


def _checked(
    recipe: Recipe, net: nn.Module, pictures: Sequence[NDArray[np.uint8]], files: ModelFiles
) -> tuple[Parity, Golden]:
    """Parity with the net on some pictures, and what the model says about the drawn one.

    Raises:
        ModelError: it does not say what the net says.
    """
    opened = open_network(files, precision="f32", requests=1, threads=1)
    try:
        return _parity(recipe, net, pictures, opened), recorded(
            golden_vector(opened), f"OpenVINO {ov.__version__.split('-')[0]}, f32, x86_64"
        )
    finally:
        opened.close()


def _parity(recipe: Recipe, net: nn.Module, pictures: Sequence[NDArray[np.uint8]], opened: Network) -> Parity:
    with torch.inference_mode():
        ours = [net(as_tensor(np.ascontiguousarray(picture[None]))).numpy()[0] for picture in pictures]
    theirs = [next(iter(opened.infer(picture[None]).values()))[0] for picture in pictures]
    parity = (parity_of_embeddings if isinstance(recipe, EncoderRecipe) else parity_of_boxes)(ours, theirs)
    parity.require()
    return parity


def _without_nothing(value: object) -> object:
    if isinstance(value, dict):
        parts = cast("dict[str, object]", value)
        return {key: _without_nothing(part) for key, part in parts.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_without_nothing(part) for part in cast("list[object]", value)]
    return value
