"""Faults in the body of a 200: members that are missing, renamed, of another type or shape, reused or changed."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from tests.wrong_servers.faults import (
    ACCEPTED,
    BLANK,
    CHARSET,
    EMPTY,
    FIRST,
    LONG,
    LOWER,
    NON_ASCII,
    NONE,
    ODD,
    UNKNOWN,
    WITH_BODY,
    fault,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_servers.server import Answer, Request, Serve

SHAPE = (*ACCEPTED, "AFC303")
"""A token without the shape of the example breaks the pattern in every answer, and the invariant."""

EXAMPLE = "https://example.com/callback"


def in_session(answer: Answer, change: Callable[[dict[str, Any]], object]) -> Answer:
    """Change the body of a 200; a change that returns something replaces it."""
    if answer.status != 200:
        return answer
    body = answer.value()
    made = change(body)
    return answer.saying(body if made is None else made)


def with_token(answer: Answer, change: Callable[[str], object]) -> Answer:
    return in_session(answer, lambda body: {**body, "BytedToken": change(body["BytedToken"])})


def with_link(answer: Answer, change: Callable[[str], object]) -> Answer:
    return in_session(answer, lambda body: {**body, "H5Link": change(body["H5Link"])})


def with_callback(answer: Answer, change: Callable[[str], object]) -> Answer:
    return in_session(
        answer, lambda body: {**body, "CallbackURL": change(body["CallbackURL"])} if "CallbackURL" in body else body
    )


# --- the whole --------------------------------------------------------------------------------------------------------


@fault(*ACCEPTED, "AFC208", "AFC301")
def empty_object(request: Request, serve: Serve) -> Answer:
    """A 200 holds nothing."""
    return in_session(serve(request), lambda _: {})


@fault(*ACCEPTED, "AFC208", "AFC301")
def no_body_at_all(request: Request, serve: Serve) -> Answer:
    """A 200 has no body."""
    answer = serve(request)
    return replace(answer, body=b"") if answer.status == 200 else answer


@fault(*ACCEPTED, "AFC207", "AFC208", "AFC301")
def wrapped(request: Request, serve: Serve) -> Answer:
    """The session stands in the envelope of the upstream."""
    return in_session(serve(request), lambda body: {"ResponseMetadata": {"RequestId": "x"}, "Result": body})


@fault(*ACCEPTED, "AFC207", "AFC208", "AFC301")
def wrapped_in_data(request: Request, serve: Serve) -> Answer:
    """The session stands in a member "data"."""
    return in_session(serve(request), lambda body: {"data": body})


@fault(*ACCEPTED, "AFC208", "AFC301")
def array_instead_of_object(request: Request, serve: Serve) -> Answer:
    """The session is the only item of an array."""
    return in_session(serve(request), lambda body: [body])


@fault(*ACCEPTED, "AFC208", "AFC301")
def json_in_a_string(request: Request, serve: Serve) -> Answer:
    """The session is JSON inside a JSON string."""
    return in_session(serve(request), json.dumps)


@fault(*ACCEPTED, "AFC208", "AFC301")
def null_instead_of_object(request: Request, serve: Serve) -> Answer:
    """The session is null."""
    answer = serve(request)
    return answer.saying(None) if answer.status == 200 else answer


@fault(*ACCEPTED, "AFC207", "AFC208", "AFC301")
def error_in_a_200(request: Request, serve: Serve) -> Answer:
    """A 200 holds an error instead of a session."""
    return in_session(serve(request), lambda _: {"error": {"message": "busy", "type": "x", "code": "x"}})


@fault("AFC207")
def extra_member(request: Request, serve: Serve) -> Answer:
    """A 200 has a member that the document does not name."""
    return in_session(serve(request), lambda body: body.update(RequestId="x"))


@fault("AFC207")
def unknown_property_comes_back(request: Request, serve: Serve) -> Answer:
    """Whatever the request holds comes back in the answer."""
    asked = request.value()
    return in_session(serve(request), lambda body: {**asked, **body} if isinstance(asked, dict) else body)


@fault(*ACCEPTED, "AFC207", "AFC208", "AFC301")
def snake_case(request: Request, serve: Serve) -> Answer:
    """All members are written in snake_case."""
    names = {"BytedToken": "byted_token", "CallbackURL": "callback_url", "H5Link": "h5_link"}
    return in_session(serve(request), lambda body: {names[name]: text for name, text in body.items()})


# --- BytedToken -------------------------------------------------------------------------------------------------------


@fault(*ACCEPTED, "AFC208")
def token_missing(request: Request, serve: Serve) -> Answer:
    """There is no BytedToken."""
    return in_session(serve(request), lambda body: {name: body[name] for name in body if name != "BytedToken"})


@fault(NONE, EMPTY, "AFC208")
def token_missing_without_callback(request: Request, serve: Serve) -> Answer:
    """There is no BytedToken where no CallbackURL was sent."""
    return in_session(
        serve(request), lambda body: {name: body[name] for name in body if name == "H5Link" or "CallbackURL" in body}
    )


@fault(*ACCEPTED, "AFC207", "AFC208")
def token_renamed(request: Request, serve: Serve) -> Answer:
    """BytedToken is called Token."""
    return in_session(serve(request), lambda body: body.update(Token=body.pop("BytedToken")))


@fault(*ACCEPTED, "AFC207", "AFC208")
def token_mis_cased(request: Request, serve: Serve) -> Answer:
    """BytedToken is called bytedToken."""
    return in_session(serve(request), lambda body: body.update(bytedToken=body.pop("BytedToken")))


@fault(*ACCEPTED)
def token_null(request: Request, serve: Serve) -> Answer:
    """BytedToken is null."""
    return with_token(serve(request), lambda _: None)


@fault(*SHAPE, "AFC304")
def token_empty(request: Request, serve: Serve) -> Answer:
    """BytedToken is an empty text."""
    return with_token(serve(request), lambda _: "")


@fault(*ACCEPTED)
def token_number(request: Request, serve: Serve) -> Answer:
    """BytedToken is a number."""
    return with_token(serve(request), lambda token: int(token[:14]))


@fault(*ACCEPTED)
def token_object(request: Request, serve: Serve) -> Answer:
    """BytedToken is an object."""
    return with_token(serve(request), lambda token: {"value": token})


@fault(*SHAPE)
def token_lower_case(request: Request, serve: Serve) -> Answer:
    """BytedToken has lower-case hexadecimal digits."""
    return with_token(serve(request), lambda token: token[:14] + "a" + token[15:].lower())


@fault(*SHAPE)
def token_too_short(request: Request, serve: Serve) -> Answer:
    """BytedToken has 33 characters."""
    return with_token(serve(request), lambda token: token[:-1])


@fault(*SHAPE)
def token_too_long(request: Request, serve: Serve) -> Answer:
    """BytedToken has 35 characters."""
    return with_token(serve(request), lambda token: token + "0")


@fault(*SHAPE)
def token_with_line_end(request: Request, serve: Serve) -> Answer:
    """BytedToken ends with a line end."""
    return with_token(serve(request), lambda token: token + "\n")


@fault(*SHAPE)
def token_is_a_uuid(request: Request, serve: Serve) -> Answer:
    """BytedToken is a UUID."""
    return with_token(serve(request), lambda token: re.sub("(.{8})(.{4})", r"ABCDEF01-\2-4", token[10:], count=1))


@fault(*SHAPE)
def token_not_hexadecimal(request: Request, serve: Serve) -> Answer:
    """BytedToken has letters beyond F."""
    return with_token(serve(request), lambda token: token[:-1] + "Z")


@fault("AFC304")
def token_constant(request: Request, serve: Serve) -> Answer:
    """BytedToken is always the first one."""
    return with_token(serve(request), lambda token: request.memory.setdefault("token", token))


@fault("AFC304", "AFC305")
def token_of_the_example(request: Request, serve: Serve) -> Answer:
    """BytedToken is that of the document's example."""
    return with_token(serve(request), lambda _: "2026070222152680501D985EA34A3BE3D8")


