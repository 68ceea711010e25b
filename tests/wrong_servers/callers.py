"""Faults in who may call, and in what a refused caller is told."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.wrong_servers.faults import ACCEPTED, EMPTY, INVALID, LOWER, NONE, NOT_UTF8, STRANGERS, fault
from tests.wrong_servers.server import KEY, refusal, session

if TYPE_CHECKING:
    from tests.wrong_servers.server import Answer, Request, Serve

RIGHT = f"Bearer {KEY}"


def admitted_if(condition: object, request: Request, serve: Serve) -> Answer:
    """Admit a caller whom the right server refuses, if a condition holds."""
    return serve(request.having(authorization=RIGHT)) if condition else serve(request)


def sent(request: Request) -> str:
    return request.headers.get("authorization", "")


# --- admitted though strangers ----------------------------------------------------------------------------------------


@fault(*STRANGERS)
def anybody_admitted(request: Request, serve: Serve) -> Answer:
    """Nobody is asked for a credential."""
    return admitted_if(True, request, serve)


@fault("auth/missing", "auth/elsewhere")
def no_credential_admitted(request: Request, serve: Serve) -> Answer:
    """A credential is looked at only if there is one."""
    return admitted_if(not sent(request), request, serve)


@fault("auth/empty", "auth/other-scheme", "auth/unknown", "auth/longer", "auth/other-case", "auth/no-scheme")
def any_header_admitted(request: Request, serve: Serve) -> Answer:
    """Any Authorization is enough."""
    return admitted_if(sent(request), request, serve)


@fault("auth/unknown", "auth/longer", "auth/other-case")
def any_token_admitted(request: Request, serve: Serve) -> Answer:
    """Any bearer token is enough."""
    return admitted_if(sent(request).lower().startswith("bearer ") and sent(request)[7:].strip(), request, serve)


@fault("auth/unknown", "auth/longer")
def any_token_of_the_shape_admitted(request: Request, serve: Serve) -> Answer:
    """Any token that begins as the vendor's do is enough."""
    return admitted_if(sent(request).startswith("Bearer sk-"), request, serve)


@fault("auth/empty")
def empty_token_admitted(request: Request, serve: Serve) -> Answer:
    """An empty bearer token is enough."""
    return admitted_if(sent(request).strip() == "Bearer", request, serve)


@fault("auth/longer")
def beginning_of_token_compared(request: Request, serve: Serve) -> Answer:
    """Only the beginning of the token is compared."""
    return admitted_if(sent(request).startswith(RIGHT), request, serve)


@fault("auth/other-case")
def case_of_token_ignored(request: Request, serve: Serve) -> Answer:
    """The token is compared without its case, as many a database does."""
    return admitted_if(sent(request).lower() == RIGHT.lower(), request, serve)


@fault("auth/elsewhere")
def key_in_another_header_admitted(request: Request, serve: Serve) -> Answer:
    """A token counts in X-API-Key."""
    return admitted_if(request.headers.get("x-api-key") == KEY, request, serve)


@fault("auth/elsewhere")
def key_in_a_cookie_admitted(request: Request, serve: Serve) -> Answer:
    """A token counts in a cookie."""
    return admitted_if(f"token={KEY}" in request.headers.get("cookie", "").split("; "), request, serve)


@fault("auth/empty")
def token_compared_as_a_part(request: Request, serve: Serve) -> Answer:
    """A token that is the beginning of the right one is enough."""
    return admitted_if(sent(request).startswith("Bearer") and KEY.startswith(sent(request)[7:]), request, serve)


@fault("auth/other-scheme")
def scheme_not_compared(request: Request, serve: Serve) -> Answer:
    """The right token counts under any scheme."""
    return admitted_if(sent(request).partition(" ")[2] == KEY, request, serve)


@fault("auth/other-scheme")
def basic_admitted(request: Request, serve: Serve) -> Answer:
    """Any basic credential is enough."""
    return admitted_if(sent(request).startswith("Basic "), request, serve)


@fault("auth/no-scheme")
def token_without_scheme_admitted(request: Request, serve: Serve) -> Answer:
    """The right token counts without a scheme."""
    return admitted_if(sent(request) == KEY, request, serve)


@fault("auth/other-scheme", "auth/longer", "auth/no-scheme")
def token_looked_for_anywhere_in_the_header(request: Request, serve: Serve) -> Answer:
    """The right token counts wherever it stands in the header."""
    return admitted_if(KEY in sent(request), request, serve)


