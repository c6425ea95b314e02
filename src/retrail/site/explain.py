"""pydantic's errors as mistakes of the file: line, key, what was written there, what is allowed."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from retrail.site.definitions import Definitions
from retrail.site.document import Document
from retrail.site.mistakes import KeyPath, Mistake, shown
from retrail.site.near import near_hint, near_names
from retrail.site.spec import CameraSpec, LineSpec, LinkSpec, ModelsSpec, RetentionSpec, SiteSpec, ZoneSpec

_SECTIONS: dict[str, type[BaseModel]] = {"models": ModelsSpec, "retention": RetentionSpec}
_ENTRIES: dict[str, type[BaseModel]] = {"cameras": CameraSpec, "zones": ZoneSpec, "lines": LineSpec, "links": LinkSpec}
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def explain(error: ValidationError, document: Document) -> list[Mistake]:
    """One mistake for each of pydantic's errors. Values are taken from the document, never from pydantic."""
    details = error.errors(include_url=False, include_input=False)
    meant = {
        (*key[:-1], name)
        for key in (detail["loc"] for detail in details if detail["type"] in _UNKNOWN)
        for name in near_names(key[-1], known_keys(key[:-1]))
    }
    # A misspelt key is not also a missing one.
    return [
        _mistake(detail, document) for detail in details if detail["type"] != "missing" or detail["loc"] not in meant
    ]


def _mistake(detail: ErrorDetails, document: Document) -> Mistake:
    key = detail["loc"]
    if detail["type"] in _UNKNOWN:
        return _unknown_key(key, document)
    if detail["type"] == "missing":
        what = f"The key {key[-1]!r} is missing"
        return Mistake(what, _line_of_key(key[:-1], document), key, allowed=_description(key))
    if key and key[-1] == "[key]":
        key = key[:-1]
        context = detail.get("ctx", {})
        return Mistake("Not a name", _line_of_key(key, document), key, shown(str(key[-1])), context.get("allowed"))
    context = detail.get("ctx", {})
    if detail["type"] == "mistake":
        key = (*key, *context["key"])
        what, allowed, hint = str(context["what"]), context["allowed"], context["hint"]
    else:
        what, allowed, hint = *_structure(detail["type"], key), None
    return Mistake(what, document.line(key), key, _found(key, document), allowed, hint)


def _unknown_key(key: KeyPath, document: Document) -> Mistake:
    names = known_keys(key[:-1])
    hint = near_hint(key[-1], names)
    return Mistake(f"There is no key {key[-1]!r} here", _line_of_key(key, document), key, None, ", ".join(names), hint)


def known_keys(place: KeyPath) -> list[str]:
    """The keys that may stand at a place of the file.

    >>> known_keys(("retention",))
    ['embeddings', 'journeys']
    """
    model = _model(place)
    if model is None:
        return list(Definitions.__dataclass_fields__)
    return [info.alias or name for name, info in model.model_fields.items()]


def _model(place: KeyPath) -> type[BaseModel] | None:
    if not place:
        return SiteSpec
    section = str(place[0])
    return _ENTRIES.get(section) or _SECTIONS.get(section)


def _description(key: KeyPath) -> str | None:
    model = _model(key[:-1])
    fields: dict[str, Any] = {} if model is None else dict(model.model_fields)
    return next((info.description for name, info in fields.items() if key[-1] in (name, info.alias)), None)


def _structure(error: str, key: KeyPath) -> tuple[str, str]:
    """What is wrong and what is allowed, for the errors that are pydantic's own: those of structure."""
    if error in ("list_type", "tuple_type"):
        return "Not a list", "a list: [first, second], or lines that begin with -"
    names = ", ".join(known_keys(key))
    return "Not a mapping", f"name: {{{names}}}, for each" if len(key) == 1 and key[0] in _ENTRIES else f"keys {names}"


def _found(key: KeyPath, document: Document) -> str | None:
    try:
        value = document.at(key)
    except KeyError:
        return None
    if key == ("database",) and isinstance(value, str):
        return shown(value) if "://" in value else "another text"
    return shown(value)


def _line_of_key(key: KeyPath, document: Document) -> int:
    return document.key_lines.get(key) or document.line(key)