@fault("AFC304")
def token_per_callback(request: Request, serve: Serve) -> Answer:
    """BytedToken is the same for the same CallbackURL."""
    return in_session(
        serve(request),
        lambda body: body.update(
            BytedToken=request.memory.setdefault(str(body.get("CallbackURL")), body["BytedToken"])
        ),
    )


@fault("AFC304")
def token_of_the_second(request: Request, serve: Serve) -> Answer:
    """BytedToken has a constant random part, so that it is new with every second only."""
    return with_token(serve(request), lambda token: token[:14] + "0" * 20)


@fault("AFC304")
def token_for_every_second_caller(request: Request, serve: Serve) -> Answer:
    """Two calls after one another get the same BytedToken."""

    def every_second(token: str) -> str:
        kept: str | None = request.memory.pop("token", None)
        if kept is None:
            request.memory["token"] = token
        return kept or token

    return with_token(serve(request), every_second)


def _dated(token: str, moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}{token[14:]}"


@fault("AFC305")
def token_stale(request: Request, serve: Serve) -> Answer:
    """BytedToken is dated a day ago."""
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    return with_token(serve(request), lambda token: _dated(token, yesterday))


@fault("AFC305")
def token_from_the_future(request: Request, serve: Serve) -> Answer:
    """BytedToken is dated next year."""
    later = datetime.now(timezone.utc) + timedelta(days=365)
    return with_token(serve(request), lambda token: _dated(token, later))


