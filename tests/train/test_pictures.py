"""What is learned from: sets, varied pictures, pasted people, batches."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from retrail.core.errors import DataError
from retrail.train import vary
from retrail.train.crops import CropReader, crop_set
from retrail.train.encoder import EncoderLecture
from retrail.train.frames import Scene, kept_out, scenes
from retrail.train.lessons import Lesson, Subjects, read_lesson, shrunk, write_lesson, write_lessons
from retrail.train.licences import free_files
from retrail.train.partly import cut_off
from retrail.train.paste import LEAST_PX, CutOut, frame_to_learn, mirrored, with_decoy
from retrail.train.recipe import EncoderRecipe, read_recipe
from retrail.train.sampler import PeopleSampler


@pytest.mark.parametrize("name", ["viper", "grid", "market1501:gallery", "market1501", "cats", "elsewhere:Moon"])
@pytest.mark.shared
def test_sets_for_testing_and_unknown_ones_are_refused(shared: Path, name: str) -> None:
    with pytest.raises(DataError):
        crop_set(name, shared / "data")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count"), [("market1501:train", 12_936), ("elsewhere:CAVIAR4REID", 1_220), ("ccp_cutouts", 1_003)]
)
def test_sets_of_crops_hold_what_they_say(shared: Path, name: str, count: int) -> None:
    reader = CropReader([crop_set(name, shared / "data")])
    assert len(reader) == count
    picture, mask = reader.picture(0), reader.mask(0)
    assert picture.ndim == 3
    assert mask is None or (mask.shape == picture.shape[:2] and mask.any() and not mask.all())
    reader.close()


@pytest.mark.shared
def test_what_is_kept_out_of_the_frames_is_a_third_and_never_learned_from(shared: Path) -> None:
    learned, left = (scenes("empty_scenes", shared / "data", out=out) for out in (False, True))
    assert (len(learned), len(left)) == (81, 40)
    assert not {scene.image.tobytes() for scene in learned} & {scene.image.tobytes() for scene in left}
    assert kept_out(f"MOT17-{name}-FRCNN" for name in ("02", "04", "05", "09", "10", "11", "13")) == (
        "MOT17-05-FRCNN",
        "MOT17-11-FRCNN",
    )


@pytest.mark.shared
@pytest.mark.parametrize(("name", "count"), [("coco_person", 19), ("coco128_person", 33), ("empty_scenes", 6)])
def test_photos_that_anybody_may_use_can_be_learned_from_alone(shared: Path, name: str, count: int) -> None:
    everything = {scene.image.tobytes() for scene in scenes(name, shared / "data")}
    free = {scene.image.tobytes() for scene in scenes(f"{name}:free", shared / "data")}
    assert len(free) == count
    assert free < everything


@pytest.mark.parametrize(
    ("table", "text", "what"),
    [
        (None, "", "does not say how its photos are licensed"),
        ("licences.csv", "file,number\na.jpg,4\n", "lacks coco_licence_id"),
        ("images.csv", "", "lacks file, license"),
    ],
)
def test_without_licences_nothing_is_free(tmp_path: Path, table: str | None, text: str, what: str) -> None:
    if table is not None:
        (tmp_path / table).write_text(text, "utf-8")
    with pytest.raises(DataError, match=what):
        free_files(tmp_path)


def test_free_is_who_may_be_used_for_money_and_changed(tmp_path: Path) -> None:
    rows = "".join(f"{number}.jpg,{number}\n" for number in range(1, 9))
    (tmp_path / "licences.csv").write_text(f"file,coco_licence_id\n{rows}", "utf-8")
    assert free_files(tmp_path) == {"4.jpg", "5.jpg", "7.jpg", "8.jpg"}


def test_the_same_dice_make_the_same_picture_and_others_another(data: Path) -> None:
    reader = CropReader([crop_set("csv:people/labels.csv", data)])
    first, second = (vary.fitted(reader.picture(place)) for place in (0, 5))

    def made(seed: int) -> bytes:
        picture = vary.varied(first, lambda: second, np.random.default_rng(seed))
        assert (picture.shape, picture.dtype) == ((vary.HEIGHT, vary.WIDTH, 3), np.uint8)
        return picture.tobytes()

    assert made(1) == made(1)
    assert len({made(seed) for seed in range(8)}) == 8


def test_blur_takes_detail_and_leaves_the_rest() -> None:
    stripes = np.zeros((vary.HEIGHT, vary.WIDTH, 3), np.float32)
    stripes[::4] = stripes[:, ::4] = 200
    for seed in range(8):
        soft = vary.blurred(stripes, np.random.default_rng(seed))
        assert soft.shape == stripes.shape
        assert soft.std() < 0.95 * stripes.std()
        assert soft.mean() == pytest.approx(stripes.mean(), rel=0.05)

    def detail(blur: float) -> float:
        drawn = [vary.varied(stripes, lambda: stripes, np.random.default_rng(seed), blur=blur) for seed in range(40)]
        return float(np.mean([np.abs(np.diff(picture.astype(np.float32), axis=0)).mean() for picture in drawn]))

    assert detail(1.0) < 0.8 * detail(0.0)


def test_a_recipe_asks_for_blur_of_people_and_of_lessons(
    recipe: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blurred: list[vary.Picture] = []

    def noted(image: vary.Picture, dice: np.random.Generator) -> vary.Picture:
        del dice
        blurred.append(image)
        return image

    monkeypatch.setattr(vary, "blurred", noted)
    text = recipe.read_text()
    people = [(crop_set("csv:people/labels.csv", data), 1.0)]
    for blur, pictures in ((0.0, 0), (1.0, 8)):
        recipe.write_text(text.replace("people: 4", f"people: 4, blur: {blur}"))
        known = read_recipe(recipe)
        assert isinstance(known, EncoderRecipe)
        EncoderLecture(known, data, tmp_path, lambda: None).losses(lambda images: torch.randn(len(images), 16), 0)
        assert len(blurred) == pictures
        for seed in range(pictures):
            Subjects(people, [], 0.0, blur).picture(np.random.default_rng(seed))
        assert len(blurred) == 2 * pictures


def test_a_set_has_its_share_of_the_pictures_however_large_it_is(tmp_path: Path) -> None:
    for name, colour, count in (("few", 255, 2), ("many", 0, 18)):
        (tmp_path / name).mkdir()
        for number in range(count):
            Image.fromarray(np.full((64, 32, 3), colour, np.uint8)).save(tmp_path / name / f"{number}.png")
        (tmp_path / name / "labels.csv").write_text("\n".join(["file", *(f"{number}.png" for number in range(count))]))
    sets = [(crop_set(f"csv:{name}/labels.csv", tmp_path), share) for name, share in (("few", 3.0), ("many", 1.0))]
    subjects = Subjects(sets, [], plain=1.0)
    pictures = [subjects.picture(np.random.default_rng(seed)) for seed in range(400)]
    subjects.close()
    assert {(picture.shape, picture.dtype) for picture in pictures} == {((256, 128, 3), np.dtype(np.uint8))}
    # Plain pictures keep their colours: all of one picture is of one set.
    assert {int(value) for picture in pictures for value in (picture.min(), picture.max())} == {0, 255}
    assert all(picture.min() == picture.max() for picture in pictures)
    assert 0.68 < np.mean([picture[0, 0, 0] == 255 for picture in pictures]) < 0.82


def test_shrinking_takes_the_mean() -> None:
    picture = np.array([[[0], [1]], [[2], [4]]], np.uint8).repeat(3, axis=2)[None]
    assert shrunk(picture, 1, 1).tolist() == [[[[2, 2, 2]]]]


def test_nobody_goes_on_making_lessons_for_a_run_that_was_killed(tmp_path: Path) -> None:
    made = tmp_path / "made"
    maker = f"""
