"""The site file's JSON Schema, for editors (``tools/write-schemas`` publishes it)."""

from __future__ import annotations

from typing import Any

from retrail.site.plain import listing, mapping
from retrail.site.spec import SiteSpec


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) that is published as ``docs/schemas/site.schema.json``."""
    schema = mapping(_tidy(SiteSpec.model_json_schema(by_alias=True))) or {}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Retrail site file"}


def _tidy(node: object) -> object:
    """Without pydantic's titles (an editor would show them instead of the key), and with names of entries enforced."""
    items = listing(node)
    if items is not None:
        return [_tidy(item) for item in items]
    keys = mapping(node)
    if keys is None:
        return node
    kept = {name: _tidy(item) for name, item in keys.items() if name != "title" or not isinstance(item, str)}
    patterns = mapping(kept.pop("patternProperties", None))
    if patterns:
        pattern, entry = next(iter(patterns.items()))
        kept |= {"propertyNames": {"pattern": pattern}, "additionalProperties": entry}
    return kept
