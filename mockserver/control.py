"""`/_mock`: what the mock tells about itself. Holds no state of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import flask

from mockserver import __version__
from openapi.contract import document_names, served_at

if TYPE_CHECKING:
    from mockserver.engine import Engine

__all__ = ["control"]


def control(engine: Engine) -> flask.Blueprint:
    """Make the blueprint of `/_mock`."""
    blueprint = flask.Blueprint("control", __name__, url_prefix="/_mock")
    contract = engine.contract
    names = document_names(contract.documents)

    @blueprint.get("/health")
    def health() -> flask.Response:
        """Say that the process answers."""
        return _json({"status": "ok", "version": __version__})

    @blueprint.get("/ready")
    def ready() -> flask.Response:
        """Say what is served. It answers only when the contract is compiled, so an answer means ready."""
        documents = [
            {
                "name": name,
                "info": document.tree.get("info"),
                "sha256": document.sha256,
                "reconstructed": document.reconstructed,
            }
            for name, document in names.items()
        ]
        return _json(
            {
                "status": "ready",
                "version": __version__,
                "profile": contract.profile or None,
                "operations": [operation.name for operation in contract.operations],
                "documents": documents,
            }
        )

    @blueprint.get("/openapi.json")
    def openapi_json() -> flask.Response:
        """Give the effective document, its server being this mock; `?document=NAME` chooses among several."""
        name = flask.request.args.get("document", next(iter(names)))
        if name not in names:
            message = f"There is no document of that name; there are: {', '.join(names)}."
            return _json({"error": {"message": message, "type": "invalid_request_error", "code": "no_document"}}, 404)
        return _json(served_at(names[name], engine.settings.base_url))

    return blueprint


def _json(value: object, status: int = 200) -> flask.Response:
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    response = flask.Response(text, status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Mock-Version"] = __version__
    return response
