"""A YAML file as plain data, with the line of every key and value."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from retrail.core.errors import SiteError
from retrail.site.mistakes import KeyPath, Mistake

_LARGEST_BYTES = 1_000_000
_MOST_VALUES = 100_000
_CORE = "tag:yaml.org,2002:"
_SCALARS = {_CORE + kind for kind in ("null", "bool", "int", "float", "timestamp")}


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file.

    Attributes:
        path: as it was given, for messages.
        data: dicts with text keys, lists, texts, numbers, booleans and None; times as ISO 8601 text.
        lines: line of each value, from 1, by its path; ``()`` is the whole file.
        key_lines: line of each key of a mapping.
        mistakes: what is wrong with the file as YAML but does not stop reading: keys given twice, odd tags.
    """

    path: str
    data: object
    lines: dict[KeyPath, int] = field(default_factory=dict[KeyPath, int])
    key_lines: dict[KeyPath, int] = field(default_factory=dict[KeyPath, int])
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    def line(self, key: KeyPath) -> int:
        """The line of a value, or of the nearest thing around it that stands in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)

    def at(self, key: KeyPath) -> object:
        """The value as written (``${NAME}`` unresolved).

        Raises:
            KeyError: there is none.
        """
        value: Any = self.data
        for step in key:
            try:
                value = value[step]
            except (IndexError, TypeError):
                raise KeyError(step) from None
        return value


def read_document(path: str | Path, noun: str = "site file") -> Document:
    """Read a YAML file, a ``noun`` to its reader.

    Raises:
        SiteError: there is no such file, it is no UTF-8 text, too large, empty, or no YAML.
    """
    text = _read_text(path, noun)
    yaml = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor used twice is no mistake, and the warning quotes the file
            root = cast(Any, yaml).compose(text)
    except MarkedYAMLError as error:
        raise _syntax_error(path, text, error) from None
    except YAMLError:
        raise SiteError("Not YAML: the file holds a character that is not text", where=str(path)) from None
    except RecursionError:
        raise SiteError(f"Not a {noun}: its values are nested too deeply", where=str(path)) from None
    if root is None:
        raise SiteError(
            f"The {noun} is empty",
            where=str(path),
            hint="examples/shop.yaml shows one" if noun == "site file" else None,
        )
    document = Document(str(path), None)
    data = _Reader(yaml, document, noun).value(root, (), ())
    return Document(document.path, data, document.lines, document.key_lines, document.mistakes)


def _read_text(path: str | Path, noun: str) -> str:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise SiteError(f"There is no such {noun}", where=str(path)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise SiteError(f"The {noun} cannot be read", where=str(path), found=reason) from None
    if len(content) > _LARGEST_BYTES:
        raise SiteError(f"Not a {noun}: larger than a megabyte", where=str(path), allowed="YAML text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SiteError(f"Not a {noun}: no UTF-8 text", where=f"{path} line {line}", allowed="YAML text") from None


def _syntax_error(path: str | Path, text: str, error: Any) -> SiteError:
    mark = error.problem_mark or error.context_mark
    number = int(mark.line) + 1 if mark else 1
    lines = text.splitlines()
    line = lines[min(number, len(lines)) - 1] if lines else ""
    hint = None
    if "\t" in line[: len(line) - len(line.lstrip())]:
        hint = "indent with spaces, not with tabs"
    elif "${" in line:
        hint = "put a value with ${NAME} in quotes"
    problem = str(error.problem or "not understood").split("\n")[0]
    context = f" {error.context}" if error.context and error.context_mark else ""
    return SiteError(f"Not YAML: {problem}{context}", where=f"{path} line {number}", hint=hint)


class _Reader:
    """Walks ruamel.yaml's nodes (untyped: ``id``, ``tag``, ``value``, ``start_mark``); fills the document's tables."""

    def __init__(self, yaml: YAML, document: Document, noun: str) -> None:
        self._construct: Any = yaml.constructor.construct_object
        self._document = document
        self._noun = noun
        self._values = 0

    def value(self, node: Any, key: KeyPath, around: tuple[Any, ...]) -> object:
        self._values += 1
        self._document.lines.setdefault(key, _line(node))
        if node in around or self._values > _MOST_VALUES:
            raise SiteError(
                f"Not a {self._noun}: its aliases go in circles", where=f"{self._document.path} line {_line(node)}"
            )
        if node.id == "mapping":
            return self._mapping(node, key, (*around, node))
        if node.id == "sequence":
            return [self.value(item, (*key, index), (*around, node)) for index, item in enumerate(node.value)]
        return self._scalar(node, key)

    def _mapping(self, node: Any, key: KeyPath, around: tuple[Any, ...]) -> dict[str, object]:
        data: dict[str, object] = {}
        for name_node, value_node in self._pairs(node, key, around):
            if name_node.id != "scalar":
                self._mistake("A key that is no text", name_node, key, allowed="a name")
                continue
            name = str(name_node.value)
            path = (*key, name)
            if name in data:
                first = self._document.key_lines[path]
                self._mistake(f"The key {name!r} is given twice", name_node, path, hint=f"the first is on line {first}")
                continue
            self._document.key_lines[path] = _line(name_node)
            data[name] = self.value(value_node, path, around)
            if data[name] is None:
                self._document.lines[path] = _line(name_node)  # YAML puts an empty value where the next thing begins
        return data

    def _pairs(self, node: Any, key: KeyPath, around: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
        """The pairs of a mapping, then those it takes over by ``<<`` where it has none of its own."""
        own = [pair for pair in node.value if pair[0].tag != _CORE + "merge"]
        yield from own
        taken = {pair[0].value for pair in own if pair[0].id == "scalar"}
        for name_node, value_node in node.value:
            if name_node.tag != _CORE + "merge":
                continue
            for source in value_node.value if value_node.id == "sequence" else [value_node]:
                if source.id != "mapping" or source in around:
                    self._mistake("<< takes over something that is no mapping", name_node, (*key, "<<"))
                    continue
                for pair in self._pairs(source, key, (*around, source)):
                    if pair[0].id == "scalar" and pair[0].value not in taken:
                        taken.add(pair[0].value)
                        yield pair

    def _scalar(self, node: Any, key: KeyPath) -> object:
        tag = str(node.tag)
        if tag not in _SCALARS:
            if tag != _CORE + "str":
                self._mistake(f"A YAML tag that a {self._noun} does not know", node, key)
            return str(node.value)
        try:
            value = self._construct(node, deep=True)
        except (YAMLError, ValueError):
            return str(node.value)
        return value.isoformat() if isinstance(value, date) else value

    def _mistake(
        self, what: str, node: Any, key: KeyPath, *, allowed: str | None = None, hint: str | None = None
    ) -> None:
        self._document.mistakes.append(Mistake(what, _line(node), key, allowed=allowed, hint=hint))


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1
