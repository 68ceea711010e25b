"""Which keywords hold schemas, which hold values, and which hold mappings whose keys are names. Reads nothing."""

from __future__ import annotations

__all__ = ["DATA", "LISTS", "MEMBERS", "NAMED", "SINGLE"]

SINGLE = (
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties", "contentSchema", "additionalItems",
)  # fmt: skip
"""Keywords that hold a schema."""

LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
"""Keywords that hold a list of schemas."""

MEMBERS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""Keywords that hold schemas by name."""

DATA = frozenset({"enum", "const", "default", "example", "examples"})
"""Keywords with values in them, which are no schemas whatever they look like."""

NAMED = frozenset(
    ["properties", "responses", "schemas", "parameters", "headers", "requestBodies", "content", "paths", "callbacks"]
)
"""Keywords with a mapping in them whose keys are names: a property may well be called `default`."""
