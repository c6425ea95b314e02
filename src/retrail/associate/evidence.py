"""What speaks for and against two chains being one person, beside their looks: log-odds by kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrail.associate.settings import MatcherSettings
from retrail.associate.whereabouts import Spans, gaps_s, strides

_NEAR = 0.5  # body heights from where somebody was lost from view, however short the time
_WALK_PER_S = 1.0  # body heights a second that he may walk on
_LOST_S = 10.0  # how long somebody who was lost from view is waited for


def time_odds(a: Spans, b: Spans, settings: MatcherSettings) -> NDArray[np.float64]:
    """(m, n) log-odds of the time between two chains: the longer somebody is gone, the less likely he comes back.

    A power law, as the intervals of human comings and goings have (Barabási, Nature 435, 2005):
    -rarity * ln(1 + gap / soon), down to -rarest.
    """
    gap_s = gaps_s(a, b).clip(0.0)
    return np.maximum(-settings.rarity * np.log1p(gap_s / settings.soon_s), -settings.rarest)


def prior_odds(a: Spans, b: Spans, settings: MatcherSettings) -> NDArray[np.float64]:
    """(m, n) log-odds before anything is known: who left a camera comes back to it less often than to another one."""
    return np.where(a.cameras[:, None] == b.cameras[None, :], -settings.same_camera, 0.0)


def continuity_odds(a: Spans, b: Spans, settings: MatcherSettings) -> NDArray[np.float64]:
    """(m, n) log-odds that one chain carries the other on: somebody lost from view within the picture comes back near.

    Most where the gap is short and the way small; 0 on different cameras, at the border (who leaves there may be
    anybody when he comes back), and after 10 s.
    """
    gap_s = gaps_s(a, b)
    odds = np.zeros(gap_s.shape)
    at = np.nonzero((a.cameras[:, None] == b.cameras[None, :]) & (gap_s > 0) & (gap_s < _LOST_S))
    stride, inside = strides(a, b, at)
    near = 1.0 - stride / (_NEAR + _WALK_PER_S * gap_s[at])
    odds[at] = settings.continuity * inside * near.clip(0.0) * (1.0 - gap_s[at] / _LOST_S)
    return odds


ODDS = {"time": time_odds, "prior": prior_odds, "continuity": continuity_odds}
"""Kinds of evidence that a pair of chains gives; they are averaged over the pairs of two clusters, as cosines are."""
