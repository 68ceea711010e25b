"""Change a copy of a document's tree as overlay actions say, and keep who put what where.

The rules of Overlay 1.1 for update, copy and remove, on targets in JSONPath (RFC 9535). Reads no overlay document.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from openapi.errors import ContractError, Place, nearest
from openapi.pointers import child, parents
from openapi.provenance import Origin
from openapi.reading import MAX_DEPTH, Json

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathQuery

    from openapi.document import Document

__all__ = ["Action", "Edit", "Kind", "canonical", "compile_path"]

Kind: TypeAlias = Literal["update", "remove", "copy", "nothing"]
_Step: TypeAlias = int | str
_Location: TypeAlias = "tuple[_Step, ...]"


@dataclass(frozen=True, slots=True)
class Action:
    """One change. `value` is what an update adds, or the JSONPath that a copy reads; a removal has None.

    kind: `nothing` of an action that the specification lets stand although it does nothing.
    """

    target: str
    kind: Kind
    value: Json
    description: str
    basis: str
    evidence: str
    place: Place


class Edit:
    """A copy of a document's tree while actions are applied to it, and the origins that go with it.

    After `apply`: `changed` tells whether the action did anything, `repeated` names the lists that got what they had,
    `passed` says what was passed over.
    """

    def __init__(self, document: Document, *, within: bool = False, lenient: bool = False) -> None:
        """Start with the document as it is.

        within: whether targets are objects and arrays alone, as in Overlay 1.0. lenient: whether a target may match
        nothing, and one of 1.0 may be a primitive member that is removed, as in a sample of the OpenAPI Initiative.
        """
        self.document = document
        self.within = within
        self.lenient = lenient
        self.passed: ContractError | None = None
        self.tree = {name: _copied(value) for name, value in document.tree.items()}
        self.origins = dict(document.origins)
        self.changed = False
        self.repeated: list[str] = []
        self.origin = Origin("assumed")
        self.place = Place("")
        self.places: dict[str, Place] = {}

    def apply(self, action: Action) -> None:
        """Do what one action says. Raises `ContractError` when it cannot be done."""
        self.changed = False
        self.repeated = []
        self.passed = None
        self.origin = Origin(action.basis, action.evidence)
        self.place = action.place
        locations = self.select(action.target)
        if not locations:
            self.pass_over(self.nothing_matches(action.target), allowed=self.lenient)
            return
        if action.kind == "nothing":
            return
        primitive = [location for location in locations if _class(self.value(location)) == "primitive values"]
        if self.within and primitive:
            what = f"{action.target} selects a primitive value; targets of Overlay 1.0 are objects and arrays."
            wrong = ContractError(what, self.place, "Select what holds it, or write 'overlay: 1.1.0' at the top.")
            members = all(isinstance(location[-1], str) for location in primitive)
            self.pass_over(wrong, allowed=self.lenient and action.kind == "remove" and members)
        if action.kind == "remove":
            self.remove(locations)
            return
        value = self.source(str(action.value)) if action.kind == "copy" else action.value
        kinds = {_class(self.value(location)): location for location in locations}
        if len(kinds) > 1:
            what = f"{action.target} selects {' and '.join(sorted(kinds))}."
            raise ContractError(what, self.place, "Select only objects, only arrays or only primitive values.")
        for location in locations:
            self.update(location, value)

    def pass_over(self, wrong: ContractError, *, allowed: bool) -> None:
        """Take note of something that is wrong and does not matter, or raise it."""
        if not allowed:
            raise wrong
        self.passed = wrong

    def select(self, expression: str) -> list[_Location]:
        """Evaluate a JSONPath on the tree as it is now, naming no node twice."""
        from jsonpath_rfc9535 import JSONPathError

        try:
            nodes = compile_path(expression, self.place).find(cast("dict[str, object]", self.tree))
        except JSONPathError as error:
            what = f"{expression} cannot be evaluated: {_reason(error)}."
            raise ContractError(what, self.place, "Make it simpler.") from None
        return list(dict.fromkeys(node.location for node in nodes))

    def source(self, expression: str) -> Json:
        """Give the one node that a copy reads."""
        found = self.select(expression)
        if len(found) != 1:
            what = f"'copy' reads {expression}, which selects {len(found)} nodes."
            raise ContractError(what, self.place, "Select exactly one.")
        return _copied(self.value(found[0]))  # as it is now: the copy may go into the very node it is taken from

    def value(self, location: _Location) -> Json:
        """Walk to a location that `select` gave."""
        value: Json = self.tree
        for step in location:
            value = value[step]  # type: ignore[index]
        return value

    def update(self, location: _Location, value: Json) -> None:
        """Bring a value to one selected node; anything but a list is appended to a list as one item."""
        current, pointer = self.value(location), child("", *location)
        if isinstance(current, list) and not isinstance(value, list):
            self.append(current, [value], pointer)
        else:
            holder = self.value(location[:-1]) if location else self.tree
            self.meet(holder, location[-1] if location else "", current, value, pointer)

    def meet(self, holder: Json, step: _Step, current: Json, value: Json, pointer: str) -> None:
        """Bring a value together with the one that stands at its place in `holder`."""
        if isinstance(current, dict) and isinstance(value, dict):
            for name, item in value.items():
                inner = child(pointer, name)
                if name in current:
                    self.meet(current, name, current[name], item, inner)
                else:
                    current[name] = _copied(item)
                    self.record(inner)
        elif isinstance(current, list) and isinstance(value, list):
            self.append(current, value, pointer)
        elif _class(current) != "primitive values" or _class(value) != "primitive values":
            present = _name(current).replace("An ", "an ")
            what = f"{_name(value)} cannot take the place of {present} at {self.document.place(pointer)}."
            raise ContractError(what, self.place, "Remove the present one in an action before this one.")
        elif canonical(current) != canonical(value):
            holder[step] = value  # type: ignore[index]
            self.record(pointer)

    def append(self, current: list[Json], items: list[Json], pointer: str) -> None:
        """Add items at the end of a list, noting those that it holds already."""
        present = {canonical(item) for item in current}
        for item in items:
            if canonical(item) in present:
                self.repeated.append(pointer)
            current.append(_copied(item))
            self.record(child(pointer, len(current) - 1))

    def remove(self, locations: list[_Location]) -> None:
        """Remove nodes, the last first and the inner before the outer, so that no index shifts under another."""
        for location in sorted(locations, key=_order, reverse=True):
            if not location:
                raise ContractError("The root of a document cannot be removed.", self.place, "Select members of it.")
            holder = self.value(location[:-1])
            del holder[location[-1]]  # type: ignore[union-attr,arg-type]
            self.changed = True
            self.forget(child("", *location))
            if isinstance(holder, list):
                self.shift(child("", *location[:-1]), cast("int", location[-1]))

    def record(self, pointer: str) -> None:
        """Note that the present action put something at a pointer."""
        self.changed = True
        self.origins[pointer] = self.origin
        self.places[pointer] = self.place

    def locate(self, pointer: str) -> Place:
        """Tell where a value was written: at the action that put it there, else in the document."""
        actions = (self.places[known] for known in parents(pointer) if known in self.places)
        return next(actions, None) or self.document.place(pointer)

    def forget(self, pointer: str) -> None:
        """Drop the origins of what was removed."""
        for known in [known for known in self.origins if f"{known}/".startswith(f"{pointer}/")]:
            del self.origins[known]

    def shift(self, pointer: str, removed: int) -> None:
        """Let the origins of the items after a removed one move up with them."""
        moved: dict[str, Origin] = {}
        for known, origin in self.origins.items():
            at = known
            if known.startswith(f"{pointer}/"):
                index, slash, rest = known[len(pointer) + 1 :].partition("/")
                at = f"{pointer}/{int(index) - (int(index) > removed)}{slash}{rest}"
            moved[at] = origin
        self.origins = moved

    def nothing_matches(self, expression: str) -> ContractError:
        """Say up to where a target matched, and which key stands there instead of the one it names."""
        from jsonpath_rfc9535.query import JSONPathQuery

        query = compile_path(expression, self.place)
        hint = ""
        for length in range(len(query.segments) - 1, -1, -1):
            nodes = JSONPathQuery(env=query.env, segments=query.segments[:length]).find(
                cast("dict[str, object]", self.tree)
            )
            if nodes:
                missing = JSONPathQuery(env=query.env, segments=query.segments[length : length + 1])
                wanted = str(missing).strip("$[]'\".")
                known = [name for node in nodes if isinstance(node.value, dict) for name in node.value]
                hint = f" {nearest(wanted, known)}" if nearest(wanted, known) else ""
                hint = f" It matches as far as {nodes[0].path()}.{hint}"
                break
        what = f"The target {expression} matches nothing in {self.document.name}.{hint}"
        # Overlay 1.1 lets this pass.
        remedy = "Correct the target or delete the action; it is not skipped, or a rename would switch it off unseen."
        return ContractError(what, self.place, remedy)


def compile_path(expression: str, place: Place) -> JSONPathQuery:
    """Compile a JSONPath (RFC 9535). Raises `ContractError` with the column of what is wrong."""
    from jsonpath_rfc9535 import (
        JSONPathEnvironment,
        JSONPathError,
    )  # 26 ms, paid only where overlays are applied afresh

    environment = JSONPathEnvironment()
    environment.max_recursion_depth = 2 * MAX_DEPTH
    try:
        return environment.compile(expression)
    except JSONPathError as error:
        what = f"{expression!r} is not a JSONPath of RFC 9535: {_reason(error)}."
        raise ContractError(what, place, "Correct the expression.") from None


def _reason(error: Exception) -> str:
    """Word an error of the JSONPath library, with the column where it knows one.

    Version 1, for Python 3.10 and 3.11, keeps tokens as objects and version 2 as tuples; str() of an error raises
    IndexError in version 2.0.2 when the expression is empty.
    """
    token: object = getattr(error, "token", None)
    index: object = token[1] if isinstance(token, tuple) else getattr(token, "index", None)
    reason = str(error.args[0]) if error.args else "it is not well-formed"
    return f"{reason}, column {index + 1}" if isinstance(index, int) else reason


def _order(location: _Location) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (0, step) for step in location]


def _copied(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def canonical(value: Json) -> str:
    """Write a value so that equal values, and no others, give equal text."""
    # Text tells 1 from true and from 1.0, which Python's == does not.
    return json.dumps(value, sort_keys=True)


def _class(value: Json) -> str:
    return "objects" if isinstance(value, dict) else "arrays" if isinstance(value, list) else "primitive values"


def _name(value: Json) -> str:
    return {"objects": "An object", "arrays": "An array"}.get(_class(value), f"{json.dumps(value)}")
