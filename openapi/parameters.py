"""Read the parameters of a request: from text in the path, query, headers and cookies to JSON values.

Serialization follows OpenAPI's `style` and `explode`, or the media type of `content`. Text that is not of the wanted
type is left as it is, so that validation reports it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote

from openapi.errors import ContractError
from openapi.escapes import plain, protected, split
from openapi.samples import MISSING, Missing
from openapi.schema import Violation
from openapi.shape import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openapi.document import Library, Node
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas
    from openapi.shape import Shape

__all__ = ["STYLES", "Parameter", "Texts", "compile_header", "compile_parameter", "form_pairs", "listed", "undeclared"]

DEFAULT_STYLE = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
STYLES = {
    "path": {"simple", "label", "matrix"},
    "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
    "header": {"simple"},
    "cookie": {"form"},
}


@dataclass(slots=True)
class Texts:
    """The text parts of one request that hold parameters.

    path: by name, percent-decoded, perhaps `protected`; query: as it came over the wire.
    """

    path: Mapping[str, str]
    query: str
    header: Callable[[str], str | None]
    _query: list[tuple[str, str]] | None = None

    def pairs(self, place: str) -> list[tuple[str, str]]:
        """List the name-value pairs of the query (protected values) or of the Cookie header (as they are)."""
        if place == "query":
            if self._query is None:
                self._query = form_pairs(self.query)
            return self._query
        cookies = (part.strip().partition("=") for part in (self.header("cookie") or "").split(";"))
        return [(name, value) for name, equals, value in cookies if equals]


def form_pairs(text: str) -> list[tuple[str, str]]:
    """Read `a=1&b=2` as names and protected values, in order; a blank may be written as `+`."""
    found = (part.partition("=") for part in text.replace("+", " ").split("&") if part)
    return [(unquote(name), protected(value)) for name, _, value in found]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation; `place` is OpenAPI's `in`.

    may_be_empty: whether `?name=` stands for nothing, which no schema judges. default: what counts when it is absent.
    others: the query parameters beside it, none of which is a member of this one.
    """

    name: str
    place: str
    required: bool
    style: str
    explode: bool
    as_json: bool
    shape: Shape
    schema: Schema | None
    node: Node
    may_be_empty: bool = False
    default: Json | Missing = MISSING
    others: frozenset[str] = frozenset()

    def check(self, texts: Texts) -> tuple[Json | Missing, tuple[Violation, ...]]:
        """Read the parameter and check it: its value (its default, or `MISSING`, when absent), and what is wrong."""
        value = self.read(texts)
        if isinstance(value, Missing):
            if not self.required:
                return self.default, ()
            clause = self.node.pointer + "/required"
            missing = Violation(self.place, f"/{_escape(self.name)}", "required", "a value", "nothing", clause)
            return value, (missing,)
        if self.schema is None or (self.may_be_empty and value in ("", [""])):
            return value, ()
        found = self.schema.check(value, self.place)
        if found:
            for shape in self.shape.others:
                other = replace(self, shape=shape).read(texts)
                if not isinstance(other, Missing) and not self.schema.check(other, self.place):
                    return other, ()
        prefix = f"/{_escape(self.name)}"
        return value, tuple(
            Violation(one.place, prefix + one.pointer, one.keyword, one.expected, one.received, one.clause)
            for one in found
        )

    def read(self, texts: Texts) -> Json | Missing:
        """Read the parameter from its place; `MISSING` when it is absent."""
        if self.place in ("query", "cookie"):
            pairs = texts.pairs(self.place)
            if self.place == "cookie" and self.explode and self.shape.kinds & {"array", "object"}:
                # By the letter, `color=1&color=2` is what such a cookie looks like.
                pairs = [_pair(part) for name, text in pairs for part in f"{name}={text}".split("&")]
            return self.from_pairs(pairs)
        text = texts.path.get(self.name) if self.place == "path" else texts.header(self.name.lower())
        if text is None and self.name.lower() == "content-length" and not texts.header("transfer-encoding"):
            text = "0"  # no body is what a request without it has (RFC 9112 6.3); clients seldom say so of a DELETE
        if text is None:
            return MISSING
        return _json(plain(text)) if self.as_json else self._from_text(text)

    def from_pairs(self, pairs: list[tuple[str, str]]) -> Json | Missing:
        """Read the parameter from names and protected values; `MISSING` when none is its own."""
        mine = [value for name, value in pairs if name == self.name]
        if self.as_json:
            return _json(plain(mine[0])) if mine else MISSING
        if self.style == "deepObject":
            return self._deep(pairs)
        if "object" in self.shape.kinds:
            found = self._object_from_pairs(pairs, mine)
            if not isinstance(found, Missing):
                return found
        if not mine:
            return MISSING
        if "array" in self.shape.kinds:
            separator = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(self.style, ",")
            if self.explode:
                return self.shape.array([plain(text) for text in mine])
            return self.shape.array(split(mine[0], separator))
        return self.shape.value(plain(mine[0]))

    def _deep(self, pairs: list[tuple[str, str]]) -> Json | Missing:
        inner = []
        for name, text in pairs:
            if name == self.name or (name.startswith(f"{self.name}[") and name[-1:] == "]"):
                inner.append((name[len(self.name) + 1 : -1].split("][") if name != self.name else [], plain(text)))
        return self.shape.tree(inner) if inner else MISSING

    def _object_from_pairs(self, pairs: list[tuple[str, str]], mine: list[str]) -> Json | Missing:
        if self.explode:
            rest = self.shape.rest is not None
            inner = [
                (name, plain(text))
                for name, text in pairs
                if name in self.shape.names or (rest and name not in self.others)
            ]
            # What stands several times is a list where the member is one, and a list of one where it stands once.
            return self.shape.tree([([name], text) for name, text in inner]) if inner else MISSING
        separator = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(self.style, ",")
        return self.shape.mapping(_in_twos(split(mine[0], separator))) if mine else MISSING

    def _from_text(self, text: str) -> Json:
        """Read `simple`, `label` or `matrix` text. A mark that was encoded is no separator, where that is known."""
        separator = ","
        if self.style == "label":
            text = text.removeprefix(".")
            separator = "." if self.explode else ","
        elif self.style == "matrix":
            text = text.removeprefix(";")
            if self.explode:
                separator = ";"
            else:
                text = text.removeprefix(f"{self.name}=")
        parts = text.split(separator) if self.explode else split(text, separator)
        if "array" in self.shape.kinds:
            parts = split(text, separator)
            if self.style == "matrix" and self.explode:
                parts = [part.removeprefix(f"{self.name}=") for part in parts]
            return self.shape.array([part.strip() if self.place == "header" else part for part in parts])
        if "object" in self.shape.kinds:
            pairs = [_pair(part) for part in parts if part] if self.explode else _in_twos(parts)
            if self.place == "header":
                pairs = [(name.strip(), value.strip()) for name, value in pairs]
            return self.shape.mapping([(plain(name).strip(), plain(value)) for name, value in pairs])
        if self.style == "matrix":
            text = "" if text == self.name else text.removeprefix(f"{self.name}=")
        return self.shape.value(plain(text))


