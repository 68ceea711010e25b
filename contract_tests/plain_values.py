"""The plainest value that a schema asks for: only what is required, and nothing that could mean much.

What names a thing that has to exist somewhere, an id above all, cannot be made up: it is noted. It judges nothing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract_tests.dialect import python_pattern
from openapi.errors import ContractError
from openapi.pointers import child
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi.document import Library, Node
    from openapi.reading import Json

__all__ = ["Made", "made_value", "names_a_thing"]

DEEPEST = 8
"""Levels of a value that are made; what is deeper has none."""

LONGEST_LIST, LONGEST_TEXT = 20, 10_000
"""Items and characters that are made at most."""

TEXTS = {
    "binary": "contract",
    "byte": "Y29udHJhY3Q=",
    "date": "2026-07-02",
    "date-time": "2026-07-02T22:15:26Z",
    "duration": "P1D",
    "email": "contract@example.com",
    "hostname": "example.com",
    "idn-email": "contract@example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/contract",
    "json-pointer": "/contract",
    "password": "contract-Passw0rd!",
    "regex": "contract",
    "time": "22:15:26Z",
    "uri": "https://example.com/contract",
    "uri-reference": "https://example.com/contract",
    "uri-template": "https://example.com/{contract}",
    "url": "https://example.com/contract",
    "uuid": "6f1f6d3e-2b0c-4d53-9f0e-0d9a2c1b7e55",
}
"""A text of each format."""

GUESSES = (
    "contract", "Contract", "CONTRACT", "c", "C", "1", "10", "100", "1000", "12345678", "1.0", "1.0.0", "en", "EN",
    "en-US", "USD", "#aabbcc", "contract-1", "contract_1", "/contract", "https://example.com/contract",
    "+12025550123", "a@example.com", "2026-07-02", "2026-07-02T22:15:26Z", "22:15", "0x1", "a" * 32, "0" * 64,
    "6f1f6d3e-2b0c-4d53-9f0e-0d9a2c1b7e55",
)  # fmt: skip
"""Texts that are tried against a pattern."""

_NAME_OF_A_THING = re.compile(
    r"(?:^|[_\-. ])(?:id|ids|uuid|guid|sid|ref)$|[a-z0-9](?:Id|Ids|ID|IDs|Uuid|UUID|Guid|Sid|SID|Ref)$", re.ASCII
)


def names_a_thing(name: str) -> bool:
    """Tell whether a member of this name names something that has to exist: `id`, `petId`, `customer_id`."""
    return name.lower() in ("id", "ids", "uuid", "guid") or _NAME_OF_A_THING.search(name) is not None


@dataclass(frozen=True, slots=True)
class Made:
    """A value, `MISSING` if none was found, and the JSON pointers in it to what only the user knows."""

    value: Json | Missing = MISSING
    unknown: tuple[str, ...] = ()


def made_value(library: Library, schema: Node | None, name: str = "", least: int = 0) -> Made:
    """Make the plainest value of a schema, by its examples where it has some; perhaps not one that it allows.

    name: of the parameter that it is for. least: so many members each object has, as far as it knows of any.
    """
    maker = _Maker(library, least)
    value = "contract" if schema is None else maker.value([schema], name, "", 0)
    return Made(value, tuple(maker.unknown))


@dataclass(slots=True)
class _Said:
    """What several schemas say of one value, put together."""

    keywords: dict[str, Json] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    members: dict[str, list[Node]] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    choices: list[Node] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)

    def number(self, *names: str) -> list[float]:
        """Give the keywords of these names that are numbers."""
        found = (self.keywords.get(name) for name in names)
        return [one for one in found if isinstance(one, int | float) and not isinstance(one, bool)]

    def kind(self) -> str:
        """Tell the type that is made, the null one last."""
        kinds = self.keywords.get("type")
        listed = [str(one) for one in kinds] if isinstance(kinds, list) else [str(kinds)] if kinds else []
        for kind in listed:
            if kind != "null":
                return kind
        if listed:
            return "null"
        return "object" if self.members or self.required else "array" if self.items else "string"


class _Maker:
    def __init__(self, library: Library, least: int) -> None:
        self._library = library
        self._least = least
        self.unknown: list[str] = []

    def value(self, schemas: Iterable[Node], name: str, at: str, depth: int) -> Json | Missing:
        """Make what all of some schemas ask for, at a place of the whole value."""
        said = _Said()
        shown: Json | Missing = MISSING
        for schema in self._all(schemas):
            shown = _shown(schema.mapping) if isinstance(shown, Missing) else shown
            self._take(schema, said)
        if not isinstance(shown, Missing):
            return shown
        if depth > DEEPEST:
            return MISSING
        for choice in said.choices[:8]:  # what stands beside a choice goes with it
            before = len(self.unknown)
            found = self.value([*schemas, choice], name, at, depth + 1) if choice not in schemas else MISSING
            if not isinstance(found, Missing):
                return found
            del self.unknown[before:]
        return self._made(said, name, at, depth)

    def _all(self, schemas: Iterable[Node]) -> Iterator[Node]:
        """Give the schemas and all parts of their `allOf`, references followed."""
        waiting, seen = list(schemas), 0
        while waiting and seen < 200:
            seen += 1
            try:
                schema = self._library.follow(waiting.pop(0))
            except ContractError:
                continue
            if isinstance(schema.value, dict):
                whole = schema.get("allOf")
                waiting += whole.items() if whole is not None and isinstance(whole.value, list) else []
                yield schema

    def _take(self, schema: Node, said: _Said) -> None:
        for keyword, value in schema.mapping.items():
            said.keywords.setdefault(keyword, value)
        required, properties, pattern = (schema.mapping.get(name) for name in ("required", "properties", "pattern"))
        said.required += [str(one) for one in required] if isinstance(required, list) else []
        if isinstance(properties, dict):
            node = schema.get("properties")
            for name, member in node.members() if node is not None else ():
                said.members.setdefault(name, []).append(member)
        if isinstance(pattern, str):
            said.patterns.append(pattern)
        if (items := schema.get("items")) is not None:
            said.items.append(items)
        for keyword in ("oneOf", "anyOf"):
            choices = schema.get(keyword)
            said.choices += choices.items() if choices is not None and isinstance(choices.value, list) else []

    def _made(self, said: _Said, name: str, at: str, depth: int) -> Json | Missing:
        kind = said.kind()
        if kind in ("string", "integer", "number") and (
            names_a_thing(name) or (kind == "string" and said.keywords.get("format") == "uuid")
        ):
            self.unknown.append(at)
        if kind == "object":
            return self._object(said, at, depth)
        if kind == "array":
            return self._array(said, name, at, depth)
        if kind in ("integer", "number"):
            return _number(said, whole=kind == "integer")
        if kind == "string":
            return _text(said)
        return {"boolean": False, "null": None}.get(kind, MISSING)

    def _object(self, said: _Said, at: str, depth: int) -> Json | Missing:
        made: dict[str, Json] = {}
        least = max([self._least, *said.number("minProperties")])
        others = (name for name in said.members if name not in said.required)
        more = iter(sorted(others, key=names_a_thing))  # those that can be made up first
        wanted = list(dict.fromkeys(said.required))
        while len(wanted) < least and (other := next(more, None)) is not None:
            wanted.append(other)
        for name in wanted:
            nodes = said.members.get(name, [])
            if any(node.value is not None and _is_read_only(self._library, node) for node in nodes):
                continue
            found = self.value(nodes, name, child(at, name), depth + 1) if nodes else "contract"
            if isinstance(found, Missing):
                return MISSING
            made[name] = found
        return made

    def _array(self, said: _Said, name: str, at: str, depth: int) -> Json | Missing:
        # One item says more than none: a list that is sent is sent for what is in it.
        size = int(max([1, *said.number("minItems")]))
        if size > LONGEST_LIST or 0 in said.number("maxItems"):
            return [] if 0 in said.number("maxItems") else MISSING
        item = self.value(said.items, name, child(at, 0), depth + 1) if said.items else "contract"
        return MISSING if isinstance(item, Missing) else [item] * size


def _shown(schema: dict[str, Json]) -> Json | Missing:
    """Give the value that a schema shows itself."""
    examples, choices = schema.get("examples"), schema.get("enum")
    if isinstance(examples, list) and examples:
        return examples[0]
    for keyword in ("example", "const", "default"):
        if keyword in schema:
            return schema[keyword]
    return choices[0] if isinstance(choices, list) and choices else MISSING


def _is_read_only(library: Library, node: Node) -> bool:
    try:
        node = library.follow(node)
    except ContractError:
        return False
    return isinstance(node.value, dict) and node.value.get("readOnly") is True


def _number(said: _Said, *, whole: bool) -> Json | Missing:
    low, high = max([1, *said.number("minimum")]), min(said.number("maximum"), default=None)
    over, under = said.keywords.get("exclusiveMinimum"), said.keywords.get("exclusiveMaximum")
    if over is True:
        low += 1 if whole else 0.5
    elif isinstance(over, int | float):
        low = max(low, math.floor(over) + 1)
    if under is not True and isinstance(under, int | float):
        high = min(under - 1, *([] if high is None else [high]))
    if high is not None and low > high:
        low = max([high - (1 if under is True else 0), *said.number("minimum")])
    steps = said.number("multipleOf")
    if steps and steps[0] > 0:
        low = math.ceil(low / steps[0]) * steps[0]
    return int(low) if whole or float(low).is_integer() else low


def _text(said: _Said) -> Json | Missing:
    least = int(max([0, *said.number("minLength")]))
    most = int(min(said.number("maxLength"), default=LONGEST_TEXT))
    form = str(said.keywords.get("format"))
    patterns = [one for one in map(python_pattern, said.patterns) if one is not None]
    if least > min(most, LONGEST_TEXT):
        return MISSING
    tried = ([TEXTS[form]] if form in TEXTS else []) + list(GUESSES)
    for text in (*tried, *(_stretched(text, least, most) for text in tried[:1])):
        if least <= len(text) <= most and all(one.search(text) for one in patterns):
            return text
    return MISSING if patterns else _stretched(tried[0], least, most)


def _stretched(text: str, least: int, most: int) -> str:
    return text.ljust(least, "x")[:most]
