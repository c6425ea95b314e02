"""A scenario file laid over those that it extends, with the file and line of every key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from retrail.core.errors import DataError, SiteError
from retrail.simulate.presets import preset_path, presets
from retrail.site.document import Document, KeyPath, read_document
from retrail.site.mistakes import shown
from retrail.site.near import near_hint
from retrail.site.plain import listing, mapping

NO_SCENARIO = "A scenario file is a mapping: keys such as `room:` and `cameras:`, each with its value"


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A scenario file and those below it: mappings merge, all else replaces.

    Attributes:
        documents: the file itself, then what it extends, then what that extends.
        data: what all of them say together.
    """

    documents: tuple[Document, ...]
    data: object

    @property
    def path(self) -> str:
        """The file itself, as it was given."""
        return self.documents[0].path

    def origin(self, key: KeyPath) -> Document:
        """The file a value comes from, or the one that holds the nearest thing around it."""
        best, most = self.documents[0], -1
        for document in self.documents:
            reached = next(length for length in range(len(key), -1, -1) if key[:length] in document.lines)
            if reached > most:
                best, most = document, reached
            if _replaces(document.data, key):
                break
        return best

    def line(self, key: KeyPath) -> int:
        """The line of a value in its file, or of the nearest thing around it."""
        return self.origin(key).line(key)

    def found(self, key: KeyPath) -> str | None:
        """A value for a message, as its file says it; None: it stands nowhere."""
        try:
            return shown(self.origin(key).at(key))
        except KeyError:
            return None

    def where(self, text: str) -> str:
        """File, line and key of something that was named with dots: ``people.0.plan``, ``crowds.1 visitor 3``."""
        key = _named(text, self.data)
        return f"{self.origin(key).path} line {self.line(key)}: {text}"


def read_layers(path: Path, shown_as: str) -> Layers:
    """Read a scenario file and those it extends.

    Raises:
        DataError: one cannot be read or is no mapping, is not there, or extends one above it.
    """
    documents = [_document(path, shown_as)]
    paths = [path]
    while isinstance(base := (mapping(documents[-1].data) or {}).get("extends"), str):
        below = preset_path(base) if base in presets() else paths[-1].parent / base
        _check_base(base, below, paths, documents[-1])
        as_given = f"{base}.yaml" if base in presets() else str(Path(documents[-1].path).parent / base)
        document = _document(below, as_given)
        if mapping(document.data) is None:
            raise DataError(NO_SCENARIO, where=f"{document.path} line 1", found=shown(document.data))
        documents.append(document)
        paths.append(below)
    return Layers(tuple(documents), reduce(_merged, [_own(document.data) for document in reversed(documents)]))


def _check_base(base: str, below: Path, above: list[Path], document: Document) -> None:
    again = any(below.resolve() == path.resolve() for path in above)
    if again or not below.is_file():
        raise DataError(
            "Scenarios extend each other in a circle" if again else "There is no such scenario",
            where=f"{document.path} line {document.line(('extends',))}: extends",
            found=repr(base),
            allowed=f"{', '.join(presets())}, or a YAML file beside this one",
            hint=near_hint(base, presets()),
        )


def _document(path: Path, shown_as: str) -> Document:
    try:
        document = read_document(path, "scenario file")
    except SiteError as error:
        where = (error.where or "").replace(str(path), shown_as)
        hint = error.hint if error.what.startswith("Not YAML") else None  # others show a site file
        raise DataError(error.what, where=where, found=error.found, allowed=error.allowed, hint=hint) from None
    return Document(shown_as, document.data, document.lines, document.key_lines, document.mistakes)


def _own(data: object) -> object:
    rows = mapping(data)
    extends = rows is not None and isinstance(rows.get("extends"), str)
    return {key: value for key, value in (rows or {}).items() if key != "extends"} if extends else data


def _merged(under: object, over: object) -> object:
    one, two = mapping(under), mapping(over)
    if one is None or two is None:
        return over
    return one | {key: _merged(one[key], value) if key in one else value for key, value in two.items()}


def _replaces(data: object, key: KeyPath) -> bool:
    """Whether a document says something at a key or around it that is no mapping, so that what is below is gone."""
    for step in key:
        rows = mapping(data)
        if rows is None or step not in rows:
            return rows is None
        data = rows[str(step)]
    return mapping(data) is None


def _named(text: str, data: object) -> KeyPath:
    """As much of a dotted text as names something; names may have dots and spaces in them."""
    rows: dict[str, object] = mapping(data) or {str(index): row for index, row in enumerate(listing(data) or [])}
    matching = [name for name in rows if text == name or text.startswith((f"{name}.", f"{name} "))]
    if not matching:
        return ()
    name = max(matching, key=len)
    step = name if mapping(data) is not None else int(name)
    return (step, *_named(text[len(name) + 1 :], rows[name]))
