"""Learning from a teacher: lessons made by the real process, a run that is killed meanwhile, and what they take."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.train.test_run import quiet, weights

from retrail.core.errors import DataError, ModelError
from retrail.train import lesson_maker, teaching
from retrail.train.checkpoint import BEFORE, read_checkpoint, read_tensors
from retrail.train.lessons import Lesson, lesson_path, read_lesson, write_lesson
from retrail.train.loop import Progress
from retrail.train.recipe import EncoderRecipe, TeacherSpec, read_recipe
from retrail.train.run import train

TAUGHT = """\
task: encoder
seed: 1
net: {name: osnet, width: x0.25, dimension: 256, instance_norm: true, height_px: 128, width_px: 64}
teacher:
  model: retrail-encoder-s
  people: {"csv:people/labels.csv": 1}
  lesson: 16
  first: 1
  step: 1
  window: 2
  rounds: 3
  batch: 8
learning: {rate: 0.001, warmup_steps: 2, checkpoint_s: 0.01}
"""
CODE = (
    "import sys; from pathlib import Path; from retrail.train.run import train;"
    "train(*map(Path, sys.argv[1:]), lambda progress: None)"
)


@pytest.fixture
def taught(tmp_path: Path) -> Path:
    """A recipe of ten steps with a built-in model, whose pictures have another size, as teacher."""
    path = tmp_path / "taught.yaml"
    path.write_text(TAUGHT)
    return path


def numbers(run: Path) -> list[int]:
    return sorted(int(path.stem.removeprefix("lesson-")) for path in (run / "lessons").glob("*.npz"))


def children() -> set[int]:
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))


def teacher_of(path: Path) -> TeacherSpec:
    recipe = read_recipe(path)
    assert isinstance(recipe, EncoderRecipe)
    assert recipe.teacher is not None
    return recipe.teacher


def test_killed_while_it_learns_from_a_teacher_it_goes_on_to_the_same_bits(
    taught: Path, data: Path, tmp_path: Path
) -> None:
    taught.write_text(TAUGHT.replace("rounds: 3", "rounds: 9"))
    run, whole = tmp_path / "run", tmp_path / "whole"
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", CODE, str(taught), str(run), str(data)]) as process:
        while not (run / "checkpoints/before.safetensors").is_file():
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    kept = read_checkpoint(run / "checkpoints")
    assert kept is not None
    end = max(int(kept.numbers["step"]) + 2, 12)
    train(taught, run, data, quiet, until=end)
    losses: list[Progress] = []
    train(taught, whole, data, losses.append, until=end)
    assert set(losses[-1].losses) == {"direction", "relation"}
    first, second = weights(run), weights(whole)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    # What neither of the two checkpoints needs is gone, all else is there.
    before = int(read_tensors(run / "checkpoints" / BEFORE).numbers["step"])
    assert numbers(run)[0] == teacher_of(taught).first_needed(before) > 0


def test_a_lesson_says_what_the_teacher_says_at_its_own_size(taught: Path, data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.yaml").write_text(TAUGHT)
    lesson_maker.make_all(run, data, 2, None)
    assert numbers(run) == [2]
    lesson = read_lesson(lesson_path(run / "lessons", 2))
    assert (lesson.pictures.shape, lesson.vectors.shape) == ((16, 128, 64, 3), (16, 256))
    assert np.linalg.norm(lesson.vectors.astype(np.float32), axis=1) == pytest.approx(1, abs=1e-2)
    assert len(np.unique(lesson.vectors, axis=0)) == 16


def test_lessons_before_the_oldest_that_is_needed() -> None:
    spec = TeacherSpec(model="any", people={"a": 1}, lesson=16, first=1, step=1, window=2, rounds=4, batch=8)
    # Rounds of 2, 4, 4 and 4 steps, through the lessons 0, 0 to 1, 1 to 2 and 2 to 3.
    assert [spec.first_needed(step) for step in (0, 1, 2, 5, 6, 9, 10, 13, 14)] == [0, 0, 0, 0, 1, 1, 2, 2, 4]


def test_a_teacher_of_another_dimension_is_refused_before_lessons_are_made(
    taught: Path, data: Path, tmp_path: Path
) -> None:
    taught.write_text(TAUGHT.replace("dimension: 256", "dimension: 16"))
    with pytest.raises(DataError, match="another dimension than the net's") as caught:
        train(taught, tmp_path / "run", data, quiet)
    assert caught.value.where == f"{taught}: net.dimension"
    assert (caught.value.found, caught.value.allowed) == ("16; retrail-encoder-s has 256", "256")
    assert "teacher.direction: 0" in str(caught.value.hint)
    assert not (tmp_path / "run/lessons").exists()


def test_relations_alone_are_learned_from_a_teacher_of_another_dimension(
    taught: Path, data: Path, tmp_path: Path
) -> None:
    taught.write_text(TAUGHT.replace("dimension: 256", "dimension: 16").replace("batch: 8", "batch: 8\n  direction: 0"))
    said: list[Progress] = []
    train(taught, tmp_path / "run", data, said.append, until=1)
    assert set(said[-1].losses) == {"relation"}


def test_a_teacher_that_is_not_there_is_one_error(taught: Path, data: Path, tmp_path: Path) -> None:
    taught.write_text(TAUGHT.replace("retrail-encoder-s", "retrail-encoder-z"))
    with pytest.raises(ModelError, match="no card"):
        train(taught, tmp_path / "run", data, quiet)


def test_what_lessons_will_take_is_said_and_too_little_room_is_one_error(
    taught: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")
    one = 16 * (128 * 64 * 3 + 2 * 256)  # 0.4 MB
    taught.write_text(TAUGHT.replace("rounds: 3", "rounds: 3000"))
    monkeypatch.setattr(teaching.shutil, "disk_usage", lambda path: usage(one))
    with pytest.raises(DataError, match="no room for the teacher's lessons") as caught:
        train(taught, tmp_path / "run", data, quiet)
    assert caught.value.where == str(tmp_path / "run/lessons")
    assert caught.value.found == "0.00 GB free"
    assert caught.value.allowed == "0.00 GB for the next round, 1.20 GB at most for all of them"
    assert "make room" in str(caught.value.hint)
    monkeypatch.setattr(teaching.shutil, "disk_usage", lambda path: usage(5e9))
    told: list[str] = []
    train(taught, tmp_path / "run", data, quiet, until=1, told=told.append)
    assert told[0].startswith("lessons: 3000 to make, 1.20 GB at most in ")
    assert "(5.00 GB free)" in told[0]


def test_a_maker_of_lessons_that_does_not_end_when_asked_is_ended(
    taught: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "ENDS_WITHIN_S", 0.1)
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.yaml").write_text(TAUGHT)
    before = children()
    with teaching.teaching(read_recipe(taught), run, data, None, 0, lambda told: None, "taught.yaml"):
        (maker,) = children() - before
        os.kill(maker, signal.SIGSTOP)  # it hears of nothing
    with pytest.raises(ProcessLookupError):
        os.kill(maker, 0)


def test_a_lesson_cut_in_half_is_one_error(tmp_path: Path) -> None:
    path = lesson_path(tmp_path, 0)
    write_lesson(path, Lesson(np.zeros((4, 8, 8, 3), np.uint8), np.zeros((4, 4), np.float16)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match="lesson cannot be read") as caught:
        read_lesson(path)
    assert caught.value.where == str(path)
    assert "delete it" in str(caught.value.hint)
