"""Small networks made on the spot, and cards for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from retrail.zoo import Card, CardInput, CardOutput, ModelFiles, find_card

SIZE = 8


def card(name: str = "toy", **input_facts: object) -> Card:
    """An embedding of 3 numbers: the mean of each channel."""
    base = find_card("person-reidentification-retail-0200")
    return Card(
        name=name,
        task=base.task,
        summary="",
        status="community",
        licence="",
        data_licence="",
        commercial=True,
        commercial_note="",
        precision="",
        files=(),
        input=CardInput(**({"name": "data", "width_px": SIZE, "height_px": SIZE * 2, "colour": "BGR"} | input_facts)),
        output=CardOutput(name="descriptor", head="embedding", dimension=3),
    )


def channel_means(folder: Path) -> ModelFiles:
    image = ops.parameter([-1, 3, SIZE * 2, SIZE], np.float32, name="data")
    return saved(folder, image, ops.reduce_mean(image, np.array([2, 3]), False))


def breaks_when_dark(folder: Path) -> ModelFiles:
    """Fails while running if the first value of the first image is 0: then it would have to reshape to 0 numbers."""
    image = ops.parameter([-1, 3, SIZE * 2, SIZE], np.float32, name="data")
    means = ops.reduce_mean(image, np.array([2, 3]), False)
    first = ops.gather(ops.reshape(image, np.array([-1]), False), np.array([0]), np.array(0))
    size = ops.multiply(ops.convert(ops.sign(first), np.int64), ops.constant(np.array([3], np.int64)))
    shape = ops.concat([ops.constant(np.array([-1], np.int64)), size], 0)
    broken = ops.reduce_sum(ops.reshape(means, shape, False), np.array([0, 1]), False)
    return saved(folder, image, ops.add(means, ops.multiply(broken, np.float32(0))))


def with_constant(folder: Path) -> ModelFiles:
    """Has a further input that is added to the means."""
    image = ops.parameter([-1, 3, SIZE * 2, SIZE], np.float32, name="data")
    info = ops.parameter([1, 3], np.float32, name="im_info")
    return saved(folder, image, ops.add(ops.reduce_mean(image, np.array([2, 3]), False), info), info)


def saved(folder: Path, image: ov.Node, result: ov.Node, *further: ov.Node) -> ModelFiles:
    image.output(0).set_names({"data"})
    for parameter in further:
        parameter.output(0).set_names({parameter.get_friendly_name()})
    result.output(0).set_names({"descriptor"})
    model = ov.Model([result], [image, *further], "toy")
    path = folder / "toy.xml"
    ov.save_model(model, path, compress_to_fp16=False)
    return ModelFiles(card(), path, path.with_suffix(".bin"))
