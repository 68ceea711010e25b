"""Documents broken in one place, and what has to hold of each: served but for what was broken, told, never a crash.

`broken` breaks, `Whole` remembers what a document answers while it is whole, and `Whole.faults` compares.
"""

from __future__ import annotations

import copy
import json
import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from mockserver.clock import FrozenClock
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.settings import Settings
from openapi.checking import unsaid
from openapi.contract import compile_contract
from openapi.document import Document
from openapi.errors import ContractError
from openapi.pointers import child, tokens
from openapi.reading import read_value
from openapi.samples import Missing
from tests.documents.making import request
from tests.fuzz.readers import PETS, VENDOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

    from openapi.contract import Contract
    from openapi.operation import Operation
    from openapi.reading import Json

    Answered = tuple[int, bytes]

__all__ = ["DOCUMENTS", "Whole", "broken", "damaged", "look_for_faults", "whole"]

ODD: list[Json] = [
    None, 5, -1, 1.5, True, False, [], {}, [5], [None], {"a": 5}, "", " ", "x" * 5000, "a#b", "a%zz%", "a{b", "{}",
    "\x00\x1b[31mred\n", "😀", "\ud800", 10**30, {"$ref": "#"}, [[[]]], "é",
]  # fmt: skip
REFERENCES: list[Json] = [
    "#/components/schemas/NoSuch", "#", "", "#/", "#/info/title", "#/paths", "absent.yaml", "../absent.yaml#/x",
    "https://example.com/a.json", "//example.com/a", "#/components/%zz", "#/a b", "#/components/schemas/~", "NoSuch",
    "http://[::1", "#/\ud800", "\x00", "urn:x:y", "?", "#" + "/a" * 3000, 5, None, ["#"], {"a": 1}, True,
]  # fmt: skip
SHAPES: list[Json] = [None, [], {}, 5, "a", True, [None], {"a": None}, {"a": 5}, {"$ref": "#/nowhere"}, {"\ud800": {}}]
COUNTS: list[Json] = [-1, 1.5, "5", 10**30, 0, None, True]
FLAGS: list[Json] = ["true", 1, None]
FIELDS: dict[str, list[Json]] = {
    "openapi": [3, 3.0, "3.0", "3.0.4", "3.1.1", "3.2.0", "3.3.0", "4.0.0", "", None, True, [], {}, "v3.0.0", "three"],
    "$ref": REFERENCES,
    "type": ["any", "String", "int", "file", ["string", "string"], [], "string|null", None, 5, {"a": 1}],
    "format": ["email", "nosuch", "", None, 5, "Date-Time", "regex"],
    "pattern": ["[", "(", "*", "a{2,1}", "(?<=a+)b", "\\", "\\p{Foo}", "[z-a]", "^(a+)+$", "(" * 300, "\ud800", "\\1"],
    "in": ["Query", "body", "", "path", "header", "cookie", "querystring", 5, None, ["query"]],
    "name": ["", "a b", "a=b", "a[b]", "a\nb", "é", "\ud800", "x" * 3000, "Content-Type", "%41", "\x00", 5, None],
    "style": ["Form", "simple", "label", "deepObject", "spaceDelimited", "tabDelimited", "", 5, None],
    "servers": [
        ["a"], [{"url": "/v{x}"}], [{"url": "https://[bad"}], [{"url": "https://a/v?x=1#y"}], [{"url": None}], [{}],
        [{"url": "/{a}", "variables": {"a": None}}], [{"url": "/{a}", "variables": {"a": {"enum": [None, {}]}}}], "a",
        [{"url": "/\ud800\n"}], [{"url": "./a/../b"}], [{"url": "/a}"}], {"url": "/v1"},
    ],
    "security": [None, 5, {}, [[]], [None], ["a"], {"NoSuch": []}, [{"NoSuch": []}], [{"a\nb": None}], [5, {}]],
    "operationId": ["", " ", 5, None, "a b", "GET /", "\ud800", "a\n\x1b[31m", "x" * 3000, ["a"]],
    "required": [True, "a", [5], ["a", "a"], {}, None, ["\ud800"], ["nosuch"]],
    "enum": [[], {}, "a", None, [1, 1], [{"a": 1}], ["\ud800"]],
    "multipleOf": [0, -1, 1e-300, 10**400, "1"],
    "discriminator": ["type", {}, None, {"propertyName": 5}, {"propertyName": "a", "mapping": {"a": "#/nowhere"}}],
    "$id": ["#a", "", "http://[", 5, "a b", "\ud800"],
    "responses": SHAPES,
    "x-basis": ["a", 5],
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "maximum", "maxProperties"), COUNTS),
    **dict.fromkeys(("uniqueItems", "nullable", "readOnly", "explode", "deprecated", "allowEmptyValue"), FLAGS),
    **dict.fromkeys(("items", "properties", "additionalProperties", "not", "allOf", "oneOf", "if", "$defs"), SHAPES),
    **dict.fromkeys(("parameters", "requestBody", "content", "schema", "headers", "examples", "components"), SHAPES),
    **dict.fromkeys(("patternProperties", "dependentRequired", "$anchor", "$dynamicRef", "xml", "default"), SHAPES),
}  # fmt: skip
"""Field or keyword -> what may stand there in a document of somebody else."""
NAMES: dict[str, list[str]] = {
    "content": ["json", "", "a/", "*", " application/json ", "a, b/c", "é/ü", "a\n/b", "a/b\r\nX-A: b", "\ud800/x"],
    "responses": ["200 ", "2xx", "99", "600", "OK", "", "0200", "-200", "1XX", "204", "²00", "200\n", "x-200", "XXX"],
    "paths": [
        "no-slash", "", "/", "//", "/a?b=c", "/a#b", "/{", "/}", "/{}", "/a{b", "/{a}{b}", "/{a}/{a}", "/{a/b}", "/a b",
        "/%zz", "/é", "/\ud800", "/\x00", "/a\nb", "/..", "/{a}" * 60, "/{[}", "/{a(b}", "/:id", "/x/{a+}", "\\a", "/*",
    ],
}  # fmt: skip
"""Mapping of names -> names that stand in it."""


