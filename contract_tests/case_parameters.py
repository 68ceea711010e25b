"""Cases by the parameters in a query: values that the document shows, and such that it forbids."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from contract_tests.case import case_group
from contract_tests.credentials import is_credential
from contract_tests.parameter_texts import readings, written
from contract_tests.plain_request import shown_values
from contract_tests.plain_values import names_a_thing
from contract_tests.samples import is_valid_by
from openapi.samples import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.case import Case
    from contract_tests.parameter_texts import Written
    from openapi.operation import Operation
    from openapi.parameters import Parameter

__all__ = ["query_parameters"]

SOME = 8
"""So many parameters of an operation are varied in each way."""

WRONG = "contract-unknown"
"""A text that is no number, no word of JSON and, as far as its schema tells, none of those that may be sent."""

_REFUSALS = frozenset({"400", "422", "4XX"})
_PLACES = re.compile(r".*(?:cursor|token|marker|continuation|after|before|since|until)", re.IGNORECASE)
"""Names of what points into a list: an example of it exists nowhere."""

_SHAPES = re.compile(r"\$?alt|.*(?:format|callback|output|accept|media_?type|fields)|jsonp", re.IGNORECASE)
"""Names of what asks for an answer of another kind."""


@case_group("parameter", "AFC507", "query parameters")
def query_parameters(operation: Operation, base: Case) -> Iterator[Case]:
    """A query holds what the document allows: its examples are taken, what its schemas forbid is refused.

    Each optional parameter with an example or a list of values is sent once, in a request that costs nothing: a host
    that refuses it breaks a caller who did as the document says. Where the document has a refusal, a required one is
    left out, and a text is sent for a number or for one of several words: a host that takes it hides a typing error.
    """
    found = [
        one for one in operation.parameters
        if one.place == "query" and not one.as_json and not is_credential(operation, one.place, one.name)
    ]  # fmt: skip
    base = replace(base, group="parameter")
    if base.cost == "free":
        allowed = ((one, pairs) for one in found if (pairs := _allowed(one)))
        for one, pairs in islice(allowed, SOME):
            sentence = f"The parameter {one.name} is taken, with a value that the document shows."
            yield _with_query(replace(base, name=f"{one.name}-sent", sentence=sentence), one, pairs)
    if not _REFUSALS & {one.status for one in operation.responses}:
        return
    base = replace(base, expect="invalid")
    for one in [one for one in found if one.required and one.default is MISSING][:SOME]:
        case = _with_query(base, one, ())
        if case.ask.path != base.ask.path:
            yield replace(case, name=f"{one.name}-missing", sentence=f"The parameter {one.name} is required.")
    for one in [one for one in found if _is_narrow(one)][:SOME]:
        sentence = f"The parameter {one.name} is refused with a text that its schema forbids."
        yield _with_query(replace(base, name=f"{one.name}-wrong", sentence=sentence), one, ((one.name, WRONG),))


def _allowed(parameter: Parameter) -> Written:
    """Write an optional parameter with a value that the document shows; nothing where it shows none that may do."""
    mapping, schema = parameter.node.mapping, parameter.schema
    if parameter.required or schema is None or mapping.get("deprecated") is True or names_a_thing(parameter.name):
        return ()
    if _PLACES.fullmatch(parameter.name) or _SHAPES.fullmatch(parameter.name):
        return ()
    library = schema.schemas.library
    nodes = [library.follow(schema.node)]
    nodes += [library.follow(items)] if (items := nodes[0].get("items")) is not None else []
    said = [mapping, *(node.mapping for node in nodes)]
    if not any(word in one for one in said for word in ("example", "examples", "enum")):
        return ()
    return next(filter(None, (written(parameter, value) for value in shown_values(parameter))), ())


def _is_narrow(parameter: Parameter) -> bool:
    """Tell whether a parameter is one number, true or false, or one of several words: then a text may be wrong."""
    kinds, schema = parameter.shape.kinds, parameter.schema
    if schema is None or not kinds or kinds & {"array", "object"} or parameter.style == "deepObject":
        return False
    if "string" in kinds and not isinstance(parameter.shape.says("enum"), list):
        return False
    return not any(is_valid_by(schema, one) for one in readings(WRONG))


def _with_query(case: Case, parameter: Parameter, pairs: Written) -> Case:
    """Put pairs into the query of a case in the place of a parameter that has its own name there."""
    path, _, query = case.ask.path.partition("?")
    own = quote(parameter.name, safe="[]")
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] != own]
    kept += [f"{quote(key, safe='[]%')}={text}" for key, text in pairs]
    return replace(case, ask=replace(case.ask, path=path + ("?" + "&".join(kept) if kept else "")))
