"""The plainest request of an operation: what is required, from examples, else made by the schema; and what it lacks.

It sends nothing. A value that names what has to exist somewhere is never made up: whoever knows one says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from contract_tests.body_texts import chosen, is_written, written_body
from contract_tests.credentials import is_credential
from contract_tests.gaps import Gap
from contract_tests.parameter_texts import has_no_form, readings, template_text, written
from contract_tests.plain_values import Made, made_value, names_a_thing
from contract_tests.samples import is_valid, is_valid_by, valid_body
from contract_tests.targets import Ask
from openapi.errors import ContractError
from openapi.pointers import child, parents
from openapi.samples import MISSING, Missing, schema_example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.parameter_texts import Written
    from openapi.operation import MediaType, Operation
    from openapi.parameters import Parameter
    from openapi.reading import Json

__all__ = ["Body", "Plain", "accept_of", "data_of", "plain_body", "plain_request", "shown_values"]

JSON = ("Accept", "application/json")


@dataclass(frozen=True, slots=True)
class Body:
    """A body. value: as JSON, `MISSING` when there is none. raw: as it is sent, under the Content-Type `kind`."""

    media: MediaType | None = None
    value: Json | Missing = MISSING
    kind: str = ""
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """The plainest request without credentials. gaps: what it lacks; then it is not to be sent. why: in words."""

    ask: Ask
    body: Body
    gaps: tuple[Gap, ...] = ()
    why: str = ""


def plain_request(operation: Operation) -> Plain:
    """Make the plainest request of an operation."""
    gaps: list[Gap] = []
    path = operation.base_paths[0] + template_text(operation.path)
    query: list[str] = []
    headers: list[tuple[str, str]] = [accept_of(operation)]
    cookies: list[str] = []
    formless = ""
    for parameter in operation.parameters:
        # Accept-Encoding goes with each request of ours: where it is a parameter, with a value that the document knows.
        wanted = parameter.required or (parameter.place == "header" and parameter.name.lower() == "accept-encoding")
        if not wanted or is_credential(operation, parameter.place, parameter.name):
            continue
        if has_no_form(parameter):
            what = f"the cookie parameter {parameter.name} has no form that is agreed"
            formless = f"{what}: give it 'explode: false', in an overlay"
            continue
        pairs = _written(parameter, gaps)
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", pairs[0][1] if pairs else "")
        elif parameter.place == "query":
            query += [f"{quote(key, safe='[]%')}={text}" for key, text in pairs]
        elif parameter.place == "header":
            headers += [(parameter.name, text) for _, text in pairs]
        else:
            cookies += [f"{key}={text}" for key, text in pairs]
    headers += [("Cookie", "; ".join(cookies))] if cookies else []
    body, why = plain_body(operation, gaps)
    ask = Ask(operation.method, path + ("?" + "&".join(query) if query else ""), tuple(headers))
    return Plain(ask, body, tuple(gaps), why or formless)


def accept_of(operation: Operation) -> tuple[str, str]:
    """Give the Accept header: JSON, unless the success is documented in other media types only."""
    found = operation.success()
    names = [one.name for one in found[1].media_types] if found is not None else []
    if not names or any("json" in name.lower() or "*" in name for name in names):
        own = next((name for name in names if "json" in name.lower() and "*" not in name), "")
        alone = own and not any(name.lower().startswith(("application/json", "*/*", "application/*")) for name in names)
        return ("Accept", own.partition(";")[0].strip()) if alone else JSON
    return ("Accept", names[0].partition(";")[0].strip())


def data_of(operation: Operation) -> list[Gap]:
    """Name what of a path has to exist at the target, whether or not the document has examples of it."""
    found = []
    for one in operation.parameters:
        if one.place == "path":
            shown = next(shown_values(one), MISSING)
            found.append(_gap(one, _made(one).value if isinstance(shown, Missing) else shown))
    return found


# --- parameters -------------------------------------------------------------------------------------------------------


def _written(parameter: Parameter, gaps: list[Gap]) -> Written:
    """Write a required parameter; nothing, and a gap, where its value or its form is not to be had."""
    for value in shown_values(parameter):
        pairs = _on_the_wire(parameter, value)
        if pairs is not None:
            return pairs
    made = _made(parameter)
    exists = parameter.place == "path" and "boolean" not in parameter.shape.kinds
    pairs = None if isinstance(made.value, Missing) else _on_the_wire(parameter, made.value)
    if (
        pairs is not None
        and not (exists or made.unknown or names_a_thing(parameter.name))
        and _fits(parameter, made.value)
    ):
        return pairs
    gaps.append(_gap(parameter, made.value))
    return ()


def _gap(parameter: Parameter, sample: Json | Missing) -> Gap:
    node = parameter.node
    lost = parameter.name if "in" not in node.mapping else ""
    return Gap.at(f"the {parameter.place} parameter {parameter.name}", node.document.uri, node.pointer, sample, lost)


def _on_the_wire(parameter: Parameter, value: Json) -> Written | None:
    """Write a parameter; a slash in a path is escaped."""
    plain = isinstance(value, str) and "/" in value and parameter.place == "path" and parameter.style == "simple"
    return (
        ((parameter.name, quote(str(value), safe="")),)
        if plain and not parameter.as_json
        else written(parameter, value)
    )


def shown_values(parameter: Parameter) -> Iterator[Json]:
    """Give the values that the document shows for a parameter, those that its schema forbids left out."""
    found: list[Json | Missing] = [parameter.node.mapping.get("example", MISSING)]
    named = parameter.node.get("examples")
    library = None if parameter.schema is None else parameter.schema.schemas.library
    if named is not None and isinstance(named.value, dict) and library is not None:
        for _, entry in named.members():
            try:
                found.append(library.follow(entry).mapping.get("value", MISSING))
            except ContractError:
                continue
    if parameter.schema is not None and library is not None:
        found.append(schema_example(library, parameter.schema.node))
    for value in found:
        if not isinstance(value, Missing) and _fits(parameter, value):
            yield value


def _fits(parameter: Parameter, value: Json | Missing) -> bool:
    """Tell whether a value, or what its text may be read as, is one that the schema allows."""
    if isinstance(value, Missing):
        return False
    schema = parameter.schema
    return schema is None or is_valid_by(schema, value) or any(is_valid_by(schema, one) for one in readings(value))


def _made(parameter: Parameter) -> Made:
    if parameter.schema is None:
        return Made("contract")
    return made_value(parameter.schema.schemas.library, parameter.schema.node, parameter.name)


# --- bodies -----------------------------------------------------------------------------------------------------------


def plain_body(operation: Operation, gaps: list[Gap]) -> tuple[Body, str]:
    """Make the plainest body: a documented example, else what the schema asks for. Gives why there is none, too."""
    media = chosen(operation.body)
    if media is None:
        return Body(), ""
    value = valid_body(media)
    sent = None if isinstance(value, Missing) else written_body(media, value)
    bare = value == {} and not media.is_json  # an empty form is no body at all
    if not isinstance(value, Missing) and sent is not None and not bare:
        return Body(media, value, *sent), ""
    made, right, sent = Made(), False, None
    library, node = (None, None) if media.schema is None else (media.schema.schemas.library, media.schema.node)
    # What is empty has no form but in JSON: then everything in it gets a member.
    for least in dict.fromkeys((int(bare and operation.body_required), int(not media.is_json))):
        made = Made() if library is None else made_value(library, node, "", least)
        right = not isinstance(made.value, Missing) and is_valid(media, made.value)
        sent = written_body(media, made.value) if right and not isinstance(made.value, Missing) else None
        if sent is not None and not made.unknown and (sent[1] or operation.body_required):
            return Body(media, made.value, *sent), ""
        if sent is not None or made.unknown:
            break
    if not operation.body_required:
        return Body(media), ""
    if bare and sent is None and not isinstance(value, Missing) and (empty := written_body(media, value)) is not None:
        return Body(media, value, *empty), ""
    if not is_written(media):
        return Body(
            media
        ), f"bodies of type {media.name} are not made: give the media type an example that is the text of one"
    pointer = _media_pointer(operation, media)
    unknown = ", ".join(one.rpartition("/")[2] or "id" for one in made.unknown[:3]) if right else ""
    what = f"the body: {unknown}" if unknown else "the body"
    gaps.append(Gap.at(what, *pointer, made.value))
    return Body(media), ""


def _media_pointer(operation: Operation, media: MediaType) -> tuple[str, str]:
    """Find the place of a media type: its document and its pointer."""
    if media.schema is not None:
        node = media.schema.node
        return node.document.uri, next(iter(list(parents(node.pointer))[1:]), "")
    return operation.node.document.uri, child(operation.node.pointer, "requestBody", "content", media.name)
