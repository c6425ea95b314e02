"""``${NAME}`` in the site file: values from the environment, and what of them must not be shown."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from retrail.core.secrets import Secret
from retrail.site.address import hidden_parts, is_address, login_span, query_spans
from retrail.site.mistakes import KeyPath, Mistake, shown
from retrail.site.near import near_hint
from retrail.site.plain import listing, mapping

_PLACE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class FromEnvironment(str):
    """A text that holds something of the environment: shown as it stands in the file, and a number where one is due."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one ``${NAME}`` became: its value, and where that stands in the resolved text."""

    value: str
    start: int
    end: int


def resolve(
    value: object, environ: Mapping[str, str], folder: Path, line_of: Mapping[KeyPath, int]
) -> tuple[object, list[Mistake]]:
    """Put the environment's values in place of every ``${NAME}`` in a file's data.

    ``database`` and each camera's ``source`` become a `Secret`, whether or not anything of them is hidden; a source
    that is a path is made absolute. Other texts with something of the environment become `FromEnvironment`.

    Args:
        value: the file's data, as of `Document.data`.
        folder: what relative paths are relative to.
        line_of: lines of the values.

    Returns:
        the data, and one mistake for each variable that is not set (the value is then left out of further checks).
    """
    mistakes: list[Mistake] = []

    def walk(value: object, key: KeyPath) -> object:
        keys, items = mapping(value), listing(value)
        if keys is not None:
            return {name: walk(item, (*key, name)) for name, item in keys.items()}
        if items is not None:
            return [walk(item, (*key, index)) for index, item in enumerate(items)]
        if not isinstance(value, str):
            return value
        problems = [
            Mistake(what, line_of.get(key, 1), key, found=shown(value), hint=hint)
            for what, hint in _missing(value, environ)
        ]
        if problems:
            mistakes.extend(problems)
            return value
        if is_secret(key):
            return _secret(value, environ, None if key == ("database",) else folder)
        return FromEnvironment(_fill(value, environ)[0]) if _PLACE.search(value) else value

    return walk(value, ()), mistakes


def is_secret(key: KeyPath) -> bool:
    """Whether the value at a key may hold a password: a camera's source, the database's address."""
    return key == ("database",) or (len(key) == 3 and key[0] == "cameras" and key[2] == "source")


def _missing(text: str, environ: Mapping[str, str]) -> list[tuple[str, str | None]]:
    problems: list[tuple[str, str | None]] = []
    for name in dict.fromkeys(match[1] for match in _PLACE.finditer(text)):
        if not _VARIABLE.fullmatch(name):
            problems.append(("Not the name of an environment variable", "write ${NAME}: letters, digits, underscores"))
        elif name not in environ:
            problems.append(
                (f"The environment variable {name} is not set", near_hint(name, environ) or f"export {name}=…")
            )
    return problems


def _fill(text: str, environ: Mapping[str, str]) -> tuple[str, list[_Piece]]:
    """The text with its values; in a URL's user and password and in its query they are percent-encoded."""
    login = login_span(text)
    queries = query_spans(text)
    filled, pieces, after = "", list[_Piece](), 0
    for match in _PLACE.finditer(text):
        value = environ[match[1]]
        if match.span() == login:
            put = ":".join(_encoded(part) for part in value.split(":", 1))  # one variable holds user:password
        elif any(start <= match.start() < end for start, end in (login, *queries)):
            put = _encoded(value)
        else:
            put = value
        filled += text[after : match.start()]
        pieces.append(_Piece(value, len(filled), len(filled) + len(put)))
        filled += put
        after = match.end()
    return filled + text[after:], pieces


def _encoded(value: str) -> str:
    return quote(os.fsencode(value), safe="")


def _secret(text: str, environ: Mapping[str, str], folder: Path | None) -> Secret:
    filled, pieces = _fill(text, environ)
    hidden = [piece.value for piece in pieces]
    hidden += [_word_around(filled, piece) for piece in pieces]
    hidden += hidden_parts(filled, [(piece.start, piece.end) for piece in pieces])
    if folder is not None and filled.strip() and not is_address(filled):
        filled = _absolute(filled, folder)
    return Secret(filled, tuple(dict.fromkeys(part for part in hidden if part)))


def _word_around(text: str, piece: _Piece) -> str:
    """``cam7`` where ``cam${NUMBER}`` became it: a short secret is only recognised where it stands by itself."""
    start, end = piece.start, piece.end
    while start > 0 and _in_word(text[start - 1]):
        start -= 1
    while end < len(text) and _in_word(text[end]):
        end += 1
    return text[start:end]


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _absolute(source: str, folder: Path) -> str:
    path = os.path.expanduser(source)
    if os.path.isabs(path):
        return path
    return os.path.join(glob.escape(str(folder)) if glob.has_magic(path) else folder, path)
