"""What is wrong in a recipe: pydantic's errors with line, key, what was found and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from retrail.site.document import Document
from retrail.site.mistakes import KeyPath, Mistake, shown
from retrail.site.near import near_hint, near_names

_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "a text",
    "tuple_type": "a list: [first, second]",
    "dict_type": "a mapping: {name: value}",
}
_LIMITS = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "literal_error": "{expected}",
    "too_short": "{min_length} or more",
    "too_long": "{max_length} at most",
}


def recipe_mistakes(error: ValidationError, document: Document, kinds: dict[str, type[BaseModel]]) -> list[Mistake]:
    """One mistake for each of pydantic's errors.

    Args:
        error: of a recipe.
        document: the file, in which values are looked up.
        kinds: the recipe's form by its task.
    """
    details = error.errors(include_url=False, include_input=False)
    if details[0]["type"] in ("union_tag_not_found", "union_tag_invalid"):
        tasks = f"task: {' or '.join(kinds)}"
        return [Mistake("The recipe does not say what it trains", document.line(("task",)), ("task",), allowed=tasks)]
    if not details[0]["loc"]:
        return [Mistake("This is no recipe", 1, (), shown(document.data), "task, seed, net, learning, …")]
    form = kinds[str(details[0]["loc"][0])]  # pydantic puts the task before the key
    for detail in details:
        detail["loc"] = detail["loc"][1:]
    return [_mistake(detail, document, form) for detail in _told(details, form)]


def _told(details: Sequence[ErrorDetails], form: type[BaseModel]) -> list[ErrorDetails]:
    """Without the missing key that a misspelt one stands for, and one for a list that is too short."""
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    meant = {(*key[:-1], name) for key in unknown for name in near_names(key[-1], _keys(form, key[:-1]))}
    lists = {detail["loc"][:-1]: detail for detail in details if _lacks(detail)}
    return [
        detail
        for detail in details
        if (detail["type"] != "missing" or detail["loc"] not in meant)
        and (not _lacks(detail) or lists[detail["loc"][:-1]] is detail)
    ]


def _lacks(detail: ErrorDetails) -> bool:
    return detail["type"] == "missing" and isinstance(detail["loc"][-1], int)


def _mistake(detail: ErrorDetails, document: Document, form: type[BaseModel]) -> Mistake:
    key, context = detail["loc"], detail.get("ctx", {})
    if detail["type"] == "extra_forbidden":
        names = _keys(form, key[:-1])
        line = document.key_lines.get(key) or document.line(key)
        hint = near_hint(key[-1], names)
        return Mistake(f"There is no key {key[-1]!r} here", line, key, allowed=", ".join(names), hint=hint)
    if detail["type"] == "missing" and not isinstance(key[-1], int):
        return Mistake(f"The key {key[-1]!r} is missing", document.line(key[:-1]), key)
    if detail["type"] == "mistake":
        key = (*key, *context["key"])
        found = _found(key, document)
        return Mistake(context["what"], document.line(key), key, found, context["allowed"], context["hint"])
    if detail["type"] == "missing":  # the last of what a list lacks
        allowed, key = f"{int(key[-1]) + 1} values", key[:-1]
    elif detail["type"] == "model_type":
        allowed = f"a mapping with {', '.join(_keys(form, key))}"
    else:
        limit = _LIMITS.get(detail["type"])
        allowed = limit.format(**context) if limit else _KINDS.get(detail["type"], detail["msg"])
    return Mistake("This value is not allowed", document.line(key), key, _found(key, document), allowed)


def _found(key: KeyPath, document: Document) -> str | None:
    try:
        return shown(document.at(key))
    except KeyError:
        return None


def _keys(form: type[BaseModel], key: KeyPath) -> list[str]:
    """The keys that may stand at a place of a recipe."""
    for step in key:
        info = form.model_fields.get(str(step))
        annotation: Any = info.annotation if info is not None else None
        inner = [part for part in (annotation, *get_args(annotation)) if _is_form(part)]
        if not inner:
            return []
        form = inner[0]
    return list(form.model_fields)


def _is_form(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)
