"""The page behind an H5Link. For now it says what it is; it plays no verification yet."""

from __future__ import annotations

import flask

from mockserver import __version__
from mockserver.behaviours.visual_validate import H5_PATH

__all__ = ["h5"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def h5() -> flask.Blueprint:
    """Make the blueprint of the phone page."""
    blueprint = flask.Blueprint("h5", __name__, template_folder="templates")

    @blueprint.get(H5_PATH)
    def authorization() -> flask.Response:
        """Show the page. It reads nothing of the link, so nothing of it can come back in the page."""
        response = flask.Response(flask.render_template("authorization.html"))
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Mock-Version"] = __version__
        response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint
