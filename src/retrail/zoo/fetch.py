"""Fetch one file: resumed, checked before it is visible, and with an error that says what to do offline.

Uses the standard library, which honours ``https_proxy`` and the system's certificates.
"""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import BinaryIO

from retrail.core.errors import ModelError
from retrail.core.whole import put_in_place
from retrail.zoo.card import CardFile
from retrail.zoo.checksum import difference

CHUNK_BYTES = 1 << 16
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be gone in a moment."""
PARTIAL, RANGE_REFUSED = 206, 416
LONGEST_WAIT_S = 60.0

Progress = Callable[[int, int | None], None]
"""Told (bytes here so far, bytes in all if known)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server.

    Attributes:
        stall_s: without a byte.
        tries: in a row without a byte more than before.
        first_wait_s: before the second try; doubled each time.
        sleep: how to wait.
    """

    stall_s: float = 30.0
    tries: int = 5
    first_wait_s: float = 1.0
    sleep: Callable[[float], None] = time.sleep


class _TryAgainError(Exception):
    """This try failed in a way that the next one need not."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


def fetch(file: CardFile, target: Path, progress: Progress, patience: Patience = Patience()) -> bool:
    """Bring a file to ``target``; it appears there whole and checked, or not at all.

    What came before a break lies beside it as ``.NAME.part`` and is carried on, by the next call too.

    Returns:
        True, or False where it was there already.

    Raises:
        ModelError: no address, or no checksum to check it by; the server has another file, or none, or does not
            answer; the disk is full; somebody else is fetching it.
    """
    if file.url is None or not file.hashed:
        missing = "address" if file.url is None else "checksum"
        raise ModelError(f"No {missing} is known for this file, so it cannot be fetched", where=file.path)
    if target.is_file() and difference(target, file) is None:
        return False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _part(target) as part:
            _complete(file, file.url, part, progress, patience)
            part.flush()
            _check(file, file.url, part)
            put_in_place(part, target)
    except OSError as error:
        raise ModelError(
            "The model cannot be written", where=str(target), found=str(error), hint="--models-dir names another folder"
        ) from error
    return True


