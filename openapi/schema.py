"""Compile a schema once and say what is wrong with a value as `Violation`s; an empty tuple means valid.

Validation is jsonschema-rs: Draft 4 rules for OpenAPI 3.0, 2020-12 for 3.1, formats asserted, nothing fetched.
"""

from __future__ import annotations

import base64
import binascii
from functools import cache
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, unquote

from openapi.document import Node
from openapi.draft4 import DATA, NAMED, draft4
from openapi.errors import ContractError
from openapi.mending import broken_keywords, without
from openapi.naming import address
from openapi.shape import Shape
from openapi.violations import Violation, json_type, violation_of
from openapi.walking import MEMBERS, schema_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import jsonschema_rs

    from openapi.document import Document, Library
    from openapi.reading import Json

__all__ = ["Schema", "Schemas", "Violation", "is_known", "json_type"]


MOST_BACKTRACKS = 1000
"""Steps back that a pattern with a look-around or a back-reference may take before a text counts as not matching.

All other patterns take time in proportion to the text, whatever they are.
"""


MOST_ALONE = 2
"""Schemas of a large contract that are compiled each for itself, so that the first answers come soon."""

LARGE = 1_000_000
"""Bytes of documents from which on all schemas after those are compiled together."""

_LETTERS = "0123456789abcdef"


class Schema:
    """One compiled schema. Compiling happens at the first use, so a large document starts quickly."""

    __slots__ = ("_shape", "_validator", "absent", "node", "schemas")

    def __init__(self, schemas: Schemas, node: Node, absent: str = "") -> None:
        self.schemas = schemas
        self.node = node
        self.absent = absent
        self._validator: jsonschema_rs.Validator | _Shared | None = None
        self._shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        """What it says about types, for reading text."""
        if self._shape is None:
            self._shape = Shape(self.schemas.library, self.node)
        return self._shape

    @property
    def validator(self) -> jsonschema_rs.Validator | _Shared:
        """The compiled validator. Raises `ContractError` when the schema cannot be compiled."""
        if self._validator is None:
            self._validator = self.schemas.compile(self.node, self.absent)
        return self._validator

    def give_up(self, what: str, remedy: str) -> None:
        """Take any value from now on, with a warning: the schema cannot be compiled."""
        if self._validator is None:
            import jsonschema_rs

            self.schemas.library.warn("schema-given-up", what, self.node, remedy)
            self._validator = jsonschema_rs.Draft202012Validator(True)  # noqa: FBT003 - the schema that allows all

    def check(self, value: Json, place: str = "body") -> tuple[Violation, ...]:
        """Check a value; all that is wrong with it, in the order of the schema."""
        validator = self._validator or self.validator
        if validator.is_valid(value):
            return ()
        skipped = validator.depth if isinstance(validator, _Shared) else 0
        return tuple(
            violation_of(error, place, self.node.document.uri, self.schemas.own, skipped)
            for error in validator.iter_errors(value)
        )


class _Shared:
    """One schema among many that were compiled together: reads a value as that schema does.

    Each schema of a large document that is compiled alone takes a copy of all that it refers to, which may be the whole
    document. In a tree of properties they stand beside each other, and a value goes in at the leaf of its schema.
    """

    __slots__ = ("_at", "_together")

    def __init__(self, together: jsonschema_rs.Validator, at: str) -> None:
        self._together = together
        self._at = at

    @property
    def depth(self) -> int:
        """How many names stand before the path of an error."""
        return len(self._at)

    def _placed(self, value: Json) -> Json:
        for name in reversed(self._at):
            value = {name: value}
        return value

    def is_valid(self, value: Json) -> bool:
        """Tell whether the schema allows a value."""
        return self._together.is_valid(self._placed(value))

    def iter_errors(self, value: Json) -> Iterator[jsonschema_rs.ValidationError]:
        """Give all that is wrong with a value."""
        return self._together.iter_errors(self._placed(value))


