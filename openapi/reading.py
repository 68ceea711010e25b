"""Turn the bytes of a YAML or JSON file into plain JSON values, safely and with line numbers.

YAML is read by the rules of version 1.2 where they matter (only `true` and `false` are booleans, dates and octals stay
what they look like), duplicate keys are refused, depth and alias expansion are bounded. Nothing here knows OpenAPI.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, NoReturn, TypeAlias, Union

from openapi.errors import ContractError, Place
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openapi.json_places import Spot

__all__ = ["MAX_DEPTH", "Json", "deeper_than", "read_json", "read_value", "read_yaml"]

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]

MAX_DEPTH = 200
"""Deepest nesting of mappings and sequences that is read; real documents stay below 60."""

MAX_ALIASED_NODES = 200_000
"""How many nodes all aliases of one file may add up to: a 'billion laughs' file stops here."""

_MOST_DIGITS = 4000
"""Digits of a number that Python certainly reads."""

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}|0x[0-9a-fA-F]{1,1000}|0o[0-7]{1,1000}")
# A decimal point is asked for, as YAML 1.1 does: by the 1.2 rule a token such as 20260702221526E0501698503413435812
# would be infinity.
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_TAG = "tag:yaml.org,2002:"
_TAGGED: dict[str, tuple[type, ...]] = {"int": (int,), "float": (float, int), "bool": (bool,), "null": (type(None),)}


def read_value(raw: bytes, name: str, lines: dict[str, int] | None = None) -> Json:
    """Read a file of either syntax; JSON is recognised by its first character.

    `lines`, when given, is filled with JSON pointer -> line (from 1). Raises `ContractError` that names file and line.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ContractError("The file is not UTF-8.", Place(name, line=line), "Save it as UTF-8.") from None
    if not text.strip():
        raise ContractError("The file is empty.", Place(name), "Put an OpenAPI document into it.")
    if text.lstrip()[0] in "{[":
        try:
            value = read_json(text, name)
        except ContractError as error:
            return _read_flow_yaml(text, name, error, lines)
        if lines is not None:
            from openapi.json_places import json_spots

            lines.update((spot.pointer, spot.line) for spot in json_spots(text))
        return value
    return read_yaml(text, name, lines)


def _read_flow_yaml(text: str, name: str, error: ContractError, lines: dict[str, int] | None) -> Json:
    """Read what is not JSON as the flow style of YAML, which also starts with a bracket."""
    if not isinstance(error, _NotJson):
        raise error  # well-formed JSON with NaN in it is not YAML that holds the text "NaN"
    try:
        return read_yaml(text, name, lines)
    except ContractError:
        raise error from None  # what is wrong as both is reported as JSON


class _NotJson(ContractError):
    """The text is no JSON; it may be YAML."""


def read_json(text: str, name: str) -> Json:
    """Read JSON (RFC 8259), refusing duplicate keys, NaN and infinities; half a surrogate pair becomes U+FFFD."""

    def no_duplicates(pairs: list[tuple[str, Json]]) -> Json:
        mapping = dict(pairs)
        if len(mapping) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            place = _place(text, name, lambda spot: spot.twice)
            raise ContractError(f"The key {twice!r} stands twice in one object.", place, "Remove one of the two.")
        return mapping

    def no_constant(word: str) -> NoReturn:
        place = _place(text, name, lambda spot: spot.text == word)
        raise ContractError(f"{word} is not a JSON number.", place, "Write a finite number.")

    def finite(digits: str) -> float:
        number = float(digits)
        return number if math.isfinite(number) else no_constant(digits)

    if "\\u" in text:
        from openapi.json_places import whole_characters  # 1 ms that a start on the packaged contract does not pay

        text = whole_characters(text)
    try:
        value: Json = json.loads(text, object_pairs_hook=no_duplicates, parse_constant=no_constant, parse_float=finite)
    except json.JSONDecodeError as error:
        raise _NotJson(f"Not JSON: {error.msg}.", Place(name, line=error.lineno), "Correct the syntax.") from None
    except RecursionError:
        raise _too_deep(name, None) from None
    except ValueError:
        place = _place(text, name, lambda spot: len(spot.text) > _MOST_DIGITS and spot.text[0] != '"')
        raise ContractError("A number has too many digits.", place, "Write it as a string.") from None
    if deeper_than(value, MAX_DEPTH):
        raise _too_deep(name, None)
    return value


def _place(text: str, name: str, wanted: Callable[[Spot], bool]) -> Place:
    """Find the first value of a JSON text of a kind."""
    from openapi.json_places import json_spots

    spot = next(filter(wanted, json_spots(text)), None)
    return Place(name) if spot is None else Place(name, spot.pointer, spot.line)


