"""OpenAPI 3.0 as the JSON Schema (Draft 4) that means the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openapi.reading import Json

__all__ = ["draft4"]


def draft4(schema: Mapping[str, Json], copy: dict[str, Json], absent: str = "") -> None:
    """Make of the copy of one OpenAPI 3.0 schema the JSON Schema that means the same, without the schemas in it.

    It is about `nullable`, and what 3.0 does not have. `absent`: `readOnly` or `writeOnly`: properties that say so are
    not required, even if listed (3.0.3, 4.7.24.2).
    """
    for name in _FOREIGN:
        copy.pop(name, None)
    if isinstance(copy.get("id"), str):
        del copy["id"]
    kind = copy.get("type")
    if schema.get("nullable") is True and isinstance(kind, str):
        copy["type"] = [kind, "null"]
        choices = copy.get("enum")
        if isinstance(choices, list) and None not in choices and absent != "writeOnly":
            # OpenAPI 3.0.3 proposal 'clarify nullable': null must be listed to be allowed by an enum. Most authors
            # forget it and mean it, so it is taken in requests; in an answer, a strict client would stumble over it.
            copy["enum"] = [*choices, None]
    required, properties = schema.get("required"), schema.get("properties")
    if absent and isinstance(required, list) and isinstance(properties, dict):
        gone = {name for name, one in properties.items() if isinstance(one, dict) and one.get(absent) is True}
        kept: list[Json] = [name for name in required if name not in gone]
        if gone:
            del copy["required"]
        if gone and kept:  # Draft 4 knows no empty list
            copy["required"] = kept


_FOREIGN = frozenset(["patternProperties", "dependencies", "additionalItems"])
"""Keywords of JSON Schema Draft 4 that OpenAPI 3.0 does not have: ignored, as the notices say (and `id` with them)."""
