"""Answer an operation from its document: a valid example, else a value that is made from the schema.

Every body is checked by the compiled validator before it is given; an example that breaks its schema is passed over.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from mockserver.credentials import Refusal
from mockserver.exchange import Answer
from mockserver.generating.circumstances import Circumstances, NoValue
from mockserver.generating.dice import Dice
from mockserver.generating.hiding import without_hidden
from mockserver.generating.media import is_file, written
from mockserver.generating.names import plain_name
from mockserver.generating.parts import Parts
from mockserver.offering import concrete
from openapi.media_types import essence, kind_of
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.generating.joining import Shapes
    from mockserver.generating.making import Plan
    from mockserver.identifiers import Identifiers
    from openapi.errors import ContractError
    from openapi.operation import MediaType, Operation, Response
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas

__all__ = ["Answers"]

_LIMITS = ("limit", "perpage", "pagesize", "size", "maxresults", "first", "top", "take", "count", "max")
"""Plain names of parameters that say how many items a list may have."""

GENERATED = "generated"
"""What a made answer adds to the rule in `X-Mock-Rule`."""


_Header: TypeAlias = "tuple[str, Json | Missing, Plan | None, bool]"
"""A header that is sent: its name, its example or how a value is made, and whether that is written as JSON."""


class Answers:
    """The answers of operations without a behaviour. What is learnt of a schema is kept until the contract changes."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self._plans: dict[int, Plan] = {}
        self._shapes: dict[tuple[int, str], Shapes] = {}
        self._headers: dict[int, tuple[Response, list[_Header]]] = {}
        self._examples: dict[int, tuple[MediaType, Json | Missing]] = {}

    def answer(
        self,
        operation: Operation,
        status: int,
        media: MediaType | None,
        sent: Mapping[str, Json] | None = None,
        body: Json | Missing = MISSING,
        *,
        dynamic: bool = False,
    ) -> Answer | Refusal:
        """Answer with a documented status, in a media type of it (None: without a body).

        sent: parameters by name, whose values come back in fields that are called so; body: that of the request, too.
        dynamic: whether examples are left aside.
        """
        response = operation.response(status)
        if response is None:
            return Refusal("mock.no_example", f"{operation.name} documents no {status}.")
        circumstances = self._circumstances(operation, sent or {}, body, dynamic=dynamic)
        try:
            headers = self._required_headers(operation, response, circumstances)
            if media is None:
                return Answer(status, None, headers=headers)
            example = MISSING if dynamic else self._example(media)
            if not isinstance(example, Missing):
                return self._written(status, media, example, circumstances, headers, made=False)
            value, made = self._value(media, circumstances)
        except NoValue as error:
            return Refusal("mock.no_example", _no_value(operation, status, error))
        return self._written(status, media, value, circumstances, headers, made=made)

    def error(self, operation: Operation, status: int, media: MediaType) -> Json | Missing:
        """Make the body of a documented error; `MISSING` when none is found."""
        made = self.answer(operation, status, media)
        return MISSING if isinstance(made, Refusal) or made.body is None else made.body

    def example(self, operation: Operation, status: int, media: MediaType | None, name: str) -> Answer | Refusal | None:
        """Answer with the example of that name; None when there is none.

        One that breaks its schema is refused, for nobody who gets it could tell.
        """
        if media is None or name not in media.examples:
            return None
        value = self._sent(media, media.examples[name])
        if not _allowed(media, value):
            assert media.schema is not None
            what = f"The example {name!r} of {status} at {operation.name} breaks its schema: "
            wrong = media.schema.check(value)[0]
            return Refusal("mock.bad_example", f"{what}{wrong}. Correct it, with an overlay if the file is not yours.")
        circumstances = self._circumstances(operation, {}, MISSING, dynamic=False)
        return self._written(status, media, value, circumstances, (), made=False)

    def _example(self, media: MediaType) -> Json | Missing:
        """Give the first valid example that stands in the media type; found once."""
        key = id(media.node)  # which stays when a range is given the name of a type
        if key not in self._examples:
            own = [value for name, value in media.examples.items() if name != "schema"]
            if not (media.is_json or media.is_text):
                own = [value for value in own if value != ""]  # no picture is empty, and no archive
            sent = (self._sent(media, one) for one in own)
            valid = (one for one in sent if media.schema is None or _allowed(media, one))
            self._examples[key] = media, next(valid, MISSING)  # with it, so that no other gets its id
        return self._examples[key][1]

    def _sent(self, media: MediaType, example: Json) -> Json:
        """Give an example without what is for requests alone."""
        schema = media.schema
        if schema is None or not isinstance(example, dict | list):
            return example
        documents = schema.schemas.library.documents.values()
        if not any(b"writeOnly" in one.raw or one.origins for one in documents):
            return example
        shapes = self._shapes_of(schema.schemas, schema.absent)
        return without_hidden(shapes.of, (shapes.parts.at(schema.node),), example)

    def _value(self, media: MediaType, circumstances: Circumstances) -> tuple[Json, bool]:
        """Make a value, and tell whether anything in it is invented."""
        if media.schema is None:
            return ({} if media.is_json or "*" in media.name else "example"), True
        if not media.is_json and is_file(media) and "*" not in media.name and not media.name.startswith("text/plain"):
            return "example", True
        made = self._plan(media.schema).value(circumstances)
        return made.value, made.invented

    def _plan(self, schema: Schema) -> Plan:
        plan = self._plans.get(id(schema))
        if plan is None:
            from mockserver.generating.making import Plan  # 30 ms that only starts pay which make a value

            plan = self._plans[id(schema)] = Plan(self._shapes_of(schema.schemas, schema.absent), schema)
        return plan

    def _shapes_of(self, schemas: Schemas, absent: str) -> Shapes:
        key = (id(schemas), absent)
        if key not in self._shapes:
            from mockserver.generating.joining import Shapes

            self._shapes[key] = Shapes(Parts(schemas, absent))
        return self._shapes[key]

    def _circumstances(
        self, operation: Operation, sent: Mapping[str, Json], body: Json | Missing, *, dynamic: bool
    ) -> Circumstances:
        key, number, now = self._identifiers.answer(operation.name)
        places = {parameter.name: parameter.place for parameter in operation.parameters}
        mine = {name: value for name, value in sent.items() if places.get(name) in ("path", "query")}
        plain = {plain_name(name): value for name, value in mine.items()}
        named, root_name = _last_parameter(operation.path)
        most = next((plain[name] for name in _LIMITS if name in plain), None)
        return Circumstances(
            key=key,
            now_ns=now,
            number=number,
            sent=plain,
            body=body if isinstance(body, dict) else {},
            root_id=mine.get(named) if root_name else None,
            root_name=root_name,
            most_items=most if isinstance(most, int) and not isinstance(most, bool) and most >= 0 else None,
            examples=not dynamic,
            fresh=operation.method == "POST",
        )

    def _written(
        self,
        status: int,
        media: MediaType,
        value: Json,
        circumstances: Circumstances,
        headers: tuple[tuple[str, str], ...],
        *,
        made: bool,
    ) -> Answer:
        rule, basis = (GENERATED, "assumed") if made else ("", None)
        name = concrete(media.name)
        if media.is_json or ("*" in media.name and name == "application/json"):
            raw = b"null" if value is None else None
            return Answer(status, value, rule, basis, raw, name, headers)
        if not made and isinstance(value, str):
            return Answer(status, value, rule, basis, value.encode(), name, headers)
        raw, name = written(media, value, Dice(circumstances.key + b"body"))
        return Answer(status, value, rule, basis, raw, name, headers)

    def _required_headers(
        self, operation: Operation, response: Response, circumstances: Circumstances
    ) -> tuple[tuple[str, str], ...]:
        if not response.headers:
            return ()
        known = self._headers.get(id(response))
        if known is None:
            known = self._headers[id(response)] = response, self._read_headers(operation, response)
        found = []
        for name, example, plan, is_json in known[1]:
            value = example
            if isinstance(value, Missing):
                assert plan is not None
                value = plan.value(circumstances).value
            found.append((name, json.dumps(value) if is_json else _header_text(value)))
        return tuple(found)

    def _read_headers(self, operation: Operation, response: Response) -> list[_Header]:
        """Read the headers that the document requires: each with its example, or how a value of it is made."""
        node = response.node.get("headers")
        found: list[_Header] = []
        headers = None if node is None else operation.library.reached(node)
        for name, entry in headers.members() if headers is not None and isinstance(headers.value, dict) else ():
            if name not in response.headers:
                continue  # it leads nowhere
            header = operation.library.reached(entry)
            if header is None or not isinstance(header.value, dict) or header.value.get("required") is not True:
                continue
            if name.lower() in ("content-type", "content-length"):
                continue
            schema, is_json = header.get("schema"), False
            example: Json | Missing = header.value.get("example", MISSING)
            content = header.get("content")
            for kind, media in content.members()[:1] if content is not None and isinstance(content.value, dict) else ():
                schema, is_json = media.get("schema"), kind_of(essence(kind)) == "json"
            if schema is None:
                found.append((name, "example" if isinstance(example, Missing) else example, None, is_json))
                continue
            compiled = operation.schema_at(schema, "writeOnly")
            if isinstance(example, Missing) or compiled.check(example):
                found.append((name, MISSING, self._plan(compiled), is_json))
            else:
                found.append((name, example, None, is_json))
        return found


