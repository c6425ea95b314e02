"""An exported run opens by its card and says what the net says."""

from __future__ import annotations

import copy
import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
import torch
from pydantic import TypeAdapter

from retrail.core.errors import DataError, ModelError
from retrail.runtime import open_network
from retrail.runtime.golden import check_golden
from retrail.train import export as exporting
from retrail.train.card_words import read_words
from retrail.train.export import FinderOutput, Format
from retrail.train.publish import publish
from retrail.train.recipe import Recipe, read_recipe
from retrail.train.run import train, trained_net
from retrail.train.seen import of_recipe
from retrail.zoo import Card, ModelFiles, find_card, locate

FINDER = """\
task: finder
seed: 2
net: {name: finder, channels: [4, 8, 8, 16, 16], neck: 8, width_px: 128, height_px: 96}
frames: {sets: {"boxes:frames": 1}, pasted: 0, steps: 1, batch: 4, small: [64, 64]}
learning: {rate: 0.001, warmup_steps: 1}
"""


@pytest.fixture
def run(data: Path, tmp_path: Path) -> Path:
    (tmp_path / "finder.yaml").write_text(FINDER)
    train(tmp_path / "finder.yaml", tmp_path / "run", data, lambda _: None)
    return tmp_path / "run"


def test_an_encoder_as_openvino_with_words_for_its_card(recipe: Path, data: Path, tmp_path: Path) -> None:
    train(recipe, tmp_path / "run", data, lambda _: None, until=1)
    (tmp_path / "card.yaml").write_text("summary: Mine\ncuts: {count: 0.2, journey: 0.3, vip: 0.4}\nlicence: MIT\n")
    done = publish(
        tmp_path / "run", "mine", tmp_path / "m", "openvino", pictures=data / "people", words=tmp_path / "card.yaml"
    )
    card = TypeAdapter(Card).validate_json(done.card.read_text("utf-8"))
    assert (card.summary, card.licence, card.commercial, card.cuts) == (
        "Mine",
        "MIT",
        False,
        {"count": 0.2, "journey": 0.3, "vip": 0.4},
    )
    assert card.note.startswith("Trained for 1 steps. Kept out of training: csv:others/labels.csv. Compared")
    assert "24 pictures of people and a drawn one: least cosine" in card.note
    assert [file.path for file in card.files] == ["mine/mine.xml", "mine/mine.bin"]
    assert done.parity.cosine is not None
    assert done.parity.cosine > 0.999
    network = open_network(ModelFiles(card, done.network, done.network.with_suffix(".bin")), batch=2, precision="f32")
    assert check_golden(network).state == "same"
    network.close()


def test_a_detector_as_onnx(run: Path, data: Path, tmp_path: Path) -> None:
    done = publish(run, "mine", tmp_path / "m", "onnx", pictures=data / "frames")
    card = json.loads(done.card.read_text("utf-8"))
    assert (card["output"]["head"], card["input"]["resize"], card["default_score"]) == ("yolox", "letterbox", 0.5)
    assert done.parity.said in card["note"]


class _Says(torch.nn.Module):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        rows = torch.zeros(len(images), 3, 5)
        rows[..., 4] = torch.logit(torch.tensor([0.1, 0.3, 0.7]))
        return rows


def test_the_score_from_which_a_box_counts_becomes_a_half() -> None:
    picture = torch.zeros(1, 3, 32, 32)
    low, middle, high = FinderOutput(_Says(), 0.3, 2.0)(picture)[0, :, 4].tolist()
    assert middle == pytest.approx(0.5)
    assert low < 0.1
    assert high > 0.7
    assert FinderOutput(_Says())(picture)[0, :, 4].tolist() == pytest.approx([0.1, 0.3, 0.7])


def _wrong(part: torch.nn.Module) -> None:
    for weight in part.parameters():
        torch.nn.init.normal_(weight)


def _shifted(part: torch.nn.Module) -> None:
    """Scores stay low, every one, but twice what they were."""
    for weight in part.parameters():
        if weight.ndim == 1:
            weight.data.add_(0.7)


@pytest.mark.parametrize(("head", "change"), [("", _wrong), ("box", _wrong), ("score", _wrong), ("score", _shifted)])
def test_an_export_that_says_something_else_is_refused(
    run: Path,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    head: str,
    change: Callable[[torch.nn.Module], None],
) -> None:
    write = exporting._write

    def other(net: torch.nn.Module, recipe: Recipe, network: Path, kind: Format) -> None:
        wrong = copy.deepcopy(net)
        change(wrong.get_submodule(f"net.{head}" if head else "net"))
        write(wrong, recipe, network, kind)

    earlier = publish(run, "mine", tmp_path / "m", "openvino", pictures=data / "frames")
    kept = contents(earlier.network.parent)
    monkeypatch.setattr(exporting, "_write", other)
    with pytest.raises(ModelError, match="does not say what the net says") as caught:
        publish(run, "mine", tmp_path / "m", "openvino", pictures=data / "frames")
    assert "a difference up to 0.1, an overlap from 0.95" in str(caught.value.allowed)
    assert contents(tmp_path / "m/mine") == kept
    assert [path.name for path in (tmp_path / "m").iterdir()] == ["mine"]


