"""Real-person verification: the session that a person on a phone completes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.behaviours import Call, behaviour
from mockserver.exchange import Answer

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["H5_PATH", "create_visual_validate_session"]

H5_PATH = "/en/liveness-face-manage/authorization"
"""Path of the phone page, as in the vendor's example and upstream's document [V, U1]."""


@behaviour("createVisualValidateSession", basis="example")
def create_visual_validate_session(call: Call) -> Answer:
    """Open a session: a new token, a new link, and the caller's CallbackURL, exactly as sent, if one was sent.

    The key order is that of the vendor's example and of the upstream's body [V, O1].
    """
    made = call.identifiers.session(call.credential.sandbox)
    body: dict[str, Json] = {"BytedToken": made.token}
    if isinstance(call.body, dict) and "CallbackURL" in call.body:
        body["CallbackURL"] = call.body["CallbackURL"]
    body["H5Link"] = f"{call.settings.h5_base}{H5_PATH}?pl={made.pl}&uid={made.uid}"
    return Answer(200, body)