@lru_cache(maxsize=2000)
def _last_parameter(path: str) -> tuple[str, str]:
    """Give the parameter that a path ends in, and the plain name of the field of the answer that is the same.

    `/pets/{petId}` is about the pet with that `id`, `/issues/{issue_number}` about the issue with that `number`, and
    `/customers/{customer}` names its `id`, too. Both are empty where the last parameter is none, or says no such thing.
    """
    before, _, last = path.rpartition("/")
    if last[:1] != "{" or last[-1:] != "}":
        return "", ""
    name = plain_name(last[1:-1])
    if name.endswith("id"):
        return last[1:-1], "id"
    whole = plain_name(before.rpartition("/")[2])
    if "{" in before.rpartition("/")[2] or len(name) < 3:
        return "", ""
    kind = whole.removesuffix("s")
    if whole.startswith(name[:-1]):
        return last[1:-1], "id"
    return (last[1:-1], name[len(kind) :]) if kind and name.startswith(kind) else ("", "")


def _allowed(media: MediaType, value: Json) -> bool:
    """Tell whether an example is valid: of a body that is written as text, its text may stand for it."""
    if media.schema is None:
        return True
    if not media.is_json and isinstance(value, str) and not media.is_text:
        return True  # XML and the like, written out
    return not media.schema.check(value)


def _header_text(value: Json) -> str:
    """Write a value in the style `simple`, as a header can hold it."""
    if isinstance(value, list):
        return ",".join(map(_header_text, value))
    if isinstance(value, dict):
        return ",".join(f"{name},{_header_text(member)}" for name, member in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote("" if value is None else str(value), safe=" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def _no_value(operation: Operation, status: int, error: NoValue | ContractError) -> str:
    return (
        f"{operation.name} documents no valid example of {status}, and no value was made by its schema: {error}. "
        "Give it an example with an overlay."
    )
