"""Sightings as a Parquet file: written in portions, read as the records that association takes."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs]

from retrail.core.errors import DataError
from retrail.core.types import Path as Trail
from retrail.core.types import Sighting
from retrail.core.whole import whole_file
from retrail.perceive.tracklets import tracklet_id

pa: Any = pyarrow  # without types of its own
pq: Any = parquet

POINTS = 5
"""Of a sighting's way: at its beginning, its end, and evenly in time between."""

_BATCH = 4096
_APART_PX = 0.125  # exact in binary


@dataclass(frozen=True, slots=True, eq=False)
class Portion:
    """n sightings.

    Attributes:
        person: (n,) int64, the truth; in no sighting.
        continues: (n,) bool, carries on the one before.
        camera: n names. start_s, end_s: (n,) float64, seconds UTC.
        boxes: (n, POINTS, 4) float32, from the beginning to the end. feet: (n, POINTS, 2) float32. Pixels.
        size: (n, 2) int32, width and height of the picture.
        vectors: (n, d) float32. quality: (n,) float32.
    """

    person: NDArray[np.int64]
    continues: NDArray[np.bool_]
    camera: list[str]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    boxes: NDArray[np.float32]
    feet: NDArray[np.float32]
    size: NDArray[np.int32]
    vectors: NDArray[np.float32]
    quality: NDArray[np.float32]


class SightingsFile:
    """Writes portions, in a with block; the file appears when it is whole.

    Args:
        path: where. model: the encoder's name. length: of its vectors.

    Raises:
        DataError: it cannot be written.
    """

    def __init__(self, path: Path, model: str, length: int) -> None:
        self._path, self._length = path, length
        self._schema = pa.schema(
            [
                ("id", pa.string()), ("person", pa.int64()), ("camera", pa.dictionary(pa.int32(), pa.string())),
                ("start_s", pa.float64()), ("end_s", pa.float64()), ("continues", pa.string()),
                ("boxes_px", pa.list_(pa.float32(), 4 * POINTS)), ("feet_px", pa.list_(pa.float32(), 2 * POINTS)),
                ("width_px", pa.int32()), ("height_px", pa.int32()), ("quality", pa.float32()),
                ("embedding", pa.list_(pa.float16(), length)),
            ],
            metadata={"model": model},
        )  # fmt: skip
        self._opened = ExitStack()
        self._known: set[str] = set()

    def write(self, portion: Portion) -> None:
        """Add a portion."""
        names = self._names(portion)
        before = [names[row - 1] if goes_on else None for row, goes_on in enumerate(portion.continues.tolist())]
        columns = [
            pa.array(names), pa.array(portion.person), pa.array(portion.camera).dictionary_encode(),
            pa.array(portion.start_s), pa.array(portion.end_s), pa.array(before, pa.string()),
            _fixed(portion.boxes, 4 * POINTS), _fixed(portion.feet, 2 * POINTS),
            pa.array(portion.size[:, 0]), pa.array(portion.size[:, 1]), pa.array(portion.quality),
            _fixed(portion.vectors.astype(np.float16), self._length),
        ]  # fmt: skip
        with _writing(self._path):
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))

    def _names(self, portion: Portion) -> list[str]:
        """Ids as a tracker gives them. Who stands exactly where somebody else does, which people without bodies can,
        is moved by a fraction of a pixel: in the portion itself."""
        names: list[str] = []
        for row, (camera, start_s) in enumerate(zip(portion.camera, portion.start_s, strict=True)):
            while (name := tracklet_id(camera, np.array([start_s]), portion.boxes[row])) in self._known:
                portion.boxes[row] += _APART_PX
            self._known.add(name)
            names.append(name)
        return names

    def __enter__(self) -> Self:
        with _writing(self._path), ExitStack() as opening:
            stream = opening.enter_context(whole_file(self._path, make_folder=True))
            self._writer: Any = opening.enter_context(
                pq.ParquetWriter(stream, self._schema, compression="zstd", compression_level=1)
            )
            self._opened = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _writing(self._path):
            self._opened.__exit__(kind, error, trace)


