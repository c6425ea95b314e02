"""Who passed a line, when and which way."""

from __future__ import annotations

from typing import Literal

import numpy as np

from retrail.core.geometry import between_ends, inward_side
from retrail.insight.runs import Run, runs
from retrail.insight.trails import Trail
from retrail.site import Definitions, Line


def line_passes(trail: Trail, line: Line, definitions: Definitions) -> list[tuple[float, Literal["in", "out"]]]:
    """The crossings of one trail over a line of its camera, in order.

    Of the trail's times on either side those count that lasted ``entry_after_s`` or with which the trail begins or
    ends (who leaves the picture does not come back over the line), and that went ``border_heights`` of the person's
    height away from the line. Two of them after each other on different sides are one crossing, at the last moment
    the line was passed that way between them. So a U-turn and a jitter are none. The line must have been passed between
    its ends, give or take ``border_heights``; of several passings of one who jitters, one is enough.
    """
    side = inward_side(trail.feet, *_ends(trail, line), line.inward)
    stretches = runs(trail.times_s, side >= 0.0, np.abs(side), trail.heights)
    passed = [_through(trail, line, definitions, run) for run in stretches[1:]]
    found: list[tuple[float, Literal["in", "out"]]] = []
    kept: int | None = None
    for index, run in enumerate(stretches):
        if not _counts(run, index in (0, len(stretches) - 1), definitions):
            continue
        if kept is not None and run.inside != stretches[kept].inside:
            there = [at for at in range(kept + 1, index + 1) if passed[at - 1] and stretches[at].inside == run.inside]
            if there:
                found.append((stretches[there[-1]].start_s, "in" if run.inside else "out"))
        kept = index
    return found


def _counts(run: Run, at_an_end: bool, definitions: Definitions) -> bool:
    return run.depth >= definitions.border_heights and (at_an_end or run.length_s >= definitions.entry_after_s)


def _ends(trail: Trail, line: Line) -> tuple[tuple[float, float], tuple[float, float]]:
    return (line.start[0] * trail.aspect, line.start[1]), (line.end[0] * trail.aspect, line.end[1])


def _through(trail: Trail, line: Line, definitions: Definitions, run: Run) -> bool:
    """Whether the way into ``run`` led between the ends of the line."""
    before, after = trail.feet[run.first - 1], trail.feet[run.first]
    moved_s = float(trail.times_s[run.first] - trail.times_s[run.first - 1])
    share = (run.start_s - float(trail.times_s[run.first - 1])) / moved_s if moved_s > 0 else 0.5
    point = before + (after - before) * share
    slack = definitions.border_heights * float(trail.heights[run.first - 1 : run.first + 1].mean())
    return bool(between_ends(point[None], *_ends(trail, line), slack)[0])
