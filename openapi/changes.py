"""Say what changed between two versions of a contract, operation by operation, and what of it breaks a caller.

Breaking means: a call that was right, or a reading of the answer that was safe, may no longer be. Server behaviour that
no document describes is out of its sight, and so are components that no operation uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.document import Document, Library, Node
from openapi.editing import canonical
from openapi.pointers import child
from openapi.schema_changes import Change, Report, SchemaComparison

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json
    from openapi.schema_changes import Direction

__all__ = ["Change", "compare", "operations"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_DOCUMENT = ("openapi", "jsonSchemaDialect", "info", "servers", "paths", "webhooks", "components", "security")
_OPERATION = ("operationId", "parameters", "requestBody", "responses", "security", "servers")


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation and the path item it stands in."""

    name: str
    node: Node
    item: Node

    @property
    def identifier(self) -> str:
        value = self.node.mapping.get("operationId")
        return value if isinstance(value, str) else ""


def operations(document: Document) -> dict[str, str]:
    """List the operations as `POST /path` -> operationId (or empty), in document order. Raises `ContractError`."""
    found = _operations(Library([document]), document)
    return {name: operation.identifier for name, operation in found.items()}


def compare(before: Document, after: Document) -> tuple[Change, ...]:
    """Tell what changed, in the order of the documents. Raises `ContractError` when a reference leads nowhere.

    Requests and responses are judged apart (see `schema_changes`). Decided: a new success status breaks, for callers
    test for the one they know, a new error status does not; a security alternative that is gone breaks, one more does
    not; a renamed operationId does not break the wire and is reported all the same; words, examples and `x-` members
    are `text-changed` and never break.
    """
    return _Comparison(before, after).run(before, after)


def _operations(library: Library, document: Document) -> dict[str, _Operation]:
    found: dict[str, _Operation] = {}
    paths = Node(document, "", document.tree).get("paths")
    for path, entry in paths.members() if paths is not None and paths.value is not None else []:
        if path.startswith("x-"):
            continue
        item = library.follow(entry)
        for method in METHODS:
            node = item.get(method)
            if node is not None and node.mapping is not None:
                found[f"{method.upper()} {path}"] = _Operation(f"{method.upper()} {path}", node, item)
    return found


