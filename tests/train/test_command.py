"""``retrail train`` as a user meets it: what it says at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retrail.cli import main
from retrail.train.history import steps_of


@pytest.fixture(autouse=True)
def same_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command does not begin this process anew with another malloc."""
    monkeypatch.setattr("retrail.cli.train.MALLOC", ())


def trained(capsys: pytest.CaptureFixture[str], recipe: Path, run: Path, data: Path, *more: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(["train", str(recipe), "--out", str(run), "--data", str(data), *more])
    assert not left.value.code
    return capsys.readouterr().out.splitlines()[-1]


def test_a_run_that_was_stopped_early_says_how_it_goes_on(
    recipe: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    said = trained(capsys, recipe, run, data, "--steps", "1")
    assert said.startswith(f"stopped at step 1 of 6: {run}. The same command without --steps goes on")
    assert f"retrail export {run}" in said
    said = trained(capsys, recipe, run, data)
    assert said == f"trained: {run}. Next: retrail export {run} --name NAME --to openvino --out FOLDER --data {data}"
    assert trained(capsys, recipe, run, data, "--steps", "1") == said


def test_an_interrupted_run_keeps_what_it_has_learned_and_says_so(recipe: Path, data: Path, tmp_path: Path) -> None:
    recipe.write_text(
        recipe.read_text().replace("steps: 6", "steps: 100000").replace("{rate", "{checkpoint_s: 0.01, rate")
    )
    run = tmp_path / "run"
    with subprocess.Popen(
        [sys.executable, "-m", "retrail", "train", str(recipe), "--out", str(run), "--data", str(data)],
        env={**os.environ, "LD_PRELOAD": os.environ.get("LD_PRELOAD") or " "},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not (run / "checkpoints/before.safetensors").is_file():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, err) == (130, "")
    step = steps_of(run).own
    assert step >= 2
    assert out.splitlines()[-1] == f"interrupted at step {step}, all of it kept: {run}. The same command goes on"
