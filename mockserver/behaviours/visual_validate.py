"""Real-person verification: the session that a person on a phone completes, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.behaviours import Call, behaviour
from mockserver.credentials import Refusal
from mockserver.exchange import Answer
from mockserver.sessions import NoSession

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["H5_PATH", "create_visual_validate_session", "get_visual_validate_result"]

H5_PATH = "/en/liveness-face-manage/authorization"
"""Path of the phone page, as in the vendor's example and upstream's document [V, U1]."""


@behaviour("createVisualValidateSession", basis="example")
def create_visual_validate_session(call: Call) -> Answer:
    """Open a session: a new token, a new link, and the caller's CallbackURL, exactly as sent, if one was sent.

    The key order is that of the vendor's example and of the upstream's body [V, O1].
    """
    callback_url = call.body.get("CallbackURL") if isinstance(call.body, dict) else None
    made = call.sessions.create(call.credential.sandbox, callback_url if isinstance(callback_url, str) else None)
    body: dict[str, Json] = {"BytedToken": made.token}
    if isinstance(call.body, dict) and "CallbackURL" in call.body:
        body["CallbackURL"] = callback_url
    body["H5Link"] = f"{call.settings.h5_base}{H5_PATH}?pl={made.pl}&uid={made.uid}"
    return Answer(200, body)


NOT_FOUND = "No session is found for this BytedToken: it is unknown, has expired, or was made with another key."
"""One sentence for all three, also where no overlay gives the words: a refusal must not tell which tokens exist."""


@behaviour("getVisualValidateResult", basis="elsewhere")
def get_visual_validate_result(call: Call) -> Answer | Refusal:
    """Give the group id once the person has passed and landed on CallbackURL, and an empty one before.

    The id of a finished session is shown by the vendor's guide [V3]; the empty one was seen on the real host [L, C3]. A
    failed verification is answered as an unfinished one [I]. A token that is unknown, expired or another caller's is
    refused in one and the same way: what the host answers is not known.
    """
    token = call.body.get("BytedToken") if isinstance(call.body, dict) else None
    try:
        session = call.sessions.result(call.credential.sandbox, str(token))
    except NoSession as error:
        return Refusal(f"session.{error.reason}", NOT_FOUND)
    if session.group_id:
        return Answer(200, {"GroupId": session.group_id})
    rule, basis = ("failed", "assumed") if session.outcome else ("unfinished", "observed")
    return Answer(200, {"GroupId": ""}, rule, basis)