class _Comparison:
    """Two documents side by side."""

    def __init__(self, before: Document, after: Document) -> None:
        self.before = Library([before])
        self.after = Library([after])
        self.report = Report()
        self.schemas = SchemaComparison(self.before, self.after, self.report)
        self.roots = (Node(before, "", before.tree), Node(after, "", after.tree))

    def run(self, before: Document, after: Document) -> tuple[Change, ...]:
        olds, news = _operations(self.before, before), _operations(self.after, after)
        self._document()
        new_by_id = {one.identifier: one for name, one in news.items() if name not in olds and one.identifier}
        moved: set[str] = set()
        for name, old in olds.items():
            self.report.operation = name
            new = news.get(name) or new_by_id.get(old.identifier)
            if new is None:
                self.report.add("operation-removed", f"{name} is gone.", old.node, breaking=True)
                continue
            if new.name != name:
                moved.add(new.name)
                self.report.add("operation-moved", f"{name} is now {new.name}.", new.node, breaking=True)
            self._operation(old, new)
        for name, new in news.items():
            if name not in olds and name not in moved:
                self.report.operation = name
                self.report.add("operation-added", f"{name} is new.", new.node, breaking=False)
        return tuple(self.report.changes)

    def _document(self) -> None:
        old, new = self.roots
        self._whole(old, new, "openapi", "openapi-version-changed", breaking=False)
        self._whole(old, new, "jsonSchemaDialect", "dialect-changed", breaking=True)
        infos = (old.get("info") or _absent(old, "info"), new.get("info") or _absent(new, "info"))
        self._whole(*infos, "version", "document-version-changed", breaking=False)
        self._words(*infos, "the document", skip=("version",))
        self._servers(_servers(old), _servers(new), new)
        self._whole(old, new, "webhooks", "webhooks-changed", breaking=True)
        self._words(old, new, "the document", skip=_DOCUMENT)
        self._schemes()

    def _schemes(self) -> None:
        old, new = (_members(library, root, "components", "securitySchemes") for library, root in self._sides())
        for name, scheme in new.items():
            if name in old and canonical(_bare(old[name])) != canonical(_bare(scheme)):
                what = f"The security scheme {name} works differently."
                self.report.add("security-changed", what, scheme, breaking=True)
            elif name in old:
                self._words(old[name], scheme, f"the security scheme {name}")

    def _sides(self) -> Iterator[tuple[Library, Node]]:
        yield self.before, self.roots[0]
        yield self.after, self.roots[1]

    def _operation(self, old: _Operation, new: _Operation) -> None:
        if old.identifier != new.identifier:
            what = f"The operationId was {old.identifier or 'absent'} and is {new.identifier or 'absent'}."
            self.report.add("operation-id-changed", what, new.node, breaking=False)
        self._parameters(old, new)
        self._body(old, new)
        self._responses(old, new)
        self._security(old, new)
        if any("servers" in node.mapping for one in (old, new) for node in (one.node, one.item)):
            before, after = _servers(old.node, old.item, self.roots[0]), _servers(new.node, new.item, self.roots[1])
            self._servers(before, after, new.node)
        self._whole(old.node, new.node, "callbacks", "callbacks-changed", breaking=True)
        self._words(old.node, new.node, "the operation", skip=(*_OPERATION, "callbacks"))

    def _parameters(self, old: _Operation, new: _Operation) -> None:
        before, after = _parameters(self.before, old), _parameters(self.after, new)
        for key, node in after.items():
            if key not in before:
                must = node.mapping.get("required") is True
                what = f"{_named(key)} is new{' and required' if must else ''}."
                self.report.add("parameter-added", what, node, breaking=must)
                continue
            self._parameter(key, before[key], node)
        for key, node in before.items():
            if key not in after:
                self.report.add("parameter-removed", f"{_named(key)} is gone.", node, breaking=True)

    def _parameter(self, key: tuple[str, str], old: Node, new: Node) -> None:
        was, now = (node.mapping.get("required") is True for node in (old, new))
        if was != now:
            what = f"{_named(key)} is {'now' if now else 'no longer'} required."
            self.report.add("parameter-required-changed", what, new, breaking=now)
        for name in ("style", "explode", "allowReserved", "allowEmptyValue"):
            self._whole(old, new, name, "parameter-style-changed", breaking=True)
        self._carried(old, new, _named(key), "request")
        skip = ("name", "in", "required", "schema", "content", "style", "explode", "allowReserved", "allowEmptyValue")
        self._words(old, new, _named(key), skip=skip)

    def _body(self, old: _Operation, new: _Operation) -> None:
        before, after = _part(self.before, old.node, "requestBody"), _part(self.after, new.node, "requestBody")
        was, now = (node is not None and node.mapping.get("required") is True for node in (before, after))
        if before is None or after is None:
            if after is not None:
                what = f"A request body is {'required' if now else 'accepted'} now."
                self.report.add("request-body-added", what, after, breaking=now)
            elif before is not None:
                self.report.add("request-body-removed", "The request body is gone.", before, breaking=True)
            return
        if was != now:
            what = f"The request body is {'now' if now else 'no longer'} required."
            self.report.add("request-body-required-changed", what, after, breaking=now)
        self._media(before, after, "request body", "request")
        self._words(before, after, "the request body", skip=("required", "content"))

    def _responses(self, old: _Operation, new: _Operation) -> None:
        before, after = (
            _members(library, one.node, "responses") for library, one in ((self.before, old), (self.after, new))
        )
        for status, node in after.items():
            if status in before:
                self._response(status, before[status], node)
            elif not status.startswith("x-"):
                what = f"The status {status} is new."
                self.report.add("status-added", what, node, breaking=status[:1] in ("2", "3"))
        for status, node in before.items():
            if status not in after and not status.startswith("x-"):
                # An error that no longer comes hurts nobody; `default` may have promised the shape of all of them.
                hurts = status[:1] in ("2", "3", "d")
                self.report.add("status-removed", f"The status {status} is gone.", node, breaking=hurts)

    def _response(self, status: str, old: Node, new: Node) -> None:
        part = f"{status} response"
        before, after = _members(self.before, old, "headers"), _members(self.after, new, "headers")
        for name, node in after.items():
            if name in before:
                self._carried(before[name], node, f"{part}, header {name}", "response")
            else:
                self.report.add("header-added", f"{part}: the header {name} is new.", node, breaking=False)
        for name, node in before.items():
            if name not in after:
                self.report.add("header-removed", f"{part}: the header {name} is gone.", node, breaking=True)
        self._media(old, new, part, "response")
        self._words(old, new, f"the {part}", skip=("headers", "content"))

    def _carried(self, old: Node, new: Node, part: str, direction: Direction) -> None:
        """Compare what a parameter or header carries: a schema, or content of one media type."""
        if "schema" in old.mapping or "schema" in new.mapping:
            self._schema(old, new, part, direction)
        if "content" in old.mapping or "content" in new.mapping:
            self._media(old, new, part, direction)

    def _media(self, old: Node, new: Node, part: str, direction: Direction) -> None:
        before, after = _members(self.before, old, "content"), _members(self.after, new, "content")
        for name, node in after.items():
            if name not in before:
                self.report.add("media-type-added", f"{part}: {name} is new.", node, breaking=False)
                continue
            label = f"{part} ({name})" if len(after) > 1 else part
            self._schema(before[name], node, label, direction)
            self._whole(before[name], node, "encoding", "encoding-changed", breaking=True)
            self._words(before[name], node, label, skip=("schema", "encoding"))
        for name, node in before.items():
            if name not in after:
                self.report.add("media-type-removed", f"{part}: {name} is gone.", node, breaking=True)

    def _schema(self, old: Node, new: Node, part: str, direction: Direction) -> None:
        before, after = (node.get("schema") or _absent(node, "schema") for node in (old, new))
        self.schemas.compare(before, after, part, direction)

    def _security(self, old: _Operation, new: _Operation) -> None:
        before, after = _alternatives(old, self.roots[0]), _alternatives(new, self.roots[1])
        for one in sorted(after - before):
            self.report.add("security-added", f"Access by {one} is new.", new.node, breaking=False)
        for one in sorted(before - after):
            self.report.add("security-removed", f"Access by {one} is gone.", new.node, breaking=True)

    def _servers(self, before: list[str], after: list[str], node: Node) -> None:
        for url in after:
            if url not in before:
                self.report.add("server-added", f"The server {url} is new.", node, breaking=False)
        for url in before:
            if url not in after:
                self.report.add("server-removed", f"The server {url} is gone.", node, breaking=True)

    def _whole(self, old: Node, new: Node, name: str, kind: str, *, breaking: bool) -> None:
        """Report a member that is compared as a whole."""
        before, after = old.mapping.get(name), new.mapping.get(name)
        if canonical(before) != canonical(after):
            short = isinstance(before, (str, bool, type(None))) and isinstance(after, (str, bool, type(None)))
            how = f" was {_shown(before)} and is {_shown(after)}" if short else " is different"
            self.report.add(kind, f"{name}{how}.", new.get(name) or new, breaking=breaking)

    def _words(self, old: Node, new: Node, part: str, skip: tuple[str, ...] = ()) -> None:
        """Report members that say something to people, and `x-` members."""
        for name in {**old.mapping, **new.mapping}:
            if name not in skip and canonical(old.mapping.get(name)) != canonical(new.mapping.get(name)):
                what = f"{part[:1].upper()}{part[1:]}: {name} reads differently."
                self.report.add("text-changed", what, new.get(name) or new, breaking=False)


