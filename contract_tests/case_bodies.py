"""Cases by the body of the request: such that the document allows, such that it forbids, and other media types."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.case import case_group
from contract_tests.samples import broken_clauses, is_valid
from openapi.overlay import BASES
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.case import Case
    from contract_tests.targets import Ask
    from openapi.document import Node
    from openapi.operation import MediaType, Operation
    from openapi.reading import Json

__all__ = ["allowed_bodies", "forbidden_bodies", "other_media_types", "property_nodes", "with_body"]

JSON_TYPES: tuple[tuple[str, Json], ...] = (
    ("string", "{}"),  # text that a careless server reads as JSON once more
    ("integer", 7),
    ("number", 1.5),
    ("boolean", True),
    ("array", []),
    ("object", {}),
    ("null", None),
)
"""One value of each JSON type, by the name that it has in a case id."""

ASSEMBLED = "schema"
"""The name of the example that is put together from those of a schema's parts."""

LONG = 4000
"""Characters of a long text: beyond what a careless buffer holds, below what a server may refuse as too large."""


def with_body(case: Case, media: MediaType, body: Json, content_type: str = "") -> Case:
    """Give a case another body. content_type: other than that of the media type."""
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8")
    return replace(case, ask=_with_raw(case.ask, raw, content_type or media.name), sent=body)


def _with_raw(ask: Ask, raw: bytes, content_type: str) -> Ask:
    others = tuple(pair for pair in ask.headers if pair[0].lower() != "content-type")
    return replace(ask, headers=(*others, ("Content-Type", content_type)), body=raw)


@case_group("body", "AFC502", "documented requests")
def allowed_bodies(operation: Operation, base: Case) -> Iterator[Case]:
    """Requests that the document allows are accepted.

    Your client may send any of them: its example, no body or `{}` where it may be, long and non-ASCII texts, an unknown
    property, a charset. A host that refuses one, or that cuts, decodes or normalises a text, breaks a caller that did
    nothing wrong.
    """
    yield base
    if not operation.body or "json" not in operation.body[0].name:
        return
    media = operation.body[0]
    if not operation.body_required:
        bare = tuple(pair for pair in base.ask.headers if pair[0].lower() not in ("content-type", "accept"))
        ask = replace(base.ask, headers=bare, body=None)
        sentence = "The body is optional, as any request's Accept is: a request without them is accepted."
        yield replace(base, name="none", ask=ask, sent=Missing(), sentence=sentence)
    if is_valid(media, {}):
        yield replace(with_body(base, media, {}), name="empty-object", sentence="An empty object is accepted.")
    yield from _examples(media, base)
    body = base.sent
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        if not isinstance(value, str):
            continue
        for label, text in _other_texts(value):
            varied = {**body, name: text}
            if is_valid(media, varied):
                sentence = f"A value of {name} that is {label} is accepted: the document sets no limit."
                yield replace(with_body(base, media, varied), name=f"{name}-{label}", sentence=sentence)
    extra = {**body, "x-contract-unknown": "x"}
    if is_valid(media, extra):
        sentence = "An unknown property is accepted: the document does not forbid it."
        yield replace(with_body(base, media, extra), name="unknown-property", sentence=sentence)
    charset = with_body(base, media, body, f"{media.name};charset=UTF-8")  # as widespread clients write it
    yield replace(charset, name="charset", sentence="The media type may carry a charset.")


def _examples(media: MediaType, base: Case) -> Iterator[Case]:
    """Give the other examples of a body: those that the document gives whole, so none put together from parts."""
    known = {json.dumps(base.sent, sort_keys=True)} if not isinstance(base.sent, Missing) else set()
    for name, value in media.examples.items():
        written = json.dumps(value, sort_keys=True)
        if name != ASSEMBLED and written not in known and is_valid(media, value):
            known.add(written)
            sentence = f"The documented example {name} is accepted."
            yield replace(with_body(base, media, value), name=f"example-{name}", sentence=sentence)


def _other_texts(value: str) -> tuple[tuple[str, str], ...]:
    """Give texts that careless code changes, cuts or refuses, by the name that each has in a case id."""
    return ("non-ascii", _non_ascii(value)), ("odd", _odd(value)), ("long", _long(value)), ("empty", "")


def _odd(value: str) -> str:
    """Make a text that no decoding, escaping, sorting or normalising leaves as it is; of a URL, another URL."""
    if not value.startswith("http"):
        return f"{value} %41+&amp;'<\"\\>"
    _, _, rest = value.partition("://")
    host, slash, path = rest.partition("/")
    return f"http://{host.upper()}{slash}{path.partition('?')[0]}/%7Ea%2Fb/../+/?z=1&a=%20&a='#Top"


def _non_ascii(value: str) -> str:
    """Make a text of every kind of character: composed and decomposed, of two to four bytes, and JSON's own."""
    return f'{value}{"&" if "?" in value else "?" if value.startswith("http") else " "}q=é-e\u0301-回-🙂-"\\-+'


