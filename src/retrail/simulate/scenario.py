"""From a preset's name or a file to a `Scenario`."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from retrail.core.errors import DataError, SiteError
from retrail.simulate.spec import ScenarioSpec
from retrail.simulate.unseen import bent, in_pieces, unseen
from retrail.site.document import Document, KeyPath, read_document
from retrail.site.mistakes import Mistake, dotted, shown
from retrail.site.near import near_hint, near_names
from retrail.site.plain import listing, mapping

_PRESETS = "retrail.simulate.presets"
_NO_SCENARIO = "A scenario file is a mapping: keys such as `room:` and `cameras:`, each with its value"
_KINDS = {
    "model_type": "Not a mapping of keys",
    "dict_type": "Not a mapping of names",
    "list_type": "Not a list",
    "tuple_type": "Not a list",
}
"""What is said where pydantic's own sentence names Python's types."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A scenario, checked.

    Attributes:
        spec: what the file says.
        document: the file itself, for messages.
    """

    spec: ScenarioSpec
    document: Document

    @property
    def name(self) -> str:
        return self.spec.scenario

    @contextmanager
    def placing_errors(self) -> Generator[None, None, None]:
        """Turns the key in an error's ``where`` into file, line and key."""
        try:
            yield
        except DataError as error:
            raise DataError(
                error.what,
                where=self._place(error.where or ""),
                found=error.found,
                allowed=error.allowed,
                hint=error.hint,
            ) from None

    def _place(self, key: str) -> str:
        path = _key(key.split(" ")[0])
        return f"{self.document.path} line {self.document.line(path)}: {key}"


