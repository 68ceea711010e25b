"""Valid and invalid bodies of requests, decided by a validator that shares no code with the mock's."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from contract_tests.dialect import format_checker, tree_for, validator_class
from openapi.pointers import child
from openapi.samples import Missing, schema_example

if TYPE_CHECKING:
    from openapi.operation import MediaType, Operation
    from openapi.reading import Json
    from openapi.schema import Schema

__all__ = ["broken_clauses", "is_valid", "is_valid_by", "valid_body", "violations"]


def valid_body(operation: Operation) -> Json | Missing:
    """Give the documented example of the body that is valid, else `{}` if that is; `Missing` when neither is."""
    for media in operation.body[:1]:
        candidates: list[Json | Missing] = list(media.examples.values())
        if media.schema is not None:
            candidates.append(schema_example(media.schema.schemas.library, media.schema.node))
        candidates.append({})
        for candidate in candidates:
            if not isinstance(candidate, Missing) and is_valid(media, candidate):
                return candidate
    return Missing()


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


@lru_cache(maxsize=512)
def _validator(schema: Schema) -> Any:  # noqa: ANN401 - jsonschema has no types
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4, DRAFT202012

    version = schema.schemas.version
    registry: Registry[Any] = Registry()
    for document in schema.schemas.library.documents.values():
        tree = tree_for(version, document.tree)
        resource = Resource.from_contents(tree, default_specification=DRAFT4 if version == "3.0" else DRAFT202012)
        registry = registry.with_resource(document.uri, resource)
    reference = {"$ref": f"{schema.node.document.uri}#{quote(schema.node.pointer, safe='/~')}"}
    return validator_class(version, "request")(reference, registry=registry, format_checker=format_checker())
