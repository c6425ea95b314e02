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
    """

    name: str
    files: tuple[FileCheck, ...]
    golden: GoldenCheck | None
    problem: str | None = None

    @property
    def verdict(self) -> Verdict:
        """``differs`` if anything does; ``good`` if something was compared and is right; else ``unknown``."""
        states = [check.state for check in self.files]
        golden = self.golden.state if self.golden else None
        if self.problem is not None or golden == "differs" or (golden != "same" and "differs" in states):
            return "differs"
        return "good" if golden == "same" or all(state == "published" for state in states) else "unknown"


def verify(files: ModelFiles) -> Verification:
    """Check a model's files and, where they are a network, run it once.

    A user's own conversion has another checksum than its owner's files; it is good if it says the same.

    Raises:
        ModelError: a file cannot be read.
    """
    name, checks = files.card.name, check_files(files)
    if not files.opens:
        return Verification(name, checks, None)
    try:
        network = open_network(files)
    except ModelError as error:
        return Verification(name, checks, None, str(error))
    try:
        return Verification(name, checks, check_golden(network))
    finally:
        network.close()
