"""From a preset's name or a file to a `Scenario`."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from retrail.core.errors import DataError
from retrail.simulate.hanging import buried
from retrail.simulate.layers import NO_SCENARIO, Layers, read_layers
from retrail.simulate.presets import preset_path, presets
from retrail.simulate.spec import ScenarioSpec
from retrail.simulate.unseen import bent, in_pieces, unseen
from retrail.site.document import Document, KeyPath
from retrail.site.mistakes import Mistake, together
from retrail.site.near import near_hint, near_names
from retrail.site.plain import listing, mapping

_KINDS = {
    "model_type": "Not a mapping of keys",
    "dict_type": "Not a mapping of names",
    "list_type": "Not a list",
    "tuple_type": "Not a list",
    "too_short": "Too few of them",
    "too_long": "Too many of them",
    "string_type": "Not a text",
    "bool_type": "Neither true nor false",
    "bool_parsing": "Neither true nor false",
    "int_type": "Not a whole number",
    "int_parsing": "Not a whole number",
    "int_from_float": "Not a whole number",
    "float_type": "Not a number",
    "float_parsing": "Not a number",
    "finite_number": "Not a finite number",
    "literal_error": "Not one of the choices",
    "greater_than": "Out of range",
    "greater_than_equal": "Out of range",
    "less_than": "Out of range",
    "less_than_equal": "Out of range",
    "multiple_of": "Out of range",
}
"""What is said in place of pydantic's own sentences, which speak of Python's types and of input."""

_CHOICE = re.compile(r"'([^']*)'")
_ALLOWED = {
    "gt": "above {:g}",
    "ge": "{:g} or more",
    "lt": "below {:g}",
    "le": "{:g} or less",
    "multiple_of": "a multiple of {:g}",
    "min_length": "{} or more",
    "max_length": "{} or fewer",
    "expected": "{}",
}
"""What is allowed, by what pydantic knows of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A scenario, checked.

    Attributes:
        spec: what the file says.
        layers: the files that say it, for messages.
    """

    spec: ScenarioSpec
    layers: Layers

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
                where=self.layers.where(error.where or ""),
                found=error.found,
                allowed=error.allowed,
                hint=error.hint,
            ) from None


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read and check a scenario.

    Args:
        name_or_path: a preset's name, or a YAML file.

    Raises:
        DataError: no such preset or file, or all mistakes in it and in those it extends, each with file, line and key.
    """
    name = str(name_or_path)
    if name in presets():
        return _read(preset_path(name), f"{name}.yaml")
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
    layers = read_layers(path, shown_as)
    mistakes = [(document, mistake) for document in layers.documents for mistake in document.mistakes]
    try:
        spec = ScenarioSpec.model_validate(layers.data)
    except ValidationError as error:
        raise _as_error(layers, mistakes, _explained(error, layers)) from None
    found = [*buried(spec, layers), *unseen(spec, layers), *bent(spec, layers), *in_pieces(spec, layers)]
    if mistakes or found:
        raise _as_error(layers, mistakes, found)
    return Scenario(spec, layers)


def _explained(error: ValidationError, layers: Layers) -> list[Mistake]:
    found: list[Mistake] = []
    details = error.errors(include_url=False, include_input=False)
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    gone = [detail["loc"] for detail in details if detail["type"] == "missing"]
    meant = {(*place[:-1], name) for place in unknown for name in near_names(place[-1], _keys(place[:-1]))}
    for detail in details:
        if detail["type"] == "missing" and (detail["loc"] in meant or _after(detail["loc"]) in gone):
            continue  # a misspelt key is not also a missing one, and a list that is too short is told once
        key: KeyPath = tuple(step for step in detail["loc"] if step != "[key]")
        if detail["type"] == "extra_forbidden":
            line, names = layers.origin(key).key_lines.get(key) or layers.line(key), _keys(detail["loc"][:-1])
            what, hint = f"There is no key {key[-1]!r} here", near_hint(key[-1], names)
            found.append(Mistake(what, line, key, allowed=", ".join(names) or None, hint=hint))
        elif detail["type"] == "missing":
            found.append(_missing(key, layers))
        else:
            context = detail.get("ctx", {})
            key = (*key, *context.get("key", ()))
            what = str(context.get("what", _KINDS.get(detail["type"], detail["msg"]) if key else NO_SCENARIO))
            known = [form.format(context[name]) for name, form in _ALLOWED.items() if name in context]
            allowed = context.get("allowed", ", ".join(known).replace("'", "") or None)
            found_there = layers.found(key)
            hint = context.get("hint", near_hint((found_there or "").strip("'"), _CHOICE.findall(", ".join(known))))
            found.append(Mistake(what, layers.line(key), key, found_there, allowed, hint))
    return found


def _missing(key: KeyPath, layers: Layers) -> Mistake:
    *around, last = key
    if isinstance(last, str):
        return Mistake(f"The key {last!r} is missing", layers.line(key), key)
    short = tuple(around)
    return Mistake("Too few of them", layers.line(short), short, layers.found(short), f"{last + 1} of them")


def _after(place: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    return (*place[:-1], place[-1] + 1) if isinstance(place[-1], int) else None


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


def _as_error(layers: Layers, of_files: Sequence[tuple[Document, Mistake]], of_values: Sequence[Mistake]) -> DataError:
    """All mistakes as one error: those of the file itself first, each file's in its order."""
    mistakes = [*of_files, *((layers.origin(mistake.key), mistake) for mistake in of_values)]
    mistakes.sort(key=lambda one: (layers.documents.index(one[0]), one[1].line))
    errors = [mistake.error(document.path) for document, mistake in mistakes]
    if len(errors) > 1:
        return DataError(together(errors, "scenario file"))
    only = errors[0]
    return DataError(only.what, where=only.where, found=only.found, allowed=only.allowed, hint=only.hint)