def broken(tree: dict[str, Json], chance: Random) -> tuple[str, list[str]]:
    """Break a document in one place, and tell what was done and the pointers that it touched."""
    spots = [spot for spot in _spots(tree) if spot[0]]
    # By the name first: what stands in a document once is broken as often as what stands in it everywhere.
    name = chance.choice(sorted({str(key) for _, _, key in spots}))
    pointer, holder, key = chance.choice([spot for spot in spots if str(spot[2]) == name])
    above = pointer[: pointer.rindex("/")]
    way = chance.choice(["remove", "value", "value", "field", "field", "name", "reference", "swap", "add", "add"])
    if isinstance(holder, list):
        assert isinstance(key, int)
        if way == "add":
            holder.insert(key, copy.deepcopy(holder[key]))
            return f"twice {pointer}", [above]
        holder[key] = copy.deepcopy(chance.choice(ODD))
        return f"{pointer} = {holder[key]!r:.60}", [pointer]
    key = str(key)
    if way == "remove":
        del holder[key]
    elif way == "name":
        kind = tokens(above)[-1] if above else ""
        new = chance.choice([*NAMES.get(kind, [])] or [key.upper(), f"{key}s", f" {key}", key[::-1], "", "\ud800"])
        _rename(holder, key, new)
        return f"{pointer} -> {new!r:.60}", [pointer, child(above, new)]
    elif way == "swap":
        other = chance.choice(list(holder))
        holder[key], holder[other] = holder[other], holder[key]
        return f"{pointer} <-> {other!r}", [pointer, child(above, other)]
    elif way == "add" and isinstance(holder[key], dict):
        field = chance.choice(list(FIELDS))
        cast("dict[str, Json]", holder[key])[field] = copy.deepcopy(chance.choice(FIELDS[field]))
        return f"{pointer} += {field}", [pointer]
    elif way == "reference":
        holder[key] = {"$ref": copy.deepcopy(chance.choice([*REFERENCES, f"#{pointer}"]))}
    else:
        holder[key] = copy.deepcopy(chance.choice(FIELDS.get(key, ODD) if way == "field" else ODD))
    return f"{way} {pointer} = {holder.get(key, 'gone')!r:.60}", [pointer]


def _rename(holder: dict[str, Json], old: str, new: str) -> None:
    members = [(new if name == old else name, value) for name, value in holder.items() if name == old or name != new]
    holder.clear()
    holder.update(members)


def _spots(tree: Json) -> Iterator[tuple[str, dict[str, Json] | list[Json], str | int]]:
    waiting: list[tuple[str, Json]] = [("", tree)]
    while waiting:
        pointer, value = waiting.pop()
        members: list[tuple[str | int, Json]] = []
        if isinstance(value, dict):
            members = [*value.items()]
        elif isinstance(value, list):
            members = [*enumerate(value)]
        for key, member in members:
            assert isinstance(value, dict | list)
            yield child(pointer, key), value, key
            waiting.append((child(pointer, key), member))


