"""The file of recorded shapes, `contract-shapes.json`: its format (shapes-schema.json), reading and writing.

The user commits it, so the same shapes give the same text, a line for each fact. It knows no target.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract_tests.outcomes import Seen, merge_seen
from contract_tests.shapes import Array, Members, Shape
from contract_tests.terms import UnusableFile, host_of
from contract_tests.texts import Range, Text, read_segments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openapi.reading import Json

__all__ = ["FORMAT", "SHAPES_FILE", "VERSION", "Recorded", "as_json", "read_shapes", "recorded_for", "written"]

SHAPES_FILE = "contract-shapes.json"
"""Read from the current folder without a word."""

FORMAT, VERSION = "anyfast-contract-shapes", 1

SHORT = 110
"""Characters of a line that holds more than one fact."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a host was seen to answer. contract: the SHA-256 of each document that promises something."""

    host: str
    profile: str
    contract: tuple[str, ...]
    cases: Mapping[str, Mapping[int, Seen]] = field(default_factory=dict)

    def and_also(self, other: Recorded) -> Recorded:
        """Add further observations of the same host."""
        cases = {case: dict(by_status) for case, by_status in self.cases.items()}
        for case, by_status in other.cases.items():
            known = cases.setdefault(case, {})
            for status, one in by_status.items():
                known[status] = merge_seen(known[status], one) if status in known else one
        return Recorded(self.host, other.profile, other.contract, cases)


def recorded_for(url: str, named: str = "") -> Recorded | None:
    """Give what is recorded of the host of a URL, None where nothing is.

    named: the file, '' for `SHAPES_FILE` if that is there. Raises `UnusableFile`, also for a file that is named and not
    there, or is of another host.
    """
    path = Path(named or SHAPES_FILE)
    if not named and not path.is_file():
        return None
    found = read_shapes(path)
    if found.host != host_of(url):
        if named:
            raise UnusableFile(f"{path} has the shapes of {found.host}, not of {host_of(url)}.")
        return None
    return found


def read_shapes(path: Path) -> Recorded:
    """Read a file of shapes. Raises `UnusableFile`."""
    found = Recorded("", "", ())
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        usable = (made["format"], made["version"]) == (FORMAT, VERSION)
        cases = {
            str(case): {int(status): _seen(one) for status, one in by_status.items()}
            for case, by_status in made["cases"].items()
        }
        found = Recorded(str(made["host"]), str(made["profile"]), tuple(map(str, made["contract"])), cases)
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        usable = False
    if not usable:
        raise UnusableFile(f"{path} has no shapes of version {VERSION}; `contract-tests record` writes them.")
    return found


def written(recorded: Recorded) -> str:
    """Write the text of a file of shapes: what is short on a line of its own, so that a change is a line of a diff."""
    return _lines(as_json(recorded), "") + "\n"


def _lines(value: Json, indent: str) -> str:
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or not value or len(indent) + len(short) <= SHORT:
        return short
    inner = indent + " "
    members = (f"{inner}{json.dumps(name)}: {_lines(item, inner)}" for name, item in value.items())
    return "{\n" + ",\n".join(members) + f"\n{indent}}}"


# --- as JSON ----------------------------------------------------------------------------------------------------------


def as_json(recorded: Recorded) -> dict[str, Json]:
    """Give the file as plain values."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "host": recorded.host,
        "profile": recorded.profile,
        "contract": list(recorded.contract),
        "cases": {
            case: {str(status): _seen_json(by_status[status]) for status in sorted(by_status)}
            for case, by_status in sorted(recorded.cases.items())
        },
    }


def _seen_json(one: Seen) -> Json:
    made: dict[str, Json] = {
        "count": one.count,
        "first": one.first,
        "last": one.last,
        "media_types": [*sorted(one.media_types)],
        "headers": {name: "always" if always else "sometimes" for name, always in one.headers},
        "bodies": [*sorted(one.kinds)],
    }
    if one.shape.types:
        made["shape"] = _shape_json(one.shape)
    return made


def _shape_json(shape: Shape) -> dict[str, Json]:
    made: dict[str, Json] = {name: {} for name in ("null", "boolean", "number") if getattr(shape, name)}
    if shape.integer is not None:
        made["integer"] = {"digits": list(shape.integer)}
    if shape.text is not None:
        made["string"] = _text_json(shape.text)
    if shape.array is not None:
        made["array"] = {"length": list(shape.array.length), "items": _shape_json(shape.array.items)}
    if shape.members is not None:
        named: dict[str, Json] = {
            name: {"there": "always" if always else "sometimes", "shape": _shape_json(inner)}
            for name, always, inner in shape.members.named
        }
        made["object"] = {"members": named}
        if shape.members.others is not None:
            names, values = shape.members.others
            made["object"] = {
                "members": named,
                "others": {"names": _text_json(names), "shape": _shape_json(values)},
            }
    return made


def _text_json(text: Text) -> dict[str, Json]:
    form: dict[str, Json] = {"format": text.form} if text.form else {}
    return {"length": list(text.length), "pattern": text.pattern, **form}


def _seen(made: dict[str, Any]) -> Seen:
    return Seen(
        count=int(made["count"]),
        first=str(made["first"]),
        last=str(made["last"]),
        media_types=frozenset(made["media_types"]),
        headers=tuple(sorted((str(name), how == "always") for name, how in made["headers"].items())),
        kinds=frozenset(made["bodies"]),
        shape=_shape(made.get("shape", {})),
    )


def _shape(made: dict[str, Any]) -> Shape:
    integer, text, array, members = (made.get(name) for name in ("integer", "string", "array", "object"))
    return Shape(
        null="null" in made,
        boolean="boolean" in made,
        number="number" in made,
        integer=None if integer is None else _range(integer["digits"]),
        text=None if text is None else _text(text),
        array=None if array is None else Array(_range(array["length"]), _shape(array["items"])),
        members=None if members is None else _members(members),
    )


def _members(made: dict[str, Any]) -> Members:
    named = sorted((str(name), one["there"] == "always", _shape(one["shape"])) for name, one in made["members"].items())
    others = made.get("others")
    return Members(tuple(named), None if others is None else (_text(others["names"]), _shape(others["shape"])))


def _text(made: dict[str, Any]) -> Text:
    return Text(_range(made["length"]), read_segments(made["pattern"]), str(made.get("format", "")))


def _range(made: list[int]) -> Range:
    low, high = made
    return int(low), int(high)