def read_yaml(text: str, name: str, lines: dict[str, int] | None = None) -> Json:
    """Read one YAML document into JSON values. Raises `ContractError` with file and line."""
    import yaml  # 15 ms that a start on the packaged contract does not pay: its effective documents are JSON

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(name, lines)
    try:
        parser = loader(text)
        get_event, take = parser.get_event, builder.take
        while (event := get_event()) is not None:
            take(event)
    except yaml.MarkedYAMLError as error:
        from openapi.json_places import joined_halves

        joined = joined_halves(text)
        if joined != text and "escape code" in str(error.problem):
            return read_yaml(joined, name, lines)  # as JSON has it, which YAML 1.2 takes in, and libyaml does not
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        before = text.splitlines()[mark.line][: mark.column + 1] if mark and mark.line < len(text.splitlines()) else ""
        if "\t" in before and not before.strip():
            what, remedy = "YAML takes no tab in front of a line.", "Indent with spaces."
            raise ContractError(what, Place(name, line=line), remedy) from None
        raise ContractError(f"Not YAML: {error.problem}.", Place(name, line=line), "Correct the syntax.") from None
    except yaml.YAMLError as error:
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        if found is None:
            raise ContractError(f"Not YAML: {error}.", Place(name), "Correct the syntax.") from None
        line = text.count("\n", 0, found.start()) + 1
        what = f"Not YAML: the control character U+{ord(found[0]):04X} stands here."
        raise ContractError(what, Place(name, line=line), "Remove it, and save the file as UTF-8.") from None
    return builder.result


class _Frame:
    """A mapping or sequence that is still open."""

    __slots__ = ("anchor", "key", "merged", "merging", "pointer", "value")

    def __init__(self, value: dict[str, Json] | list[Json], anchor: str | None, pointer: str) -> None:
        self.value = value
        self.anchor = anchor
        self.pointer = pointer
        self.key: str | None = None
        self.merging = False
        self.merged: set[str] = set()


