"""Which parameters an operation has: its own, those of its path item, and those that its path names.

A path is matched in segments, so the parameters that may hold a slash are told apart here.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import ContractError, nearest
from openapi.parameters import Parameter, compile_parameter, listed, undeclared
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openapi.document import Library
    from openapi.schema import Schemas

__all__ = ["operation_parameters", "spanning_names"]


def operation_parameters(
    library: Library, schemas: Schemas, owners: Sequence[Node], path: str
) -> tuple[Parameter, ...]:
    """Compile the parameters of an operation, those of its path items included; each name in the path has one.

    owners: the path items, then the operation: of two parameters of a name, that of the later counts. Raises
    `ContractError` for one that cannot be known.
    """
    found: dict[tuple[str, str], Parameter] = {}
    node = owners[-1]
    for owner in owners:
        mine: set[tuple[str, str]] = set()
        for entry in listed(library, owner.get("parameters")):
            parameter = compile_parameter(library, schemas, entry)
            # OpenAPI: a header parameter of these names is ignored; other parts describe them
            ignored = parameter is None or (
                parameter.place == "header" and parameter.name.lower() in ("accept", "content-type", "authorization")
            )
            if parameter is not None and not ignored:
                # names of headers differ in more than their case (RFC 9110 5.1)
                name = parameter.name.lower() if parameter.place == "header" else parameter.name
                key = (parameter.place, name)
                if key in mine:
                    what = f"The {parameter.place} parameter {parameter.name!r} stands twice; the last counts."
                    library.warn("parameter-twice", what, entry, "Remove one of the two.")
                mine.add(key)
                found[key] = parameter
    templated = dict.fromkeys(part.partition("}")[0] for part in path.split("{")[1:])
    declared = [name for place, name in found if place == "path"]
    for name in declared:
        if name not in templated:
            what = f"The path {path} has no {{{name}}}: the path parameter {name!r} is ignored."
            remedy = nearest(name, templated) or "Remove the parameter or add it to the path."
            library.warn("path-parameter-ignored", what, found.pop(("path", name)).node, remedy)
    for name in templated:
        if name not in declared:
            what = f"The path names {{{name}}} and no path parameter of that name is declared; any text is taken."
            remedy = nearest(name, declared) or f"Add it to 'parameters' with 'in: path' and 'name: {name}'."
            library.warn("path-parameter-undeclared", what, node, remedy)
            found["path", name] = undeclared(name, node)
    asked = frozenset(name for place, name in found if place == "query")
    return tuple(
        replace(one, others=asked - {one.name}) if one.place == "query" and "object" in one.shape.kinds else one
        for one in found.values()
    )


_NEGATED = re.compile(r"\[\^(?:\\.|[^\]\\])*\]")
_WITH_SLASHES = ("a/b", "abc/def/ghi", "a1/" * 20 + "z9")
"""Texts of several lengths that a pattern for names with slashes takes."""


def spanning_names(library: Library, path: str, owners: Sequence[Node]) -> set[str]:
    """Find the path parameters that say they may hold a slash, without compiling any.

    Say so: `allowReserved`, a pattern that takes a slash, and the `{name+}`, `{name*}` and `{+name}` of other dialects.
    """
    found = {part for one in path.split("{")[1:] if (part := one.partition("}")[0]).strip("+*") != part}
    for owner in owners:
        entries = owner.mapping.get("parameters")
        for index in range(len(entries) if isinstance(entries, list) else 0):
            with suppress(ContractError):
                pointer = child(owner.pointer, "parameters", index)
                value = library.follow(Node(owner.document, pointer, entries[index])).mapping  # type: ignore[index]
                if value.get("in") != "path":
                    continue
                schema = value.get("schema")
                pattern = schema.get("pattern") if isinstance(schema, dict) else None
                if value.get("allowReserved") is True or (isinstance(pattern, str) and _takes_slash(pattern)):
                    found.add(str(value.get("name")))
    return found


def _takes_slash(pattern: str) -> bool:
    """Tell whether a pattern, read as one of the whole text, takes a text with a slash in it."""
    if "/" in _NEGATED.sub("", pattern):
        return True
    if not any(wide in pattern for wide in (".", "[^", "\\S", "\\D", "\\W")):
        return False
    import jsonschema_rs  # patterns mean here what they mean in schemas

    try:
        validator = jsonschema_rs.Draft202012Validator({"pattern": f"^(?:{pattern})$"})
    except ValueError:
        return False
    return any(validator.is_valid(text) for text in _WITH_SLASHES)
