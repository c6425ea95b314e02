"""tools/build-in: weights and card change together, or not at all."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retrail.train.run import train

TOOL = Path(__file__).resolve().parents[2] / "tools/build-in"


@pytest.fixture
def tool(tmp_path: Path) -> Callable[[list[str]], int]:
    """The tool, at work on a folder laid out as the repository, in which `mine` is built in already."""
    for folder in ("recipes", "models/mine", "src/retrail/zoo/cards"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "recipes/mine.card.yaml").write_text("summary: Mine\n")
    (tmp_path / "models/mine/mine.xml").write_text("old")
    (tmp_path / "src/retrail/zoo/cards/mine.json").write_text("old")
    main: Any = runpy.run_path(str(TOOL))["main"]
    main.__globals__["ROOT"] = tmp_path
    return main


def state(root: Path) -> tuple[str, list[str]]:
    card = (root / "src/retrail/zoo/cards/mine.json").read_text("utf-8")
    return card, sorted(path.relative_to(root / "models").as_posix() for path in (root / "models").rglob("*"))


def test_weights_and_card_take_the_place_of_those_before(
    tool: Callable[[list[str]], int], recipe: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(recipe, tmp_path / "run", data, lambda _: None, until=1)
    assert tool([str(tmp_path / "run"), "mine", str(data / "people")]) == 0
    card, models = state(tmp_path)
    assert json.loads(card)["summary"] == "Mine"
    assert models == ["mine", "mine/mine.bin", "mine/mine.xml"]
    assert "models/mine: parity least cosine" in capsys.readouterr().out


def test_what_goes_wrong_is_one_error_and_leaves_both(
    tool: Callable[[list[str]], int], recipe: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(tmp_path)
    assert tool([str(tmp_path / "nowhere"), "mine", str(data / "people")]) == 1
    said = capsys.readouterr().err
    assert "This is no folder of a training run" in said
    assert "the built-in model is as it was" in said
    train(recipe, tmp_path / "run", data, lambda _: None, until=1)
    cards = tmp_path / "src/retrail/zoo/cards"
    cards.rename(tmp_path / "elsewhere")
    assert tool([str(tmp_path / "run"), "mine", str(data / "people")]) == 1
    assert "No such file or directory" in capsys.readouterr().err
    (tmp_path / "elsewhere").rename(cards)
    assert state(tmp_path) == before
    assert tool(["run"]) == 2
