"""Valid and invalid bodies of requests, decided by a validator that shares no code with the mock's."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from contract_tests.dialect import format_checker, tree_for, validator_class
from openapi.pointers import child
from openapi.samples import Missing, schema_example

if TYPE_CHECKING:
    from openapi.document import Library
    from openapi.operation import MediaType
    from openapi.reading import Json
    from openapi.schema import Schema

__all__ = ["broken_clauses", "is_valid", "is_valid_by", "valid_body", "violations"]


def valid_body(media: MediaType) -> Json | Missing:
    """Give the documented example of a body that is valid, else `{}` if that is; `Missing` when neither is."""
    candidates: list[Json | Missing] = list(media.examples.values())
    if media.schema is not None:
        candidates.append(schema_example(media.schema.schemas.library, media.schema.node))
    candidates.append({})
    valid = (one for one in candidates if not isinstance(one, Missing) and is_valid(media, one))
    return next(valid, Missing())


def is_valid(media: MediaType, value: Json) -> bool:
    """Tell whether a value is valid for a media type; without a schema everything is."""
    return media.schema is None or is_valid_by(media.schema, value)


def is_valid_by(schema: Schema, value: Json) -> bool:
    """Tell whether a value is valid for a schema."""
    return bool(_validator(schema).is_valid(value))


def broken_clauses(media: MediaType, value: Json) -> list[str]:
    """Give the JSON pointers of the schema clauses that a value breaks; of one behind a reference, a place below it."""
    return [] if media.schema is None else [clause for clause, _ in violations(media.schema, value)]


def violations(schema: Schema, value: Json) -> list[tuple[str, str]]:
    """Give the pointers of the clauses of a schema that a value breaks, each with the place in the value."""
    errors = _validator(schema).iter_errors(value)
    return [
        (child(schema.node.pointer, *error.absolute_schema_path), child("", *error.absolute_path)) for error in errors
    ]


@lru_cache(maxsize=4096)
def _validator(schema: Schema) -> Any:  # noqa: ANN401 - jsonschema has no types
    version = schema.schemas.version
    reference = {"$ref": f"{schema.node.document.uri}#{quote(schema.node.pointer, safe='/~')}"}
    registry = _registry(schema.schemas.library, version)
    return validator_class(version, "request")(reference, registry=registry, format_checker=format_checker())


_registries: WeakKeyDictionary[Library, dict[str, Any]] = WeakKeyDictionary()
"""The documents of each library as jsonschema looks references up in them: copies, of megabytes now and then."""


def _registry(library: Library, version: str) -> Any:  # noqa: ANN401 - of openapi-core's validators
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4, DRAFT202012

    known = _registries.setdefault(library, {})
    if version not in known:
        registry: Registry[Any] = Registry()
        for document in library.documents.values():
            tree = tree_for(version, library, document)
            resource = Resource.from_contents(tree, default_specification=DRAFT4 if version == "3.0" else DRAFT202012)
            registry = registry.with_resource(document.uri, resource)
        known[version] = registry
    return known[version]