@fault("auth/elsewhere")
def access_token_in_query_admitted(request: Request, serve: Serve) -> Answer:
    """A token counts in the query as access_token."""
    return admitted_if(f"access_token={KEY}" in request.target, request, serve)


@fault("auth/elsewhere")
def key_in_query_admitted(request: Request, serve: Serve) -> Answer:
    """A token counts in the query as key."""
    return admitted_if(f"&key={KEY}" in request.target, request, serve)


# --- refused though known ---------------------------------------------------------------------------------------------


@fault(LOWER)
def scheme_compared_with_case(request: Request, serve: Serve) -> Answer:
    """The scheme counts only as "Bearer"."""
    return serve(request.having(authorization="")) if sent(request).startswith("bearer") else serve(request)


@fault(*ACCEPTED, *INVALID, reports=(NOT_UTF8,))
def nobody_admitted(request: Request, serve: Serve) -> Answer:
    """Nobody is admitted."""
    return serve(request.having(authorization=""))


@fault(NONE, EMPTY)
def only_callers_with_callback_admitted(request: Request, serve: Serve) -> Answer:
    """A caller without CallbackURL is taken for a stranger."""
    answer = serve(request)
    return answer if answer.status != 200 or "CallbackURL" in answer.value() else serve(replace(request, headers={}))


@fault(LOWER)
def header_compared_with_case(request: Request, serve: Serve) -> Answer:
    """The header counts only as "Authorization"."""
    return serve(request) if "Authorization" in request.spelled else serve(request.having(authorization=""))


# --- how strangers are refused ----------------------------------------------------------------------------------------


def told(answer: Answer, status: int) -> Answer:
    return refusal(status, "no") if answer.status == 401 else answer


@fault("auth/unknown", "auth/longer", "auth/other-case")
def forbidden_for_wrong_tokens(request: Request, serve: Serve) -> Answer:
    """Wrong tokens are answered 403, missing ones 401."""
    return told(serve(request), 403) if sent(request).lower().startswith("bearer s") else serve(request)


@fault(*STRANGERS)
def forbidden_instead(request: Request, serve: Serve) -> Answer:
    """Strangers are answered 403."""
    return told(serve(request), 403)


@fault(*STRANGERS)
def not_found_instead(request: Request, serve: Serve) -> Answer:
    """Strangers are answered 404."""
    return told(serve(request), 404)


@fault(*STRANGERS)
def bad_request_instead(request: Request, serve: Serve) -> Answer:
    """Strangers are answered 400."""
    return told(serve(request), 400)


@fault(*STRANGERS)
def server_error_instead(request: Request, serve: Serve) -> Answer:
    """Strangers are answered 500."""
    return told(serve(request), 500)


@fault(*STRANGERS)
def login_page_instead(request: Request, serve: Serve) -> Answer:
    """Strangers are sent to a page to log in."""
    answer = serve(request)
    return told(answer, 302).having(location="/login") if answer.status == 401 else answer


@fault(*STRANGERS)
def error_in_a_200_instead(request: Request, serve: Serve) -> Answer:
    """Strangers are answered 200 with an error."""
    return told(serve(request), 200)


@fault("auth/missing", "auth/elsewhere")
def bad_request_for_missing_tokens(request: Request, serve: Serve) -> Answer:
    """Missing tokens are answered 400, unknown ones 401."""
    return serve(request) if sent(request) else told(serve(request), 400)


@fault(*STRANGERS, "AFC202")
def no_challenge(request: Request, serve: Serve) -> Answer:
    """A 401 has no WWW-Authenticate."""
    return serve(request).having(www_authenticate=None)


@fault("auth/missing", "auth/elsewhere", "AFC202")
def no_challenge_without_token(request: Request, serve: Serve) -> Answer:
    """A 401 has no WWW-Authenticate where no token was sent."""
    return serve(request) if sent(request) else serve(request).having(www_authenticate=None)


@fault("AFC202")
def challenge_of_another_scheme(request: Request, serve: Serve) -> Answer:
    """A 401 asks for a basic credential."""
    answer = serve(request)
    return answer.having(www_authenticate='Basic realm="x"') if answer.status == 401 else answer


@fault("AFC201")
def token_echoed_in_a_401(request: Request, serve: Serve) -> Answer:
    """A 401 names the token that was sent."""
    answer = serve(request)
    return answer.saying({"error": f"unknown: {sent(request)}"}) if answer.status == 401 else answer


@fault("AFC201")
def token_echoed_in_a_header(request: Request, serve: Serve) -> Answer:
    """Every answer names the token that was sent in a header."""
    return serve(request).having(x_caller=sent(request) or "nobody")


