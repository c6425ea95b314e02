"""A training run: it goes on exactly where it was killed, and says clearly what is wrong."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from retrail.core.errors import DataError
from retrail.train import curves
from retrail.train.checkpoint import read_checkpoint
from retrail.train.history import Steps, steps_of
from retrail.train.loop import Progress
from retrail.train.run import train, trained_net

FINDER = """\
task: finder
seed: 2
net: {name: finder, channels: [4, 8, 8, 16, 16], neck: 8, width_px: 128, height_px: 96}
frames: {sets: {"boxes:frames": 1}, pasted: 0, steps: 4, batch: 4, small: [64, 64], small_share: 0.5}
learning: {rate: 0.001, warmup_steps: 1}
"""


def quiet(_: Progress) -> None:
    pass


def weights(run: Path) -> dict[str, torch.Tensor]:
    kept = read_checkpoint(run / "checkpoints")
    assert kept is not None
    return dict(kept.tensors)


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_a_run_in_two_parts_ends_with_the_same_bits_as_one_in_one_part(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(recipe, whole, data, quiet)
    train(recipe, parts, data, quiet, until=3)
    assert not same(weights(whole), weights(parts))
    train(recipe, parts, data, quiet)
    assert same(weights(whole), weights(parts))


def test_a_detector_learns_by_the_same_loop(data: Path, tmp_path: Path) -> None:
    (tmp_path / "finder.yaml").write_text(FINDER)
    seen: list[Progress] = []
    train(tmp_path / "finder.yaml", tmp_path / "run", data, seen.append)
    assert set(seen[-1].losses) == {"score", "box"}
    _, net, step = trained_net(tmp_path / "run")
    assert step == 4
    assert net(torch.zeros(1, 3, 96, 128)).shape == (1, 12 * 16 + 6 * 8 + 3 * 4, 5)


def test_killed_at_any_moment_it_goes_on_to_the_same_bits(recipe: Path, data: Path, tmp_path: Path) -> None:
    recipe.write_text(
        recipe.read_text().replace("steps: 6", "steps: 500").replace("{rate", "{checkpoint_s: 0.01, rate")
    )
    run = tmp_path / "run"
    code = (
        "import sys; from pathlib import Path; from retrail.train.run import train;"
        "train(*map(Path, sys.argv[1:]), lambda progress: None)"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, str(recipe), str(run), str(data)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        while not (run / "checkpoints/before.safetensors").is_file():
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    kept = read_checkpoint(run / "checkpoints")
    assert kept is not None
    end = int(kept.numbers["step"]) + 3
    train(recipe, run, data, quiet, until=end)
    train(recipe, tmp_path / "whole", data, quiet, until=end)
    assert same(weights(run), weights(tmp_path / "whole"))


def test_a_full_disk_leaves_the_checkpoint_before(
    recipe: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    train(recipe, run, data, quiet, until=2)
    before = weights(run)

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="cannot be written") as caught:
        train(recipe, run, data, quiet)
    assert caught.value.found == "No space left on device"
    assert same(weights(run), before)
    assert not list(run.glob("**/*.part"))


def test_a_full_disk_at_the_beginning_leaves_the_folder_usable(
    recipe: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DataError, match="folder cannot be written") as caught:
            train(recipe, tmp_path / "run", data, quiet)
    assert caught.value.found == "No space left on device"
    assert list((tmp_path / "run").iterdir()) == []
    train(recipe, tmp_path / "run", data, quiet, until=1)


@pytest.mark.parametrize("written", [0, 2], ids=["when it goes on", "later"])
def test_curves_on_a_full_disk_are_one_clear_error(
    recipe: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    run = tmp_path / "run"
    train(recipe, run, data, quiet, until=2)
    before = weights(run)
    write = curves.RecordWriter.write
    calls = iter(range(100))

    def full(writer: curves.RecordWriter, record: bytes) -> None:
        if next(calls) >= written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(writer, record)

    with monkeypatch.context() as patched:
        patched.setattr(curves.RecordWriter, "write", full)
        with pytest.raises(DataError, match="curves of the run cannot be written") as caught:
            train(recipe, run, data, quiet)
    assert caught.value.found == "No space left on device"
    if written:  # what was learned meanwhile is kept
        assert steps_of(run).own == 6
        assert "step 6 is kept" in str(caught.value.hint)
    else:
        assert same(weights(run), before)
    train(recipe, run, data, quiet)


def test_curves_are_what_tensorboard_reads(tmp_path: Path) -> None:
    for step in (0, 20):
        drawn = curves.Curves(tmp_path, step)
        drawn.draw(step + 10, {"learning/triplet": 0.5})
        drawn.draw(step + 20, {"learning/triplet": 0.25, "kept out/rank-1": 0.75})
        drawn.close()
    read = EventAccumulator(str(tmp_path))
    read.Reload()
    # The second part begins at step 20 anew.
    assert [point.step for point in read.Scalars("learning/triplet")] == [10, 30, 40]
    assert read.Scalars("kept out/rank-1")[-1].value == 0.75


def test_a_damaged_checkpoint_is_one_clear_error(recipe: Path, data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(recipe, run, data, quiet, until=1)
    latest = run / "checkpoints/latest.safetensors"
    latest.write_bytes(latest.read_bytes()[:1000])
    with pytest.raises(DataError, match="Weights cannot be read"):
        train(recipe, run, data, quiet)


def test_the_folder_of_another_recipe_is_refused(recipe: Path, data: Path, tmp_path: Path) -> None:
    train(recipe, tmp_path / "run", data, quiet, until=1)
    recipe.write_text(recipe.read_text().replace("x0.25", "x0.5"))
    with pytest.raises(DataError, match="another recipe"):
        train(recipe, tmp_path / "run", data, quiet)


def test_a_folder_in_which_nothing_was_learned_takes_another_recipe(recipe: Path, data: Path, tmp_path: Path) -> None:
    right = recipe.read_text()
    recipe.write_text(right.replace("csv:people", "csv:poeple"))
    with pytest.raises(DataError, match="cannot be read"):
        train(recipe, tmp_path / "run", data, quiet)
    recipe.write_text(right)
    train(recipe, tmp_path / "run", data, quiet, until=1)
    assert (tmp_path / "run/recipe.yaml").read_text() == right


def test_a_run_starts_from_what_another_reached(recipe: Path, data: Path, tmp_path: Path) -> None:
    train(recipe, tmp_path / "first", data, quiet, until=3)
    reached = {name: tensor.clone() for name, tensor in trained_net(tmp_path / "first")[1].state_dict().items()}
    recipe.write_text(recipe.read_text().replace("seed: 1", "seed: 5") + "start: first\n")
    train(recipe, tmp_path / "second", data, quiet, until=1)
    begun = trained_net(tmp_path / "second")[1].state_dict()
    shutil.rmtree(tmp_path / "first")  # the second has all it needs
    assert steps_of(tmp_path / "second") == Steps(1, 3)
    train(recipe, tmp_path / "second", data, quiet, until=2)
    assert steps_of(tmp_path / "second") == Steps(2, 3)
    recipe.write_text(recipe.read_text().replace("start: first\n", ""))
    train(recipe, tmp_path / "third", data, quiet, until=1)
    fresh = trained_net(tmp_path / "third")[1].state_dict()
    name = "conv2.0.conv1.conv.weight"
    assert (begun[name] - reached[name]).abs().mean() < 0.2 * (fresh[name] - reached[name]).abs().mean()


def test_a_start_from_another_net_is_refused(recipe: Path, data: Path, tmp_path: Path) -> None:
    train(recipe, tmp_path / "first", data, quiet, until=1)
    recipe.write_text(recipe.read_text().replace("x0.25", "x0.5") + "start: first\n")
    with pytest.raises(DataError, match="those of another net"):
        train(recipe, tmp_path / "second", data, quiet)


def test_a_start_from_nothing_says_what_there_could_be(recipe: Path, data: Path, tmp_path: Path) -> None:
    recipe.write_text(recipe.read_text() + "start: retrail-person\n")
    with pytest.raises(DataError, match="nothing to start from") as caught:
        train(recipe, tmp_path / "run", data, quiet)
    assert caught.value.found == "retrail-person: there is no card for this model"
    assert "retrail-person-s" in str(caught.value.allowed)


@pytest.mark.parametrize(("content", "what"), [(b"", "an empty file"), (b"no picture", "cannot be read")])
def test_a_picture_that_is_none_names_its_file(
    recipe: Path, data: Path, tmp_path: Path, content: bytes, what: str
) -> None:
    for path in (data / "people").glob("3-*.png"):
        path.write_bytes(content)
    with pytest.raises(DataError, match=what) as caught:
        train(recipe, tmp_path / "run", data, quiet)
    assert re.search(r"people/3-\d\.png", str(caught.value.where))


def test_a_picture_cut_short_is_refused(recipe: Path, data: Path, tmp_path: Path) -> None:
    path = data / "others/1-0.png"
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError, match="cannot be read") as caught:
        train(recipe, tmp_path / "run", data, quiet)
    assert "others/1-0.png" in str(caught.value.where)


def test_no_run_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder of a training run"):
        trained_net(tmp_path)


def test_a_missing_set_is_named(recipe: Path, data: Path, tmp_path: Path) -> None:
    shutil.rmtree(data / "people")
    with pytest.raises(DataError, match="cannot be read"):
        train(recipe, tmp_path / "run", data, quiet)