@contextmanager
def _part(target: Path) -> Generator[BinaryIO]:
    """The file under way, open for appending, with nobody else at it."""
    path = target.with_name(f".{target.name}.part")
    busy = ModelError("Somebody else is fetching this file", where=str(path), hint="wait for it, then try again")
    with path.open("a+b") as part:
        try:
            flock(part.fileno(), LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise busy from error
        if not path.exists() or os.fstat(part.fileno()).st_ino != path.stat().st_ino:
            raise busy  # the other one finished, and gave this very file its name, while we waited for the lock
        try:
            yield part
        finally:
            if path.exists() and path.stat().st_size == 0:
                path.unlink()


def _complete(file: CardFile, url: str, part: BinaryIO, progress: Progress, patience: Patience) -> None:
    """Ask again and again until the part has all its bytes."""
    failed = 0
    while True:
        before = _size(part)
        try:
            _append(file, url, part, progress, patience)
            return
        except _TryAgainError as problem:
            wait_s = problem.wait_s or patience.first_wait_s * 2**failed
            failed = 0 if _size(part) > before else failed + 1
            if failed >= patience.tries:
                raise ModelError(
                    "The file could not be fetched",
                    where=url,
                    found=f"{problem}, {failed} times in a row",
                    hint=_offline(file, url),
                ) from problem
            patience.sleep(min(wait_s, LONGEST_WAIT_S))


def _append(file: CardFile, url: str, part: BinaryIO, progress: Progress, patience: Patience) -> None:
    """One request; raises unless the part is complete after it."""
    have = _size(part)
    if file.size_bytes is not None and have >= file.size_bytes:
        if have == file.size_bytes:
            return
        have = _empty(part)
    headers = {"User-Agent": "retrail", "Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=patience.stall_s) as answer:
            total = _total(answer, have, part)
            if total is not None and file.size_bytes is not None and total != file.size_bytes:
                _empty(part)
                raise ModelError(
                    "The server has another file than the card speaks of",
                    where=url,
                    found=f"{total} bytes",
                    allowed=f"{file.size_bytes} bytes",
                    hint=_offline(file, url),
                )
            _read(answer, part, file.size_bytes or total, progress)
    except urllib.error.HTTPError as error:
        _refused(error, file, url, part)
    except urllib.error.URLError as error:
        raise _TryAgainError(f"no answer: {error.reason}") from error
    except TimeoutError as error:
        raise _TryAgainError(f"nothing came for {patience.stall_s:g} s") from error
    except (http.client.HTTPException, OSError) as error:
        raise _TryAgainError(f"the connection broke: {error or type(error).__name__}") from error
    have, wanted = _size(part), file.size_bytes
    if wanted is not None and have < wanted:
        raise _TryAgainError(f"the answer ended at {have} of {wanted} bytes")
    if wanted is not None and have > wanted:
        _empty(part)
        raise ModelError(
            "The server sends more than the card speaks of",
            where=url,
            found=f"more than {wanted} bytes",
            allowed=f"{wanted} bytes",
            hint=_offline(file, url),
        )


def _total(answer: http.client.HTTPResponse, have: int, part: BinaryIO) -> int | None:
    """Size of the whole file as the server has it; empties the part where the server does not carry on from it."""
    length = answer.headers.get("Content-Length", "")
    if answer.status == PARTIAL:
        span, _, total = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        if span.partition("-")[0] != str(have):
            _empty(part)
            raise _TryAgainError(f"the server carries on elsewhere than asked for: {span}")
        return int(total) if total.isdigit() else None
    if have:
        _empty(part)
    return int(length) if length.isdigit() else None


def _read(answer: http.client.HTTPResponse, part: BinaryIO, total: int | None, progress: Progress) -> None:
    have = _size(part)
    progress(have, total)
    while chunk := answer.read1(CHUNK_BYTES):
        _write(part, chunk)
        have += len(chunk)
        progress(have, total)
        if total is not None and have > total:
            return


def _write(part: BinaryIO, chunk: bytes) -> None:
    try:
        part.write(chunk)
        part.flush()
    except OSError as error:  # told apart from the connection's own errors, which are tried again
        raise ModelError(
            "The model cannot be written", where=part.name, found=str(error), hint="free some space, or --models-dir"
        ) from error


def _refused(error: urllib.error.HTTPError, file: CardFile, url: str, part: BinaryIO) -> None:
    with error:
        why = f"{error.code} {error.reason}"
        if error.code == RANGE_REFUSED:
            _empty(part)
            raise _TryAgainError(why) from error
        if error.code in AGAIN:
            after = error.headers.get("Retry-After", "")
            raise _TryAgainError(why, float(after) if after.isdigit() else None) from error
        raise ModelError(
            "The server does not give out the file", where=url, found=why, hint=_offline(file, url)
        ) from error


def _check(file: CardFile, url: str, part: BinaryIO) -> None:
    differs = difference(Path(part.name), file)
    if differs is not None:
        _empty(part)
        raise ModelError(
            "What came is not the file that the card speaks of; it was thrown away",
            where=url,
            found=differs[0],
            allowed=differs[1],
            hint=_offline(file, url),
        )


def _offline(file: CardFile, url: str) -> str:
    name = Path(file.path).parts[0]
    return (
        f"try again later (what came is kept), or fetch it on another machine from {url} and put it at "
        f"{file.path} in a folder that RETRAIL_MODELS names; retrail models verify {name} checks it"
    )


def _size(part: BinaryIO) -> int:
    part.flush()
    return os.fstat(part.fileno()).st_size


def _empty(part: BinaryIO) -> int:
    part.flush()
    part.truncate(0)
    return 0
