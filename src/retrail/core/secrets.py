"""Text that must not be shown: what came from the environment into a source or a database address."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

_MASK = "***"
_SHORT = 4
"""Parts below this many characters are masked only where they stand by themselves."""


class Secret:
    """A text of which some parts are secret.

    A part is found as it is, percent-encoded (each character for itself, once or twice), escaped for HTML or quoted by
    ``repr``. A part of fewer than four characters is masked only where no letter or digit touches it: a
    password ``a`` leaves ``camera`` readable and is still gone from ``//eva:a@till/1`` and ``password 'a' refused``.
    One of signs alone is masked where it is encoded or in quotes: with every ``/`` masked an address would tell of it.

    Args:
        text: the whole, resolved.
        hidden: the parts of it that may never be shown.

    >>> address = Secret("rtsp://eva:p%40ss@till/1", hidden=("p@ss",))
    >>> str(address), address.reveal()
    ('rtsp://eva:***@till/1', 'rtsp://eva:p%40ss@till/1')
    >>> address.clean("401 for eva with p@ss")
    '401 for eva with ***'
    """

    __slots__ = ("_hidden", "_pattern", "_text")

    def __init__(self, text: str, hidden: tuple[str, ...] = ()) -> None:
        self._text = text
        self._hidden = hidden
        parts = sorted({form for part in hidden for form in (part, unquote(part)) if form}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_part_pattern, parts))) if parts else None

    def reveal(self) -> str:
        """The whole text: for opening the source, never for showing."""
        return self._text

    def with_text(self, text: str) -> Secret:
        """Another text in which the same parts are hidden: one file of a set, a path made absolute."""
        return Secret(text, self._hidden)

    def clean(self, text: str) -> str:
        """``text`` with every hidden part, also percent-encoded or escaped, masked."""
        return self._pattern.sub(_MASK, text) if self._pattern else text

    def __str__(self) -> str:
        return self.clean(self._text)

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def _part_pattern(part: str) -> str:
    pattern = "".join(map(_character_pattern, part))
    if len(part) >= _SHORT:
        return pattern
    if not any(character.isalnum() for character in part):
        encoded = "".join(map(_percent_pattern, part))
        return rf"(?:{encoded}|(?<=['\"]){pattern}(?=['\"])|(?<=:){pattern}(?=@))"
    # A percent escape before it ends in a letter or digit, but that is no word it belongs to.
    return rf"(?:(?<!\w)|(?<=%[0-9A-Fa-f]{{2}}))(?:{pattern})(?!\w)"


def _character_pattern(character: str) -> str:
    """One character in every form in which a message may show it, longest first."""
    percent = _percent_pattern(character)
    if character.isascii() and character.isalnum():
        return f"(?:{percent}|{character})"
    forms = {character, html.escape(character), repr(character)[1:-1], ascii(character)[1:-1]}
    if character in "\\'\"":
        forms.add("\\" + character)
    if character == "'":
        forms.add("&#39;")
    if character == " ":
        forms.add("+")
    return "(?:" + "|".join([percent, *map(re.escape, sorted(forms, key=len, reverse=True))]) + ")"


def _percent_pattern(character: str) -> str:
    octets = character.encode("utf-8", "surrogateescape")
    return "(?i:" + "".join(rf"%(?:25){{0,2}}{octet:02x}" for octet in octets) + ")"