@fault("AFC305")
def token_of_another_zone(request: Request, serve: Serve) -> Answer:
    """BytedToken is dated in UTC-5."""
    there = datetime.now(timezone.utc) - timedelta(hours=5)
    return with_token(serve(request), lambda token: _dated(token, there))


@fault("AFC305")
def token_without_a_date(request: Request, serve: Serve) -> Answer:
    """BytedToken begins with 14 digits that are no time."""
    return with_token(serve(request), lambda token: "99999999999999" + token[14:])


@fault("AFC305")
def token_dated_by_the_epoch(request: Request, serve: Serve) -> Answer:
    """BytedToken begins with seconds since 1970."""
    seconds = int(datetime.now(timezone.utc).timestamp())
    return with_token(serve(request), lambda token: f"{seconds:014d}{token[14:]}")


# --- H5Link -----------------------------------------------------------------------------------------------------------


@fault(*ACCEPTED, "AFC208")
def link_missing(request: Request, serve: Serve) -> Answer:
    """There is no H5Link."""
    return in_session(serve(request), lambda body: {name: body[name] for name in body if name != "H5Link"})


@fault(*ACCEPTED, "AFC207", "AFC208")
def link_mis_cased(request: Request, serve: Serve) -> Answer:
    """H5Link is called h5Link."""
    return in_session(serve(request), lambda body: body.update(h5Link=body.pop("H5Link")))


@fault(*ACCEPTED)
def link_null(request: Request, serve: Serve) -> Answer:
    """H5Link is null."""
    return with_link(serve(request), lambda _: None)


@fault(*ACCEPTED)
def link_object(request: Request, serve: Serve) -> Answer:
    """H5Link is an object with the URL in it."""
    return with_link(serve(request), lambda link: {"url": link})


@fault(*ACCEPTED)
def link_array(request: Request, serve: Serve) -> Answer:
    """H5Link is an array with the URL in it."""
    return with_link(serve(request), lambda link: [link])


@fault(*ACCEPTED, "AFC306", "AFC307")
def link_empty(request: Request, serve: Serve) -> Answer:
    """H5Link is an empty text."""
    return with_link(serve(request), lambda _: "")


@fault(*ACCEPTED, "AFC306")
def link_relative(request: Request, serve: Serve) -> Answer:
    """H5Link is a path without a host."""
    return with_link(serve(request), lambda link: link.removeprefix("https://www.byteplus.com"))


@fault(*ACCEPTED, "AFC306")
def link_without_scheme(request: Request, serve: Serve) -> Answer:
    """H5Link begins with two slashes."""
    return with_link(serve(request), lambda link: link.removeprefix("https:"))


@fault("AFC306")
def link_http(request: Request, serve: Serve) -> Answer:
    """H5Link is http, and does not lead back to the server."""
    return with_link(serve(request), lambda link: link.replace("https:", "http:"))


@fault("AFC306")
def link_http_to_another_port(request: Request, serve: Serve) -> Answer:
    """H5Link is http and leads to another port of this machine."""
    return with_link(serve(request), lambda link: f"http://127.0.0.1:1/h5?{urlsplit(link).query}")


@fault(*ACCEPTED, "AFC306")
def link_of_an_app(request: Request, serve: Serve) -> Answer:
    """H5Link has a scheme that only an app opens."""
    return with_link(serve(request), lambda link: link.replace("https:", "byteplus:"))


@fault(*ACCEPTED, "AFC306", "AFC307")
def link_without_query(request: Request, serve: Serve) -> Answer:
    """H5Link has no query, so that it leads to no session."""
    return with_link(serve(request), lambda link: link.partition("?")[0])


@fault("AFC306", "AFC307")
def link_with_empty_query(request: Request, serve: Serve) -> Answer:
    """H5Link has a query parameter without a value."""
    return with_link(serve(request), lambda link: link.partition("=")[0] + "=")


@fault(*ACCEPTED, "AFC306", "AFC307")
def link_with_query_in_the_fragment(request: Request, serve: Serve) -> Answer:
    """H5Link has its query behind a '#', where no server sees it."""
    return with_link(serve(request), lambda link: link.partition("?")[0] + "#?pl=x")


