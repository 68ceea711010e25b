"""Valid and invalid bodies, decided by a validator that shares no code with the mock's (openapi-schema-validator)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openapi.samples import Missing, schema_example

if TYPE_CHECKING:
    from openapi.operation import MediaType, Operation
    from openapi.reading import Json
    from openapi.schema import Schema

__all__ = ["is_valid", "valid_body"]


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
    return media.schema is None or bool(_validator(media.schema).is_valid(value))


@lru_cache(maxsize=512)
def _validator(schema: Schema) -> Any:  # noqa: ANN401 - jsonschema has no types
    from openapi_schema_validator import OAS30Validator, OAS31Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4, DRAFT202012

    old = schema.schemas.version == "3.0"
    registry: Registry[Any] = Registry()
    for document in schema.schemas.library.documents.values():
        resource = Resource.from_contents(document.tree, default_specification=DRAFT4 if old else DRAFT202012)
        registry = registry.with_resource(document.uri, resource)
    validator = OAS30Validator if old else OAS31Validator
    reference = {"$ref": f"{schema.node.document.uri}#{quote(schema.node.pointer, safe='/~')}"}
    return validator(reference, registry=registry, format_checker=validator.FORMAT_CHECKER)
