"""Cards: found by name, of the right task, allowed or not."""

from __future__ import annotations

import pytest

from retrail.core.errors import ModelError
from retrail.zoo import all_cards, card_names, find_card, require_licence


def test_every_card_reads_and_is_named_like_its_file() -> None:
    cards = all_cards()
    assert [card.name for card in cards] == list(card_names())
    assert len(cards) >= 44


def test_unknown_name_suggests_near_ones() -> None:
    with pytest.raises(ModelError, match="no card") as caught:
        find_card("person-detection-retail-013")
    assert "person-detection-retail-0013" in str(caught.value)


def test_model_of_another_task_says_found_and_wanted() -> None:
    with pytest.raises(ModelError, match="another task") as caught:
        find_card("person-detection-retail-0013", "person-reidentification")
    assert caught.value.found == "person-detection"
    assert caught.value.allowed == "person-reidentification"


def test_commercial_site_refuses_weights_for_research_with_the_reason() -> None:
    require_licence(find_card("osnet_x0_25_msmt17"), "any")
    with pytest.raises(ModelError, match="MSMT17"):
        require_licence(find_card("osnet_x0_25_msmt17"), "commercial")


def test_commercial_site_takes_open_model_zoo_with_a_note_about_the_data() -> None:
    card = find_card("person-reidentification-retail-0287")
    require_licence(card, "commercial")
    assert "not published" in card.commercial_note