def presets() -> tuple[str, ...]:
    """Names of the scenarios that come with Retrail."""
    return tuple(sorted(item.name.removesuffix(".yaml") for item in files(_PRESETS).iterdir() if _is_preset(item.name)))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read and check a scenario.

    Args:
        name_or_path: a preset's name, or a YAML file.

    Raises:
        DataError: no such preset or file, or mistakes in it, each with file, line and key.
    """
    name = str(name_or_path)
    if name in presets():
        return _read(Path(str(files(_PRESETS) / f"{name}.yaml")), f"{name}.yaml")
    if not name.endswith((".yaml", ".yml")) and not Path(name).exists():
        raise DataError(
            "There is no such preset or scenario file",
            found=repr(name),
            allowed=f"{', '.join(presets())}, or a YAML file",
            hint=near_hint(name, presets()),
        )
    return _read(Path(name), name)


def json_schema() -> dict[str, object]:
    """The schema (draft 2020-12) of a scenario file, published as ``docs/schemas/scenario.schema.json``."""
    schema = ScenarioSpec.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Retrail scenario file"}


def _read(path: Path, shown_as: str) -> Scenario:
    document = _document(path, shown_as)
    mistakes = list(document.mistakes)
    data = _extended(document, path, ())
    try:
        spec = ScenarioSpec.model_validate(data)
    except ValidationError as error:
        spec = None
        mistakes += _explained(error, document)
    else:
        mistakes += unseen(spec, document) + bent(spec, document) + in_pieces(spec, document)
    if spec is None or mistakes:
        raise _as_error(document, mistakes)
    return Scenario(spec, document)


def _document(path: Path, shown_as: str) -> Document:
    try:
        document = read_document(path)
    except SiteError as error:
        what = error.what.replace("site file", "scenario file")
        raise DataError(what, where=error.where, found=error.found, allowed=error.allowed) from None
    return Document(shown_as, document.data, document.lines, document.key_lines, document.mistakes)


def _extended(document: Document, path: Path, seen: tuple[Path, ...]) -> object:
    """The data of a document, laid over those of the scenario it extends: mappings merge, all else replaces."""
    data = mapping(document.data)
    base = (data or {}).get("extends")
    if data is None or not isinstance(base, str):
        return document.data
    where = f"{document.path} line {document.line(('extends',))}: extends"
    below = Path(str(files(_PRESETS) / f"{base}.yaml")) if base in presets() else path.parent / base
    if below in seen or not below.is_file():
        what = "Scenarios extend each other in a circle" if below in seen else "There is no such scenario"
        allowed = f"{', '.join(presets())}, or a YAML file beside this one"
        raise DataError(what, where=where, found=repr(base), allowed=allowed, hint=near_hint(base, presets()))
    under = _extended(_document(below, below.name), below, (*seen, path))
    own = {key: value for key, value in data.items() if key != "extends"}
    return _merged(under, own)


def _merged(under: object, over: object) -> object:
    one, two = mapping(under), mapping(over)
    if one is None or two is None:
        return over
    return one | {key: _merged(one[key], value) if key in one else value for key, value in two.items()}


def _explained(error: ValidationError, document: Document) -> list[Mistake]:
    found: list[Mistake] = []
    details = error.errors(include_url=False, include_input=False)
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    meant = {(*place[:-1], name) for place in unknown for name in near_names(place[-1], _keys(place[:-1]))}
    for detail in details:
        if detail["type"] == "missing" and detail["loc"] in meant:
            continue  # a misspelt key is not also a missing one
        key: KeyPath = tuple(step for step in detail["loc"] if step != "[key]")
        if detail["type"] == "extra_forbidden":
            line, names = document.key_lines.get(key) or document.line(key), _keys(detail["loc"][:-1])
            what, hint = f"There is no key {key[-1]!r} here", near_hint(key[-1], names)
            found.append(Mistake(what, line, key, allowed=", ".join(names) or None, hint=hint))
        elif detail["type"] == "missing":
            found.append(Mistake(f"The key {key[-1]!r} is missing", document.line(key[:-1]), key))
        else:
            context = detail.get("ctx", {})
            key = (*key, *context.get("key", ()))
            what = str(context.get("what", _KINDS.get(detail["type"], detail["msg"]) if key else _NO_SCENARIO))
            found.append(
                Mistake(
                    what, document.line(key), key, _value(key, document), context.get("allowed"), context.get("hint")
                )
            )
    return found


def _keys(place: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand at a place, by the published schema."""
    schema = ScenarioSpec.model_json_schema(by_alias=True)
    node = schema
    for step in place:
        node = _resolved(schema, node)
        if isinstance(step, int):
            node = mapping(node.get("items")) or {}
        else:
            named = (mapping(node.get("properties")) or {}).get(step) or node.get("additionalProperties")
            patterns = list((mapping(node.get("patternProperties")) or {}).values())
            node = mapping(named) or mapping(patterns[0] if patterns else None) or {}
    return list(mapping(_resolved(schema, node).get("properties")) or {})


def _resolved(schema: dict[str, object], node: dict[str, object]) -> dict[str, object]:
    """What a reference, also one of several that are allowed, leads to."""
    for option in (node, *(mapping(option) or {} for option in listing(node.get("anyOf")) or [])):
        if "$ref" in option:
            return mapping((mapping(schema["$defs"]) or {})[str(option["$ref"]).rsplit("/", 1)[-1]]) or {}
    return node


def _value(key: KeyPath, document: Document) -> str | None:
    try:
        return shown(document.at(key))
    except KeyError:
        return None


def _as_error(document: Document, mistakes: list[Mistake]) -> DataError:
    first, *rest = sorted(mistakes, key=lambda mistake: mistake.line)
    where = f"{document.path} line {first.line}" + (f": {dotted(first.key)}" if first.key else "")
    more = f"{len(rest)} more mistakes after this one" if len(rest) > 1 else "one more mistake after this one"
    hint = "; ".join(filter(None, [first.hint, more if rest else None])) or None
    return DataError(first.what, where=where, found=first.found, allowed=first.allowed, hint=hint)


def _key(text: str) -> KeyPath:
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def _is_preset(name: str) -> bool:
    return name.endswith(".yaml")
