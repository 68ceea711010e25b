"""Read the parameters of a request: from text in the path, query, headers and cookies to JSON values.

Serialization follows OpenAPI's `style` and `explode`, or the media type of `content`. Text that is not of the wanted
type is left as it is, so that validation reports it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from openapi.dividing import form_pairs, in_twos, listed_in_header, named_parts, pair, read_json_text, unquoted
from openapi.errors import ContractError
from openapi.escapes import plain, protected, split
from openapi.samples import MISSING, Missing
from openapi.schema import Violation, json_type
from openapi.shape import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from openapi.document import Library, Node
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas
    from openapi.shape import Shape

__all__ = ["STYLES", "Parameter", "Texts", "compile_header", "compile_parameter", "flag", "listed", "undeclared"]

DEFAULT_STYLE = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_MOST_STEPS = 20
"""References and parts of `allOf` that are gone through to find a default: they may go in circles."""
_FORM = "application/x-www-form-urlencoded"
STYLES = {
    "path": {"simple", "label", "matrix"},
    "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
    "header": {"simple"},
    "cookie": {"form", "cookie"},  # the second is new in OpenAPI 3.2: as in RFC 6265, with nothing encoded
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
        cookies = (part.partition("=") for part in (self.header("cookie") or "").split(";"))
        return [(name.strip(), value.strip()) for name, equals, value in cookies if equals]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation; `place` is OpenAPI's `in`.

    may_be_empty: whether `?name=` stands for nothing, which no schema judges. default: what counts when it is absent.
    others: the query parameters beside it, none of which is a member of this one. media_type: of `content`, where that
    is not JSON, as `essence` gives it: neither `style` nor `explode` says anything then.
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
    media_type: str = ""

    def check(self, texts: Texts) -> tuple[Json | Missing, tuple[Violation, ...]]:
        """Read the parameter and check it: its value (its default, or `MISSING`, when absent), and what is wrong."""
        value = self.read(texts)
        if isinstance(value, Missing):
            if not self.required:
                return self.default, ()
            clause = self.node.pointer + "/required"
            missing = Violation(self.place, f"/{_escape(self.name)}", "required", "a value", "nothing", clause)
            return value, (missing,)
        if self.schema is None or (self.may_be_empty and value in ("", [""])) or not self.is_judged:
            return value, ()
        found = self.schema.check(value, self.place)
        if found:
            for other in self._others(texts):
                if not isinstance(other, Missing) and not self.schema.check(other, self.place):
                    return other, ()
        prefix = f"/{_escape(self.name)}"
        return value, tuple(
            Violation(one.place, prefix + one.pointer, one.keyword, one.expected, one.received, one.clause)
            for one in found
        )

    @property
    def is_judged(self) -> bool:
        """Whether its schema can judge what its text becomes: of CSV or XML it can when it asks for a scalar."""
        return not self.media_type or self.media_type == _FORM or self.shape.is_scalar

    def _others(self, texts: Texts) -> Iterator[Json | Missing]:
        """Give what else its text may mean: other types, and a cookie without the quotes that it may stand in."""
        for shape in self.shape.others:
            yield replace(self, shape=shape).read(texts)
        if self.place == "cookie" and not self.as_json and '="' in (texts.header("cookie") or ""):
            yield self.from_pairs([(name, unquoted(text)) for name, text in self._cookies(texts)])

    def read(self, texts: Texts) -> Json | Missing:
        """Read the parameter from its place; `MISSING` when it is absent."""
        if self.place == "query":
            return self.from_pairs(texts.pairs("query"))
        if self.place == "cookie":
            return self.from_pairs(self._cookies(texts))
        text = texts.path.get(self.name) if self.place == "path" else texts.header(self.name.lower())
        if text is None and self.name.lower() == "content-length" and not texts.header("transfer-encoding"):
            text = "0"  # no body is what a request without it has (RFC 9112 6.3); clients seldom say so of a DELETE
        if text is None:
            return MISSING
        if self.as_json:
            return read_json_text(plain(text))
        return self._from_media(plain(text)) if self.media_type else self._from_text(text)

    def _cookies(self, texts: Texts) -> list[tuple[str, str]]:
        pairs = texts.pairs("cookie")
        if self.as_json or self.media_type or self.style == "cookie":
            return pairs
        if self.explode and self.shape.kinds & {"array", "object"}:
            # By the letter, `color=1&color=2` is what such a cookie looks like.
            pairs = [pair(part) for name, text in pairs for part in f"{name}={text}".split("&")]
        # The style `form` encodes with percent signs here too (3.1.2, Appendix D).
        return [(unquote(name), protected(text)) for name, text in pairs]

    def _from_media(self, text: str) -> Json:
        """Read text in the media type of `content`."""
        if self.media_type == _FORM and "object" in self.shape.kinds:
            return self.shape.mapping([(name, plain(value)) for name, value in form_pairs(text)])
        return self.shape.value(text)

    def from_pairs(self, pairs: list[tuple[str, str]]) -> Json | Missing:
        """Read the parameter from names and protected values; `MISSING` when none is its own."""
        mine = [value for name, value in pairs if name == self.name]
        if self.as_json:
            return self._json_of(plain(mine[0])) if mine else MISSING
        if self.media_type:
            return self._from_media(plain(mine[0])) if mine else MISSING
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
        return self.shape.mapping(in_twos(split(mine[0], separator))) if mine else MISSING

    def _json_of(self, text: str) -> Json:
        """Read JSON; that of a cookie, where quotes and commas may not stand, is mostly encoded with percent signs."""
        value = read_json_text(text)
        return read_json_text(unquote(text)) if self.place == "cookie" and value == text else value

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
                text = self._unnamed(text)
        if "array" in self.shape.kinds:
            parts = listed_in_header(text) if self.place == "header" else split(text, separator)
            if self.style == "matrix" and self.explode:
                parts = [self._unnamed(part) for part in parts]
            return self.shape.array(parts)
        if "object" in self.shape.kinds:
            if self.explode:
                pairs = named_parts(text, separator)
            else:
                pairs = in_twos(listed_in_header(text) if self.place == "header" else split(text, separator))
            return self.shape.mapping([(plain(name).strip(), plain(value)) for name, value in pairs])
        return self.shape.value(plain(self._unnamed(text) if self.style == "matrix" else text))

    def _unnamed(self, part: str) -> str:
        """Take its name off a part of a `matrix`: of `color=blue`, and of `color`, which is empty (RFC 6570 3.2.7)."""
        name, _, value = part.partition("=")
        return value if plain(name) == self.name else part


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
        told = [
            repr(one) if isinstance(one, str) else "nothing" if one is None else json_type(one) for one in (name, place)
        ]
        what = f"This parameter is ignored: it needs a name and a valid place; here are {told[0]} and {told[1]}."
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
    as_json, media_type = False, ""
    if content is not None and content.value == {}:
        library.warn("parameter-content", "'content' of a parameter is empty; it is ignored.", content, "Remove it.")
    if content is not None and isinstance(content.value, dict) and content.value:
        media = content.members()
        if len(media) != 1:
            what = f"'content' of a parameter holds exactly one media type; {media[0][0]} is taken."
            library.warn("parameter-content", what, content, "Keep one.")
        media_type = media[0][0].partition(";")[0].strip().lower()
        as_json = media_type.endswith("json")
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
        explode=flag(mapping, "explode", default=style in ("form", "cookie")),
        as_json=as_json,
        shape=TEXT if compiled is None else compiled.shape,
        schema=compiled,
        node=node,
        may_be_empty=mapping.get("allowEmptyValue") is True and place == "query",
        default=MISSING if schema is None else _default(schemas, schema),
        media_type="" if as_json else media_type,
    )


def flag(mapping: Mapping[str, Json], name: str, *, default: bool) -> bool:
    """Read a field that is true or false; anything else counts as if it were not there."""
    value = mapping.get(name)
    return value if isinstance(value, bool) else default


def listed(library: Library, node: Node | None) -> list[Node]:
    """Give the items of a list that may be missing; what is no list is passed over with a warning."""
    if node is None:
        return []
    node = library.follow_anyway(node)
    if not isinstance(node.value, list):
        library.warn("not-a-list", "A list is expected here; this is ignored.", node, "Write a sequence.")
        return []
    return node.items()


def _default(schemas: Schemas, schema: Node, depth: int = 0) -> Json | Missing:
    """Give the default that a schema names, else what it refers to, else a part of its `allOf`."""
    value = schema.value
    if not isinstance(value, dict) or depth > _MOST_STEPS:
        return MISSING
    refers = isinstance(value.get("$ref"), str)
    if "default" in value and not (refers and schemas.version == "3.0"):  # where nothing counts beside a reference
        return value["default"]
    if refers:
        try:
            return _default(schemas, schemas.library.resolve(str(value["$ref"]), schema), depth + 1)
        except ContractError:
            return MISSING  # told when the schema is compiled
    parts = schema.get("allOf")
    listed_parts = parts.items() if parts is not None and isinstance(parts.value, list) else []
    found = (_default(schemas, part, depth + 1) for part in listed_parts)
    return next((one for one in found if not isinstance(one, Missing)), MISSING)


def undeclared(name: str, node: Node) -> Parameter:
    """Make the path parameter that a path names and its document does not declare: any text."""
    return Parameter(name, "path", True, "simple", False, False, TEXT, None, node)  # noqa: FBT003 - in their order


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
