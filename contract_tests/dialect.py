"""JSON Schema as the suite reads it: the validators of openapi-core, completed where they are lenient.

Those leave half of the formats unchecked and read a pattern as Python does; a contract means ECMA 262 (JSON Schema
2020-12, 6.3.3). Shares nothing with the validators of the mock.
"""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from openapi.mending import broken_keywords, without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import FormatChecker  # type: ignore[import-untyped]

    from openapi.document import Document, Library
    from openapi.reading import Json

__all__ = ["FORMATS", "format_checker", "python_pattern", "tree_for", "validator_class"]

Direction = Literal["request", "response"]


@cache
def validator_class(version: str, direction: Direction) -> Any:  # noqa: ANN401 - jsonschema makes classes at run time
    """Give the validator class for OpenAPI `3.0` or `3.1`, in which `readOnly` and `writeOnly` know the direction."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend  # type: ignore[import-untyped]
    from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, OAS31Validator

    old = OAS30WriteValidator if direction == "request" else OAS30ReadValidator
    keywords: dict[str, Any] = {"pattern": _pattern}
    for name in ("allOf", "anyOf", "oneOf"):
        # Theirs follow a discriminator, which must not change a verdict (3.1.1, Discriminator Object), and stumble
        # over one that is no text.
        keywords[name] = Draft202012Validator.VALIDATORS[name]
    if direction == "request":
        keywords["readOnly"] = _says_nothing  # such properties SHOULD NOT be sent, which forbids nothing
    if version != "3.0":
        keywords["patternProperties"] = _pattern_properties
        keywords["additionalProperties"] = _additional_properties
    return extend(old if version == "3.0" else OAS31Validator, keywords, format_checker=format_checker())


@cache
def format_checker() -> FormatChecker:
    """Give the formats that are checked: those of OpenAPI and JSON Schema that can be decided from the text alone."""
    from copy import deepcopy

    from openapi_schema_validator import OAS30ReadValidator

    checker: FormatChecker = deepcopy(OAS30ReadValidator.FORMAT_CHECKER)
    for name, check in FORMATS.items():
        checker.checks(name)(check)
    return checker


def tree_for(version: str, library: Library, document: Document) -> dict[str, Json]:
    """Give a copy of a document as openapi-core has to get it: what stands beside a `$ref` counts in 3.1, not in 3.0.

    It sees the neighbours of some references, and of others, the first in a body above all, it does not. Keywords of a
    form that makes it give up, such as `type: any`, are left out, as they are everywhere.
    """
    broken = broken_keywords(library, version)
    pointers = [one.node.pointer for one in broken if one.node.document is document]
    copy = _rewritten(without(document.tree, pointers), _alone if version == "3.0" else _within)
    assert isinstance(copy, dict)
    return copy


def _rewritten(value: Json, reference: Callable[[dict[str, Json]], dict[str, Json]]) -> Json:
    if isinstance(value, list):
        return [_rewritten(item, reference) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        value = reference(value)
    return {key: _rewritten(item, reference) for key, item in value.items()}


def _alone(value: dict[str, Json]) -> dict[str, Json]:
    """Leave nothing beside a reference (3.0.3, Reference Object)."""
    return {"$ref": value["$ref"]}


def _within(value: dict[str, Json]) -> dict[str, Json]:
    """Put the reference of a schema with neighbours into `allOf`, which means the same; others stay as they are."""
    from jsonschema import Draft202012Validator

    neighbours = {key: item for key, item in value.items() if key != "$ref"}
    of_a_parameter = isinstance(neighbours.get("required"), bool)
    if of_a_parameter or not neighbours.keys() & Draft202012Validator.VALIDATORS.keys():
        return value
    whole = neighbours.get("allOf")
    return {**neighbours, "allOf": [{"$ref": value["$ref"]}, *(whole if isinstance(whole, list) else [])]}


# --- patterns ---------------------------------------------------------------------------------------------------------

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_"}


@cache
def python_pattern(pattern: str) -> re.Pattern[str] | None:
    r"""Translate a pattern of ECMA 262 for Python; None where Python has nothing like it, `\p{L}` for instance."""
    found: list[str] = []
    position, inside = 0, False
    while position < len(pattern):
        mark = pattern[position]
        following = pattern[position + 1 : position + 2]
        step = 1
        if mark == "\\":
            found.append(_escape(following, inside=inside))
            step = 2
        elif inside or mark == "[":
            inside = mark != "]"
            found.append(mark)
        elif mark == "$":
            found.append(r"\Z")  # Python's $ would let a line break follow
        elif pattern.startswith("(?<", position) and pattern[position + 3 : position + 4] not in ("=", "!"):
            found.append("(?P<")
            step = 3
        else:
            found.append(mark)
        position += step
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile("".join(found))
    except re.error:
        return None


def _escape(letter: str, *, inside: bool) -> str:
    lower = _CLASSES.get(letter.lower())
    if lower is None:
        return "/" if letter == "/" else f"\\{letter}"
    if letter.islower():
        return lower if inside else f"[{lower}]"
    return f"\\{letter}" if inside else f"[^{lower}]"


def _says_nothing(*_: object) -> Iterator[Exception]:
    return iter(())


def _matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern is found in a text; one that cannot be read finds everything: no answer fails for it."""
    compiled = python_pattern(pattern)
    return compiled is None or compiled.search(text) is not None