@pytest.mark.parametrize("head", ["box", "score"])
def test_the_golden_check_knows_a_detectors_other_weights(run: Path, tmp_path: Path, head: str) -> None:
    done = publish(run, "mine", tmp_path / "m", "onnx")
    recipe, net, _ = trained_net(run)
    _wrong(net.get_submodule(head))
    exporting._write(FinderOutput(net), recipe, done.network, "onnx")
    network = open_network(locate(find_card("mine", models_dir=tmp_path / "m"), tmp_path / "m"))
    assert check_golden(network).state == "differs"
    network.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_full_disk_is_one_error_and_leaves_an_earlier_export(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(run, "mine", tmp_path / "m", "openvino")
    kept = contents(tmp_path / "m/mine")

    def full_openvino(model: object, path: str, **_: object) -> None:
        Path(path).touch()
        raise RuntimeError("basic_ios::clear: iostream error")  # what OpenVINO says then

    def full_onnx(net: object, example: object, path: str, **_: object) -> None:
        Path(path).touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(exporting.ov, "save_model", full_openvino)
    monkeypatch.setattr(exporting.torch.onnx, "export", full_onnx)
    told: dict[Format, str] = {"openvino": "iostream error; ", "onnx": "No space left"}
    for kind, said in told.items():
        with pytest.raises(DataError, match="cannot be written") as caught:
            publish(run, "mine", tmp_path / "m", kind)
        assert said in str(caught.value.found)
        assert contents(tmp_path / "m/mine") == kept
        assert [path.name for path in (tmp_path / "m").iterdir()] == ["mine"]


def test_the_check_is_made_on_pictures_of_the_recipe_where_they_are_here(run: Path, data: Path, tmp_path: Path) -> None:
    done = publish(run, "mine", tmp_path / "m", "onnx", data=data)
    assert done.checked == "2 pictures of boxes:frames and a drawn one"
    done = publish(run, "mine", tmp_path / "m", "onnx")
    assert done.checked == "one drawn picture, no real one"
    assert "one drawn picture, no real one" in json.loads(done.card.read_text("utf-8"))["note"]


def test_data_that_are_not_there_or_damaged_are_told_and_not_passed_over(run: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="None of the recipe's data are here") as caught:
        publish(run, "mine", tmp_path / "m", "onnx", data=tmp_path / "dta")
    assert (caught.value.where, caught.value.allowed) == (str(tmp_path / "dta"), "a folder with one of boxes:frames")
    (data / "frames/0.png").write_bytes(b"")
    with pytest.raises(DataError, match="an empty file") as caught:
        publish(run, "mine", tmp_path / "m", "onnx", data=data)
    assert caught.value.where == str(data / "frames/0.png")
    with pytest.raises(DataError, match="picture") as caught:
        publish(run, "mine", tmp_path / "m", "onnx", pictures=data / "frames")
    assert caught.value.where == str(data / "frames/0.png")
    assert not (tmp_path / "m").exists()


def test_a_set_that_is_not_here_is_passed_over_for_one_that_is(recipe: Path, data: Path) -> None:
    wanted = read_recipe(recipe)
    assert of_recipe(wanted, data).origin == "csv:others/labels.csv"
    shutil.rmtree(data / "others")
    assert of_recipe(wanted, data).origin == "csv:people/labels.csv"


def test_an_export_takes_the_place_of_an_earlier_one_of_another_kind(run: Path, tmp_path: Path) -> None:
    ends: dict[Format, set[str]] = {"openvino": {".xml", ".bin"}, "onnx": {".onnx"}}
    kinds: tuple[Format, ...] = ("openvino", "onnx", "openvino")
    for kind in kinds:
        done = publish(run, "mine", tmp_path / "m", kind)
        suffixes = ends[kind]
        assert {path.name for path in (tmp_path / "m/mine").iterdir()} == {f"mine{end}" for end in suffixes | {".json"}}
        assert locate(find_card("mine", models_dir=tmp_path / "m"), tmp_path / "m").network == done.network
        assert [path.name for path in (tmp_path / "m").iterdir()] == ["mine"]


def test_what_no_export_wrote_is_not_deleted(run: Path, tmp_path: Path) -> None:
    (tmp_path / "m/mine").mkdir(parents=True)
    (tmp_path / "m/mine/mine.txt").write_text("notes")
    with pytest.raises(DataError, match="holds what no export wrote") as caught:
        publish(run, "mine", tmp_path / "m", "onnx")
    assert (caught.value.where, caught.value.found) == (str(tmp_path / "m/mine"), "mine.txt")
    assert "nothing was changed" in str(caught.value.hint)
    assert contents(tmp_path / "m/mine") == {"mine.txt": b"notes"}


def test_figures_of_other_weights_are_left_out(run: Path, tmp_path: Path) -> None:
    words = tmp_path / "card.yaml"
    words.write_text("note: Mine.\nfigures_at_step: 3\nfigures: [{name: AP50, value: '0.5', source: me}]\n")
    done = publish(run, "mine", tmp_path / "m", "onnx", words=words)
    assert "3 steps of 1" in done.left_out
    card = json.loads(done.card.read_text("utf-8"))
    assert "figures" not in card
    assert card["note"].startswith("Mine. Trained for 1 steps.")
    words.write_text(words.read_text().replace("3", "1"))
    done = publish(run, "mine", tmp_path / "m", "onnx", words=words)
    assert done.left_out == ""
    assert json.loads(done.card.read_text("utf-8"))["figures"][0]["name"] == "AP50"


@pytest.mark.parametrize("words", ["steps_before: -1", "figures_at_step: many", "steps_before: true"])
def test_steps_that_are_no_number_are_refused(run: Path, tmp_path: Path, words: str) -> None:
    (tmp_path / "card.yaml").write_text(f"{words}\n")
    with pytest.raises(DataError, match="out of range"):
        publish(run, "mine", tmp_path / "m", "openvino", words=tmp_path / "card.yaml")


@pytest.mark.parametrize(
    ("task", "words", "what", "found", "told"),
    [
        ("encoder", "sumary: Mine", "no such key", "sumary", "did you mean 'summary'?"),
        ("encoder", "\nsummary: 3", "not allowed on a card", "3", "valid string"),
        ("encoder", "\ncommercial: 'yes'", "not allowed on a card", "'yes'", "valid boolean"),
        ("encoder", "\ncuts: [0.1]", "not allowed on a card", "[0.1]", "dictionary"),
        ("encoder", "\ncuts: {count: much}", "not allowed on a card", "'much'", "valid number"),
        ("encoder", "\ncuts: {cout: 0.3}", "A cut is of a mode", "cout: 0.3", "count, journey, vip"),
        ("encoder", "\ncuts: {count: 36}", "A cut is of a mode", "count: 36", "count, journey, vip"),
        ("encoder", "\ngflops: lots", "not allowed on a card", "'lots'", "valid number"),
        ("encoder", "\nfigures: [{name: AP50, value: 0.5}]", "not allowed on a card", "0.5", "valid string"),
        ("encoder", "\ndefault_score: 0.5", "Only the card of a detector", "default_score", "leave it out"),
        ("finder", "\ncuts: {count: 0.3}", "Only the card of an encoder", "cuts", "leave it out"),
        ("finder", "\nscore_slope: steep", "out of range", "'steep'", "a number between 0 and 20"),
        ("finder", "a: 1\na: 2", "twice", None, ""),
        ("finder", "- summary", "keys and values", None, "summary"),
    ],
)
def test_words_that_make_no_card_are_one_error_with_their_line(
    tmp_path: Path, task: Literal["encoder", "finder"], words: str, what: str, found: str | None, told: str
) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(f"{words}\n")
    with pytest.raises(DataError, match=what) as caught:
        read_words(path, task)
    assert caught.value.found == found
    assert told in f"{caught.value.allowed} {caught.value.hint}"
    if words.startswith("\n"):
        assert str(caught.value.where).startswith(f"{path} line 2: {words[1:].partition(':')[0]}")


def test_a_folder_without_pictures_is_refused(run: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="There is no picture") as caught:
        publish(run, "mine", tmp_path / "m", "openvino", pictures=tmp_path / "empty")
    assert caught.value.where == str(tmp_path / "empty")


@pytest.mark.parametrize(
    "words", ["score_at_half: 1", "score_at_half: 0.0", "score_slope: -1", "score_slope: steep", "default_score: 1.5"]
)
def test_a_scale_of_scores_without_sense_is_refused(run: Path, tmp_path: Path, words: str) -> None:
    (tmp_path / "card.yaml").write_text(f"{words}\n")
    with pytest.raises(DataError, match="out of range") as caught:
        publish(run, "mine", tmp_path / "m", "openvino", words=tmp_path / "card.yaml")
    assert "a number between" in str(caught.value.allowed)


def test_a_card_says_from_which_score_a_box_counts(run: Path, tmp_path: Path) -> None:
    (tmp_path / "card.yaml").write_text("default_score: 0.7\n")
    card = publish(run, "mine", tmp_path / "m", "openvino", words=tmp_path / "card.yaml").card
    assert json.loads(card.read_text())["default_score"] == 0.7
