"""The base paths that server URLs give. Clients change only the host of a URL, so nothing else of it counts here."""

from __future__ import annotations

import re
from itertools import islice, product
from posixpath import normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from openapi.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openapi.document import Library, Node

__all__ = ["base_paths"]

_SLASHES = re.compile("//+")

MOST_BASES = 20
"""Base paths of one operation: what more its server variables could be is left out."""


def base_paths(servers: Node | None, library: Library | None = None) -> tuple[str, ...]:
    """Give the path parts of server URLs, decoded: clients change only the host.

    Variables stand at their defaults first, then at what their `enum` allows. What is wrong with one is noted in the
    library.
    """
    found: dict[str, None] = {}
    for server in servers.items() if servers is not None and isinstance(servers.value, list) else []:
        try:
            found |= dict.fromkeys(_base_paths(server, library))
        except ContractError as error:
            if library is not None:
                library.warn("server-ignored", error.what, server, error.remedy)
    return tuple(found)[:MOST_BASES] or ("",)


def _base_paths(server: Node, library: Library | None) -> Iterator[str]:
    url = server.mapping.get("url")
    url = url if isinstance(url, str) else ""
    if "?" in url or "#" in url:
        what = "What follows '?' or '#' in the URL of a server is left out: no request has it in its path."
        if library is not None:
            library.warn("server-query", what, server, "Describe it as parameters with 'in: query'.")
    variables = server.get("variables")
    known = {name: _values(node) for name, node in variables.members()} if variables is not None else {}
    try:
        # The path is cut off before variables are put in: a whole URL may be one of them.
        whole = _with_variables(url, {name: values[0] for name, values in known.items()})
        path = urlsplit(whole).path
        fixed = urlsplit(url).path if "{" not in url.partition("/")[0] else url
    except ValueError as error:
        raise ContractError(f"{url!r} is not a URL: {error}.", server.place, "Correct it.") from None
    yield from _tidy(_written(path, server, library))
    used = [name for name in known if f"{{{name}}}" in fixed and len(known[name]) > 1]
    for values in islice(product(*(known[name] for name in used)), MOST_BASES) if used else ():
        first = {name: values[0] for name, values in known.items()}
        made = _with_variables(url, {**first, **dict(zip(used, values, strict=True))})
        yield from _tidy(_written(urlsplit(made).path, server, library))


def _tidy(path: str) -> Iterator[str]:
    """Give a path with single slashes, as hosts have it where a variable brings one of its own; then to the letter."""
    yield _SLASHES.sub("/", path)
    yield path


def _values(variable: Node) -> list[str]:
    """List the values of a server variable, its default first."""
    choices = variable.mapping.get("enum")
    return [str(variable.mapping.get("default", "")), *map(str, choices if isinstance(choices, list) else ())]


def _with_variables(url: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        url = url.replace(f"{{{name}}}", value)
    return url


def _written(path: str, server: Node, library: Library | None) -> str:
    path = unquote(path).rstrip("/")
    if "{" in path or "}" in path:
        if library is not None:
            what = f"The server path {path} has a variable that is not defined; it is left out."
            library.warn("server-variable", what, server, "Give it a default under 'variables'.")
        path = "".join(f"/{part}" for part in path.split("/") if part and not {"{", "}"} & set(part))
    if path[:1] == "." or "/." in path:
        path = normpath("/" + path).rstrip("/")  # as clients resolve it
    return path if path[:1] in ("", "/") else "/" + path
