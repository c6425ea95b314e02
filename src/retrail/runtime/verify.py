"""Is a model on this machine the one that its card speaks of? By checksum, and by what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retrail.core.errors import ModelError
from retrail.runtime.golden import GoldenCheck, check_golden
from retrail.runtime.opening import open_network
from retrail.zoo import FileCheck, ModelFiles, check_files

Verdict = Literal["good", "differs", "unknown"]


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    Attributes:
        name: of the model.
        files: each file against its published checksum.
        golden: what the network says against what the card records; None where it cannot be opened.
        problem: why it cannot be opened.
        verdict: ``differs`` if what counts does, ``good`` if something was compared and is right, else ``unknown``.
    """

    name: str
    files: tuple[FileCheck, ...]
    golden: GoldenCheck | None
    problem: str | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ModelsVerified:
    """What ``retrail models verify --json`` prints."""

    models: tuple[Verification, ...]


def verify(files: ModelFiles) -> Verification:
    """Check a model's files and, where they are a network, run it once.

    A user's own conversion has another checksum than its owner's files; it is good if it says the same.

    Raises:
        ModelError: a file cannot be read.
    """
    name, checks = files.card.name, check_files(files)
    if not files.opens:
        return _verification(name, checks, None)
    try:
        network = open_network(files)
    except ModelError as error:
        return _verification(name, checks, None, str(error))
    try:
        return _verification(name, checks, check_golden(network))
    finally:
        network.close()


def _verification(
    name: str, files: tuple[FileCheck, ...], golden: GoldenCheck | None, problem: str | None = None
) -> Verification:
    states = [check.state for check in files]
    said = golden.state if golden else None
    if problem is not None or said == "differs" or (said != "same" and "differs" in states):
        return Verification(name, files, golden, problem, "differs")
    good = said == "same" or all(state == "published" for state in states)
    return Verification(name, files, golden, problem, "good" if good else "unknown")
