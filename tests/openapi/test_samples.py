"""Examples: the document's own, one assembled from its parts, none invented, and none that never ends."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from openapi.document import Library
from openapi.samples import MISSING, media_examples, schema_example
from tests.documents.making import at, contract, document

if TYPE_CHECKING:
    from openapi.reading import Json
    from openapi.samples import Missing


def example(schema: Json, **others: Json) -> Json | Missing:
    made = document({"components": {"schemas": {"S": schema, **others}}})
    return schema_example(Library([made]), at(made, "/components/schemas/S"))


CASES: list[tuple[Json, Json | Missing]] = [
    ({"example": "a", "default": "b"}, "a"),
    ({"examples": ["a", "b"]}, "a"),
    ({"examples": []}, MISSING),
    ({"const": None}, None),
    ({"default": False}, False),
    ({"enum": ["x", "y"]}, "x"),
    ({"type": "string"}, MISSING),
    ({"type": "array", "items": {"example": 1}}, [1]),
    ({"type": "array", "items": {"type": "string"}}, MISSING),
    ({"properties": {"a": {"example": 1}, "b": {"type": "string"}}}, {"a": 1}),
    ({"properties": {"a": {}}}, {}),
    ({"properties": {"a": {}}, "required": ["a"]}, MISSING),
    ({"allOf": [{"properties": {"a": {"example": 1}}}, {"example": {"b": 2}}], "properties": {"c": {"example": 3}}},
     {"a": 1, "b": 2, "c": 3}),
    ({"oneOf": [{"type": "string"}, {"example": 2}]}, 2),
    ({"anyOf": [{"enum": [3]}]}, 3),
    ({"$ref": "#/components/schemas/Other"}, "other"),
    (True, MISSING),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "wanted"), CASES)
def test_example_is_the_first_that_the_document_gives(schema: Json, wanted: Json | Missing) -> None:
    assert example(schema, Other={"example": "other"}) == wanted


def test_missing_is_not_null() -> None:
    assert example({"example": None}) is None
    assert repr(example({})) == "MISSING"


def test_media_type_gives_its_examples_by_name_before_that_of_the_schema() -> None:
    media: Json = {
        "examples": {
            "one": {"value": 1},
            "two": {"$ref": "#/components/examples/Two"},
            "elsewhere": {"externalValue": "https://a.example/3"},
        },
        "schema": {"example": 4},
    }
    made = document({"components": {"examples": {"Two": {"value": None}}}, "media": media})
    found = media_examples(Library([made]), at(made, "/media"))
    assert list(found.items()) == [("one", 1), ("two", None), ("schema", 4)]


def test_unnamed_example_may_be_null() -> None:
    made = document({"media": {"example": None}})
    assert media_examples(Library([made]), at(made, "/media")) == {"example": None}


def test_schema_in_a_circle_gives_a_bounded_example() -> None:
    found = example({"properties": {"name": {"example": "a"}, "next": {"$ref": "#/components/schemas/S"}}})
    text = json.dumps(found)
    assert text.startswith('{"name": "a", "next": {"name": "a"')
    assert text.count("name") < 20


def test_schemas_that_all_refer_to_each_other_are_read_at_once() -> None:
    count = 30
    schemas: dict[str, Json] = {
        f"S{one}": {
            "type": "object",
            "properties": {
                "n": {"example": one},
                **{f"p{two}": {"$ref": f"#/components/schemas/S{two}"} for two in range(count)},
            },
        }
        for one in range(count)
    }
    content: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
    began = time.perf_counter()
    made = contract(
        {
            "paths": {"/a": {"get": {"responses": {"200": {"description": "", "content": content}}}}},
            "components": {"schemas": schemas},
        }
    )
    assert time.perf_counter() - began < 5, "a document full of circles takes for ever to load"
    (media,) = made.operations[0].responses[0].media_types
    assert len(json.dumps(media.examples["schema"])) < 100_000
    assert media.valid_example() == media.examples["schema"]
