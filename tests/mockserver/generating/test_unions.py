"""Wide unions of large objects: what a constant tells apart is found at once, what is impossible ends soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from mockserver.generating import joining
from mockserver.generating.apart import are_apart
from mockserver.generating.circumstances import NoValue
from mockserver.generating.drafting import Draft
from tests.mockserver.generating.test_making import circumstances, judged, plan, values

if TYPE_CHECKING:
    from openapi.reading import Json

WIDE = 30
TEXT: Json = {"type": "string"}
EITHER: Json = {"oneOf": [{"type": "string", "minLength": 2}, {"type": "string", "maxLength": 3}]}
"""Most texts that are made for the first option satisfy one alone, a short one both."""


def large(tag: str | None = None, **more: Json) -> dict[str, Json]:
    members: dict[str, Json] = {f"member{index}": TEXT for index in range(20)} | more
    required: list[Json] = ["member0", *more]
    if tag is not None:
        return {
            "type": "object",
            "properties": members | {"type": {"enum": [tag]}},
            "required": [*required, "type"],
        }
    return {"type": "object", "properties": members, "required": required}


def test_wide_union_of_large_objects_is_read_little_even_where_another_part_needs_more_tries() -> None:
    inner: Json = {"oneOf": [large(f"inner{index}") for index in range(WIDE)]}
    union: Json = {"oneOf": [large(f"tag{index}", inner=inner) for index in range(WIDE)]}
    twice: Json = {"oneOf": [{"type": "object", "maxProperties": 3}, {"type": "object", "required": ["one"]}]}
    whole: dict[str, Json] = {
        "type": "object",
        "required": ["union", "twice"],
        "properties": {"union": union, "twice": {"allOf": [twice, {"properties": {"one": TEXT}}]}},
    }
    made = plan(whole)
    for number in range(3):
        assert Draft202012Validator(whole).is_valid(made.value(circumstances(number)).value)
    assert made.shapes.read < 10 * WIDE * WIDE


def test_union_that_holds_itself_gets_a_value_with_little_read() -> None:
    again: Json = {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Item"}}
    leaf: Json = large("leaf")
    item: Json = {"oneOf": [*(large(f"tag{index}", within=again) for index in range(WIDE)), leaf]}
    made = plan({"$ref": "#/components/schemas/Item"}, Item=item)
    value = made.value(circumstances()).value  # a judge in Python would take minutes over it
    assert isinstance(value, dict)
    assert value["type"] in {"leaf", *(f"tag{index}" for index in range(WIDE))}
    assert made.shapes.read < 200 * WIDE


def test_union_whose_options_are_all_alike_is_refused_within_the_bound_of_work() -> None:
    made = plan({"oneOf": [{"oneOf": [large(), large()]} for _ in range(WIDE)]})
    with pytest.raises(NoValue, match="oneOf"):
        made.value(circumstances())
    assert made.shapes.read < 40_000


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_option_that_names_itself_otherwise_than_its_tag_is_made_as_it_says(keyword: str, version: str) -> None:
    kinds: list[Json] = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    pet: dict[str, Json] = {keyword: kinds, "discriminator": {"propertyName": "type"}}
    owner: dict[str, Json] = {"type": "object", "required": ["pet"], "properties": {"pet": pet}}
    components: dict[str, Json] = {"Cat": large("cat"), "Dog": large("dog")}
    made = plan(owner, version, **components)
    for value in [made.value(circumstances(number)).value for number in range(6)]:
        assert judged(owner, version, value, **components)


def test_shapes_that_were_forgotten_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    schema: Json = {"oneOf": [large(f"tag{index}", either=EITHER) for index in range(WIDE)]}
    expected = values(schema)
    monkeypatch.setattr(joining, "_MOST_KEPT", 40)
    assert values(schema) == expected


@pytest.mark.parametrize(
    ("schema", "other", "apart"),
    [
        ({"type": "string"}, {"type": "integer"}, True),
        ({"type": "integer"}, {"type": "number"}, False),
        ({"enum": ["a", "b"]}, {"const": "c"}, True),
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, False),
        (large("a"), large("b"), True),
        (large("a"), large(), False),
        (large(), large("a"), False),
        (large("a"), {"oneOf": [large("b"), large("c")]}, True),
        (large("a"), {"oneOf": [large("b"), large("a")]}, False),
        (large("a"), {"type": ["object", "null"], "properties": {"type": {"const": "b"}}}, True),
        (large("a"), {"properties": {"member1": {"const": 1}}}, False),
        (large("a"), {"type": "object", "properties": {"type": TEXT}, "additionalProperties": False}, True),
        ({"type": "object", "properties": {"b": False}}, {"type": "object", "required": ["b"]}, True),
        ({"type": "array", "minItems": 1, "items": TEXT}, {"type": "array", "items": {"type": "null"}}, True),
        ({"type": "array", "items": TEXT}, {"type": "array", "items": {"type": "null"}}, False),
        ({"type": "number"}, {"not": {"type": "integer"}}, False),
    ],
)
def test_shape_is_apart_from_another_where_what_both_require_contradicts_itself(
    schema: Json,
    other: Json,
    apart: bool,
) -> None:
    made = plan({"anyOf": [schema, other]})
    draft = Draft(made.shapes, circumstances(), 0, careful=False)
    mine, theirs = (made.shapes.parts.step(made.root, "anyOf", at) for at in range(2))
    assert are_apart(draft, draft.shape((mine,)), (theirs,)) is apart
