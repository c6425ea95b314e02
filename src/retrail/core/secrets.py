"""Text that must not be shown: what came from the environment into a source or a database address."""

from __future__ import annotations

from urllib.parse import quote, quote_plus, unquote

_MASK = "***"


class Secret:
    """A text of which some parts are secret.

    Args:
        text: the whole, resolved.
        hidden: the parts of it that may never be shown.

    >>> address = Secret("rtsp://eva:p%40ss@till/1", hidden=("p@ss",))
    >>> str(address), address.reveal()
    ('rtsp://eva:***@till/1', 'rtsp://eva:p%40ss@till/1')
    >>> address.clean("401 for eva with p@ss")
    '401 for eva with ***'
    """

    __slots__ = ("_forms", "_text")

    def __init__(self, text: str, hidden: tuple[str, ...] = ()) -> None:
        self._text = text
        forms = {form for part in hidden if part for form in _forms(part)}
        self._forms = tuple(sorted(forms, key=len, reverse=True))

    def reveal(self) -> str:
        """The whole text: for opening the source, never for showing."""
        return self._text

    def clean(self, text: str) -> str:
        """``text`` with every hidden part, also percent-encoded or decoded, masked."""
        for form in self._forms:
            text = text.replace(form, _MASK)
        return text

    def __str__(self) -> str:
        return self.clean(self._text)

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def _forms(part: str) -> set[str]:
    return {part, quote(part, safe=""), quote(part), quote_plus(part), unquote(part), repr(part)[1:-1]}
