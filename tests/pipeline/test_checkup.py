"""What ``retrail check`` says about models and links."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from retrail.pipeline.checkup import check_links, check_model
from retrail.site import Site
from retrail.zoo import BUILT_IN, RECOMMENDED, Task

DAY_S = 86400.0


def _models(tmp_path: Path, models: str, mode: str = "journey") -> Site:
    path = tmp_path / "shop.yaml"
    path.write_text(f"site: kiosk\nmodels: {models}\nmode: {mode}\ncameras: {{a: {{source: a.mp4}}}}\n")
    return Site.load(path)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("models", "task", "what", "hint"),
    [
        ("{detector: person-detection-retail-0031}", "person-detection", "no card for this model", "models list"),
        ("{encoder: person-detection-retail-0013}", "person-reidentification", "is a model for", "models list"),
        ("{encoder: osnet_x9}", "person-reidentification", "no card", "models list"),
    ],
)
def test_a_model_that_cannot_do_it_is_told(
    tmp_path: Path, models_dir: Path, models: str, task: Task, what: str, hint: str
) -> None:
    (finding,) = check_model(_models(tmp_path, models), task, models_dir)
    assert finding.level == "bad"
    assert what in finding.what
    assert hint in finding.hint


def test_a_model_that_is_not_here_names_the_command_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RETRAIL_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    named = _models(tmp_path, "{detector: person-detection-retail-0013}")
    (finding,) = check_model(named, "person-detection", tmp_path)
    assert (finding.level, finding.hint) == ("bad", "retrail models pull person-detection-retail-0013")


@pytest.mark.parametrize("task", sorted(BUILT_IN))
def test_where_nothing_stronger_is_here_the_built_in_models_are_used_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: Task
) -> None:
    monkeypatch.delenv("RETRAIL_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    chosen, verdict = check_model(_models(tmp_path, "{}"), task, tmp_path)
    assert (chosen.name, chosen.level, verdict.level) == (BUILT_IN[task], "good", "good")
    assert "built in" in chosen.what
    assert "models pull --recommended" in chosen.hint


@pytest.mark.parametrize("task", sorted(BUILT_IN))
def test_a_commercial_site_is_refused_the_built_in_models_and_told_what_to_pull(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: Task
) -> None:
    monkeypatch.delenv("RETRAIL_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    site = replace(_models(tmp_path, "{}"), licences="commercial")
    (finding,) = check_model(site, task, tmp_path)
    assert (finding.level, finding.hint) == ("bad", "retrail models pull --recommended")
    assert RECOMMENDED[task] in finding.what


@pytest.mark.shared
@pytest.mark.parametrize("task", sorted(RECOMMENDED))
def test_where_the_recommended_models_are_here_they_are_used(tmp_path: Path, models_dir: Path, task: Task) -> None:
    chosen, _ = check_model(_models(tmp_path, "{}"), task, models_dir)
    assert (chosen.name, chosen.level) == (RECOMMENDED[task], "good")


@pytest.mark.shared
def test_a_model_file_that_was_changed_is_told(tmp_path: Path, models_dir: Path) -> None:
    name = "person-detection-retail-0013"
    shutil.copytree(models_dir / name, tmp_path / "models" / name)
    weights = tmp_path / "models" / name / "FP16" / f"{name}.bin"
    content = bytearray(weights.read_bytes())
    content[100_000:600_000] = bytes(500_000)
    weights.write_bytes(content)
    named = _models(tmp_path, f"{{detector: {name}}}")
    (finding,) = check_model(named, "person-detection", tmp_path / "models")
    assert finding.level == "bad"
    assert f"{name}.bin" in finding.what


@pytest.mark.parametrize(
    ("here", "there", "level", "what"),
    [
        ((0.0, 100.0), (0.0, 100.0), "good", "possible"),
        ((0.0, 100.0), (150.0, 200.0), "good", "possible"),
        ((0.0, 100.0), (221.0, 300.0), "bad", "nobody can have walked it"),
        ((100.0, 200.0), (0.0, 101.0), "bad", "nobody can have walked it"),
        ((0.0, math.inf), (0.0, math.inf), "good", "possible"),
        ((0.0, 100.0), (20 * DAY_S, math.inf), "bad", "till is live"),
        (None, (0.0, 100.0), "poor", "cannot be judged"),
    ],
)
def test_a_link_that_nobody_can_have_walked_is_told(
    tmp_path: Path, here: tuple[float, float] | None, there: tuple[float, float], level: str, what: str
) -> None:
    path = tmp_path / "shop.yaml"
    link = "links: [{from: door, to: till, shortest_s: 2, longest_s: 120}]\n"
    path.write_text(f"site: kiosk\ncameras: {{door: {{source: a.mp4}}, till: {{source: b.mp4}}}}\n{link}")
    (finding,) = check_links(Site.load(path), {"door": here, "till": there})
    assert (finding.part, finding.name, finding.level) == ("link", "door to till", level)
    assert what in finding.what
