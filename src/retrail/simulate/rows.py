"""CSV with a header, read so that every mistake has its file and line."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrail.core.errors import DataError
from retrail.core.time import parse_time
from retrail.core.whole import whole_file

LATEST_S = parse_time("9999-01-01T00:00:00Z")
"""Later than this nothing is: dates end with the year 9999, in some zones sooner."""
_MOST = 2**53
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its values by column, and where it stands."""

    values: Mapping[str, str]
    path: Path
    line: int

    @property
    def place(self) -> str:
        """File and line, as errors name them."""
        return f"{self.path} line {self.line}"

    def text(self, column: str) -> str:
        """The value, without spaces around it."""
        return self.values[column]

    def whole(self, column: str, *, at_least: int | None = None) -> int:
        """A whole number that goes into 64 bits of any kind.

        Raises:
            DataError: it is none, less than ``at_least``, or too large.
        """
        allowed = "a whole number" if at_least is None else f"a whole number from {at_least}"
        try:
            number = int(self.values[column])
        except ValueError:
            raise self.wrong(column, allowed) from None
        if at_least is not None and number < at_least:
            raise self.wrong(column, allowed)
        if abs(number) > _MOST:
            raise self.wrong(column, f"{allowed}, at most {_MOST}")
        return number

    def number(self, column: str) -> float:
        """A finite number.

        Raises:
            DataError: it is none.
        """
        try:
            number = float(self.values[column])
        except ValueError:
            raise self.wrong(column, "a number") from None
        if not math.isfinite(number):
            raise self.wrong(column, "a number")
        return number

    def time(self, column: str) -> float:
        """Seconds UTC of a time with zone.

        Raises:
            DataError: it is none, or one that other zones have no date for.
        """
        try:
            time_s = parse_time(self.values[column])
        except DataError as error:
            raise self.wrong(column, error.allowed or "a time") from None
        if not 0.0 <= time_s <= LATEST_S:
            raise self.wrong(column, "a time from 1970 to 9998")
        return time_s

    def wrong(self, column: str, allowed: str) -> DataError:
        """The error that says what stands there and what may stand there."""
        found = self.values[column]
        where = f"{self.place}: {column}"
        return DataError("A value that cannot be", where=where, found=repr(found[:_SHOWN]), allowed=allowed)


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a CSV file. Further columns are let be; empty lines are left out.

    Raises:
        DataError: it cannot be read, is no UTF-8, lacks a column, or a row has more or fewer values than the header.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, list[str]())]
        missing = [column for column in columns if column not in header]
        if missing:
            raise DataError(
                f"The table lacks {', '.join(missing)}",
                where=f"{path} line 1",
                found=", ".join(header)[:_SHOWN] or "nothing",
                allowed=f"a header with {', '.join(columns)}",
            )
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                where = f"{path} line {reader.line_num}"
                found = f"{len(row)} values"
                raise DataError("A row of another length", where=where, found=found, allowed=f"{len(header)} values")
            yield Row(dict(zip(header, map(str.strip, row), strict=True)), path, reader.line_num)
    except csv.Error as error:
        raise DataError(
            "Not CSV",
            where=f"{path} line {max(reader.line_num, 1)}",
            found=str(error),
            allowed="values with commas between; quotes that are opened are closed",
        ) from None


def read_text(path: Path) -> str:
    """A text file in UTF-8.

    Raises:
        DataError: it cannot be read, or is no UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError("The file cannot be read", where=str(path), found=error.strerror) from None
    except UnicodeDecodeError as error:
        raise DataError("Not a text in UTF-8", where=str(path), found=f"byte {error.start}") from None


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file, whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue())


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all; its folder is made.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with whole_file(path, make_folder=True) as stream:
            stream.write(text.encode())
    except OSError as error:
        raise DataError("The file cannot be written", where=str(path), found=error.strerror) from None


def remove_files(paths: Iterable[Path]) -> None:
    """Remove those of the files that are there.

    Raises:
        DataError: one cannot be removed.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            continue  # what writes next into that folder says what is wrong
        except OSError as error:
            raise DataError("The file cannot be removed", where=str(path), found=error.strerror) from None
