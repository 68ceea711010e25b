"""What an operation may answer, as its document says, and which of it a valid request gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.errors import ContractError
from openapi.media_types import MediaType, compile_media_types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openapi.document import Library, Node
    from openapi.schema import Schemas

__all__ = ["Response", "compile_responses", "find_response", "find_success"]


@dataclass(frozen=True, slots=True)
class Response:
    """One documented answer. `status`: three digits, a range such as `4XX`, or `default`."""

    status: str
    description: str
    headers: tuple[str, ...]
    media_types: tuple[MediaType, ...]
    node: Node


def find_response(responses: Sequence[Response], status: int) -> Response | None:
    """Find what documents a status: itself, else its range, else `default`."""
    wanted = (str(status), f"{status // 100}XX", "default")
    return next((one for key in wanted for one in responses if one.status == key), None)


def find_success(responses: Sequence[Response]) -> tuple[int, Response] | None:
    """Choose the answer to a valid request, as a careful person would; None when nothing is documented.

    The lowest 2xx, else `2XX` as 200, else the same of 3xx, else `default` as 200: beside a redirection it is the
    errors. Else the lowest status there is. No 1xx, which is no answer (RFC 9110 15.2).
    """
    by_status = {one.status: one for one in responses if one.status[:1] != "1"}
    exact = sorted(status for status in by_status if status.isdigit())
    for kind in "23":
        status = next((one for one in exact if one[0] == kind), f"{kind}XX")
        if status in by_status:
            return int(status.replace("XX", "00")), by_status[status]
    status = next(iter(sorted(exact) or sorted(by_status)), "")
    if "default" in by_status:
        return 200, by_status["default"]
    return (int(status.replace("XX", "00")), by_status[status]) if status else None


def compile_responses(library: Library, schemas: Schemas, node: Node) -> tuple[Response, ...]:
    """Compile the responses of an operation; what is wrong with one of an error takes out that one, with a warning.

    Raises `ContractError` for a success that cannot be read.
    """
    responses = node.get("responses")
    if responses is not None:
        responses = library.follow_anyway(responses)
    found = []
    for status, entry in responses.members() if responses is not None and isinstance(responses.value, dict) else ():
        if status.startswith("x-"):
            continue
        key = status if status == "default" else status.upper()
        if key != "default" and not (len(key) == 3 and key[0] in "12345" and (key[1:] == "XX" or key[1:].isdigit())):
            library.warn("no-status", f"{status!r} is no status; it is ignored.", entry, "Write 200, 4XX or default.")
            continue
        try:
            found.append(_response(library, schemas, key, entry))
        except ContractError as error:
            if key[0] in "23d":
                raise
            library.warn("response-ignored", f"The response {status} is ignored: {error.what}", entry, error.remedy)
    if not found:
        what = "The operation documents no response; it answers 200 without a body."
        library.warn("no-responses", what, node, "Add 'responses' with at least one status.")
        return (Response("default", "", (), (), node),)
    return tuple(found)


def _response(library: Library, schemas: Schemas, status: str, entry: Node) -> Response:
    response = library.follow(entry)
    headers = response.get("headers")
    if headers is not None:
        headers = library.follow_anyway(headers)
    members = headers.members() if headers is not None and isinstance(headers.value, dict) else []
    names = tuple(name for name, header in members if _is_readable(library, name, header))
    media = compile_media_types(library, schemas, response.get("content"), "writeOnly")
    return Response(status, str(response.mapping.get("description") or ""), names, media, response)


def _is_readable(library: Library, name: str, header: Node) -> bool:
    """Tell whether a header, and its schema, lead somewhere; if not, it is left out with a warning."""
    try:
        schema = library.follow(header).get("schema")
        if schema is not None:
            library.follow(schema)
    except ContractError as error:
        library.warn("header-ignored", f"The header {name} is ignored: {error.what}", header, error.remedy)
        return False
    return True
