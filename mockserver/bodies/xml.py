"""Read XML as the value that its schema describes: `xml` with name, attribute, wrapped and namespace.

OpenAPI 3.1.1, 4.8.26. A document type is refused, and with it every entity; nothing is ever fetched. Depth and number
of elements are bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from mockserver.bodies.part import escaped
from mockserver.bodies.strict_json import MAX_DEPTH
from mockserver.credentials import Refusal
from openapi.schema import Violation

if TYPE_CHECKING:
    from mockserver.bodies.part import Part
    from openapi.reading import Json
    from openapi.shape import Shape

__all__ = ["MOST_ELEMENTS", "read_xml"]

MOST_ELEMENTS = 100_000
"""Elements and attributes of one body."""

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_OF_XML = ("http://www.w3.org/XML/1998/namespace", _INSTANCE)


@dataclass(slots=True)
class _Element:
    name: str
    namespace: str
    attributes: dict[tuple[str, str], str]
    children: list[_Element] = field(default_factory=list)
    text: str = ""


class _Refused(Exception):
    """The body is XML that is not read; `str()` is the end of a sentence about it."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(rule, detail)
        self.rule = rule
        self.detail = detail


def read_xml(part: Part, wrong: list[Violation]) -> Json | Refusal:
    """Read XML by its schema; a root of another name or namespace than the schema's goes to `wrong`."""
    try:
        root = _parse(part.raw, part.parameter("charset") or None)
    except _Refused as error:
        return Refusal(error.rule, f"{part.what} {error.detail}")
    except expat.ExpatError as error:
        said = f"{expat.ErrorString(error.code)} at line {error.lineno} column {error.offset + 1}"
        return Refusal("body.xml", f"{part.what} is not XML: {said}.")
    except (ValueError, LookupError):
        return Refusal("body.encoding", f"{part.what} is in an encoding that is not read; send UTF-8.")
    reader = _Reader(wrong)
    name = _xml(part.shape, "name")
    if isinstance(name, str) and name != root.name:
        clause = f"{part.shape.nodes[0].pointer}/xml/name" if part.shape.nodes else ""
        wrong.append(Violation("body", "", "xml", f"the root element {name}", "another one", clause))
    reader.look_at_namespace(root, part.shape, "")
    if "array" in part.shape.kinds and _is_item(root, part.shape):
        return [reader.value(root, part.shape.item(0), "/0")]
    return reader.value(root, part.shape, "")