@fault(*ACCEPTED, "AFC306")
def link_with_spaces(request: Request, serve: Serve) -> Answer:
    """H5Link has a space in it."""
    return with_link(serve(request), lambda link: link.replace("?", "?a b&"))


@fault(*ACCEPTED, "AFC306")
def link_not_a_url(request: Request, serve: Serve) -> Answer:
    """H5Link is text that is no URL."""
    return with_link(serve(request), lambda link: f"not a url {link[-20:]}")


@fault("AFC306")
def link_not_filled_in(request: Request, serve: Serve) -> Answer:
    """H5Link has "undefined" where another parameter should have a value."""
    return with_link(serve(request), lambda link: f"{link}&uid=undefined")


@fault("AFC306")
def link_of_a_template(request: Request, serve: Serve) -> Answer:
    """H5Link has a place of a template in it."""
    return with_link(serve(request), lambda link: f"{link}&lng=%7B%7Blanguage%7D%7D")


@fault("AFC306")
def link_escaped_for_html(request: Request, serve: Serve) -> Answer:
    """H5Link is escaped for HTML."""
    return with_link(serve(request), lambda link: f"{link}&amp;uid=x")


@fault("AFC306")
def link_with_two_schemes(request: Request, serve: Serve) -> Answer:
    """H5Link begins with https:// twice, so that its host is "https"."""
    return with_link(serve(request), lambda link: f"https://{link}")


@fault("AFC306")
def link_with_a_login(request: Request, serve: Serve) -> Answer:
    """H5Link has a name and a password in it."""
    return with_link(serve(request), lambda link: link.replace("https://", "https://admin:secret@"))


@fault("AFC307")
def link_constant(request: Request, serve: Serve) -> Answer:
    """H5Link is the same for every session."""
    return with_link(serve(request), lambda link: request.memory.setdefault("link", link))


@fault("AFC307")
def link_of_the_example(request: Request, serve: Serve) -> Answer:
    """H5Link is that of the document's example, dots and all."""
    return with_link(serve(request), lambda link: link.partition("=")[0] + "=...")


# --- CallbackURL ------------------------------------------------------------------------------------------------------


@fault("AFC301")
def callback_dropped(request: Request, serve: Serve) -> Answer:
    """CallbackURL does not come back."""
    return in_session(serve(request), lambda body: {name: body[name] for name in body if name != "CallbackURL"})


