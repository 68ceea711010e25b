"""Read `application/x-www-form-urlencoded`: fields by the document's encoding object, else by their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.bodies.part import MOST_FIELDS, Part
from mockserver.credentials import Refusal
from openapi.dividing import form_pairs
from openapi.escapes import plain
from openapi.media_types import Encoding, kind_of
from openapi.parameters import Parameter
from openapi.samples import MISSING, Missing
from openapi.shape import SCALARS

if TYPE_CHECKING:
    from openapi.reading import Json
    from openapi.shape import Shape

__all__ = ["read_form"]

_BROKEN = "\ufffd"
"""What stands for bytes that are no UTF-8."""


def read_form(part: Part) -> Json | Missing | Refusal:
    """Read a form as an object, each field as its schema has it; a field that stands twice and is no list is one.

    OpenAPI 3.1.1, 4.8.14.4 and 4.8.15: by `style` where the encoding object has one, else text as it is, and objects as
    JSON. `a[b]=1` and `a[]=1` are read where the schema has an object or a list of the name before the bracket.
    """
    text = part.text()
    if isinstance(text, Refusal):
        return text
    if text.count("&") >= MOST_FIELDS:
        return Refusal("body.size", f"{part.what} has more than {MOST_FIELDS} fields.")
    if part.shape.kinds and "object" not in part.shape.kinds:
        return MISSING
    pairs = form_pairs(text.strip("\r\n"))
    for name, value in pairs:
        if (_BROKEN in name or _BROKEN in plain(value)) and "%EF%BF%BD" not in text.upper() and _BROKEN not in text:
            which = "The name of a field" if _BROKEN in name else f"The field {name[:100]!r}"
            return Refusal("body.encoding", f"{which} of the form is not UTF-8.")
    return _Fields(part, pairs).read()


class _Fields:
    """The fields of one form, by their names and by what stands before a bracket."""

    def __init__(self, part: Part, pairs: list[tuple[str, str]]) -> None:
        self._part = part
        self._pairs = pairs
        self._values: dict[str, list[str]] = {}
        self._deep: dict[str, list[tuple[list[str], str]]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)
            before, bracket, path = name.partition("[")
            if bracket and before and path.endswith("]"):
                self._deep.setdefault(before, []).append((path[:-1].split("]["), plain(value)))

    def read(self) -> Json:
        shape, found, used = self._part.shape, dict[str, "Json"](), set[str]()
        for name in shape.names:
            value = self._field(name, shape.member(name), self._part.encodings.get(name), used)
            if not isinstance(value, Missing):
                found[name] = value
        for name, texts in self._values.items():
            if name not in found and name not in used:
                member = shape.member(name)
                values = [member.value(plain(text)) for text in texts]
                several = len(values) > 1 or "array" in member.kinds
                found[name] = member.array([plain(text) for text in texts]) if several else values[0]
        return found

    def _field(self, name: str, shape: Shape, encoding: Encoding | None, used: set[str]) -> Json | Missing:
        if encoding is not None and encoding.style is not None:
            as_query = Parameter(
                name, "query", required=False, style=encoding.style, explode=encoding.explode, as_json=False,
                shape=shape, schema=None, node=encoding.node, others=frozenset(self._part.shape.names) - {name},
            )  # fmt: skip
            used.update(self._names_of(name, shape, deep=encoding.style == "deepObject", explode=encoding.explode))
            return as_query.from_pairs(self._pairs)
        texts = [plain(text) for text in self._values.get(name, [])]
        if not texts:
            deep = self._deep.get(name, []) if shape.kinds & {"array", "object"} or not shape.kinds else []
            used.update(self._names_of(name, shape, deep=bool(deep), explode=False))
            return shape.tree(deep) if deep else MISSING
        as_json = encoding is not None and any(kind_of(one) == "json" for one in encoding.content_types)
        return _values(texts, shape, as_json=as_json)

    def _names_of(self, name: str, shape: Shape, *, deep: bool, explode: bool) -> set[str]:
        """Give the names that belong to a field."""
        if deep:
            return {one for one in self._values if one == name or one.startswith(f"{name}[")}
        if not explode or "object" not in shape.kinds:
            return {name}
        own = set(self._part.shape.names) - {name}
        return {one for one in self._values if one in shape.names or (shape.rest is not None and one not in own)}


def _values(texts: list[str], shape: Shape, *, as_json: bool) -> Json:
    if "array" in shape.kinds:
        nested = "array" in shape.items.kinds  # then one text is one item
        if len(texts) == 1 and (as_json or (texts[0][:1] == "[" and not nested)):
            whole = _json(texts[0], shape)
            if isinstance(whole, list):
                return whole
        items = [_value(text, shape.item(index), as_json=as_json) for index, text in enumerate(texts)]
        if len(items) == 1 and isinstance(items[0], str) and shape.kinds & SCALARS and not shape.item(0).is_scalar:
            return shape.value(texts[0])  # no object of a list, so the one value that may stand in its place
        return items
    if len(texts) > 1:
        return [_value(text, shape, as_json=as_json) for text in texts]
    return _value(texts[0], shape, as_json=as_json)


def _value(text: str, shape: Shape, *, as_json: bool) -> Json:
    if as_json or not shape.is_scalar:
        return _json(text, shape)
    if text[:1] == "{" and "object" in shape.kinds:  # an object or null, or an object or a text
        whole = _json(text, shape)
        if isinstance(whole, dict):
            return whole
    return shape.value(text)


def _json(text: str, shape: Shape) -> Json:
    """Read text as JSON where it is some; else it stays text, for the schema to refuse."""
    value = Part(text.encode("utf-8", "replace"), "application/json", shape).json()
    return text if isinstance(value, Refusal) else value
