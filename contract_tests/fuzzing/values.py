"""Values for a schema, as a strategy of hypothesis: small ones first, odd ones among them.

A value is drawn by what the schema says, and kept if `samples.py` finds it valid: nothing here decides what is.
"""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import assume, reject
from hypothesis import strategies as st

from contract_tests.dialect import python_pattern
from contract_tests.fuzzing.schemas import KINDS, Said, gather, kind_of
from contract_tests.samples import is_valid_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

    from openapi.document import Node
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas

    Draw: TypeAlias = Callable[[SearchStrategy[Any]], Any]

__all__ = ["ANY_TEXT", "MAYBE", "NAMES", "Maker", "any_json"]

MAYBE = st.integers(0, 2)
"""Whether what may be left out is there, as it is twice in three times.

A number: of those that it makes smaller, hypothesis tries to take away what they bring.
"""

_DEEPEST = 6
"""Levels below which a value has what it must have and nothing else."""

_LARGEST = 2**53
"""Integers beyond this are not the same everywhere (RFC 8259 6)."""

_TIMES = 4
"""So often is a part of a value drawn, until it is valid: to begin with the whole again would take far longer."""

_SOME = 6
"""Characters that half of the texts have at least: most would be shorter."""

_LONG = 40
"""Characters that a text of a pattern has at most, beyond what it has to have."""

ANY_TEXT: tuple[SearchStrategy[str], ...] = (
    st.characters(codec="ascii"),
    st.characters(codec="utf-8"),
    st.characters(min_codepoint=0xA0, max_codepoint=0x24F),
    st.characters(min_codepoint=0x3040, max_codepoint=0xFFFD, exclude_categories=["Cs"]),
    st.characters(min_codepoint=0x10000),
)
"""Characters: of every kind, and many of one kind in a text, for what breaks at a length may break there alone."""

_ODD = (
    "null", "true", "0", "-1", "1e309", "NaN", " ", "\t", "\x00", "%00", "%", "{}", "[]", '"', "\\", "'", "../",
    "e\u0301", "\u202e", "\ufeff", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "<b>", "$&",
    "${x}", "{{x}}", "a b", "+", "&amp;", "\u0130", "\u1e9e", "\r\n",
)  # fmt: skip
"""Texts that code treats as something else."""

_FORMATS: dict[str, SearchStrategy[str]] = {
    "date": st.dates().map(lambda one: one.isoformat()),
    "date-time": st.datetimes().map(lambda one: f"{one.isoformat()}Z"),
    "time": st.times().map(lambda one: f"{one.isoformat()}Z"),
    "uuid": st.uuids().map(str),
    "email": st.from_regex(r"[a-z0-9]{1,12}(\.[a-z0-9]{1,8})?@[a-z]{1,10}\.example", fullmatch=True),
    "hostname": st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?(\.example)?", fullmatch=True),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "uri": st.from_regex(r"https://[a-z]{1,8}\.example(/[A-Za-z0-9._~-]{0,8}){0,3}(\?a=[0-9]{1,6})?", fullmatch=True),
    "uri-reference": st.from_regex(r"(/[A-Za-z0-9._~-]{1,8}){1,3}", fullmatch=True),
    "duration": st.integers(0, 400).map(lambda days: f"P{days}D"),
    "byte": st.binary(max_size=12).map(lambda raw: base64.b64encode(raw).decode()),
    "json-pointer": st.from_regex(r"(/[a-z0-9]{0,6}){0,3}", fullmatch=True),
}  # fmt: skip
"""Texts of formats that are checked."""


NAMES: SearchStrategy[str] = st.one_of(
    st.from_regex(r"[a-z]{1,8}", fullmatch=True).map(lambda name: f"x-{name}"),
    st.text(ANY_TEXT[1], min_size=1, max_size=8).map(lambda name: f"x-{name}"),
)
"""Names of members that no document has."""


def any_json(*, texts: SearchStrategy[str]) -> SearchStrategy[Json]:
    """Give any JSON value, a small one."""
    plain: SearchStrategy[Json] = st.one_of(
        st.none(), st.booleans(), st.integers(-_LARGEST, _LARGEST), texts,
        st.floats(allow_nan=False, allow_infinity=False),
    )  # fmt: skip
    return st.recursive(
        plain, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
        max_leaves=5,
    )  # fmt: skip