def origin_of(path: Path) -> tuple[str, frozenset[str]]:
    """Which encoder the vectors of a file are of, and on which cameras people were seen.

    Raises:
        DataError: no such file, or another one.
    """
    with _readable(path):
        file: Any = pq.ParquetFile(path)
        names: list[str] = file.read(columns=["camera"]).column("camera").unique().to_pylist()
        return _model(file), frozenset(names)


def ids_of(path: Path) -> frozenset[str]:
    """The ids of a file's sightings.

    Raises:
        DataError: no such file, or another one.
    """
    with _readable(path):
        return frozenset(pq.read_table(path, columns=["id"]).column("id").to_pylist())


def read_sightings(path: Path, *, by_end: bool = False) -> Iterator[tuple[Sighting, int]]:
    """Every sighting of a file with the number of the person it truly is.

    Their paths have a box a second at least, on straight ways between the points that the file has.

    Args:
        path: the file.
        by_end: in the order in which they ended, for which the whole file is held in memory; else a person after the
            other.

    Raises:
        DataError: no such file, or another one.
    """
    with _readable(path):
        file: Any = pq.ParquetFile(path)
        model = _model(file)
        batches = _by_end(file).to_batches(_BATCH) if by_end else file.iter_batches(_BATCH)
    for batch in batches:
        vectors = np.stack(batch.column("embedding").to_numpy(zero_copy_only=False)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = batch.drop_columns(["embedding"]).to_pylist()
        for row, vector in zip(rows, vectors, strict=True):
            sighting = Sighting(
                row["id"], row["camera"], row["start_s"], row["end_s"], _way(row), vector, row["quality"], model,
                row["continues"], "person",
            )  # fmt: skip
            yield sighting, row["person"]


@contextmanager
def _writing(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise DataError("The sightings cannot be written", where=str(path), found=str(error)) from None


@contextmanager
def _readable(path: Path) -> Generator[None]:
    try:
        yield
    except (OSError, KeyError, TypeError, pa.ArrowException) as error:
        raise DataError(
            "Not a file of sightings",
            where=str(path),
            found=str(error),
            allowed="a Parquet file as `retrail simulate --sightings` writes it",
        ) from None


def _model(file: Any) -> str:
    return file.schema_arrow.metadata[b"model"].decode()


def _by_end(file: Any) -> Any:
    table = file.read()
    return table.take(np.argsort(table.column("end_s").to_numpy(), kind="stable"))


def _way(row: dict[str, Any]) -> Trail:
    """A box a second at least: between boxes that are farther apart nobody knows who was where."""
    start_s, end_s = row["start_s"], row["end_s"]
    seconds = max(math.ceil((end_s - start_s) / (POINTS - 1)), 1)
    parts = np.linspace(0.0, 1.0, seconds * (POINTS - 1) + 1) if end_s > start_s else np.zeros(1)
    boxes, feet = (np.array(row[name], np.float32).reshape(1, POINTS, -1) for name in ("boxes_px", "feet_px"))
    return Trail(
        start_s + parts * (end_s - start_s),
        along(np.broadcast_to(boxes, (len(parts), POINTS, 4)), parts),
        along(np.broadcast_to(feet, (len(parts), POINTS, 2)), parts),
        row["width_px"],
        row["height_px"],
    )


def along(points: NDArray[np.float32], parts: NDArray[np.float64]) -> NDArray[np.float32]:
    """Where (n,) parts of the time, 0 to 1, are on (n, POINTS, k) ways: (n, k)."""
    at = np.clip(parts, 0.0, 1.0) * (POINTS - 1)
    low = np.minimum(at.astype(np.int64), POINTS - 2)
    row = np.arange(len(parts))
    share = (at - low)[:, None]
    low_points, high_points = points[row, low].astype(np.float64), points[row, low + 1].astype(np.float64)
    return (low_points + (high_points - low_points) * share).astype(np.float32)


def _fixed(values: NDArray[Any], length: int) -> Any:
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(values).reshape(-1)), length)