def _absent(node: Node, name: str) -> Node:
    """Stand in for a member that is not there: an empty mapping, which as a schema allows everything."""
    return Node(node.document, child(node.pointer, name), {})


def _part(library: Library, node: Node, name: str) -> Node | None:
    found = node.get(name)
    return None if found is None else library.follow(found)


def _members(library: Library, node: Node, *names: str) -> dict[str, Node]:
    """Walk down to a mapping and give its members with references followed; none when it is not there."""
    found: Node | None = node
    for name in names:
        found = None if found is None else _part(library, found, name)
    return {} if found is None else {name: library.follow(member) for name, member in found.members()}


def _parameters(library: Library, operation: _Operation) -> dict[tuple[str, str], Node]:
    found: dict[tuple[str, str], Node] = {}
    for owner in (operation.item, operation.node):
        listed = owner.get("parameters")
        for entry in listed.items() if listed is not None else []:
            node = library.follow(entry)
            place, name = str(node.mapping.get("in")), str(node.mapping.get("name"))
            found[place, name.lower() if place == "header" else name] = node
    return found


def _named(key: tuple[str, str]) -> str:
    return f"{key[0]} parameter {key[1]}"


def _servers(*owners: Node) -> list[str]:
    """List the addresses of the innermost owner that names any; `/` when none does, as OpenAPI has it."""
    for owner in owners:
        listed = owner.get("servers")
        if listed is not None and listed.items():
            return [str(entry.mapping.get("url")) for entry in listed.items()]
    return ["/"]


def _alternatives(operation: _Operation, root: Node) -> set[str]:
    """Spell out each alternative that opens an operation; nothing asked for is `no credential`."""
    listed = operation.node.get("security") or root.get("security")
    found = set()
    for entry in listed.items() if listed is not None else []:
        schemes = [f"{name} {canonical(scopes)}" if scopes else name for name, scopes in entry.mapping.items()]
        found.add(" with ".join(sorted(schemes)) or "no credential")
    return found or {"no credential"}


def _bare(node: Node) -> Json:
    return {name: value for name, value in node.mapping.items() if name != "description" and not name.startswith("x-")}


def _shown(value: Json) -> str:
    return "absent" if value is None else canonical(value)
