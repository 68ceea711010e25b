"""What a document leaves for its user to say: the ids of things that exist, above all. And the overlay that says it.

Nothing is sent here, and nothing is known of any target.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.pointers import tokens
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi.reading import Json

__all__ = ["Gap", "action_lines", "overlay_lines"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A place of a document that needs an example.

    what: for a person, such as `the path parameter petId`. document: as a URI. pointer: to the parameter or the media
    type that the example belongs to. sample: as JSON, a value of the right form; '' when none could be made.
    undeclared: the name of a path parameter that is in no list; the pointer is that of its operation then.
    """

    what: str
    document: str
    pointer: str
    sample: str
    undeclared: str = ""

    @classmethod
    def at(cls, what: str, document: str, pointer: str, sample: Json | Missing, undeclared: str = "") -> Gap:
        """Make a gap with a sample as it is."""
        text = "" if isinstance(sample, Missing) else json.dumps(sample, ensure_ascii=False)
        return cls(what, document, pointer, text, undeclared)

    @property
    def target(self) -> str:
        """The JSONPath of the place (RFC 9535)."""
        return "$" + "".join(map(_step, tokens(self.pointer)))


def _step(token: str) -> str:
    if token.isdigit():
        return f"[{token}]"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", token):
        return f".{token}"
    return f"[{_text(token)}]"


def _text(token: str) -> str:
    """Write a text for a JSONPath."""
    escaped = token.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def action_lines(gap: Gap) -> Iterator[str]:
    """Write the action of an overlay that gives a gap its example: the sample, to be replaced by what exists."""
    yield f"  - target: {_quoted(gap.target)}"
    yield "    update:"
    if gap.undeclared:
        yield f"      parameters:  # {gap.what}"
        yield f"        - {{name: {_quoted(gap.undeclared)}, in: path, required: true, example: {gap.sample or '...'}}}"
    else:
        yield f"      example: {gap.sample or '...'}  # {gap.what}"


def overlay_lines(gaps: Iterable[Gap], title: str) -> Iterator[str]:
    """Write a whole overlay that gives every gap its example; what has one name in paths that begin alike has one."""
    yield "overlay: 1.0.0"
    yield f"info: {{title: {_quoted(title)}, version: 1.0.0}}"
    yield "actions:"
    groups: dict[tuple[str, ...], list[Gap]] = {}
    for gap in {(one.document, one.pointer, one.undeclared): one for one in gaps}.values():
        groups.setdefault(_same(gap), []).append(gap)
    for found in groups.values():
        yield from action_lines(found[0]) if len(found) == 1 else _shared_lines(found)


def _same(gap: Gap) -> tuple[str, ...]:
    """Tell what makes gaps the same: a parameter with its name and the path up to it, else the place alone."""
    where, name = tokens(gap.pointer), gap.what.rpartition(" ")[2]
    begin, mark, _ = where[1].partition(f"{{{name}}}") if len(where) > 1 else ("", "", "")
    if where[:1] != ["paths"] or "parameters" not in where or gap.undeclared or not mark:
        return gap.document, gap.pointer, gap.undeclared
    return gap.document, name, begin, str(where.index("parameters"))


def _shared_lines(gaps: list[Gap]) -> Iterator[str]:
    """Write the one action of a parameter that several operations have."""
    where = [tokens(gap.pointer) for gap in gaps]
    name = gaps[0].what.rpartition(" ")[2]
    paths = ", ".join(dict.fromkeys(_text(one[1]) for one in where))
    level = "" if where[0][2] == "parameters" else "[*]"
    target = f"$.paths[{paths}]{level}.parameters[?@.name == {_text(name)}]"
    yield f"  - target: {_quoted(target)}"
    yield "    update:"
    yield f"      example: {gaps[0].sample or '...'}  # {gaps[0].what}, in {len(gaps)} operations"


def _quoted(text: str) -> str:
    """Write a text for YAML: as JSON does, which is YAML too."""
    return json.dumps(text, ensure_ascii=False)
