"""Read a network with OpenVINO and put the card's preprocessing into its graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops
from openvino.preprocess import ColorFormat, PrePostProcessor

from retrail.core.errors import ModelError
from retrail.runtime.contract import DYNAMIC, Port, Wiring, wiring
from retrail.zoo import CardInput, ModelFiles, how_to_get


def read_graph(core: ov.Core, files: ModelFiles, batch: int) -> tuple[ov.Model, Wiring]:
    """The network with uint8 (batch, height, width, 3) BGR in and float32 out.

    Raises:
        ModelError: the file is missing, corrupt, of another kind, does not fit its card, or cannot take the batch.
    """
    card, where = files.card, str(files.network)
    model = _read(core, files)
    place = wiring(card, _ports(model.inputs), _ports(model.outputs), where)
    if card.input is None:
        raise ModelError(f"The card of {card.name} has no input", where=where)
    if card.input.constants:
        _fix_inputs(model, card.input)
        place = Wiring(0, place.output)
    shape = [batch, 3, card.input.height_px, card.input.width_px]
    try:
        if _shape(model.inputs[place.image]) != tuple(shape):
            model.reshape({model.inputs[place.image]: ov.PartialShape(shape)})
        model = _with_preprocessing(model, place.image, card.input)
    except RuntimeError as error:
        raise ModelError(
            f"{card.name} cannot take {batch} images at a time", where=where, found=_last_line(error), allowed="batch 1"
        ) from error
    used = model.outputs if place.output is None else [model.outputs[place.output]]
    if batch != 1 and any(_shape(port)[0] != batch for port in used):
        raise ModelError(
            f"{card.name} cannot take {batch} images at a time",
            where=where,
            found=f"outputs {', '.join(str(port) for port in _ports(used))} with a batch of {batch}",
            allowed="batch 1",
        )
    return model, place


def _read(core: ov.Core, files: ModelFiles) -> ov.Model:
    where = str(files.network)
    if not files.opens:
        raise ModelError(
            "This is not a network that can be opened",
            where=where,
            found=files.network.suffix or "no suffix",
            allowed="OpenVINO (.xml with .bin) or ONNX (.onnx)",
        )
    for path in (files.network, files.weights):
        if path is not None and not path.is_file():
            raise ModelError("The file of the network is missing", where=str(path), hint=_mend(files))
    try:
        reader: Any = core
        return reader.read_model(str(files.network), *([str(files.weights)] if files.weights else []))
    except RuntimeError as error:
        raise ModelError(
            "The file of the network is corrupt, or too old a format",
            where=where,
            found=_last_line(error),
            allowed="OpenVINO IR 10 or newer, or ONNX",
            hint=_mend(files),
        ) from error


def _with_preprocessing(model: ov.Model, image: int, wanted: CardInput) -> ov.Model:
    steps: Any = PrePostProcessor(model)
    entry = steps.input(image)
    entry.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC")).set_color_format(ColorFormat.BGR)
    entry.model().set_layout(ov.Layout("NCHW"))
    work = entry.preprocess().convert_element_type(ov.Type.f32)
    if wanted.colour == "RGB":
        work.convert_color(ColorFormat.RGB)
    if any(wanted.mean):
        work.mean(list(wanted.mean))
    if any(value != 1.0 for value in wanted.scale):
        work.scale(list(wanted.scale))
    for place in range(len(model.outputs)):
        steps.output(place).tensor().set_element_type(ov.Type.f32)
    return steps.build()


def _fix_inputs(model: ov.Model, wanted: CardInput) -> None:
    """Make the further inputs constants of the graph."""
    for parameter in list(model.get_parameters()):
        names = parameter.output(0).get_names()
        value = next((numbers for name, numbers in (wanted.constants or {}).items() if name in names), None)
        if value is not None:
            shape = _shape(parameter.output(0))
            constant = ops.constant(np.asarray(value, np.float32).reshape(shape))
            parameter.output(0).replace(constant.output(0))
            model.remove_parameter(parameter)
    model.validate_nodes_and_infer_types()


def _ports(ends: Any) -> list[Port]:
    return [Port(frozenset(end.get_names()), _shape(end)) for end in ends]


def _shape(end: Any) -> tuple[int, ...]:
    shape = end.get_partial_shape()
    if shape.rank.is_dynamic:
        return (DYNAMIC,)
    return tuple(size.get_length() if size.is_static else DYNAMIC for size in shape)


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _mend(files: ModelFiles) -> str:
    return f"get a fresh copy: {how_to_get(files.card)}"
