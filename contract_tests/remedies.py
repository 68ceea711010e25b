"""Which file to open for a difference between a mock of this project and a host: the line of the contract, or code.

It works from the documents, from what the mock says of itself in `X-Mock-Rule`, and from the tables below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.authorship import Authored, author
from openapi.overlay import extends
from openapi.pointers import child, tokens
from openapi.profiles import packaged_sources, profile_overlays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.comparing import Apart
    from contract_tests.targets import Exchange
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = ["BEHAVIOURS", "HEADERS", "Remedies", "rule_of"]

BEHAVIOURS = {
    "createVisualValidateSession": "mockserver/behaviours/visual_validate.py",
    "getVisualValidateResult": "mockserver/behaviours/visual_validate.py",
}
"""The file with the behaviour of an operation, by operationId; the others answer from their document."""

HEADERS = {
    "allow": "mockserver/engine.py",
    "www-authenticate": "mockserver/credentials.py",
    "x-oneapi-request-id": "mockserver/writer.py",
}
"""The file that decides on a header."""

WRITER = "mockserver/writer.py"
REPLIES = "/x-mock-replies"


def rule_of(exchange: Exchange) -> str:
    """Give the rule by which a mock of this project decided; '' when none did."""
    return (exchange.header("x-mock-rule") or "").partition(";")[0].strip()


class Remedies:
    """The files of one contract. profile: that of the mock, where the contract is the packaged one."""

    def __init__(self, contract: Contract, profile: str) -> None:
        self._contract = contract
        if contract.profile:
            self._overlays = profile_overlays(profile or contract.profile)
            self._authored, _ = author(packaged_sources(), self._overlays)
            self._home = "openapi/"
        else:
            self._overlays = []
            self._authored = [Authored(document) for document in contract.documents]
            self._home = ""

    def of(self, apart: Apart, mock: Exchange, other: Exchange, operation: Operation | None) -> str:
        """Name the file to open, with the line where one is known, and why that one."""
        rule = rule_of(mock)
        decided = f"{rule} decided" if rule else "it is no mock of this project"
        if apart.what == "header":
            return self._of_header(apart.name, rule, operation)
        if not rule:
            return f"{self._at_operation(operation)} ({decided})"
        answered = operation is not None and (rule == operation.id or rule.startswith(f"{operation.id}."))
        if apart.what == "status" and answered:
            return f"{self._at_request(operation, '')} (the mock lets it pass; forbid it in {self._overlay(operation)})"
        if apart.what == "status" and other.status < 400 and rule.startswith(("body", "request", "auth")):
            return f"{self._at_request(operation, rule)} ({decided})"
        if answered:
            return f"{self._at_answer(operation, mock.status, apart)} ({decided})"
        return f"{self._at_reply(rule, apart, operation, mock.status)} ({decided})"

    def _of_header(self, name: str, rule: str, operation: Operation | None) -> str:
        for authored, pointer in self._responses(operation):
            headers = _value(authored, child(pointer, "headers"))
            found = next((one for one in headers if one.lower() == name), None) if isinstance(headers, dict) else None
            if found is not None and name not in HEADERS:
                return self._shown(authored, child(pointer, "headers", found))
        return f"{HEADERS.get(name, WRITER)} ({rule or 'no rule'} decided)"

    def _at_reply(self, rule: str, apart: Apart, operation: Operation | None, status: int) -> str:
        """Point at the words of a refusal or at its status: the entry of its rule, or of a wider one."""
        name = rule
        while name:
            for authored in self._own_first(operation):
                entry = child(REPLIES, name)
                if isinstance(_value(authored, entry), dict):
                    inner = {"status": "/status", "body": f"/body{apart.pointer}"}.get(apart.what, "")
                    return self._shown(authored, entry + inner)
            name = name.rpartition(".")[0]
        return self._at_answer(operation, status, apart)

    def _at_answer(self, operation: Operation | None, status: int, apart: Apart) -> str:
        """Point at what makes a body: a behaviour, or the example or schema in the document."""
        if operation is None:
            return WRITER
        if operation.id in BEHAVIOURS and status < 400 and apart.what == "body":
            return BEHAVIOURS[operation.id]
        authored = self._of(operation)
        response = operation.response(status)
        return self._shown(authored, operation.node.pointer if response is None else f"{response.node.pointer}/content")

    def _at_request(self, operation: Operation | None, rule: str) -> str:
        """Point at what decides whether a request is valid."""
        if operation is None:
            return self._at_operation(None)
        authored, pointer = self._of(operation), operation.node.pointer
        if rule.startswith("auth"):
            own = child(pointer, "security")
            return self._shown(authored, own if _value(authored, own) is not None else "/security")
        schema = operation.body[0].schema if operation.body else None
        if schema is None:
            return self._shown(authored, pointer)
        keyword = child(schema.node.pointer, rule.rpartition(".")[2])
        return self._shown(authored, keyword if _value(authored, keyword) is not None else schema.node.pointer)

    def _at_operation(self, operation: Operation | None) -> str:
        if operation is None:
            return self._shown(self._authored[0], "/paths")
        return self._shown(self._of(operation), operation.node.pointer)

    def _overlay(self, operation: Operation | None) -> str:
        """Name the overlay that has what the page of an operation leaves unsaid: the last that extends its document."""
        document = None if operation is None else self._of(operation).document
        own = [one for one in self._overlays if document is not None and one.extends and extends(one, document)]
        return f"{self._home}{own[-1].document.name}" if own else "an overlay"

    def _responses(self, operation: Operation | None) -> Iterator[tuple[Authored, str]]:
        if operation is not None:
            yield from ((self._of(operation), one.node.pointer) for one in operation.responses)

    def _of(self, operation: Operation) -> Authored:
        uri = operation.node.document.uri
        return next((one for one in self._authored if one.document.uri == uri), self._authored[0])

    def _own_first(self, operation: Operation | None) -> list[Authored]:
        own = None if operation is None else self._of(operation)
        return sorted(self._authored, key=lambda one: one is not own)

    def _shown(self, authored: Authored, pointer: str) -> str:
        place = authored.place(pointer)
        file = self._home + place.file
        return file if place.line is None else f"{file}:{place.line}"


def _value(authored: Authored, pointer: str) -> object:
    value: object = authored.document.tree
    for token in tokens(pointer):
        value = value.get(token) if isinstance(value, dict) else None
    return value
