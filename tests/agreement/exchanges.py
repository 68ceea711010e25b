"""Makes exchanges from the examples of a document: some as they stand, most of them changed somewhere. Seeded."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from openapi.contract import Contract
    from openapi.operation import MediaType, Operation, Response
    from openapi.parameters import Parameter
    from openapi.reading import Json

JUNK: tuple[Json, ...] = (
    None, True, False, 0, 1, -1, 2, 3.5, 1.0, 0.1, 2**53 + 1, "", "a", "é-回", "x" * 30, "a\n", "1", [], [1], [None],
    {}, {"a": 1}, "2026-02-30", "2026-07-02", "25:00:00Z", "P", "https://a.example/b", "/b", "no mail", "::1",
    "10.0.0.1", "1e3", "~", "\u0661\u0662",
)  # fmt: skip
TEXTS = (
    "",
    "a",
    "1.5",
    "-1",
    "0",
    "1",
    "5",
    "11",
    "101",
    "true",
    "no",
    "red",
    "a,b",
    "1,1",
    "2026-02-30",
    "x" * 12,
    "{}",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: parameter texts by place and name, as they are after the server decoded them, and a JSON body."""

    operation: Operation
    path: tuple[tuple[str, str], ...]
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None

    @property
    def key(self) -> tuple[object, ...]:
        """What makes this exchange another than the next."""
        return self.operation.id, self.path, self.query, self.headers, self.body


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to an operation."""

    operation: Operation
    status: int
    media_type: str
    body: bytes

    @property
    def key(self) -> tuple[object, ...]:
        """What makes this exchange another than the next."""
        return self.operation.id, self.status, self.media_type, self.body


def exchanges(contract: Contract, random: Random, each: int) -> list[Asked | Answered]:
    """Make up to `each` different exchanges of every request and every documented media type of a response."""
    pool = _pool(contract)
    made: dict[tuple[object, ...], Asked | Answered] = {}
    for plain in _plain(contract):
        made[plain.key] = plain
    for operation in contract.operations:
        for _ in range(each):
            request = _request(operation, random, pool)
            made[request.key] = request
        for response in operation.responses:
            for media in response.media_types:
                for _ in range(each):
                    answer = _answer(operation, response, media, random, pool)
                    made[answer.key] = answer
    return list(made.values())


def _plain(contract: Contract) -> Iterator[Asked | Answered]:
    """Make the exchanges whose values are examples of the document, as they stand."""
    for operation in contract.operations:
        texts = [(one, _serialized(one, one.node.mapping.get("example"))) for one in operation.parameters]
        path, headers = (
            tuple((one.name, text) for one, text in texts if one.place == place) for place in ("path", "header")
        )
        query = "&".join(text for one, text in texts if one.place == "query")
        for media in operation.body[:1]:
            for example in media.examples.values():
                yield Asked(operation, path, query, headers, _written(example))
        for response in operation.responses:
            for media in response.media_types:
                for example in media.examples.values():
                    yield Answered(operation, _status(response), media.name, _written(example))


def _status(response: Response) -> int:
    return 599 if response.status == "default" else int(response.status.replace("X", "0"))


def _answer(operation: Operation, response: Response, media: MediaType, random: Random, pool: list[Json]) -> Answered:
    samples = list(media.examples.values()) or [{}]
    body = _written(_varied(random.choice(samples), random, pool))
    return Answered(operation, random.choice([_status(response)] * 30 + [203]), media.name, body)


def _request(operation: Operation, random: Random, pool: list[Json]) -> Asked:
    path: dict[str, str] = {}
    query: list[str] = []
    headers: dict[str, str] = {}
    for parameter in operation.parameters:
        text = _parameter(parameter, random, pool)
        if parameter.place == "path":
            path[parameter.name] = text or "1"
        elif text is not None and parameter.place == "query":
            query.append(text)
        elif text is not None:
            headers[parameter.name] = text
    body = None
    samples = [example for media in operation.body[:1] for example in media.examples.values()]
    if operation.body and random.random() < 0.95:
        body = _written(_varied(random.choice(samples or [{}]), random, pool))
    return Asked(operation, tuple(path.items()), "&".join(query), tuple(headers.items()), body)


def _parameter(parameter: Parameter, random: Random, pool: list[Json]) -> str | None:
    """Write a parameter as text (in the query with its name): mostly its example, sometimes none, else anything."""
    example = parameter.node.mapping.get("example")
    chance = random.random()
    if chance < (0.03 if parameter.required else 0.4):
        return None
    value = example
    if chance > 0.96:
        raw = random.choice(TEXTS)
        named = parameter.style != "deepObject" and parameter.place == "query"
        return f"{quote(parameter.name)}={quote(raw)}" if named else None if parameter.place == "query" else raw
    if chance > 0.91:
        value = _varied(example, random, pool, certainly=True)
    return _serialized(parameter, value)


def _serialized(parameter: Parameter, value: Json) -> str:
    name, parts = parameter.name, [_text(item) for item in value] if isinstance(value, list) else [_text(value)]
    if parameter.place != "query":
        return ",".join(parts).replace("\n", "-")
    if parameter.as_json:
        return f"{name}={quote(json.dumps(value))}"
    if parameter.style == "deepObject":
        members = value.items() if isinstance(value, dict) else ()
        return "&".join(f"{name}%5B{quote(key)}%5D={quote(_text(item))}" for key, item in members)
    if parameter.explode:
        return "&".join(f"{name}={quote(part)}" for part in parts)
    return f"{name}=" + quote({"pipeDelimited": "|"}.get(parameter.style, ",").join(parts))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _written(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8")


# --- variations -------------------------------------------------------------------------------------------------------


def _pool(contract: Contract) -> list[Json]:
    """Collect what the schemas speak of: their names and values, numbers next to limits, texts of limiting lengths."""
    found: list[Json] = list(JUNK)
    waiting: list[Json] = [dict(document.tree) for document in contract.documents]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            for key, item in value.items():
                if isinstance(item, int | float) and not isinstance(item, bool):
                    found += [item, item - 1, item + 1, item + 0.5]
                    if key in ("minLength", "maxLength"):
                        found += ["y" * int(item), "y" * (int(item) + 1), "y" * max(int(item) - 1, 0)]
                if key in ("enum", "examples", "example", "const"):
                    found += item if isinstance(item, list) else [item]
        elif isinstance(value, list):
            waiting += value
    return [item for item in found if len(json.dumps(item)) < 200]


def _varied(value: Json, random: Random, pool: list[Json], *, certainly: bool = False) -> Json:
    """Change a value in no, one or two places."""
    value = deepcopy(value)
    for _ in range(random.choice((0, 0, 1, 1, 1, 2))) if not certainly else range(1):
        value = _changed(value, random, pool)
    return value


def _changed(value: Json, random: Random, pool: list[Json]) -> Json:
    """Change a value, or one inside it."""
    if isinstance(value, dict) and value and random.random() < 0.75:
        name = random.choice(list(value))
        return {**value, name: _changed(value[name], random, pool)}
    if isinstance(value, list) and value and random.random() < 0.6:
        index = random.randrange(len(value))
        return [*value[:index], _changed(value[index], random, pool), *value[index + 1 :]]
    if random.random() < 0.2:
        return random.choice(pool)
    if isinstance(value, dict):
        return _changed_object(value, random, pool)
    if isinstance(value, list):
        return _changed_array(value, random, pool)
    if isinstance(value, str):
        return random.choice([value + "z", value[1:], value.upper(), value + "\n", value + "é", value * 3, None, 7])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return random.choice([value + 1, value - 1, -value, value * 10, value + 0.25, float(value), str(value), None])
    return random.choice(pool)


def _changed_object(value: dict[str, Json], random: Random, pool: list[Json]) -> Json:
    names = [item for item in pool if isinstance(item, str)]
    change = random.randrange(4)
    if change == 0 and value:
        gone = random.choice(list(value))
        return {name: item for name, item in value.items() if name != gone}
    if change == 1:
        return {
            **value,
            random.choice(["min-z", "max-z", "c", "street", "serial", "owner", "price"]): random.choice(pool),
        }
    if change == 2:
        return {**value, random.choice(names)[:12]: random.choice(pool)}
    return {**value, "x-new": random.choice(pool)}


def _changed_array(value: list[Json], random: Random, pool: list[Json]) -> Json:
    change = random.randrange(4)
    if change == 0:
        return value[:-1]
    if change == 1:
        return [*value, *value]
    if change == 2:
        return [*value, random.choice(value) if value else random.choice(pool)]
    return [*value, random.choice(pool)]
