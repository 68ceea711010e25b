"""Reads a document as a client would: operations, parameters, bodies, responses. Knows OpenAPI and neither room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from openapi.reading import read_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openapi.reading import Json

__all__ = ["HERE", "METHODS", "Description", "Operation", "Unreadable", "mapping"]

HERE = "urn:document"
"""What a document is called in references to itself that were made absolute."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_STEPS = 100
"""References that may lead to references."""


class Unreadable(Exception):
    """A reference of a document leads nowhere here; `str()` names it."""


def mapping(value: Json) -> dict[str, Json]:
    """Give an object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its path template, its method in small letters, and what the document says of it."""

    path: str
    method: str
    item: dict[str, Json]
    node: dict[str, Json]

    @property
    def name(self) -> str:
        """Give method and path."""
        return f"{self.method.upper()} {self.path}"


class Description:
    """A document that was read. Raises `ContractError` when its file cannot be."""

    def __init__(self, tree: dict[str, Json]) -> None:
        self.tree = tree
        self.version = str(tree.get("openapi"))[:3]

    @classmethod
    def read(cls, path: Path) -> Description:
        """Read a file of YAML or JSON."""
        return cls(mapping(read_value(path.read_bytes(), path.name)))

    def resolved(self, value: Json) -> dict[str, Json]:
        """Follow references until something else stands there; in 3.1 a schema's neighbours of `$ref` are kept.

        Raises `Unreadable`.
        """
        return self._resolved(value)[0]

    def reference(self, value: Json) -> str:
        """Give the last name of the reference that stands here, or ''."""
        reference = mapping(value).get("$ref")
        return unquote(reference.rpartition("/")[2]).replace("~1", "/") if isinstance(reference, str) else ""

    def _resolved(self, value: Json) -> tuple[dict[str, Json], int]:
        found, steps = mapping(value), 0
        beside: dict[str, Json] = {}
        while isinstance(found.get("$ref"), str):
            steps += 1
            if steps > _MOST_STEPS:
                raise Unreadable("a circle of references")
            if self.version != "3.0":
                beside = {**found, **beside}
            found = mapping(self._at(str(found["$ref"])))
        beside.pop("$ref", None)
        return ({**found, **beside} if beside else found), steps

    def _at(self, reference: str) -> Json:
        document, _, pointer = reference.partition("#")
        found: Json = self.tree
        if document not in ("", HERE) or (pointer and not pointer.startswith("/")):
            raise Unreadable(reference)
        for token in unquote(pointer).split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(name)] if isinstance(found, list) else mapping(found)[name]
            except (KeyError, ValueError, IndexError):
                raise Unreadable(reference) from None
        return found

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """List the operations in the order of the document."""
        return tuple(self._operations())

    def _operations(self) -> Iterator[Operation]:
        for path, value in mapping(self.tree.get("paths")).items():
            if not path.startswith("/"):
                continue  # an extension, or no path at all
            try:
                item = self.resolved(value)
            except Unreadable:
                continue
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield Operation(path, method, item, mapping(item[method]))

    def parameters(self, operation: Operation) -> list[dict[str, Json]]:
        """List the parameters of an operation, those of its path that it does not write anew among them."""
        found: dict[tuple[str, str], dict[str, Json]] = {}
        for holder in (operation.item, operation.node):
            listed = holder.get("parameters")
            for value in listed if isinstance(listed, list) else []:
                one = self.resolved(value)
                found[str(one.get("in")), str(one.get("name"))] = one
        return list(found.values())

    def response(self, operation: Operation, status: int) -> dict[str, Json] | None:
        """Find what documents a status: itself, its range, or `default`. Raises `Unreadable`."""
        responses = mapping(operation.node.get("responses"))
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in responses:
                return self.resolved(responses[key])
        return None

    def base_path(self, operation: Operation) -> str:
        """Give the path of the first server URL, its variables at their defaults, without a slash at the end."""
        for holder in (operation.node, operation.item, self.tree):
            servers = holder.get("servers")
            if isinstance(servers, list) and servers:
                server = mapping(servers[0])
                url = str(server.get("url") or "")
                for name, variable in mapping(server.get("variables")).items():
                    url = url.replace(f"{{{name}}}", str(mapping(variable).get("default", "")))
                path = urlsplit(url).path
                kept = "".join(f"/{part}" for part in path.split("/") if part and "{" not in part)
                return unquote(kept)
        return ""

    def security(self, operation: Operation) -> list[list[dict[str, Json]]]:
        """List the alternatives of an operation, each a list of schemes; none: it needs no credentials."""
        wanted = operation.node.get("security", self.tree.get("security"))
        known = mapping(mapping(self.tree.get("components")).get("securitySchemes"))
        alternatives = wanted if isinstance(wanted, list) else []
        found = [[self.resolved(known[name]) for name in mapping(one) if name in known] for one in alternatives]
        return [] if [] in found else found
