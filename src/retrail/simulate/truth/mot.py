"""Boxes of people as the MOT Challenge writes them (MOT16, arXiv 1603.00831, section 4).

A row is ``frame, id, left, top, width, height, conf, class, visibility``. Frames, and pixels, count from 1: the pixel
in the corner of the picture is (1, 1), so ``left`` is one more than our ``x1``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.rows import read_text
from retrail.simulate.truth.types import TruthBoxes

_COLUMNS = (7, 8, 9, 10)
"""MOT17 has nine, MOT15 ten (the last three are -1); without a class it is a person, without visibility whole."""

_PERSON = (1.0, -1.0)
_MOST = 2**53
_FARTHEST_PX = 1_000_000


def mot_text(boxes: TruthBoxes) -> str:
    """The text of a ``gt.txt``; all classes 1."""
    lefts = boxes.xyxy.astype(np.float64)
    sizes = lefts[:, 2:] - lefts[:, :2]
    rows = zip(
        boxes.frame.tolist(),
        boxes.person.tolist(),
        (lefts[:, :2] + 1.0).tolist(),
        sizes.tolist(),
        boxes.counts.tolist(),
        boxes.visibility.tolist(),
        strict=True,
    )
    return "".join(
        f"{frame},{person},{_short(x)},{_short(y)},{_short(w)},{_short(h)},{int(counts)},1,{_short(visible, 3)}\n"
        for frame, person, (x, y), (w, h), counts, visible in rows
    )


def read_mot(path: Path, last: int = _MOST) -> TruthBoxes:
    """Read a ``gt.txt``. What is no person (class), and what has ``conf`` 0, does not count.

    Args:
        path: the file.
        last: number of the last frame there can be; 0: there is none.

    Raises:
        DataError: it cannot be read or a row is wrong, with its line.
    """
    rows: list[tuple[float, ...]] = []
    lines: list[int] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        parts = line.split(",")
        try:
            values = tuple(map(float, parts))
        except ValueError:
            raise _wrong(path, number, line, "numbers with commas between") from None
        if len(values) not in _COLUMNS:
            raise _wrong(path, number, line, "frame, id, left, top, width, height, conf, class, visibility")
        rows.append((*values, -1.0, -1.0)[:9])
        lines.append(number)
    table = np.array(rows, np.float64).reshape(-1, 9)
    order = np.lexsort((table[:, 1], table[:, 0]))
    table, at = table[order], np.array(lines, np.int64)[order]
    _check(table, at, path, last)
    visibility = np.where(table[:, 8] < 0, 1.0, np.minimum(table[:, 8], 1.0))
    corner = table[:, 2:4] - 1.0
    return TruthBoxes(
        table[:, 0].astype(np.int64),
        table[:, 1].astype(np.int64),
        np.concatenate([corner, corner + table[:, 4:6]], axis=1).astype(np.float32),
        (table[:, 6] != 0) & np.isin(table[:, 7], _PERSON),
        visibility.astype(np.float32),
    )


def _check(table: NDArray[np.float64], lines: NDArray[np.int64], path: Path, last: int) -> None:
    whole = table[:, :2] == np.floor(table[:, :2])
    twice = np.zeros(len(table), np.bool_)
    twice[1:] = (table[1:, :2] == table[:-1, :2]).all(axis=1)
    frames = f"a frame from 1 to {last}" if last else f"no row: frames/{path.stem}.csv lists no frame"
    rules = (
        (np.isfinite(table).all(axis=1), "finite numbers"),
        (whole[:, 0] & (table[:, 0] >= 1) & (table[:, 0] <= last), frames),
        (whole[:, 1] & (table[:, 1] >= 0) & (table[:, 1] <= _MOST), "an id from 0"),
        ((table[:, 4:6] > 0).all(axis=1), "a width and height of more than 0"),
        ((np.abs(table[:, 2:6]) <= _FARTHEST_PX).all(axis=1), f"a box within {_FARTHEST_PX:,} pixels"),
        (~twice, "each person once in a frame"),
    )
    for right, allowed in rules:
        if not right.all():
            worst = int(np.flatnonzero(~right)[0])
            raise _wrong(path, int(lines[worst]), ", ".join(f"{value:g}" for value in table[worst]), allowed)


def _wrong(path: Path, line: int, found: str, allowed: str) -> DataError:
    return DataError("A row that cannot be", where=f"{path} line {line}", found=found[:120], allowed=allowed)


def _short(value: float, digits: int = 2) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