def compile_parameter(library: Library, schemas: Schemas, node: Node) -> Parameter | None:
    """Compile a parameter object; None, with a warning, for what is none.

    Raises `ContractError` with place and remedy when it cannot be known.
    """
    node = library.follow(node)
    mapping = node.mapping
    name, place = mapping.get("name"), mapping.get("in")
    if place == "querystring":
        what = "A parameter in 'querystring' is new in OpenAPI 3.2: it would change how all others are read."
        raise ContractError(what, node.place, "Describe each parameter with 'in: query'.")
    if not isinstance(name, str) or not name or not isinstance(place, str) or place not in DEFAULT_STYLE:
        what = f"The parameter {name!r} in {place!r} is ignored: it needs a name and a valid place."
        library.warn("parameter-ignored", what, node, "Write 'name', and 'in': path, query, header or cookie.")
        return None
    return _compiled(library, schemas, node, name, place)


def compile_header(library: Library, schemas: Schemas, name: str, node: Node) -> Parameter:
    """Compile a header object, which is a parameter that has its name outside. Raises `ContractError`."""
    return _compiled(library, schemas, library.follow(node), name, "header")


def _compiled(library: Library, schemas: Schemas, node: Node, name: str, place: str) -> Parameter:
    mapping = node.mapping
    content = node.get("content")
    schema = node.get("schema")
    as_json = False
    if content is not None and isinstance(content.value, dict) and content.value:
        media = content.members()
        if len(media) != 1:
            what = f"'content' of a parameter holds exactly one media type; {media[0][0]} is taken."
            library.warn("parameter-content", what, content, "Keep one.")
        as_json = media[0][0].partition(";")[0].strip().lower().endswith("json")
        schema = library.follow(media[0][1]).get("schema")
    style = mapping.get("style", DEFAULT_STYLE[place])
    if not isinstance(style, str) or style not in STYLES[place]:
        allowed = ", ".join(sorted(STYLES[place]))
        what = f"The style {style!r} is not for a {place} parameter; {DEFAULT_STYLE[place]} is taken."
        library.warn("parameter-style", what, node, f"Use {allowed}.")
        style = DEFAULT_STYLE[place]
    compiled = None if schema is None else schemas.at(schema, "readOnly")
    return Parameter(
        name=name,
        place=place,
        required=mapping.get("required") is True or place == "path",
        style=style,
        explode=mapping.get("explode", style == "form") is True,
        as_json=as_json,
        shape=TEXT if compiled is None else compiled.shape,
        schema=compiled,
        node=node,
        may_be_empty=mapping.get("allowEmptyValue") is True and place == "query",
        default=MISSING if schema is None else _default(library, schema),
    )


def listed(library: Library, node: Node | None) -> list[Node]:
    """Give the items of a list that may be missing; what is no list is passed over with a warning."""
    if node is None:
        return []
    node = library.follow_anyway(node)
    if not isinstance(node.value, list):
        library.warn("not-a-list", "A list is expected here; this is ignored.", node, "Write a sequence.")
        return []
    return node.items()


def _default(library: Library, schema: Node) -> Json | Missing:
    try:
        value = library.follow(schema).value
    except ContractError:
        return MISSING  # told when the schema is compiled
    return value["default"] if isinstance(value, dict) and "default" in value else MISSING


def undeclared(name: str, node: Node) -> Parameter:
    """Make the path parameter that a path names and its document does not declare: any text."""
    return Parameter(name, "path", True, "simple", False, False, TEXT, None, node)  # noqa: FBT003 - in their order


def _json(text: str) -> Json:
    try:
        value: Json = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):  # not JSON, a number beyond all bounds, or half of a surrogate pair
        return text
    return value


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _in_twos(parts: list[str]) -> list[tuple[str, str]]:
    return list(zip(parts[::2], parts[1::2], strict=False))


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name, value


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
