"""What ``retrail models`` prints with ``--json``: frozen records to text, and their published schemas."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from retrail.zoo.listing import ModelList, ModelShown


def as_text(document: object) -> str:
    """A record as JSON."""
    adapter: TypeAdapter[Any] = TypeAdapter(type(document))
    return adapter.dump_json(document, indent=1).decode()


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas by the name of the file in ``docs/schemas``."""
    from retrail.runtime.verify import ModelsVerified  # OpenVINO is slow to import: not for `list`

    documents = {"models-list": ModelList, "models-show": ModelShown, "models-verify": ModelsVerified}
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        f"{name}.schema.json": draft | TypeAdapter(kind).json_schema(mode="serialization")
        for name, kind in documents.items()
    }