class Maker:
    """Makes values by schemas of one document version.

    letters: what texts are made of. parameters: whether the values are parameters, which are short and plain: they have
    no members beyond the documented ones, and are text where nothing is said.
    """

    def __init__(
        self,
        schemas: Schemas,
        letters: Sequence[SearchStrategy[str]] = ANY_TEXT,
        *,
        parameters: bool = False,
    ) -> None:
        self._schemas = schemas
        self._known: dict[tuple[str, str], Schema] = {}
        self._letters = tuple(letters)
        self._odd = () if parameters else _ODD
        self._parameters = parameters
        self._texts: dict[tuple[object, ...], SearchStrategy[str]] = {}  # to make one takes longer than to draw from it
        self._any = any_json(texts=self._made_texts(Said()))

    def said(self, draw: Draw, nodes: Sequence[Node]) -> Said:
        """Collect what schemas say, with one branch drawn where there are several."""
        library, version = self._schemas.library, self._schemas.version
        return gather(nodes, library, version, lambda some: [some[draw(st.integers(0, len(some) - 1))]])

    def value(self, draw: Draw, nodes: Sequence[Node], depth: int = 0) -> Json:
        """Draw a value that schemas allow together, or give the example up."""
        for _ in range(_TIMES):
            made = self._value(draw, nodes, depth)
            if all(is_valid_by(self._schema(node), made) for node in nodes):
                return made
        return reject()

    def _schema(self, node: Node) -> Schema:
        if node.spot not in self._known:
            self._known[node.spot] = self._schemas.at(node)
        return self._known[node.spot]

    def _value(self, draw: Draw, nodes: Sequence[Node], depth: int) -> Json:
        said = self.said(draw, nodes)
        listed = said.keywords.get("enum")
        if listed:
            first = listed[0] if isinstance(listed[0], list) else []
            return self._one_of(draw, [one for one in first if self._allowed(one, said)])
        kinds = [kind for kind in reversed(KINDS) if kind in said.kinds]
        if self._parameters and len(said.kinds) == len(KINDS):
            kinds = ["string"]
        if "number" in kinds and "integer" in kinds:
            kinds.remove("integer")  # numbers are whole ones, too
        if not kinds:
            reject()
        fitting = [one for one in said.examples if kind_of(one) in said.kinds]
        if fitting and depth and draw(st.integers(0, 9)) == 9:
            return self._one_of(draw, fitting)
        return self._of_kind(draw, draw(st.sampled_from(kinds)), said, depth)

    def _one_of(self, draw: Draw, values: Sequence[Json]) -> Json:
        found: Json = draw(st.sampled_from(values)) if values else reject()
        return found

    def _allowed(self, value: Json, said: Said) -> bool:
        kind = kind_of(value)
        fits = kind in said.kinds or (kind == "integer" and "number" in said.kinds) or not said.typed
        return fits and all(value in listed for listed in said.keywords["enum"] if isinstance(listed, list))

    def _of_kind(self, draw: Draw, kind: str, said: Said, depth: int) -> Json:
        if kind == "object":
            return self._object(draw, said, depth)
        if kind == "array":
            return self._array(draw, said, depth)
        if kind == "string":
            found: str = draw(self._texts_by(said))
            return found
        if kind in ("integer", "number"):
            return self._number(draw, said, whole=kind == "integer")
        return None if kind == "null" else bool(draw(st.booleans()))

    # --- texts and numbers --------------------------------------------------------------------------------------------

    def _texts_by(self, said: Said) -> SearchStrategy[str]:
        """Give texts by what is said of them."""
        words = ("minLength", "maxLength", "pattern", "format")
        key = (
            *(str(said.keywords.get(word)) for word in words),
            str(said.examples) if "pattern" in said.keywords else "",
        )
        if key not in self._texts:
            self._texts[key] = self._made_texts(said)
        return self._texts[key]

    def _made_texts(self, said: Said) -> SearchStrategy[str]:
        least, most = said.least("minLength"), said.most("maxLength")
        patterns = [python_pattern(str(one)) for one in said.keywords.get("pattern", ())]
        formats = [str(one) for one in said.keywords.get("format", ()) if one in _FORMATS]
        if any(one is None for one in patterns):
            examples = [one for one in said.examples if isinstance(one, str)]
            return st.sampled_from(examples) if examples else st.nothing()
        if patterns and patterns[0] is not None:
            made = st.from_regex(patterns[0].pattern, alphabet=st.characters(codec="utf-8"))
            return made.filter(lambda text: least <= len(text) <= (_LONG + least if most is None else most))
        if formats:
            return _FORMATS[formats[0]]
        if most is not None and most < least:
            return st.nothing()
        several = [st.text(one, min_size=least, max_size=most) for one in self._letters]
        if most is None or most >= least + _SOME:
            several += [st.text(one, min_size=least + _SOME, max_size=most) for one in self._letters]
        odd = [one for one in self._odd if least <= len(one) and (most is None or len(one) <= most)]
        if odd:
            several.append(st.sampled_from(odd))
        if self._odd and (most is None or most > 2 * _LONG):
            # Long ones: the limits of buffers and columns.
            letter, times = self._letters[0], st.sampled_from((64, 256, 1024, 4096))
            long = st.builds(lambda one, many: one * min(many, most or many), letter, times)
            several.append(long.filter(lambda text: len(text) >= least))
        return st.one_of(several)

    def _number(self, draw: Draw, said: Said, *, whole: bool) -> Json:
        low, high = self._bounds(said)
        step = next(iter(said.numbers("multipleOf")), None)
        if step:
            times = draw(st.integers(math.ceil(low / step), math.floor(high / step)) if low <= high else st.nothing())
            made = times * step
            return int(made) if whole or float(made).is_integer() else made
        if math.ceil(low) > math.floor(high) and whole:
            reject()
        integers = st.integers(math.ceil(low), math.floor(high)) if math.ceil(low) <= math.floor(high) else None
        if whole:
            assert integers is not None
            return int(draw(integers))
        assume(low <= high)
        floats = st.floats(float(low), float(high), allow_nan=False, allow_infinity=False)
        number: float = draw(floats if integers is None else st.one_of(integers, floats))
        return number

    def _bounds(self, said: Said) -> tuple[float, float]:
        """Give the least and the greatest number; of 3.0 `exclusiveMinimum: true` is left to the validator."""
        size = {"int32": 2**31 - 1, "float": 3e38}.get(str(next(iter(said.keywords.get("format", ())), "")), _LARGEST)
        low = max([-size, *said.numbers("minimum", "exclusiveMinimum")])
        high = min([size, *said.numbers("maximum", "exclusiveMaximum")])
        if low > high:  # what is documented lies beyond what is usual
            return (low, low + size) if low > size else (high - size, high)
        return low, high

    # --- arrays and objects -------------------------------------------------------------------------------------------

    def _array(self, draw: Draw, said: Said, depth: int) -> Json:
        least, most = said.least("minItems"), said.most("maxItems")
        usual = least if depth >= _DEEPEST else max(least, 3)
        size = draw(st.integers(least, usual if most is None else max(least, min(most, usual))))
        made: list[Json] = []
        for index in range(size):
            nodes = said.prefix[index] if index < len(said.prefix) else said.items
            if index == 0 and said.contains:
                nodes = [*nodes, *said.contains]
            made.append(self.value(draw, nodes, depth + 1) if nodes else draw(self._any))
        return made

    def _object(self, draw: Draw, said: Said, depth: int) -> Json:
        made: dict[str, Json] = {}
        wanted = list(said.required)
        for name in said.properties:
            optional = name not in said.required and name not in said.absent and depth < _DEEPEST
            if optional and draw(MAYBE):
                wanted.append(name)
        dependent = said.keywords.get("dependentRequired", ())
        wanted += [other for rule in dependent if isinstance(rule, dict) for name in list(wanted)
                   for other in _listed(rule.get(name)) if other not in wanted]  # fmt: skip
        for name in wanted:
            nodes = said.properties.get(name, said.others)
            made[name] = self.value(draw, nodes, depth + 1) if nodes else draw(self._any)
        self._add_others(draw, said, depth, made)
        return made

    def _add_others(self, draw: Draw, said: Said, depth: int, made: dict[str, Json]) -> None:
        """Add members that the document does not name, where it allows them, and as many as it asks for."""
        least, most = said.least("minProperties"), said.most("maxProperties")
        may = not self._parameters and not (said.closed and not said.patterns) and depth < _DEEPEST
        more = draw(st.integers(0, 2)) if may else 0
        lacking = least - len(made)
        for _ in range(max(more if most is None else min(more, most - len(made)), lacking)):
            if said.patterns and (said.closed or draw(MAYBE)):
                pattern = draw(st.sampled_from(sorted(said.patterns)))
                compiled = python_pattern(pattern)
                name = draw(st.from_regex(compiled.pattern)) if compiled is not None else reject()
                nodes = said.patterns[pattern]
            else:
                name, nodes = draw(NAMES), [one for one in said.others if isinstance(one.value, dict)]
                assume(not said.closed)
            if name not in said.properties:
                made[name] = self.value(draw, nodes, depth + 1) if nodes else draw(self._any)


def _listed(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