@fault("AFC207", "AFC301")
def callback_renamed(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back as CallbackUrl."""
    return in_session(
        serve(request),
        lambda body: body.update({"CallbackUrl": body.pop("CallbackURL")}) if "CallbackURL" in body else None,
    )


@fault(*WITH_BODY[:1], *WITH_BODY[2:], "AFC301")
def callback_null(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back as null."""
    return with_callback(serve(request), lambda _: None)


@fault(NONE, EMPTY, "AFC302")
def callback_null_when_none_was_sent(request: Request, serve: Serve) -> Answer:
    """CallbackURL is null when none was sent; the document says: a string."""
    return in_session(serve(request), lambda body: {"CallbackURL": None, **body})


@fault("AFC302")
def callback_empty_when_none_was_sent(request: Request, serve: Serve) -> Answer:
    """CallbackURL is an empty text when none was sent."""
    return in_session(serve(request), lambda body: {"CallbackURL": "", **body})


@fault("AFC302")
def callback_made_up(request: Request, serve: Serve) -> Answer:
    """CallbackURL is the document's example when none was sent."""
    return in_session(serve(request), lambda body: {"CallbackURL": EXAMPLE, **body})


@fault("AFC301", "AFC302")
def callback_of_the_example(request: Request, serve: Serve) -> Answer:
    """CallbackURL is always the document's example."""
    return in_session(serve(request), lambda body: body.update(CallbackURL=EXAMPLE))


@fault("AFC301", "AFC302")
def callback_of_the_previous_caller(request: Request, serve: Serve) -> Answer:
    """CallbackURL is that of the call before."""

    def previous(body: dict[str, Any]) -> dict[str, Any]:
        kept = request.memory.get("url", EXAMPLE)
        request.memory["url"] = body.get("CallbackURL", kept)
        return {**body, "CallbackURL": kept}

    return in_session(serve(request), previous)


@fault("AFC302")
def callback_of_the_previous_caller_when_none_was_sent(request: Request, serve: Serve) -> Answer:
    """CallbackURL is that of the call before when none was sent."""

    def previous(body: dict[str, Any]) -> dict[str, Any]:
        if "CallbackURL" in body:
            request.memory["url"] = body["CallbackURL"]
        return {**body, "CallbackURL": request.memory["url"]} if "url" in request.memory else body

    return in_session(serve(request), previous)


@fault("AFC301")
def callback_of_the_first_caller(request: Request, serve: Serve) -> Answer:
    """CallbackURL is that of the first call."""
    return with_callback(serve(request), lambda url: request.memory.setdefault("url", url))


@fault("AFC301")
def callback_percent_decoded(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back percent-decoded."""
    return with_callback(serve(request), unquote)


@fault("AFC301")
def callback_percent_encoded(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back with what is not ASCII percent-encoded."""
    return with_callback(serve(request), lambda url: quote(url, safe=":/?#[]@!$&'()*+,;=%~"))


@fault("AFC301")
def callback_lower_cased(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back in lower case."""
    return with_callback(serve(request), str.lower)


@fault("AFC301")
def callback_host_lower_cased(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back normalised as browsers do: the host in lower case."""
    return with_callback(serve(request), lambda url: re.sub("//[^/?#]*", lambda host: host[0].lower(), url, count=1))


@fault("AFC301")
def callback_with_slash(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back with a slash at its end."""
    return with_callback(serve(request), lambda url: url.rstrip("/") + "/" if url else url)


@fault("AFC301")
def callback_cut_at_255(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back cut to 255 characters."""
    return with_callback(serve(request), lambda url: url[:255])


@fault("AFC301")
def callback_cut_at_2048(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back cut to 2,048 characters."""
    return with_callback(serve(request), lambda url: url[:2048])


@fault("AFC301")
def callback_escaped_for_html(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back escaped for HTML."""
    return with_callback(serve(request), html.escape)


@fault("AFC301")
def callback_decoded_as_latin_1(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back with its UTF-8 read as Latin-1."""
    return with_callback(serve(request), lambda url: url.encode().decode("latin-1"))


@fault("AFC301")
def callback_with_question_marks(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back with '?' for what is not ASCII."""
    return with_callback(serve(request), lambda url: url.encode("ascii", "replace").decode())


@fault("AFC301")
def callback_without_emoji(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back without what needs four bytes, as a database of three-byte characters leaves it."""
    return with_callback(serve(request), lambda url: re.sub("[\U00010000-\U0010ffff]", "", url))


@fault("AFC301")
def callback_composed(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back with its characters composed (Unicode NFC)."""
    return with_callback(serve(request), lambda url: unicodedata.normalize("NFC", url))


@fault("AFC301")
def callback_escaped_twice(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back with a backslash before each quotation mark."""
    return with_callback(serve(request), lambda url: url.replace("\\", "\\\\").replace('"', '\\"'))


@fault(NON_ASCII, "AFC208", "AFC301")
def callback_not_escaped(request: Request, serve: Serve) -> Answer:
    """A session is put together as text, so that a quotation mark in CallbackURL ends the string."""
    answer = serve(request)
    if answer.status != 200 or "CallbackURL" not in answer.value():
        return answer
    session = answer.value()
    text = ", ".join(f'"{name}": "{value}"' for name, value in session.items())
    return replace(answer, body=f"{{{text}}}".encode())


@fault("AFC301")
def callback_without_fragment(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back without its fragment."""
    return with_callback(serve(request), lambda url: url.partition("#")[0])


@fault("AFC301")
def callback_without_query(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back without its query."""
    return with_callback(serve(request), lambda url: url.partition("?")[0])


@fault("AFC301")
def callback_with_sorted_query(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back with its query sorted."""
    return with_callback(
        serve(request),
        lambda url: urlsplit(url)._replace(query="&".join(sorted(urlsplit(url).query.split("&")))).geturl(),
    )


@fault("AFC301")
def callback_made_https(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back as https where http was sent."""
    return with_callback(serve(request), lambda url: url.replace("http://", "https://", 1))


@fault("AFC301")
def callback_with_token(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back with the token appended."""
    return in_session(
        serve(request),
        lambda body: (
            {**body, "CallbackURL": f"{body['CallbackURL']}?bytedToken={body['BytedToken']}"}
            if "CallbackURL" in body
            else body
        ),
    )


@fault(FIRST, NON_ASCII, ODD, LONG, BLANK, UNKNOWN, CHARSET, LOWER, "AFC301")
def callback_as_object(request: Request, serve: Serve) -> Answer:
    """CallbackURL comes back as an object."""
    return with_callback(serve(request), lambda url: {"url": url})
