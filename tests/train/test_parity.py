"""When a file is too far from the net that it was made of."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retrail.core.errors import ModelError
from retrail.train.parity import parity_of_boxes, parity_of_embeddings

DULL = 100  # the cell after a hundred that score better


def cells() -> NDArray[np.float32]:
    """What a detector says of one picture: boxes of a cell's size, ever lower scores, and at last hardly any."""
    rows = np.zeros((DULL + 1, 6), np.float32)
    rows[:, 4] = np.linspace(0.9, 0.1, DULL + 1)
    rows[DULL, 4] = 0.004
    return rows


def test_a_file_that_says_what_is_no_number_is_refused() -> None:
    row = np.zeros((3, 6), np.float32)
    lost = np.full_like(row, np.nan)
    for parity in (parity_of_boxes([row, row], [lost, row]), parity_of_embeddings([row[0]], [lost[0]])):
        with pytest.raises(ModelError, match="does not say what the net says"):
            parity.require()


def test_rounding_of_low_scores_does_not_decide() -> None:
    file = cells()
    file[DULL, 4] = 0.0045  # its logit is 0.12 off
    parity = parity_of_boxes([cells()], [file])
    assert (parity.off, parity.overlap) == (0.0, 1.0)
    parity.require()


@pytest.mark.parametrize("score", [0.95, float("nan")])
def test_a_box_that_only_the_file_has_is_refused(score: float) -> None:
    file = cells()
    file[DULL, 4] = score
    with pytest.raises(ModelError, match="does not say what the net says"):
        parity_of_boxes([cells()], [file]).require()


def test_a_score_that_is_a_little_off_is_refused() -> None:
    file = cells()
    file[DULL - 1, 4] *= 1.15
    with pytest.raises(ModelError, match="largest difference of a score"):
        parity_of_boxes([cells()], [file]).require()


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_scores_that_are_all_low_are_told_apart(factor: float) -> None:
    net, file = cells(), cells()
    net[:, 4] *= 0.01
    file[:, 4] *= 0.01 * factor
    with pytest.raises(ModelError, match="largest difference of a score"):
        parity_of_boxes([net], [file]).require()