class Schemas:
    """Makes `Schema`s over the documents of one contract; `version` is `3.0` or `3.1`.

    own: address of each schema that is a resource of its own -> its document and pointer.
    """

    def __init__(self, library: Library, version: str) -> None:
        self.library = library
        self.version = version
        self.own: dict[str, tuple[str, str]] = {}
        self._registries: dict[str, jsonschema_rs.Registry] = {}
        self._left_out: dict[str, list[str]] = {}
        self._mended = False
        self._alone = 0
        self._shared: dict[str, tuple[jsonschema_rs.Validator | None, dict[str, str]]] = {}

    def at(self, node: Node, absent: str = "") -> Schema:
        """Make the schema that stands at a node; reads nothing yet.

        `absent`: which properties 3.0 does not require, even if they are listed: `readOnly` ones in a request,
        `writeOnly` ones in a response.
        """
        return Schema(self, node, absent)

    def compile(self, node: Node, absent: str = "") -> jsonschema_rs.Validator | _Shared:
        """Compile the schema at a node, its references resolved within the library and never fetched.

        Keywords that no validator can take, such as a pattern that is no regular expression, are left out, with a
        warning for each. Raises `ContractError` when it cannot be compiled all the same.
        """
        import jsonschema_rs  # 20 ms; paid by the first contract, not by `mockserver --help`

        if self._alone >= MOST_ALONE and (shared := self._found_together(node, absent)) is not None:
            return shared
        self._alone += 1
        for last in (self._mended, True):
            try:
                return self._validator(node, absent)
            except (ValueError, jsonschema_rs.ReferencingError) as error:
                if not last:
                    self._mend()
                    continue
                self.refuse_dead_ends(node)
                what = f"This schema cannot be compiled: {str(error).splitlines()[0]}."
                raise ContractError(what, node.place, "Correct the schema.") from None
        raise AssertionError("the second attempt returns or raises")

    def _found_together(self, node: Node, absent: str) -> _Shared | None:
        """Find a schema among all of a large contract, which are compiled together once; None where that cannot be."""
        import jsonschema_rs

        if absent not in self._shared:
            documents = tuple(self.library.documents.values())
            large = sum(len(one.raw) for one in documents) >= LARGE
            starts = [one for each in documents if large for one in schema_starts(Node(each, "", each.tree))]
            starts = [one for one in starts if isinstance(one.value, dict)]
            whole, places = _side_by_side([self._address(one) for one in starts])
            try:
                self._shared[absent] = (self._compiled(whole, absent) if places else None), places
            except (ValueError, jsonschema_rs.ReferencingError):
                self._shared[absent] = None, {}  # one that leads nowhere: each for itself then
        together, places = self._shared[absent]
        at = places.get(self._address(node)) if together is not None else None
        return None if together is None or at is None else _Shared(together, at)

    def verify(self, schemas: Sequence[Schema]) -> bool:
        """Find out whether all of some schemas compile.

        Compiled together, a thousand schemas that refer to each other take no longer than a few of them alone.
        """
        import jsonschema_rs

        try:
            for absent in sorted({one.absent for one in schemas}):
                nodes = [one.node for one in schemas if one.absent == absent]
                together = {"allOf": [{"$ref": self._address(node)} for node in nodes]}
                self._compiled(cast("dict[str, Json]", together), absent)
        except (ValueError, jsonschema_rs.ReferencingError):
            if self._mended:
                return False
            self._mend()
            return self.verify(schemas)
        return True

    def _validator(self, node: Node, absent: str) -> jsonschema_rs.Validator:
        if node.value is None:
            self.library.warn("schema-empty", "There is no schema here; any value is taken.", node, "Write one.")
            return self._compiled({}, absent)
        return self._compiled({"$ref": self._address(node)}, absent)

    def _compiled(self, schema: dict[str, Json], absent: str) -> jsonschema_rs.Validator:
        import jsonschema_rs

        kind = jsonschema_rs.Draft4Validator if self.version == "3.0" else jsonschema_rs.Draft202012Validator
        formats = FORMATS if self.version == "3.1" else {**FORMATS, **_later_formats()}
        return kind(
            schema,
            registry=self.registry(absent),
            validate_formats=True,
            formats=dict(formats),
            offline=True,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=MOST_BACKTRACKS),
        )

    def _mend(self) -> None:
        """Leave out what makes validators refuse a schema, in all documents at once."""
        self._mended = True
        for broken in broken_keywords(self.library, self.version):
            self._left_out.setdefault(broken.node.document.uri, []).append(broken.node.pointer)
            self.library.warn("schema-keyword-broken", broken.what, broken.node, broken.remedy)
        self._registries.clear()
        self._shared.clear()

    def refuse_dead_ends(self, node: Node) -> None:
        """Raise the `ContractError` of a reference in or behind a schema that cannot be followed, at its place."""
        waiting, seen = [node], set()
        while waiting:
            node = waiting.pop()
            spot = (node.document.uri, node.pointer)
            if spot in seen:
                continue
            seen.add(spot)
            if isinstance(node.value, dict):
                reference = node.value.get("$ref")
                if isinstance(reference, str) and not is_known(reference):
                    waiting.append(self.library.follow(node))
                if isinstance(node.value.get("$dynamicRef"), str):
                    waiting.append(self.library.resolve(str(node.value["$dynamicRef"]), node))
                waiting += [member for name, member in node.members() if name not in DATA]
            elif isinstance(node.value, list):
                waiting += node.items()

    def registry(self, absent: str = "") -> jsonschema_rs.Registry:
        """Give the one set of resources that all schemas of this contract refer to, in requests or in responses."""
        import jsonschema_rs

        documents = tuple(self.library.documents.values())
        # In 3.1 `readOnly` is an annotation only: what is listed is required, and so is null where it is to be allowed.
        words = [absent.encode(), *([b"nullable"] if absent == "writeOnly" else [])]
        if self.version != "3.0" or not any(word in one.raw or one.origins for one in documents for word in words):
            absent = ""
        if absent not in self._registries:
            draft = jsonschema_rs.Draft4 if self.version == "3.0" else jsonschema_rs.Draft202012
            trees = [pair for one in documents for pair in self._resources(one, absent)]
            trees.append((_DEAD_END, {"type": "nothing that there is"}))
            self._registries[absent] = jsonschema_rs.Registry(trees, draft=draft)
        return self._registries[absent]

    def _resources(self, document: Document, absent: str) -> list[tuple[str, Json]]:
        tree: Json = without(document.tree, self._left_out.get(document.uri, ()))
        if self.version == "3.0":
            return [(document.uri, draft4(tree, absent))]
        if document.names is None:
            return [(document.uri, tree)]
        # Each schema becomes a resource of its own, as the specification has it for one with an `$id`: what it says of
        # itself, by `$anchor` or by `#/$defs/...`, is then found where it means it.
        for identifier, pointer in document.names.ids.items():
            self.own[identifier] = (document.uri, pointer)
        whole = Node(document, "", tree)
        found: list[tuple[str, Json]] = []
        for start in schema_starts(whole):
            own = self._own_address(document, start.pointer)
            self.own[own] = (document.uri, start.pointer)
            found.append((own, self._rewritten(start, start.pointer)))
        if "" not in {start.pointer for start in schema_starts(whole)}:
            found.append((document.uri, self._rewritten(whole, "")))
        return list({uri: (uri, value) for uri, value in found}.values())

    def _rewritten(self, node: Node, start: str, *, names: bool = False) -> Json:
        """Copy a schema with the references that lead out of it written as addresses of this registry.

        names: the keys of this mapping are names, such as those of properties, and no keywords.
        """
        value = node.value
        if isinstance(value, list):
            return [self._rewritten(item, start) for item in node.items()]
        if not isinstance(value, dict):
            return value
        if names:
            return {name: self._rewritten(one, start) for name, one in node.members()}
        copy = {
            name: value[name] if name in DATA else self._rewritten(one, start, names=name in NAMED or name in MEMBERS)
            for name, one in node.members()
        }
        for keyword in ("$ref", "$dynamicRef"):
            reference = value.get(keyword)
            if isinstance(reference, str):
                copy[keyword] = self._reference(Node(node.document, node.pointer, value), reference, start)
        return copy

    def _reference(self, origin: Node, reference: str, start: str) -> str:
        try:
            target = self.library.resolve(reference, origin)
        except ContractError:
            # What is not there may stop who refers to it, and nobody else.
            return reference if is_known(reference) else _DEAD_END
        whole = target.document.schema_at(target.pointer) if target.document.names is not None else None
        if target.document is origin.document and whole == start and not _counts_from_top(reference, target):
            # By the schema's own names; what has no place in an address may well stand in a name: `Map<Key,Value>`.
            return address("", unquote(reference[1:])) if reference[:1] == "#" else reference
        return self._address(target)

    def _own_address(self, document: Document, pointer: str) -> str:
        names = document.names
        identified = names is not None and names.base(pointer) != document.uri
        if names is not None and identified:
            return names.base(pointer)
        return document.uri if not pointer else f"{document.uri}?{quote(pointer, safe='/~')}"

    def _address(self, node: Node) -> str:
        document = node.document
        whole = document.schema_at(node.pointer) if self.version != "3.0" and document.names is not None else None
        if whole is None:
            return address(document.uri, node.pointer)
        return address(self._own_address(document, whole), node.pointer[len(whole) :])


