"""Sightings and matches as rows, and back, to the bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, LiteralString, cast

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from retrail.core.errors import StoreError
from retrail.core.types import Candidate, LedgerEntry, Match, Path, Sighting

SIGHTING_COLUMNS: LiteralString = (
    "group_number, place, id, camera, start_s, end_s, width_px, height_px, times_s, boxes_px, feet_px, quality, model, "
    "continues, presence, had_embedding"
)
ENTRY_COLUMNS: LiteralString = "number, kind, time_s, identity, sightings, from_identity, match, lineage, reason"


def stored_embedding(embedding: NDArray[np.float32], sighting: str) -> NDArray[np.float16]:
    """The embedding as the log keeps it.

    Raises:
        StoreError: it holds what is no number.
    """
    half = embedding.astype(np.float16)
    if half.ndim != 1 or not len(half) or not np.isfinite(half).all():
        raise StoreError(
            "An embedding cannot be logged",
            where=f"sighting {sighting}",
            found=f"shape {embedding.shape}, {int((~np.isfinite(half)).sum())} values that are no numbers",
            allowed="a vector of finite numbers",
        )
    return half


def sighting_row(sighting: Sighting, group: int, place: int) -> tuple[object, ...]:
    """The values of ``SIGHTING_COLUMNS``."""
    path = sighting.path
    return (
        group,
        place,
        sighting.id,
        sighting.camera,
        float(sighting.start_s),
        float(sighting.end_s),
        int(path.width_px),
        int(path.height_px),
        path.times_s.astype("<f8").tobytes(),
        path.boxes_px.astype("<f4").tobytes(),
        path.feet_px.astype("<f4").tobytes(),
        float(sighting.quality),
        sighting.model,
        sighting.continues,
        sighting.presence,
        sighting.embedding is not None,
    )


def row_sighting(row: tuple[Any, ...], vector: HalfVector | None) -> Sighting:
    """A sighting of the values of ``SIGHTING_COLUMNS``."""
    _, _, identifier, camera, start_s, end_s, width_px, height_px, times, boxes, feet, quality, model, *rest = row
    continues, presence, _ = rest
    path = Path(
        times_s=np.frombuffer(times, "<f8").astype(np.float64),
        boxes_px=np.frombuffer(boxes, "<f4").astype(np.float32).reshape(-1, 4),
        feet_px=np.frombuffer(feet, "<f4").astype(np.float32).reshape(-1, 2),
        width_px=width_px,
        height_px=height_px,
    )
    embedding = None if vector is None else vector.to_numpy().astype(np.float32)
    return Sighting(
        identifier, camera, start_s, end_s, path, embedding, quality, model, continues=continues, presence=presence
    )


def entry_row(entry: LedgerEntry) -> tuple[object, ...]:
    """The values of ``ENTRY_COLUMNS``."""
    return (
        int(entry.number),
        entry.kind,
        float(entry.time_s),
        _whole(entry.identity),
        list(entry.sightings),
        _whole(entry.from_identity),
        None if entry.match is None else json.dumps(_match_record(entry.match), allow_nan=False, ensure_ascii=False),
        [int(number) for number in entry.lineage],
        entry.reason,
    )


def row_entry(row: tuple[Any, ...]) -> LedgerEntry:
    """An entry of the values of ``ENTRY_COLUMNS``."""
    number, kind, time_s, identity, sightings, from_identity, match, lineage, reason = row
    return LedgerEntry(
        number,
        kind,
        time_s,
        identity,
        tuple(sightings),
        from_identity,
        None if match is None else _record_match(match),
        tuple(lineage),
        reason,
    )


def _match_record(match: Match) -> dict[str, object]:
    return {
        "sighting": match.sighting,
        "identity": _whole(match.identity),
        "outcome": match.outcome,
        "probability": _number(match.probability),
        "candidates": [
            {
                "identity": int(candidate.identity),
                "log_odds": {kind: _number(value) for kind, value in candidate.log_odds.items()},
                "similarity": _number(candidate.similarity),
            }
            for candidate in match.candidates
        ],
        "final": bool(match.final),
        "lineage": [int(number) for number in match.lineage],
        "reason": match.reason,
    }


def _record_match(record: Mapping[str, Any]) -> Match:
    return Match(
        sighting=record["sighting"],
        identity=record["identity"],
        outcome=record["outcome"],
        probability=_float(record["probability"]),
        candidates=tuple(
            Candidate(
                identity=candidate["identity"],
                log_odds={kind: cast(float, _float(value)) for kind, value in candidate["log_odds"].items()},
                similarity=_float(candidate["similarity"]),
            )
            for candidate in record["candidates"]
        ),
        final=record["final"],
        lineage=tuple(record["lineage"]),
        reason=record["reason"],
    )


def _number(value: float | None) -> float | str | None:
    """JSON knows no infinity: excluded evidence is the text ``-inf``."""
    if value is None:
        return None
    return float(value) if np.isfinite(value) else str(float(value))


def _float(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _whole(value: int | None) -> int | None:
    return None if value is None else int(value)
