"""Quotes errors of openapi-core, and finds out whether a discriminator made them, which must not change a verdict.

Changes no verdict: it says why one was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.any_document.description import mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from openapi.reading import Json

__all__ = ["said", "without_discriminators"]

_NAMES = ("properties", "patternProperties", "schemas")
"""Keywords whose members have names of their own, `discriminator` among them."""


def without_discriminators(value: Json, *, named: bool = False) -> Json:
    """Copy a document without its discriminators. named: the members of this value are no keywords."""
    if isinstance(value, list):
        return [without_discriminators(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_discriminators(one, named=name in _NAMES and not named)
        for name, one in value.items()
        if named or name != "discriminator" or "propertyName" not in mapping(one)
    }


def said(error: BaseException, accepts: Callable[[Json, Json], bool] | None = None) -> str:
    """Quote an error of openapi-core, with the innermost reason. accepts: what jsonschema says, as in `_innermost`."""
    words = _named(error, error)
    cause: BaseException | None = error
    while cause is not None:
        schema_errors = getattr(cause, "schema_errors", None)
        if schema_errors:
            first = next(iter(schema_errors))
            first = _innermost(first, accepts) if accepts else first
            return f"{type(error).__name__}: {first.json_path}: {_short(first.message)}"
        words = _named(error, cause) if cause is not error else words
        cause = cause.__cause__
    return _short(words)


def _named(error: BaseException, cause: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {cause}"
    except AttributeError:  # openapi-core decodes what was text already, to say what is wrong with it
        return f"{type(error).__name__}: {type(cause).__name__}"


def _innermost(error: Any, accepts: Callable[[Json, Json], bool]) -> Any:  # noqa: ANN401 - jsonschema has no types
    """Follow an error of a choice to where the option fails that another judge accepts; errors of the rest are noise.

    accepts: tells whether a value, the first, is right by a schema, the second.
    """
    while error.validator in ("anyOf", "oneOf") and error.context:
        fits = [at for at, option in enumerate(error.validator_value) if accepts(error.instance, option)]
        inner = next((one for one in error.context if one.relative_schema_path[0] in fits), None)
        if inner is None:
            break
        error = inner
    return error


def _short(text: str) -> str:
    """Leave out the middle of a long text: the end says what is wrong."""
    return text if len(text) <= 300 else f"{text[:120]} ... {text[-170:]}"