def _side_by_side(addresses: list[str]) -> tuple[dict[str, Json], dict[str, str]]:
    """Put schemas into a tree of properties: it, and the way to each as one letter for each level."""
    level: list[Json] = [{"$ref": one} for one in addresses]
    ways = [""] * len(addresses)
    step = 1
    while len(level) > 1:
        ways = [_LETTERS[number // step % len(_LETTERS)] + way for number, way in enumerate(ways)]
        chunks = [level[start : start + len(_LETTERS)] for start in range(0, len(level), len(_LETTERS))]
        level = [{"properties": dict(zip(_LETTERS, chunk, strict=False))} for chunk in chunks]
        step *= len(_LETTERS)
    return cast("dict[str, Json]", level[0] if level else {}), dict(zip(addresses, ways, strict=True))


def _counts_from_top(reference: str, target: Node) -> bool:
    """Tell whether a reference is a pointer into the document, rather than into the schema that it stands in."""
    return reference[:1] == "#" and bool(target.pointer) and unquote(reference[1:]) == target.pointer


_DEAD_END = "urn:contract:dead-end"
"""Address of a schema that does not compile: in the place of one that is not there."""


def is_known(reference: str) -> bool:
    """Tell whether a reference means one of the schemas of JSON Schema itself, which every validator knows."""
    return reference.startswith(("https://json-schema.org/draft/", "http://json-schema.org/draft-0"))


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


FORMATS: Mapping[str, Callable[[str], bool]] = {"byte": _is_base64}
"""Formats of OpenAPI that JSON Schema does not define and that can be decided from the text alone."""


@cache
def _later_formats() -> Mapping[str, Callable[[str], bool]]:
    """Formats that are younger than Draft 4; documents of OpenAPI 3.0 use them all the same, `uuid` above all."""
    import jsonschema_rs

    names = ["uuid", "duration", "idn-hostname", "uri-reference", "iri", "iri-reference", "uri-template"]
    names += ["json-pointer", "relative-json-pointer"]
    return {
        name: jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid for name in names
    }