class _Builder:
    """Build JSON values from PyYAML's events without recursion, so that depth is ours to bound."""

    def __init__(self, name: str, lines: dict[str, int] | None) -> None:
        self.name = name
        self.lines = lines
        self.result: Json = None
        self.frames: list[_Frame] = []
        self.anchors: dict[str, Json] = {}
        self.aliased = 0
        self.documents = 0

    def take(self, event: object) -> None:
        kind = type(event).__name__
        if kind == "ScalarEvent":  # of three events, two
            self._scalar(event)
        elif kind == "MappingStartEvent":
            self._open({}, event)
        elif kind == "SequenceStartEvent":
            self._open([], event)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._close(event)
        elif kind == "AliasEvent":
            self._alias(event)
        elif kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                raise self._error(event, "The file holds several YAML documents.", "Keep one document in each file.")

    def _scalar(self, event: object) -> None:
        text: str = event.value  # type: ignore[attr-defined]
        frame = self.frames[-1] if self.frames else None
        plain: bool = event.implicit[0]  # type: ignore[attr-defined]
        tag: str | None = event.tag  # type: ignore[attr-defined]
        anchor: str | None = event.anchor  # type: ignore[attr-defined]
        if frame is not None and frame.key is None and isinstance(frame.value, dict):
            self._key(frame, frame.value, text, event)
            frame.merging = text == "<<" and plain and tag is None
            if anchor:
                self.anchors[anchor] = text
            return
        value: Json = text
        if tag not in (None, "!", _TAG + "str"):
            value = self._tagged(text, str(tag), event)
        elif plain and tag is None:
            value = _plain(text)
        self._put(value, event, anchor)

    def _tagged(self, text: str, tag: str, event: object) -> Json:
        value = _plain(text)
        # By exact type: to Python `true` is an integer too.
        if type(value) not in _TAGGED.get(tag.removeprefix(_TAG), ()):
            raise self._error(event, f"The tag {tag} on {text!r} is not one of JSON's types.", "Remove the tag.")
        return value

    def _key(self, frame: _Frame, mapping: dict[str, Json], key: str, event: object) -> None:
        if key in mapping and key not in frame.merged:
            raise self._error(event, f"The key {key!r} stands twice in one mapping.", "Remove one of the two.", key)
        frame.merged.discard(key)
        frame.key = key
        frame.merging = False

    def _open(self, value: dict[str, Json] | list[Json], event: object) -> None:
        if len(self.frames) >= MAX_DEPTH:
            raise _too_deep(self.name, _line(event))
        if self.frames and self.frames[-1].key is None and isinstance(self.frames[-1].value, dict):
            raise self._error(event, "A mapping or sequence is used as a key.", "Use text as the key.")
        tag: str | None = event.tag  # type: ignore[attr-defined]
        if tag not in (None, "!", _TAG + ("map" if isinstance(value, dict) else "seq")):
            raise self._error(event, f"The tag {tag} is not one of JSON's types.", "Remove the tag.")
        pointer = self._pointer()
        if self.lines is not None:
            self.lines.setdefault(pointer, _line(event))
        self.frames.append(_Frame(value, event.anchor, pointer))  # type: ignore[attr-defined]

    def _close(self, event: object) -> None:
        frame = self.frames.pop()
        self._attach(frame.value, event)
        if frame.anchor:
            self.anchors[frame.anchor] = frame.value

    def _alias(self, event: object) -> None:
        anchor: str = event.anchor  # type: ignore[attr-defined]
        if anchor not in self.anchors:
            raise self._error(event, f"The alias *{anchor} refers to itself or to nothing.", "Write the value out.")
        if deeper_than(self.anchors[anchor], MAX_DEPTH - len(self.frames)):
            raise _too_deep(self.name, _line(event))
        # A copy, so that an overlay that edits one place does not change the other.
        copied, nodes = _copy(self.anchors[anchor])
        self.aliased += nodes
        if self.aliased > MAX_ALIASED_NODES:
            raise self._error(event, "The aliases expand to too many values.", "Write fewer nested aliases.")
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.key is None and isinstance(frame.value, dict):
            if not isinstance(copied, str):
                raise self._error(event, "An alias to something other than text is used as a key.", "Use text.")
            self._key(frame, frame.value, copied, event)
            return
        self._put(copied, event, None)

    def _put(self, value: Json, event: object, anchor: str | None) -> None:
        if self.lines is not None:
            self.lines.setdefault(self._pointer(), _line(event))
        self._attach(value, event)
        if anchor:
            self.anchors[anchor] = value

    def _attach(self, value: Json, event: object) -> None:
        if not self.frames:
            self.result = value
            return
        frame = self.frames[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
            return
        key, frame.key = frame.key or "", None
        if frame.merging:
            self._merge(frame, frame.value, value, event)
        else:
            frame.value[key] = value

    def _merge(self, frame: _Frame, mapping: dict[str, Json], value: Json, event: object) -> None:
        """Take over the members of `<<: *anchor`, or of several; keys written out win, before and after it."""
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                raise self._error(event, "The merge key << takes a mapping or a list of them.", "Quote it as '<<'.")
            for name, merged in source.items():
                if name not in mapping:
                    mapping[name] = merged
                    frame.merged.add(name)

    def _pointer(self) -> str:
        if not self.frames or self.lines is None:
            return ""
        frame = self.frames[-1]
        return child(frame.pointer, len(frame.value) if isinstance(frame.value, list) else frame.key or "")

    def _error(self, event: object, what: str, remedy: str, *key: str) -> ContractError:
        # Pointers are kept only when lines are asked for; on the way to a message they come from the open frames.
        steps = [len(frame.value) if isinstance(frame.value, list) else frame.key or "" for frame in self.frames]
        inside = bool(self.frames) and isinstance(self.frames[-1].value, dict) and self.frames[-1].key is None
        pointer = child("", *(steps[:-1] if inside else steps), *key)
        return ContractError(what, Place(self.name, pointer, _line(event)), remedy)


def _plain(text: str) -> Json:
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    first = text[0]
    if first in "0123456789+-.":
        if _INTEGER.fullmatch(text):
            return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            return number if math.isfinite(number) else text
    return text


def _copy(value: Json) -> tuple[Json, int]:
    """Copy a value that is at most MAX_DEPTH deep; also tell how many nodes it has, stopping early when too many."""
    count = 1
    if isinstance(value, dict):
        mapping: dict[str, Json] = {}
        for key, item in value.items():
            mapping[key], nodes = _copy(item)
            count += nodes
        return mapping, count
    if isinstance(value, list):
        sequence: list[Json] = []
        for item in value:
            copied, nodes = _copy(item)
            sequence.append(copied)
            count += nodes
        return sequence, count
    return value, count


def deeper_than(value: Json, limit: int) -> bool:
    """Tell whether mappings and sequences nest deeper than `limit`, without recursion."""
    level = [value]
    for _ in range(limit + 1):
        level = [item for node in level for item in _items(node)]
        if not level:
            return False
    return True


def _items(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _line(event: object) -> int:
    return int(event.start_mark.line) + 1  # type: ignore[attr-defined]


def _too_deep(name: str, line: int | None) -> ContractError:
    return ContractError(f"The file nests deeper than {MAX_DEPTH} levels.", Place(name, line=line), "Flatten it.")
