"""A model that was exported goes on learning from where it stood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from retrail.core.errors import DataError
from retrail.runtime import open_network
from retrail.runtime.golden import golden_image
from retrail.train.encoder import build_encoder
from retrail.train.export import FinderOutput, write_network
from retrail.train.finder import build_finder
from retrail.train.history import Steps, steps_of
from retrail.train.recipe import EncoderRecipe, Recipe, read_recipe
from retrail.train.run import train, trained_net
from retrail.train.tensors import as_tensor
from retrail.train.unfold import settle, unfold
from retrail.zoo import find_card, locate

RECIPES = Path(__file__).parents[2] / "recipes"
AT_HALF, SLOPE = 0.38, 1.5


def built_in(name: str) -> tuple[Recipe, nn.Module]:
    """The net of a built-in model's recipe, with the model's numbers."""
    recipe = read_recipe(RECIPES / f"{name}.yaml")
    net = build_encoder(recipe.net) if isinstance(recipe, EncoderRecipe) else build_finder(recipe.net)
    unfold(locate(find_card(name)).network, net, lambda known, path: write_network(recipe, known, path))
    return recipe, net


@pytest.mark.parametrize("name", ["retrail-person-s", "retrail-encoder-s"])
def test_a_built_in_model_becomes_a_net_that_says_the_same(name: str) -> None:
    recipe, net = built_in(name)
    drawn = golden_image(recipe.net.width_px, recipe.net.height_px)
    pictures = np.stack([np.roll(drawn, shift, axis=1) for shift in range(0, 80, 20)])
    seen = as_tensor(pictures)
    network = open_network(locate(find_card(name)), precision="f32", requests=1, threads=1)
    said = next(iter(network.infer(pictures[:1]).values()))
    network.close()
    for settled in (False, True):
        if settled:
            settle(net, lambda: net(seen))
        shown = net if isinstance(recipe, EncoderRecipe) else FinderOutput(net, AT_HALF, SLOPE)
        with torch.inference_mode():
            assert np.abs(shown.eval()(seen[:1]).numpy() - said).max() < 1e-4
    with torch.no_grad():
        off = (net.train()(seen) - net.eval()(seen)).abs().max()
    assert off < 0.1  # in training it says what it says in evaluation


def test_a_run_goes_on_from_a_built_in_model(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(
        "task: finder\nseed: 2\nstart: retrail-person-s\n"
        "net: {name: finder, channels: [16, 32, 64, 128, 192], neck: 64, width_px: 544, height_px: 320}\n"
        'frames: {sets: {"boxes:frames": 1}, pasted: 0, steps: 1, batch: 4, small: [96, 64], small_share: 1}\n'
        "learning: {rate: 0.00001, warmup_steps: 1}\n"
    )
    run = tmp_path / "retrail-person-s"  # called like what it begins with
    train(path, run, data, lambda _: None)
    begun = trained_net(run)[1]
    _, model = built_in("retrail-person-s")
    seen = as_tensor(golden_image(544, 320)[None])
    with torch.inference_mode():
        assert (begun.eval()(seen) - model.eval()(seen)).abs().mean() < 0.05  # an untrained one is off by 0.5
        assert (build_finder(read_recipe(path).net).eval()(seen) - model(seen)).abs().mean() > 0.3
    assert steps_of(run) == Steps(1, 0, "retrail-person-s")  # a model does not say how many are behind it


def test_a_model_of_another_net_is_refused() -> None:
    recipe = read_recipe(RECIPES / "retrail-person-s.yaml")
    with pytest.raises(DataError, match="another net") as caught:
        unfold(
            locate(find_card("retrail-encoder-s")).network,
            build_finder(recipe.net),
            lambda known, path: write_network(recipe, known, path),
        )
    assert "numbers in" in str(caught.value.found)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    recipe = read_recipe(RECIPES / "retrail-person-s.yaml")
    (tmp_path / "model.xml").write_text("nothing")
    with pytest.raises(DataError, match="cannot be read"):
        unfold(
            tmp_path / "model.xml",
            build_finder(recipe.net),
            lambda known, path: write_network(recipe, known, path),
        )
