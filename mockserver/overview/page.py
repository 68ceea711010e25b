"""The frame of the page at `/_mock/`. It shows no state and so asks for no token: its script does, route by route.

The script reads `/_mock/requests`, `/_mock/sessions`, `/_mock/clock` and `/_mock/fidelity`, and changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import flask
import jinja2

from mockserver import __version__
from mockserver.control_access import json_answer
from mockserver.curl import curl
from mockserver.pages import HEADERS, Assets, content_policy

if TYPE_CHECKING:
    from mockserver.engine import Engine
    from openapi.reading import Json

__all__ = ["overview"]


def overview(engine: Engine) -> flask.Blueprint:
    """Make the blueprint of the page."""
    blueprint = flask.Blueprint("overview", __name__, url_prefix="/_mock")
    assets = Assets("mockserver.overview")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mockserver.overview"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    @blueprint.get("/")
    def page() -> flask.Response:
        """Show the page to a browser; tell a program which routes there are."""
        if flask.request.accept_mimetypes.best_match(["application/json", "text/html"]) != "text/html":
            return json_answer({"version": __version__, "routes": _routes()})
        html = environment.get_template("overview.html").render(
            # Relative, because a public URL may have a path that a proxy in front of the mock takes away.
            here="" if flask.request.path.endswith("/") else "_mock/",
            assets=assets.names,
            base_url=engine.settings.base_url,
            profile=engine.contract.profile or "your documents",
            operations=engine.contract.operations,
            curl=curl(engine.contract.first, engine.settings.base_url),
            journal=engine.journal.most,
            version=__version__,
        )
        response = flask.Response(html, 200, HEADERS)
        response.headers["Vary"] = "Accept"
        response.headers["Cache-Control"] = "no-store"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Content-Security-Policy"] = content_policy(script=True, connect=True)
        return response

    @blueprint.get("/static/<name>")
    def asset(name: str) -> flask.Response:
        """Serve a static file."""
        found = assets.answer(name)
        if found is None:
            flask.abort(404)
        return found

    return blueprint


def _routes() -> list[Json]:
    rules = flask.current_app.url_map.iter_rules()
    found = sorted(
        method + " " + re.sub(r"<(?:[^>:]*:)?([^>]*)>", r"{\1}", rule.rule)
        for rule in rules
        if rule.rule.startswith("/_mock")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )
    return list(found)
