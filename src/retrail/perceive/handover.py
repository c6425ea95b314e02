"""Who was half seen, and goes on in the box that began around his.

A detector that gives one person two boxes for a moment, head and shoulders and then all of him as he sits down, makes
two tracks of him: the one that began around the other's box goes on, the other ends inside it.
"""

from __future__ import annotations

from collections.abc import Iterable

from retrail.perceive.trail import Seen, Trail, share_inside

INSIDE = 0.85
"""Share of a box in another's, from which on it is a part of it."""
_TOGETHER_S = 2.0  # both there for so long at most; who stays for longer is somebody else


def begun_around(first: Seen, here: Iterable[Trail]) -> Trail | None:
    """Which of the tracks seen in this frame lies in the first box of a new one."""
    return next((old for old in here if share_inside(old.seen.box, first.box) >= INSIDE), None)


def successor(lost: Trail, trails: Iterable[Trail]) -> Trail | None:
    """The track that carries a lost one on, if any: it began around it, and the lost one ended inside it soon after."""
    for trail in trails:
        if trail.around is not lost or not trail.confirmed or trail.continues is not None:
            continue
        then = [each.box for each in trail.piece if each.time_s <= lost.seen.time_s]
        soon = lost.seen.time_s - trail.first_s <= _TOGETHER_S
        if soon and then and share_inside(lost.seen.box, then[-1]) >= INSIDE:
            return trail
    return None
