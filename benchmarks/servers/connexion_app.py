"""Connexion in its mock mode, for gunicorn with uvicorn workers.

It takes no OpenAPI 3.1, so it gets a 3.0.3 twin of the document in the variable DOCUMENT; nothing in that needs 3.1.
Without a function that looks at credentials it refuses everybody, so one that takes any is named in the twin.
"""

from __future__ import annotations

import os
from pathlib import Path

import yaml
from connexion import AsyncApp  # type: ignore[import-not-found]  # installed apart, as a peer
from connexion.mock import MockResolver  # type: ignore[import-not-found]


def admit(token: str) -> dict[str, str]:
    """Take any bearer token, as the others do."""
    return {"sub": token}


twin = yaml.safe_load(Path(os.environ["DOCUMENT"]).read_text(encoding="utf-8"))
twin["openapi"] = "3.0.3"
twin["components"]["securitySchemes"]["bearerAuth"]["x-bearerInfoFunc"] = "connexion_app.admit"
app = AsyncApp(__name__)
app.add_api(twin, resolver=MockResolver(mock_all=True))