def _pattern(validator: Any, pattern: str, value: object, _: object) -> Iterator[Exception]:  # noqa: ANN401
    from jsonschema import ValidationError

    if validator.is_type(value, "string") and isinstance(value, str) and not _matches(pattern, value):
        yield ValidationError("the text does not match the pattern")


def _pattern_properties(validator: Any, patterns: dict[str, Json], value: object, _: object) -> Iterator[Exception]:  # noqa: ANN401
    if isinstance(value, dict):
        for pattern, schema in patterns.items():
            for name, member in value.items():
                if _matches(pattern, name):
                    yield from validator.descend(member, schema, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any,  # noqa: ANN401
    rule: Json,
    value: object,
    schema: Mapping[str, Any],
) -> Iterator[Exception]:
    from jsonschema import ValidationError

    if not isinstance(value, dict):
        return
    patterns = schema.get("patternProperties", {})
    extra = [name for name in value if name not in schema.get("properties", {})]
    extra = [name for name in extra if not any(_matches(pattern, name) for pattern in patterns)]
    if rule is False and extra:
        yield ValidationError("members that are not allowed")
    elif isinstance(rule, dict):
        for name in extra:
            yield from validator.descend(value[name], rule, path=name)


# --- formats ----------------------------------------------------------------------------------------------------------

_PERCENT = r"%[0-9A-Fa-f]{2}"
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _address(scheme: str, beyond: str) -> str:
    """Write the grammar of RFC 3986 as one pattern; `beyond`: what RFC 3987 adds to the letters."""
    plain = rf"[A-Za-z0-9\-._~!$&'()*+,;={beyond}]|{_PERCENT}"
    segment = rf"(?:{plain}|[:@])"
    authority = rf"//(?:(?:{plain}|:)*@)?(?:\[[0-9A-Fa-f:.]+\]|(?:{plain})*)(?::[0-9]*)?(?:/{segment}*)*"
    first = f"{segment}+" if scheme else f"(?:{plain}|@)+"
    path = f"(?:{authority}|/(?:{segment}+(?:/{segment}*)*)?|{first}(?:/{segment}*)*|)"
    return rf"{scheme}{path}(?:\?(?:{segment}|[/?])*)?(?:\#(?:{segment}|[/?])*)?"


def _some(units: str) -> str:
    return "".join(f"(?:[0-9]+{unit})?" for unit in units)


_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_BEYOND = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000effff"
_URI = _address(_SCHEME, "")
_IRI = _address(_SCHEME, _BEYOND)
_PATTERNS = {
    "uri": _URI,
    "uri-reference": rf"(?:{_URI})|(?:{_address('', '')})",
    "iri": _IRI,
    "iri-reference": rf"(?:{_IRI})|(?:{_address('', _BEYOND)})",
    "uuid": r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    "hostname": rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*",
    "email": rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\]|\\.)*")@(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.IPv]+\])',
    "duration": rf"P(?!\Z)(?:[0-9]+W|{_some('YMD')}(?:T(?=[0-9]){_some('HMS')})?)",
    "json-pointer": r"(?:/(?:[^~/]|~[01])*)*",
    "relative-json-pointer": r"(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~[01])*)*)",
    "time": _TIME,
}


def _by_pattern(pattern: str) -> Callable[[object], bool]:
    compiled: list[re.Pattern[str]] = []

    def check(value: object) -> bool:
        if not compiled:
            compiled.append(re.compile(pattern, re.DOTALL))
        return not isinstance(value, str) or compiled[0].fullmatch(value) is not None

    return check


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not re.fullmatch(_DATE, value, re.ASCII):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return value[10:11] in ("T", "t") and _is_date(value[:10]) and re.fullmatch(_TIME, value[11:]) is not None


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):  # not in the alphabet, or not even ASCII
        return False
    return True


FORMATS: Mapping[str, Callable[[object], bool]] = {
    **{name: _by_pattern(pattern) for name, pattern in _PATTERNS.items()},
    "date": _is_date,
    "date-time": _is_date_time,
    "byte": _is_base64,
}
"""Formats that openapi-core leaves unchecked, checks too loosely, or raises for when the text is not ASCII."""
