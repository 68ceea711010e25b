"""jsonschema, set up for the two dialects of OpenAPI: 2020-12 for 3.1, and for 3.0 its draft with `nullable`.

Nothing in a verdict here comes from the validators of the rooms.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft4Validator, Draft202012Validator, ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from referencing import Registry, Resource, Specification
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from benchmarks.any_document.description import HERE
from contract_tests.dialect import format_checker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json

__all__ = ["GAVE_UP", "Schemas", "absolute"]

GAVE_UP = "jsonschema gave up"
"""How a verdict begins that is none."""

_made: Any = Specification  # attrs, which mypy does not see through
_NAMELESS = _made(
    name="OpenAPI 3.0",
    id_of=lambda _: None,
    subresources_of=lambda _: (),
    anchors_in=lambda _spec, _contents: (),
    maybe_in_subresource=lambda segments, resolver, subresource: resolver,  # noqa: ARG005 - called by name,
)
"""How references are followed in 3.0, where no schema has a name."""


def absolute(value: Json) -> Json:
    """Copy a document with all references to itself made absolute, so that each schema in it can stand alone."""
    if isinstance(value, list):
        return [absolute(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: absolute(one) for name, one in value.items()}
    reference = found.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        found["$ref"] = HERE + reference
    return found


class Schemas:
    """Judges values by the schemas of one document, whose references are absolute."""

    def __init__(self, tree: dict[str, Json], version: str) -> None:
        make: Any = Resource
        specification = _NAMELESS if version == "3.0" else DRAFT202012
        self._registry: Registry[Any] = Registry().with_resource(HERE, make(tree, specification))
        self._version = version

    def wrong(self, value: Json, schema: Json, direction: str) -> str:
        """Say what is wrong with a value, '' for nothing. direction: `request` or `response`."""
        make = _dialect(self._version, direction)
        schema = schema if isinstance(schema, (dict, bool)) else {}
        try:
            validator = make(schema, registry=self._registry, format_checker=format_checker())
            error = next(validator.iter_errors(value), None)
        except Unresolvable as missing:
            return f"{GAVE_UP}: no {missing.ref}"
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as stumble:  # noqa: BLE001 - a circle of schemas ends in a panic, which is no Exception
            return f"{GAVE_UP}: {type(stumble).__name__}: {stumble}"[:200]
        if error is None:
            return ""
        asked = f"{error.validator} {error.validator_value!r}"[:120]
        return f"{error.json_path}: {asked}, got {error.instance!r}"[:300]


@cache
def _dialect(version: str, direction: str) -> Any:  # noqa: ANN401 - jsonschema makes classes at run time
    keywords: dict[str, Any] = {"pattern": Draft202012Validator.VALIDATORS["pattern"]}
    if version == "3.0":
        keywords["type"] = _nullable_type
        keywords["required"] = _required_to_write if direction == "request" else _required_to_read
        return extend(Draft4Validator, keywords)
    return extend(Draft202012Validator, keywords)


def _nullable_type(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401
    """`nullable` adds null to the `type` beside it (OpenAPI 3.0.3, Schema Object)."""
    if value is None and schema.get("nullable") is True:
        return
    yield from Draft4Validator.VALIDATORS["type"](validator, wanted, value, schema)


def _required(names: Any, value: Any, schema: Any, but: str) -> Iterator[ValidationError]:  # noqa: ANN401
    if not isinstance(value, dict) or not isinstance(names, list):
        return
    properties = schema.get("properties", {})
    for name in names:
        if name not in value and properties.get(name, {}).get(but) is not True:
            yield ValidationError(f"{name!r} is a required property")


def _required_to_write(_: Any, names: Any, value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401
    """What is `readOnly` is required in responses only (OpenAPI 3.0.3, Schema Object)."""
    yield from _required(names, value, schema, "readOnly")


def _required_to_read(_: Any, names: Any, value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401
    """What is `writeOnly` is required in requests only."""
    yield from _required(names, value, schema, "writeOnly")
