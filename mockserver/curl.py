"""Write a command that calls an operation of this mock, ready to be pasted."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from mockserver.credentials import WORKING
from mockserver.replies import encode
from openapi.samples import schema_example

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openapi.operation import Operation
    from openapi.parameters import Parameter
    from openapi.reading import Json
    from openapi.samples import Missing

__all__ = ["curl"]


def curl(operation: Operation, base_url: str, trust: Sequence[str] = ()) -> str:
    """Write a command that calls an operation: with the fake credential, and with examples of what it requires.

    trust: options, quoted, by which curl accepts the certificate of the server.
    """
    path = operation.base_paths[0] + operation.path
    options: list[str] = []
    query: list[tuple[str, str]] = []
    for place, name, text in _required(operation):
        if place == "path":
            path = path.replace(f"{{{name}}}", url_quote(text, safe=""))
        elif place == "query":
            query.append((name, text))
        elif place == "user":
            options += ["-u", quote(text)]
        else:
            options += ["-b", quote(f"{name}={text}")] if place == "cookie" else ["-H", quote(f"{name}: {text}")]
    url = f"{base_url}{path}?{urlencode(query)}" if query else base_url + path
    for media in operation.body[:1]:
        for example in list(media.examples.values())[:1]:
            options += ["-H", quote(f"Content-Type: {media.name}"), "-d", quote(encode(example).decode("utf-8"))]
    return " ".join(["curl", *trust, "-X", operation.method, quote(url), *options])


def _required(operation: Operation) -> Iterator[tuple[str, str, str]]:
    """Name what a call has to have, each with its place, name and text: credentials, then parameters."""
    for scheme in operation.security[0] if operation.security else ():
        if scheme.kind == "basic":
            yield "user", "", f"{WORKING}:"
        elif scheme.kind == "bearer":
            yield "header", "Authorization", f"Bearer {WORKING}"
        else:
            yield scheme.place, scheme.parameter, WORKING
    for parameter in operation.parameters:
        if parameter.required:
            yield parameter.place, parameter.name, _sample(parameter)


def _sample(parameter: Parameter) -> str:
    """Give an example of a parameter as text, or `1`, which is a number as well as text."""
    value: Json | Missing = parameter.node.mapping.get("example")
    if value is None and parameter.schema is not None:
        value = schema_example(parameter.schema.schemas.library, parameter.schema.node)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else "1"