def _parse(raw: bytes, encoding: str | None) -> _Element:
    found = _Builder()
    parser = expat.ParserCreate(encoding, namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    parser.StartDoctypeDeclHandler = found.document_type
    parser.Parse(raw, True)  # noqa: FBT003 - the name of the argument is not told
    assert found.root is not None
    return found.root


class _Builder:
    """Builds the tree while the parser reads."""

    def __init__(self) -> None:
        self.root: _Element | None = None
        self._open: list[_Element] = []
        self._texts: list[list[str]] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1 + len(attributes)
        if self._count > MOST_ELEMENTS:
            raise _Refused("body.size", f"has more than {MOST_ELEMENTS} elements.")
        if len(self._open) >= MAX_DEPTH:
            raise _Refused("body.depth", f"nests deeper than {MAX_DEPTH} levels.")
        namespace, _, local = name.rpartition(" ")
        own: dict[tuple[str, str], str] = {}
        for key, value in attributes.items():
            space, _, bare = key.rpartition(" ")
            own[space, bare] = value
        element = _Element(local, namespace, own)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def end(self, _: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def text(self, text: str) -> None:
        self._texts[-1].append(text)

    def document_type(self, *_: object) -> None:
        raise _Refused("body.xml", "has a document type (DOCTYPE), which is not read: it may define entities.")


class _Reader:
    """Makes values of elements."""

    def __init__(self, wrong: list[Violation]) -> None:
        self._wrong = wrong

    def value(self, element: _Element, shape: Shape, pointer: str) -> Json:
        """Read one element; where the schema has an array, its children are the items."""
        if element.attributes.get((_INSTANCE, "nil")) in ("true", "1"):
            return None
        said = element.text.strip()
        if "array" in shape.kinds and (element.children or not said):
            children = enumerate(element.children)
            return [self.value(one, shape.item(number), f"{pointer}/{number}") for number, one in children]
        own = {name: text for (space, name), text in element.attributes.items() if space not in _OF_XML}
        holds = bool(element.children or own)
        if "object" in shape.kinds and said and not (own or _has_text_member(shape)):
            return element.text  # text where an object is asked for: the schema says so
        if "object" in shape.kinds or (holds and (element.children or not shape.kinds)):
            return self._object(element, own, shape, pointer)
        return shape.value(element.text if "string" in shape.kinds or not shape.kinds else said)

    def _object(self, element: _Element, attributes: dict[str, str], shape: Shape, pointer: str) -> Json:
        children: dict[str, list[_Element]] = {}
        for one in element.children:
            children.setdefault(one.name, []).append(one)
        found: dict[str, Json] = {}
        written = {name: str(_xml(shape.member(name), "name") or name) for name in shape.names}
        # Two properties may go by one element name: an array then has what the others leave.
        for name in sorted(written, key=lambda name: "array" in shape.member(name).kinds):
            member, below, own = shape.member(name), f"{pointer}/{escaped(name)}", written[name]
            if _xml(member, "attribute") is True or _xml(member, "nodeType") == "attribute":
                if own in attributes:
                    found[name] = member.value(attributes.pop(own))
            elif _xml(member, "nodeType") in ("text", "cdata"):
                found[name] = member.value(element.text)
            elif "array" in member.kinds:
                self._list(name, member, below, children, found, needed=_needs(shape, name))
            elif own in children or name in children:
                mine = children.pop(own if own in children else name)
                if len(mine) > 1 and _is_shared(shape, written, own):
                    children[own], mine = mine[1:], mine[:1]
                self.look_at_namespace(mine[0], member, below)
                values = [self.value(one, member, below) for one in mine]
                found[name] = values[0] if len(values) == 1 else values
        return {**found, **self._others(shape, pointer, children, attributes, found)}

    def _list(
        self, name: str, member: Shape, pointer: str, children: dict[str, list[_Element]], found: dict[str, Json],
        *, needed: bool
    ) -> None:  # fmt: skip
        """Read an array: in an element of its own when it is wrapped, else from all elements of the items' name."""
        own = str(_xml(member, "name") or name)
        if _xml(member, "wrapped") is True or _xml(member, "nodeType") == "element":
            wrappers = children.pop(own, [])
            if wrappers:
                self.look_at_namespace(wrappers[0], member, pointer)
                inner = [self.value(one, member, pointer) for one in wrappers]
                found[name] = inner[0] if len(inner) == 1 else inner
            return
        item = str(_xml(member.items, "name") or name)
        mine = children.pop(item, [])
        if mine or needed:  # an empty array that is not wrapped leaves nothing behind
            found[name] = [self.value(one, member.item(index), f"{pointer}/{index}") for index, one in enumerate(mine)]

    def _others(
        self, shape: Shape, pointer: str, children: dict[str, list[_Element]], attributes: dict[str, str],
        found: dict[str, Json]
    ) -> dict[str, Json]:  # fmt: skip
        """Read what the schema does not name: its `additionalProperties` judge it."""
        more: dict[str, Json] = {
            name: shape.member(name).value(text) for name, text in attributes.items() if name not in found
        }
        for name, mine in children.items():
            member, below = shape.member(name), f"{pointer}/{escaped(name)}"
            several = "array" in member.kinds
            values = [self.value(one, member.item(n) if several else member, below) for n, one in enumerate(mine)]
            more[name] = values[0] if len(values) == 1 and not several else values
        return more

    def look_at_namespace(self, element: _Element, shape: Shape, pointer: str) -> None:
        """Note that an element is of another namespace than its schema says."""
        wanted = _xml(shape, "namespace")
        if isinstance(wanted, str) and wanted and element.namespace != wanted:
            clause = next((f"{one.pointer}/xml/namespace" for one in shape.nodes if "xml" in one.mapping), "")
            received = "another one" if element.namespace else "none"
            self._wrong.append(Violation("body", pointer, "xml", f"the namespace {wanted}", received, clause))


def _xml(shape: Shape, word: str) -> Json:
    """Give what the schemas say in `xml` under a word; the first that says it counts."""
    for node in shape.nodes:
        said = node.mapping.get("xml")
        if isinstance(said, dict) and word in said:
            return said[word]
    return None


def _is_item(root: _Element, shape: Shape) -> bool:
    """Tell whether a root that should be an array is the one item of it: the array is not wrapped, by the letter."""
    if not root.children:
        return bool(root.text.strip())
    names = {str(_xml(shape.items.member(name), "name") or name) for name in shape.items.names}
    return all(one.name in names for one in root.children)


def _has_text_member(shape: Shape) -> bool:
    return any(_xml(shape.member(name), "nodeType") in ("text", "cdata") for name in shape.names)


def _is_shared(shape: Shape, written: dict[str, str], own: str) -> bool:
    """Tell whether several properties are written as elements of one name, items of an unwrapped array included."""
    arrays = (shape.member(name) for name in written if "array" in shape.member(name).kinds)
    items = [str(_xml(one.items, "name")) for one in arrays if _xml(one, "wrapped") is not True]
    return [*written.values(), *items].count(own) > 1


def _needs(shape: Shape, name: str) -> bool:
    listed = (node.mapping.get("required") for node in shape.nodes)
    return any(isinstance(one, list) and name in one for one in listed)
