"""What openapi-core is given: a document, an operation and an answer, each so that its known traps stay closed.

With the judge, the one place that knows openapi-core.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from contract_tests.dialect import format_checker, tree_for, validator_class
from openapi.document import Library
from openapi.operation import essence
from openapi.versions import rules_of

if TYPE_CHECKING:
    from openapi_core import OpenAPI

    from contract_tests.targets import Exchange
    from openapi.document import Document
    from openapi.operation import Operation
    from openapi.reading import Json

__all__ = ["Answered", "AskedOperation", "is_json", "open_document"]

_NO_LETTER = "\0"
"""Parts the steps of a place for openapi-core. It takes `#` itself, which cuts a path such as `/?#Action=x` in two."""


def is_json(media_type: str) -> bool:
    """Tell whether bodies of a media type are JSON: its subtype, or the suffix that says so (RFC 6839)."""
    subtype = essence(media_type).partition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def open_document(document: Document) -> OpenAPI:
    """Open a document with openapi-core so that its known traps stay closed.

    It matches operations by their own path template, reads every body as what it is, and checks schemas as
    `contract_tests.dialect` says.
    """
    from jsonschema_path import SchemaPath
    from openapi_core import Config, OpenAPI
    from openapi_core.validation.request.validators import V30RequestValidator, V31RequestValidator
    from openapi_core.validation.response.validators import V30ResponseValidator, V31ResponseValidator
    from openapi_core.validation.schemas.factories import SchemaValidatorsFactory

    version = rules_of(document)
    old = version == "3.0"

    class _Factory(SchemaValidatorsFactory):
        def get_format_checker(self, *_: object, **__: object) -> Any:  # noqa: ANN401 - theirs is copied for every call
            return format_checker()

    class _Asked(V30RequestValidator if old else V31RequestValidator):  # type: ignore[misc]
        schema_validators_factory = _Factory(validator_class(version, "request"))

    class _Answers(V30ResponseValidator if old else V31ResponseValidator):  # type: ignore[misc]
        schema_validators_factory = _Factory(validator_class(version, "response"))

    config = Config(
        spec_validator_cls=None,
        path_finder_cls=cast("Any", _ByTemplate),
        request_validator_cls=_Asked,
        response_validator_cls=_Answers,
        extra_media_type_deserializers=_Readers(),
    )
    tree = cast("Any", tree_for(version, Library([document]), document))
    said = document.tree.get("openapi")
    if not (isinstance(said, str) and said.startswith(version)):
        tree["openapi"] = f"{version}.0"
    return OpenAPI(SchemaPath.from_dict(tree, base_uri=document.uri, separator=_NO_LETTER), config=config)


class _ByTemplate:
    """Finds an operation by its own path template: openapi-core would match hosts, base paths and ends of paths."""

    def __init__(self, spec: Any, base_url: str | None = None) -> None:  # noqa: ANN401, ARG002 - as it is called
        self._paths = spec / "paths"

    def find(self, method: str, name: str) -> Any:  # noqa: ANN401 - a named tuple without types
        from openapi_core.templating.datatypes import TemplateResult
        from openapi_core.templating.paths.datatypes import PathOperationServer

        item = self._paths / name
        return PathOperationServer(item, item / method, None, TemplateResult(name, {}), {})


class _Readers(dict[str, Any]):
    """Reads a body by its media type: as JSON under any JSON type (a range is asked for JSON only), else as text."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a function, by openapi-core's own typing
        return _read_json if is_json(name) or "*" in name else _read_text

    def __bool__(self) -> bool:
        return True


def _read_json(body: bytes | str, **_: str) -> Json:
    """Read the bytes of a body, or the text of a parameter."""
    value: Json = json.loads(body if isinstance(body, str) else body.decode("utf-8"))
    return value


def _read_text(body: bytes | str, **_: str) -> str:
    """Read the bytes of a body, or the text of a header."""
    return body if isinstance(body, str) else body.decode("utf-8", "replace")


class AskedOperation:
    """An operation as openapi-core wants a request: the path template stands for the path that was sent."""

    host_url = ""
    content_type = "application/json"
    body: bytes | None = None

    def __init__(self, operation: Operation) -> None:
        from openapi_core.datatypes import RequestParameters

        self.parameters = RequestParameters()
        self.method = operation.method.lower()
        self.path = operation.path


class Answered:
    """An exchange as openapi-core wants a response, its media type by the name that the document gives it."""

    def __init__(self, exchange: Exchange, status: str, media_type: str) -> None:
        from werkzeug.datastructures import Headers  # names in any case, as openapi-core's own adapters have them

        self.status_code = status
        self.headers = Headers([(name, re.sub(r"[\r\n]", " ", value)) for name, value in exchange.headers])
        self.data = exchange.body
        self.content_type = media_type