import time
from pathlib import Path
from retrail.train.lesson_maker import while_wanted
for number in while_wanted(range(600)):
    Path({str(made)!r}).write_text(str(number))
    time.sleep(0.05)
Path({str(tmp_path / "ended")!r}).touch()
"""
    run = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {maker!r}])\ntime.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", run]) as asking:
        _wait_for(lambda: made.is_file() and made.read_text() > "")
        assert not (tmp_path / "ended").exists()
        asking.kill()
    _wait_for((tmp_path / "ended").exists)
    assert int(made.read_text()) < 599


def _wait_for(what: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 30.0
    while not what():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_lessons_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make(number: int) -> Lesson:
        made.append(number)
        return Lesson(np.full((1, 2, 2, 3), number, np.uint8), np.zeros((1, 4), np.float16))

    write_lessons(tmp_path, range(2), make)
    write_lessons(tmp_path, range(3), make)
    assert made == [0, 1, 2]
    assert read_lesson(tmp_path / "lesson-00002.npz").pictures.max() == 2
    (tmp_path / "lesson-00000.npz").write_bytes(b"")
    with pytest.raises(DataError, match="lesson cannot be read"):
        read_lesson(tmp_path / "lesson-00000.npz")


def test_a_lesson_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "no").touch()  # a file where the folder should be
    with pytest.raises(DataError, match="cannot be written"):
        write_lesson(tmp_path / "no/lesson.npz", Lesson(np.zeros((1, 2, 2, 3), np.uint8), np.zeros((1, 4), np.float16)))
    assert [path.name for path in tmp_path.iterdir()] == ["no"]


@given(seed=st.integers(0, 10_000), pasted=st.integers(0, 3))
def test_boxes_stay_inside_and_those_that_count_can_be_seen(seed: int, pasted: int) -> None:
    dice = np.random.default_rng(seed)
    boxes = np.sort(dice.uniform(0, 90, (3, 2, 2)), axis=1).reshape(3, 4).astype(np.float32)
    scene = Scene(dice.integers(0, 255, (96, 120, 3)).astype(np.uint8), boxes, np.ones(3, np.bool_))
    person = CutOut(np.full((40, 20, 3), 200, np.uint8), np.pad(np.full((36, 12), 255, np.uint8), ((2, 2), (4, 4))))
    frame = frame_to_learn(scene, [person], (128, 64), dice, pasted)
    assert frame.image.shape == (64, 128, 3)
    assert len(frame.boxes) == len(frame.counts)
    assert (frame.boxes >= 0).all()
    assert (frame.boxes[:, [0, 2]] <= 128).all()
    assert (frame.boxes[:, [1, 3]] <= 64).all()
    assert (frame.boxes[frame.counts, 3] - frame.boxes[frame.counts, 1] >= LEAST_PX).all()


@given(seed=st.integers(0, 10_000))
def test_a_decoy_is_seen_and_is_nobody(seed: int) -> None:
    dice = np.random.default_rng(seed)
    scene = Scene(
        dice.integers(0, 255, (96, 120, 3)).astype(np.uint8), np.array([[10, 10, 20, 40]], np.float32), np.array([True])
    )
    person = CutOut(np.full((40, 20, 3), 200, np.uint8), np.pad(np.full((36, 12), 255, np.uint8), ((2, 2), (4, 4))))
    decoys = [with_decoy(scene, person, dice) for _ in range(40)]
    assert all(np.array_equal(decoy.boxes, scene.boxes) for decoy in decoys)
    assert any((decoy.image != scene.image).any() for decoy in decoys)


@given(seed=st.integers(0, 1000))
def test_a_mirror_in_a_mirror_shows_the_scene(seed: int) -> None:
    dice = np.random.default_rng(seed)
    scene = Scene(
        dice.integers(0, 255, (8, 10, 3)).astype(np.uint8), np.array([[1, 2, 5, 7]], np.float32), np.array([True])
    )
    twice = mirrored(mirrored(scene))
    assert np.array_equal(twice.image, scene.image)
    assert np.array_equal(twice.boxes, scene.boxes)


@given(st.lists(st.sampled_from("abcdef"), min_size=8).filter(lambda names: len(set(names)) >= 3), st.integers(0, 99))
def test_a_batch_holds_so_many_people_with_so_many_pictures_each(persons: list[str], step: int) -> None:
    sampler = PeopleSampler(persons, people=3, pictures=4, seed=1)
    found = [persons[place] for place in sampler.batch(step)]
    assert [found[start] for start in (0, 4, 8)] == list(dict.fromkeys(found))
    assert all(found[start : start + 4] == [found[start]] * 4 for start in (0, 4, 8))
    assert sampler.batch(step).tolist() == PeopleSampler(persons, 3, 4, 1).batch(step).tolist()


def test_too_few_people_for_a_batch_are_refused() -> None:
    with pytest.raises(DataError, match="Too few people"):
        PeopleSampler(["a", "a", "b"], people=3, pictures=2, seed=0)


def test_who_is_cut_off_shows_a_part_of_himself_at_full_size() -> None:
    rows = np.arange(128, dtype=np.uint8)[:, None].repeat(64, 1)
    columns = np.arange(64, dtype=np.uint8)[None].repeat(128, 0)
    pictures = np.stack([rows, columns, rows], axis=2)[None].repeat(400, 0)
    found = cut_off(pictures, 0.5, np.random.default_rng(0))
    assert found.shape == pictures.shape
    parts = found[(found != pictures).any(axis=(1, 2, 3))]
    assert 150 < len(parts) < 250
    highest, lowest = parts[:, 0, 0, 0], parts[:, -1, 0, 0]
    assert lowest.min() >= 0.45 * 128 - 2
    assert 0.5 < (lowest < 127).mean() < 0.9
    assert 0.1 < (highest > 0).mean() < 0.4
    assert highest.max() <= 0.25 * 128
    leaning = parts[:, 0, 32, 1] != parts[:, -1, 32, 1]
    assert 0.3 < leaning.mean() < 0.7
    assert (cut_off(pictures, 0.0, np.random.default_rng(0)) == pictures).all()