@fault("AFC201", "AFC207")
def token_echoed_in_a_200(request: Request, serve: Serve) -> Answer:
    """A 200 names the token that was sent."""
    answer = serve(request)
    return answer.saying({**answer.value(), "Key": sent(request)}) if answer.status == 200 else answer


@fault("AFC201")
def token_in_the_link(request: Request, serve: Serve) -> Answer:
    """H5Link holds the caller's credential."""
    answer = serve(request)
    link = answer.value()["H5Link"] if answer.status == 200 else ""
    return answer.saying({**answer.value(), "H5Link": f"{link}&key={KEY}"}) if link else answer


@fault("AFC201")
def token_echoed_in_a_400(request: Request, serve: Serve) -> Answer:
    """A 400 repeats the headers of the request."""
    answer = serve(request)
    return answer.saying({"request": request.headers}) if answer.status == 400 else answer


@fault("AFC201")
def token_echoed_in_base64(request: Request, serve: Serve) -> Answer:
    """A 401 holds the header that was sent, in base64, which hides nothing."""
    answer = serve(request)
    told = base64.b64encode(sent(request).encode()).decode()
    return answer.saying({"error": "unknown", "debug": told}) if answer.status == 401 else answer


@fault("AFC201")
def token_echoed_in_url_base64(request: Request, serve: Serve) -> Answer:
    """A header of each answer holds the token that was sent, in the base64 of URLs, as a part of a path."""
    told = base64.urlsafe_b64encode(sent(request).encode()).decode().rstrip("=")
    return serve(request).having(link=f"</as/{told}>; rel=self")


@fault("AFC201")
def token_echoed_percent_encoded(request: Request, serve: Serve) -> Answer:
    """A 400 holds the token that was sent, every character percent-encoded."""
    answer = serve(request)
    told = "".join(f"%{ord(letter):02X}" for letter in sent(request))
    return answer.saying({"error": {"message": f"see /help?as={told}"}}) if answer.status == 400 else answer


@fault("AFC201")
def token_echoed_in_escapes(request: Request, serve: Serve) -> Answer:
    """A 401 holds the token that was sent in JSON within JSON, escaped."""
    answer = serve(request)
    told = "".join(f"\\u{ord(letter):04x}" for letter in sent(request))
    return answer.saying({"error": {"message": f'{{"as": "{told}"}}'}}) if answer.status == 401 else answer


@fault("AFC201")
def token_echoed_in_hexadecimal(request: Request, serve: Serve) -> Answer:
    """A 401 holds the token that was sent as hexadecimal digits."""
    answer = serve(request)
    return answer.saying({"error": sent(request).encode().hex()}) if answer.status == 401 else answer


def last_of(request: Request, answer: Answer, name: str) -> str:
    """Give a member of the last session before an answer; '' when there was none."""
    last: str = request.memory.get(name, "")
    if answer.status == 200:
        request.memory[name] = answer.value()[name]
    return last


@fault("AFC308")
def last_token_in_a_400(request: Request, serve: Serve) -> Answer:
    """A 400 names the token of a session that somebody else made."""
    first = request.memory.setdefault("first", session({})["BytedToken"])
    answer = serve(request)
    if answer.status == 200 and "given" not in request.memory:
        request.memory["given"] = True
        return answer.saying({**answer.value(), "BytedToken": first})
    return answer.saying({"error": {"message": f"after {first}"}}) if answer.status == 400 else answer


@fault("AFC308")
def last_token_in_a_header(request: Request, serve: Serve) -> Answer:
    """Every answer names the token of the last session, whoever made it, in a header."""
    answer = serve(request)
    last = last_of(request, answer, "BytedToken")
    return answer.having(x_last=last) if last else answer


@fault("AFC308")
def last_link_in_a_header(request: Request, serve: Serve) -> Answer:
    """Every answer names the link of the last session in a header."""
    answer = serve(request)
    last = last_of(request, answer, "H5Link")
    return answer.having(x_last=last) if last else answer


@fault("AFC205")
def session_in_a_401(request: Request, serve: Serve) -> Answer:
    """A 401 holds a session."""
    answer = serve(request)
    return answer.saying(session({})) if answer.status == 401 else answer


@fault("AFC205")
def session_in_a_400(request: Request, serve: Serve) -> Answer:
    """A 400 holds a session beside the error."""
    answer = serve(request)
    return answer.saying({"error": "bad", "data": session({})}) if answer.status == 400 else answer
