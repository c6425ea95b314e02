"""The assignment problem: who goes with whom, so that the sum is the largest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_assignment(gain: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The pairs of rows and columns with the largest sum of gains, each row and each column once at most.

    SciPy's solver (Crouse 2016, a shortest augmenting path). It is imported when first called: its package takes
    longer to import than all of Retrail, and most commands assign nothing.

    Args:
        gain: shape (rows, columns), finite.

    Returns:
        rows, ascending, and their columns: as many as the shorter side has.
    """
    if min(gain.shape) == 1:  # nothing to weigh against each other, and by far the usual case
        one, best = np.zeros(1, np.intp), np.array([gain.argmax()], np.intp)
        return (one, best) if gain.shape[0] == 1 else (best, one)
    # SciPy has no types of its own.
    from scipy.optimize import linear_sum_assignment  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    rows, columns = np.array(linear_sum_assignment(gain, maximize=True), np.intp)
    return rows, columns