class Whole:
    """A document that is whole, with the answers that it gives and what each of its operations stands on."""

    def __init__(self, name: str, tree: dict[str, Json]) -> None:
        self.name = name
        self.tree = tree
        made = self._compiled(tree)
        self.stands_on = {(one.method, one.path): set(_region(tree, one)) for one in made.operations}
        self.sent = {one.name: (one, _target(one), _body(one)) for one in made.operations}
        self.answers = {name: self._ask(made, name) for name in self.sent}

    def _compiled(self, tree: dict[str, Json]) -> Contract:
        made = compile_contract([Document.parse(json.dumps(tree, indent=1).encode(), self.name)])
        made.verify()
        return made

    def _ask(self, made: Contract, name: str) -> Answered:
        operation, target, body = self.sent[name]
        engine = Engine(made, Settings(seed="whole"), FrozenClock(1_783_001_726))
        answer = engine.answer(request(operation.method, target, body, {"authorization": f"Bearer {WORKING}"}))
        assert all(sign.isprintable() for pair in answer.headers for text in pair for sign in text), answer.headers
        return answer.status, answer.body

    def _is_touched(self, operation: Operation, touched: list[str]) -> bool:
        stands_on = self.stands_on[operation.method, operation.path]
        return any(
            f"{one}/".startswith(f"{at}/") or f"{at}/".startswith(f"{one}/") for one in stands_on for at in touched
        )

    def faults(self, tree: dict[str, Json], touched: list[str]) -> list[str]:
        """Say in what a broken form of the document is not handled as promised; raises what nobody promised."""
        untouched = [name for name, (one, _, _) in self.sent.items() if not self._is_touched(one, touched)]
        try:
            made = self._compiled(tree)
        except ContractError as error:
            wrong = [f"refused as a whole: {error}"] if untouched else []
            return wrong + _unclear(str(error), error)
        found: list[str] = []
        for notice in made.notices:
            found += _unclear(str(notice), notice)
        for one in made.unserved:
            found += _unclear(str(one), one.reason)
        for operation in made.operations:
            assert isinstance(unsaid(operation), list)
        for name, before in self.answers.items():
            after = self._ask(made, name)
            if name in untouched and after != before:
                found.append(f"{name} answered {before[0]} and now {after[0]}: {after[1][:200]!r}")
            if b"mock_bug" in after[1]:
                found.append(f"{name}: {after[1].decode()}")
        return found


DOCUMENTS = [*sorted(PETS.glob("pets-*.yaml")), VENDOR[0], PETS / "keys.yaml"]
"""What is broken."""


def whole(path: Path) -> Whole:
    """Read a document, and what it answers."""
    return Whole(path.name, cast("dict[str, Json]", read_value(path.read_bytes(), path.name)))


def damaged(made: Whole, seed: str, places: int) -> tuple[str, list[str]]:
    """Break a document; tell what was done, and its faults."""
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    tree = copy.deepcopy(made.tree)
    done = [broken(tree, chance) for _ in range(places) if tree]
    faults = made.faults(tree, [pointer for _, pointers in done for pointer in pointers])
    return f"{seed}: {[what for what, _ in done]}", faults


def look_for_faults(seconds: int) -> int:
    """Break documents for a time, print what is not as promised, and give how many times."""
    end = time.monotonic() + seconds
    documents = [whole(path) for path in DOCUMENTS]
    found, number = 0, 0
    while time.monotonic() < end:
        for made in documents:
            what, faults = damaged(made, f"{made.name} {time.time_ns()}", 3 if number % 2 else 1)
            number += 1
            found += bool(faults)
            for fault in faults:
                print(what, fault, sep="\n  ")
    print(f"{number} documents, {found} with faults")
    return found


def _unclear(text: str, said: object) -> list[str]:
    """Say what is wrong with a message: it names file, line and place, on one short line that any terminal shows."""
    place = getattr(said, "place", None)
    found = [] if place is not None and place.line is not None else [f"no line: {text}"]
    if not text.isprintable() or len(text) > 1500:
        found.append(f"no line for people: {text!r}")
    if any(word in text for word in ("Traceback", "<class", "object at 0x", "codec", "NoneType")):
        found.append(f"no word for people: {text}")
    return found


def _region(tree: dict[str, Json], operation: Operation) -> Iterator[str]:
    """Give the pointers of all that an operation stands on, references followed."""
    item = operation.node.pointer[: operation.node.pointer.rindex("/")]
    starts = [operation.node.pointer, "/servers", "/security", "/components/securitySchemes", "/openapi"]
    waiting = [*starts, *(child(item, name) for name in ("parameters", "servers", "$ref"))]
    seen: set[str] = set()
    while waiting:
        pointer = waiting.pop()
        if pointer not in seen:
            seen.add(pointer)
            yield pointer
            waiting += _references(_at(tree, pointer))


def _references(value: Json) -> Iterator[str]:
    for _, holder, key in _spots(value):
        reference = holder[key] if isinstance(holder, dict) and key == "$ref" else None
        if isinstance(reference, str) and reference.startswith("#/"):
            yield unquote(reference[1:])


def _at(tree: Json, pointer: str) -> Json:
    with suppress(KeyError, IndexError, ValueError, TypeError):
        for token in tokens(pointer):
            tree = tree[int(token)] if isinstance(tree, list) else tree[token]  # type: ignore[index]
        return tree
    return None


def _target(operation: Operation) -> str:
    """Write a path with something in the place of each parameter, and what has to stand in the query."""
    path = operation.base_paths[0] + operation.path
    for one in operation.parameters:
        path = path.replace(f"{{{one.name}}}", "1")
    query = "&".join(f"{one.name}=1" for one in operation.parameters if one.place == "query" and one.required)
    return f"{path}?{query}" if query else path


def _body(operation: Operation) -> bytes | None:
    for media in operation.body:
        example = media.valid_example()
        return b"{}" if isinstance(example, Missing) else json.dumps(example).encode()
    return None
