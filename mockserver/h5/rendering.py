"""Turn a template of the phone page into an answer: escaped, self-contained, and with strict headers.

It decides nothing about sessions. It has an environment of its own, so that no setting of the application weakens it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask
import jinja2

from mockserver import __version__
from mockserver.h5.texts import TEXTS
from mockserver.pages import HEADERS, Assets, content_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.h5.texts import Texts

__all__ = ["Renderer"]

_HEADERS = {
    **HEADERS,
    # Anything stricter cuts the tie to a window that opened the link, and with it callback pages that report to their
    # opener. What the real page sends is not known; a mock must not break what may work there.
    "Cross-Origin-Opener-Policy": "unsafe-none",
}

_FORBIDDEN = ("accelerometer", "display-capture", "geolocation", "gyroscope", "microphone", "midi", "payment", "usb")


class Renderer:
    """Renders pages, and serves what they are styled with."""

    def __init__(self) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("mockserver.h5"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._assets = Assets("mockserver.h5")
        self._names = self._assets.names

    def page(
        self,
        template: str,
        texts: Texts,
        values: Mapping[str, object],
        *,
        rule: str,
        status: int = 200,
        script: bool = False,
    ) -> flask.Response:
        """Render a page. rule: what `X-Mock-Rule` says. script: whether our script may run in it."""
        template_of = self._environment.get_template(f"{template}.html")
        # Relative, because a public URL may have a path that a proxy in front of the mock takes away.
        here = "../" if flask.request.path.endswith("/") else ""
        assets = {name: f"{here}static/{file}" for name, file in self._names.items()}
        html = template_of.render(
            values, t=texts, all_texts=TEXTS, here=here, assets=assets, script=script, version=__version__
        )
        response = flask.Response(html, status, _HEADERS)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = content_policy(script=script, form="<form" in html)
        response.headers["Permissions-Policy"] = _permissions(camera="<video" in html)
        response.headers["X-Mock-Rule"] = rule
        return response

    def asset(self, name: str) -> flask.Response | None:
        """Serve a static file by the name that its content gives it, or None."""
        return self._assets.answer(name)


def _permissions(*, camera: bool) -> str:
    return ", ".join([f"camera={'(self)' if camera else '()'}", *(f"{name}=()" for name in _FORBIDDEN)])
