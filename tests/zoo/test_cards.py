"""Every card is complete enough for what it promises, and the Open Model Zoo's are those that the script writes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from retrail.zoo import Card, all_cards, find_card

ROOT = Path(__file__).resolve().parents[2]
CARDS = all_cards()
ids = [card.name for card in CARDS]


@pytest.mark.parametrize("card", CARDS, ids=ids)
def test_what_can_be_fetched_can_be_checked(card: Card) -> None:
    assert card.files, "a user needs to know where a file of his own goes"
    for file in (*card.files, *card.other_files):
        if file.url is not None:
            assert file.hashed
            assert file.size_bytes
            assert file.url.startswith("https://")
        assert not file.path.startswith(("/", "."))
        assert ".." not in file.path


@pytest.mark.parametrize("card", CARDS, ids=ids)
def test_licence_is_said_with_a_reason(card: Card) -> None:
    assert card.licence
    assert card.data_licence
    assert card.commercial_note


@pytest.mark.parametrize("card", [card for card in CARDS if card.cuts], ids=lambda card: card.name)
def test_cuts_name_the_three_modes_in_order_and_say_what_they_mean(card: Card) -> None:
    assert card.cuts is not None
    assert card.cut_notes is not None
    assert set(card.cuts) == {"count", "journey", "vip"}
    assert card.cuts["count"] <= card.cuts["journey"] < card.cuts["vip"]
    assert "measured on" in card.cut_notes["source"]


def test_withdrawn_0200_opens_by_its_contract() -> None:
    card = find_card("person-reidentification-retail-0200")
    assert card.input is not None
    assert card.output is not None
    assert (card.input.width_px, card.input.height_px, card.input.colour) == (128, 256, "BGR")
    assert (card.output.name, card.output.dimension) == ("descriptor", 512)
    assert card.status == "withdrawn"


@pytest.mark.parametrize("width", ["1_0", "0_75", "0_5", "0_25"])
def test_osnet_sees_rgb_with_the_mean_and_deviation_of_imagenet(width: str) -> None:
    card = find_card(f"osnet_x{width}_msmt17")
    assert card.input is not None
    assert card.input.colour == "RGB"
    assert [round(value / 255, 3) for value in card.input.mean] == [0.485, 0.456, 0.406]
    assert [round(value / 255, 3) for value in card.input.scale] == [0.229, 0.224, 0.225]


@pytest.mark.shared
def test_there_is_a_card_for_every_model_of_the_facts(shared: Path) -> None:
    facts = json.loads((shared / "models" / "omz.json").read_text("utf-8"))
    assert {model["name"] for model in facts["models"]} <= set(ids)


@pytest.mark.shared
def test_script_writes_the_cards_that_are_here(shared: Path, tmp_path: Path) -> None:
    here = ROOT / "src" / "retrail" / "zoo" / "cards"
    there = tmp_path / "src" / "retrail" / "zoo" / "cards"
    shutil.copytree(here, there)
    (tmp_path / "tools").mkdir()
    script = shutil.copy(ROOT / "tools" / "make_cards.py", tmp_path / "tools")
    subprocess.run([sys.executable, script, shared / "models" / "omz.json"], check=True, capture_output=True)
    for card in sorted(here.iterdir()):
        assert (there / card.name).read_text("utf-8") == card.read_text("utf-8"), card.name
