"""Compile a schema once and say what is wrong with a value as `Violation`s; an empty tuple means valid.

Validation is jsonschema-rs: Draft 4 rules for OpenAPI 3.0, 2020-12 for 3.1, formats asserted, nothing fetched.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections import deque
from functools import cache
from typing import TYPE_CHECKING

from openapi.bundling import Bundle
from openapi.errors import ContractError
from openapi.memory import give_back
from openapi.shape import Shape
from openapi.together import Shared, Together, side_by_side, used_schemas
from openapi.units import Units, refuse_dead_ends
from openapi.violations import Violation, json_type, violation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import jsonschema_rs

    from openapi.document import Library, Node
    from openapi.reading import Json

__all__ = ["Schema", "Schemas", "Violation", "json_type"]


MOST_BACKTRACKS = 1000
"""Steps back that a pattern with a look-around or a back-reference may take before a text counts as not matching.

All other patterns take time in proportion to the text, whatever they are.
"""


MOST_ALONE = 10_000
"""Mappings in schemas that are compiled each for itself, with all that it refers to; beyond, all are compiled together.

So the first answers come soon, and what many schemas refer to is not kept many times.
"""


class Schema:
    """One compiled schema. Compiling happens at the first use, so a large document starts quickly."""

    __slots__ = ("_shape", "_validator", "absent", "node", "schemas")

    def __init__(self, schemas: Schemas, node: Node, absent: str = "") -> None:
        self.schemas = schemas
        self.node = node
        self.absent = absent
        self._validator: jsonschema_rs.Validator | Shared | None = None
        self._shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        """What it says about types, for reading text."""
        if self._shape is None:
            self._shape = Shape(self.schemas.library, self.node)
        return self._shape

    @property
    def validator(self) -> jsonschema_rs.Validator | Shared:
        """The compiled validator. Raises `ContractError` when the schema cannot be compiled."""
        validator = self._validator
        if validator is None:
            with self.schemas.one_at_a_time:  # many requests may come at once, and all wait for the first
                validator = self._validator = self._validator or self.schemas.compile(self)
        return validator

    def let_go(self) -> None:
        """Forget the validator; the next use compiles it again."""
        self._validator = None

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
        skipped = validator.depth if isinstance(validator, Shared) else 0
        return tuple(
            violation_of(error, place, self.node.document.uri, self.schemas.units.clause, skipped)
            for error in validator.iter_errors(value)
        )


class Schemas:
    """Makes `Schema`s over the documents of one contract; `version` is `3.0` or `3.1`.

    one_at_a_time: held while anything is compiled or left out.
    """

    def __init__(self, library: Library, version: str) -> None:
        self.library = library
        self.version = version
        self.units = Units(library, version)
        self._alone: deque[tuple[Schema, int]] = deque()
        self._spent = 0
        self._together: dict[str, Together] = {}
        self._sides: dict[str, str] = {}
        self.one_at_a_time = threading.RLock()

    def at(self, node: Node, absent: str = "") -> Schema:
        """Make the schema that stands at a node; reads nothing yet.

        `absent`: which properties 3.0 does not require, even if they are listed: `readOnly` ones in a request,
        `writeOnly` ones in a response.
        """
        return Schema(self, node, absent)

    def compile(self, schema: Schema) -> jsonschema_rs.Validator | Shared:
        """Compile a schema, its references resolved within the library and never fetched.

        Keywords that no validator can take, such as a pattern that is no regular expression, are left out, with a
        warning for each. Raises `ContractError` when it cannot be compiled all the same.
        """
        import jsonschema_rs  # 20 ms; paid by the first contract, not by `mockserver --help`

        side = self._side(schema.absent)
        if self._spent >= MOST_ALONE or side in self._together:
            shared = self._find_together(schema, side)
            if shared is not None:
                return shared
        for last in (self.units.mended, True):
            bundle = Bundle(self.units, side)
            try:
                validator = self._compiled(schema.node, bundle)
            except (ValueError, jsonschema_rs.ReferencingError) as error:
                if not last:
                    self.mend()
                    continue
                refuse_dead_ends(self.library, schema.node)
                what = f"This schema cannot be compiled: {str(error).splitlines()[0]}."
                raise ContractError(what, schema.node.place, "Correct the schema.") from None
            self._keep(schema, bundle.size)
            return validator
        raise AssertionError("the second attempt returns or raises")

    def _keep(self, schema: Schema, size: int) -> None:
        """Remember what was compiled for itself, and let go of what has been kept for longest."""
        self._alone.append((schema, size))
        self._spent += size
        while self._spent > 2 * MOST_ALONE and len(self._alone) > 1:
            oldest, its_size = self._alone.popleft()
            oldest.let_go()
            self._spent -= its_size

    def _find_together(self, schema: Schema, absent: str) -> Shared | None:
        """Find a schema among all of the contract, which are compiled together once; None where that cannot be."""
        if absent not in self._together:
            self._together[absent] = self._compile_together(absent)
            self._let_go(absent)
            give_back()
        return self._together[absent].find(schema.node)

    def _let_go(self, absent: str) -> None:
        """Let go of what was compiled alone and is among the others now; it is found there when it is used again."""
        ways = self._together[absent].ways
        kept: deque[tuple[Schema, int]] = deque()
        for schema, size in self._alone:
            if self._side(schema.absent) == absent and schema.node.spot in ways:
                schema.let_go()
            else:
                kept.append((schema, size))
        self._alone, self._spent = kept, sum(size for _, size in kept)

    def _compile_together(self, absent: str) -> Together:
        """Compile all schemas of the contract, without those from which a reference leads nowhere."""
        import jsonschema_rs

        directions = [one for one in ("readOnly", "writeOnly") if self._side(one) == absent]
        bundle = Bundle(self.units, absent)
        used = [(one, bundle.reference(one)) for one in used_schemas(self.library, directions)]
        doomed = bundle.doomed()
        whole, ways = side_by_side({one.spot: name for one, name in used if self.units.find(one)[0] not in doomed})
        try:
            return Together(self._build(whole, bundle) if ways else None, ways)
        except (ValueError, jsonschema_rs.ReferencingError):
            if self.units.mended:
                return Together(None, {})
            self.mend()
            return self._compile_together(absent)

    def verify(self, schemas: Sequence[Schema]) -> bool:
        """Find out whether all of some schemas compile.

        Compiled together, a thousand schemas that refer to each other take no longer than a few of them alone.
        """
        import jsonschema_rs

        try:
            with self.one_at_a_time:
                for absent in sorted({self._side(one.absent) for one in schemas}):
                    bundle = Bundle(self.units, absent)
                    names = [bundle.reference(one.node) for one in schemas if self._side(one.absent) == absent]
                    self._build({"allOf": [{"$ref": name} for name in names]}, bundle)
        except (ValueError, jsonschema_rs.ReferencingError):
            if self.units.mended:
                return False
            self.mend()
            return self.verify(schemas)
        return True

    def _compiled(self, node: Node, bundle: Bundle) -> jsonschema_rs.Validator:
        if node.value is None:
            self.library.warn("schema-empty", "There is no schema here; any value is taken.", node, "Write one.")
            return self._build({}, bundle)
        return self._build({"$ref": bundle.reference(node)}, bundle)

    def _build(self, schema: dict[str, Json], bundle: Bundle) -> jsonschema_rs.Validator:
        import jsonschema_rs

        early = self.version == "3.0"
        kind = jsonschema_rs.Draft4Validator if early else jsonschema_rs.Draft202012Validator
        draft = jsonschema_rs.Draft4 if early else jsonschema_rs.Draft202012
        return kind(
            schema,
            registry=jsonschema_rs.Registry(bundle.resources, draft=draft),
            validate_formats=True,
            formats=dict({**FORMATS, **_later_formats()} if early else FORMATS),
            offline=True,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=MOST_BACKTRACKS),
        )

    def mend(self) -> None:
        """Leave out what makes validators refuse a schema, or misread it, in all documents at once."""
        with self.one_at_a_time:
            if not self.units.mended:
                self.units.mend()
                self._together.clear()

    def _side(self, absent: str) -> str:
        """Tell whether it makes a difference to this contract what is not required; empty when it makes none."""
        if self.version != "3.0":  # there it is an annotation: what is listed is required, and null must be allowed
            return ""
        if absent not in self._sides:
            words = [absent.encode(), *([b"nullable"] if absent == "writeOnly" else [])]
            documents = tuple(self.library.documents.values())
            matters = any(word in one.raw or one.origins for one in documents for word in words)
            self._sides[absent] = absent if matters else ""
        return self._sides[absent]


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
