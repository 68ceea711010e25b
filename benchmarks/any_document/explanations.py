"""Why an answer of ours is not accepted by both judges, and whose the mistake is. What fits no reason is ours.

A reason is matched by what the judges say, so that it holds for documents that nobody has looked at, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from benchmarks.any_document.trial import Miss

__all__ = ["REASONS", "Reason", "reason_for"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason. whose: the mistake is in the document, the judge or the mock; kind, pattern: what misses it is for."""

    name: str
    whose: Literal["document", "judge", "mock"]
    kind: str
    pattern: str
    why: str


REASONS = (
    Reason(
        "discriminator without a schema", "document", "openapi-core alone", r"reference '[^']*' could not be resolved",
        "A discriminator has a value that is neither in its `mapping` nor the name of a schema (3.1.1, Discriminator "
        "Object). openapi-core takes that for a wrong answer, though a discriminator must not change a verdict.",
    ),
    Reason(
        "neighbour of a reference", "judge", "openapi-core alone", r"Contact: .*is not of type 'string'",
        "`type: string` stands beside a `$ref` in a document of 3.0, where what stands beside it is ignored (3.0.3, "
        "Reference Object). openapi-core reads it.",
    ),
    Reason(
        "rule beside a reference", "judge", "openapi-core alone", r"Additional properties are not allowed",
        "`additionalProperties` stands beside a `$ref` in a document of 3.0, where what stands beside it is ignored "
        "(3.0.3, Reference Object). openapi-core reads it.",
    ),
    Reason(
        "pattern that Python cannot read", "judge", "body", r"GaveUp: error: .* at position",
        "Both judges read patterns by Python's `re`, which knows no `\\p{L}` and no `\\z`; ECMA 262 has the first, and "
        "many engines have the other.",
    ),
    Reason(
        "circle of schemas", "judge", "body", r"RecursionError|PanicException",
        "A schema holds itself by `$ref` in `allOf` or `oneOf`, and the judges follow it without end.",
    ),
    Reason(
        "name within a schema", "judge", "openapi-core alone", r"NoSuchAnchor|PointerToNowhere|Unresolvable: http",
        "openapi-core looks in the document for the `$anchor` or the pointer that a schema has of its own.",
    ),
    Reason(
        "name within a schema, for both", "judge", "body", r"NoSuchAnchor|PointerToNowhere|Unresolvable: http",
        "Both judges look in the document for the `$anchor`, the `$id` or the pointer that a schema has of its own.",
    ),
    Reason(
        "event of a stream", "judge", "openapi-core alone", r"'data: .*(is not of type|is not valid)",
        "The schema says what the data of an event is; openapi-core holds the text of the whole stream against it.",
    ),
    Reason(
        "discriminator that is missing", "document", "openapi-core alone", r"does not contain discriminating property",
        "The example, or the answer, leaves out the property that the discriminator names, which the schemas do not "
        "require, though it has to be required (3.1.1, Discriminator Object). Validation is not affected by a "
        "discriminator.",
    ),
    Reason(
        "discriminator that decides", "judge", "openapi-core alone", r"\(accepted once the document has no discrim",
        "openapi-core asks the schema that a discriminator names in the place of `oneOf`, of which just one has to fit "
        "(2020-12 Core, 10.2.1.3). A discriminator must not change a verdict (3.1.1, Discriminator Object); once they "
        "are all gone, it accepts the answer.",
    ),
    Reason(
        "`time` without a zone", "judge", "openapi-core alone", r"is not a 'time'",
        "openapi-core wants `12:30:00`; the format `time` is RFC 3339's full-time, with its zone.",
    ),
    Reason(
        "`writeOnly` beside no property", "judge", "openapi-core alone", r"Tried to read write-only property",
        "`writeOnly` counts for a property where it is defined (3.0.3, Schema Object). Here a schema of items says it, "
        "or one that a `readOnly` property refers to, and no property may be both.",
    ),
    Reason(
        "null without a type", "judge", "openapi-core alone", r"None for not nullable",
        "A 3.0 schema without `type` allows null; `nullable` adds it to a `type` beside it and does nothing else.",
    ),
    Reason(
        "type that 3.0 does not have", "document", "openapi-core alone", r"Unknown type 'null'",
        "`type: 'null'` stands in a document of 3.0, which has no such type (3.0.3, Schema Object).",
    ),
    Reason(
        "type that is none", "document", "body", r"Unknown type",
        "`type` has to be a text, or in 3.1 a list of them (2020-12 Validation, 6.1.1); a property called `type` was "
        "written outside of `properties`.",
    ),
    Reason(
        "bound that is true", "document", "body", r"hyperparameters\.\w+: .* is not valid",
        "`exclusiveMinimum: true` stands in a document of 3.1, where it takes a number (2020-12 Validation, 6.2.5). "
        "Python counts `true` as 1, and so jsonschema wants more than 1.",
    ),
    Reason(
        "two paths that are the same", "document", "status", r"Invalid value for .*: expected text of the format uuid",
        "Two paths differ in the names of their parameters only, and are identical (3.1.1, Paths Object).",
    ),
    Reason(
        "schema that nothing satisfies", "document", "status", r"edge-config|/v1/integrations/search-repo",
        "The schema contradicts itself: `type: 'null'` beside a `oneOf` of other types.",
    ),
    Reason(
        "schemas that look alike", "mock", "status",
        r"expected what exactly one of the schemas of 'oneOf'|within the bound of work|no value satisfies",
        "A `oneOf` of schemas each of which allows nearly all that the others allow: a value of just one may exist, "
        "and was not found.",
    ),
)  # fmt: skip


def reason_for(miss: Miss) -> Reason | None:
    """Find why an answer was not right; None: nobody has said yet, so the mistake counts as ours."""
    for reason in REASONS:
        if reason.kind == miss.kind and re.search(reason.pattern, miss.what):
            return reason
    return None
