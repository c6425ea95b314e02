"""What is wrong in a site file, collected and said in one error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrail.core.errors import RetrailError, SiteError
from retrail.site.plain import listing, mapping

KeyPath = tuple[str | int, ...]
"""Where a value stands: names of keys and indices of lists, from the outside inwards."""

_LONGEST = 80
_OPEN = re.compile(r"(?::|\$\{\w*\})*")
"""A user and password that give nothing away: the names of variables."""
_SENSITIVE = r"(?:pass\w*|pwd|secret|token|auth\w*|sig\w*|\w*key)"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: a sentence, its line (from 1) and key, and what helps to mend it."""

    what: str
    line: int
    key: KeyPath
    found: str | None = None
    allowed: str | None = None
    hint: str | None = None

    def error(self, path: str) -> SiteError:
        """It alone, as an error."""
        where = f"{path} line {self.line}" + (f": {dotted(self.key)}" if self.key else "")
        return SiteError(self.what, where=where, found=self.found, allowed=self.allowed, hint=self.hint)


class SiteFileError(SiteError):
    """All that is wrong in one site file.

    Attributes:
        mistakes: in the order of the file.
    """

    def __init__(self, path: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        said = in_one(path, self.mistakes)
        super().__init__(said.what, where=said.where, found=said.found, allowed=said.allowed, hint=said.hint)


def in_one(path: str, mistakes: Sequence[Mistake], noun: str = "site file") -> SiteError:
    """All the mistakes of a file, a ``noun``, as one error: in order of lines, numbered where there are several."""
    errors = [mistake.error(path) for mistake in sorted(mistakes, key=lambda mistake: mistake.line)]
    return errors[0] if len(errors) == 1 else SiteError(together(errors, noun))


def together(errors: Sequence[RetrailError], file: str) -> str:
    """Several errors as one sentence and a numbered list.

    Args:
        file: what they are in: ``site file``.
    """
    return "\n".join([f"{len(errors)} mistakes in the {file}", *(f"{at}. {one}" for at, one in enumerate(errors, 1))])


def dotted(key: KeyPath) -> str:
    """A key as a reader writes it.

    >>> dotted(("zones", "table", "polygon", 2))
    'zones.table.polygon.2'
    """
    return ".".join(map(str, key))


def shown(value: object) -> str:
    """A value of the file for a message: short, and without what looks like a password.

    >>> shown("rtsp://eva:secret@till/1?token=abc"), shown([1, 2]), shown(None)
    ("'rtsp://***@till/1?token=***'", '[1, 2]', 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    keys, items = mapping(value), listing(value)
    if keys is not None:
        return "a mapping with " + (", ".join(list(keys)[:5]) or "nothing in it")
    if items is not None:
        flat = not any(isinstance(item, dict | list) for item in items)
        return f"[{', '.join(map(shown, items))}]" if flat and 0 < len(items) <= 4 else f"a list of {len(items)}"
    if not isinstance(value, str):
        return str(value)
    text = re.sub(r"(?s)//(.*)@", lambda found: f"//{found[1] if _OPEN.fullmatch(found[1]) else '***'}@", value)
    text = re.sub(rf"(?i)\b({_SENSITIVE}\s*[=:]\s*)[^&#\s]+", r"\1***", text)
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