def _long(value: str) -> str:
    joint = ("&" if "?" in value else "?") + "pad=" if value.startswith("http") else ""
    return value + joint + "x" * LONG


@case_group("invalid", "AFC503", "invalid bodies")
def forbidden_bodies(operation: Operation, base: Case) -> Iterator[Case]:
    """Bodies that the document forbids are refused.

    A mistake of your client has to be told to it. A host that takes a wrong type, or half of a JSON text, hides the
    mistake until it costs something, and creates what nobody asked for.
    """
    if not operation.body or "json" not in operation.body[0].name:
        return
    media = operation.body[0]
    base = replace(base, group="invalid", expect="invalid")
    body = base.sent if isinstance(base.sent, dict) else {}
    for name, value in _wrong_values(media, body):
        sentence = f"{name.replace('-', ' as ', 1)} is refused."
        bases = [operation.origin(clause).basis for clause in broken_clauses(media, value)]
        basis = min(bases, key=BASES.index, default="documented")  # the best reason that there is to refuse it
        yield replace(with_body(base, media, value), name=name, sentence=sentence, basis=basis)
    if operation.body_required:
        bare = tuple(pair for pair in base.ask.headers if pair[0].lower() != "content-type")
        ask = replace(base.ask, headers=bare, body=None)
        clause = f"{operation.node.pointer}/requestBody/required"
        yield replace(
            base,
            name="none",
            ask=ask,
            sent=Missing(),
            sentence="The body is required.",
            basis=operation.origin(clause).basis,
        )
    text = json.dumps(body or {"x": "x"}).encode("ascii")
    loose = text[:-1] + b",}"
    garbled = text[:-2] + b'\xff\xfe"}' if text.endswith(b'"}') else b'{"x": "\xff\xfe"}'
    malformed = (
        ("truncated", b'{"x": ', base.basis, "Text that ends before its JSON does is refused."),
        ("not-json", b"CallbackURL=x", base.basis, "Text that is not JSON is refused."),
        ("trailing-comma", loose, base.basis, "Text that only a loose reader takes for JSON is refused."),
        # Most JSON readers replace such bytes without a word: a server that does is told of, not failed.
        ("not-utf8", garbled, "assumed", "Bytes that are not UTF-8 are refused (RFC 8259 8.1)."),
    )
    for name, raw, basis, sentence in malformed:
        ask = _with_raw(base.ask, raw, media.name)
        yield replace(base, name=name, ask=ask, sent=Missing(), sentence=sentence, basis=basis)


def _wrong_values(media: MediaType, body: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    for label, wrong in _wrong_types(media, lambda wrong: wrong):
        yield f"body-{label}", wrong
    for name in property_nodes(media):
        for label, value in _wrong_types(media, lambda wrong, name=name: {**body, name: wrong}):  # type: ignore[misc]
            yield f"{name}-{label}", value
    schema = media.schema.node.value if media.schema else None
    required = schema.get("required") if isinstance(schema, dict) else None
    for lost in required if isinstance(required, list) else ():
        lacking: Json = {known: kept for known, kept in body.items() if known != lost}
        if lacking and not is_valid(media, lacking):  # an empty object has its case already, as a wrong body
            yield f"{lost}-missing", lacking


def _wrong_types(media: MediaType, place: Callable[[Json], Json]) -> Iterator[tuple[str, Json]]:
    """Give a value of each JSON type that is wrong in its place; of 7 and 1.5, one type in JSON, one will do."""
    labels: set[str] = set()
    for label, wrong in JSON_TYPES:
        value = place(wrong)
        if not is_valid(media, value) and not (label == "number" and "integer" in labels):
            labels.add(label)
            yield label, value


def property_nodes(media: MediaType) -> dict[str, Node]:
    """Give the properties that the schema of a media type names at its top."""
    if media.schema is None:
        return {}
    schemas = media.schema.schemas
    node = schemas.library.follow(media.schema.node)
    properties = node.get("properties") if isinstance(node.value, dict) else None
    return dict(properties.members()) if properties is not None else {}


@case_group("media-type", "AFC504", "other media types")
def other_media_types(operation: Operation, base: Case) -> Iterator[Case]:
    """Bodies under a media type that the document does not name are refused.

    A host that reads them all the same guesses at their meaning, and the next one guesses otherwise.
    """
    if not operation.body or base.ask.body is None:
        return
    base = replace(base, group="media-type", expect="invalid")
    for name, media_type in (
        ("text", "text/plain"),
        ("form", "application/x-www-form-urlencoded"),
    ):
        if operation.body_type(media_type) is None:
            sentence = f"A body of type {media_type}, which is not documented, is refused."
            yield replace(base, name=name, ask=_with_raw(base.ask, base.ask.body or b"", media_type), sentence=sentence)
