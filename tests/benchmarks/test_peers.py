"""The servers that are compared, and the judgement of their answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.asking import CALLBACK, Answer
from benchmarks.installing import Npm
from benchmarks.peers import OURS, PEERS, Peer, chosen
from benchmarks.running import DOCUMENT, SERVERS

TOKENS = ("2026070222152680501D985EA34A3BE3D8", "2026070222152680501D985EA34A3BE3D9")
LINK = "https://example.com/link"


def peer(name: str) -> Peer:
    return next(one for one in PEERS if one.name == name)


def session(token: object, **members: object) -> Answer:
    body = {"BytedToken": token, "CallbackURL": CALLBACK, "H5Link": LINK, **members}
    return Answer(200, json.dumps(body).encode())


def test_two_sessions_with_different_tokens_are_right() -> None:
    assert OURS.fault(session(TOKENS[0]), session(TOKENS[1])) == ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Answer(0), Answer(0)),
        (Answer(200, b"{"), Answer(200, b"[]")),
        (Answer(401, session(TOKENS[0]).body), Answer(401, session(TOKENS[1]).body)),
        (session(TOKENS[0]), session(TOKENS[0])),
        (session(TOKENS[0]), session(TOKENS[1].lower())),
        (session(TOKENS[0]), session(TOKENS[1], H5Link="")),
        (session(TOKENS[0]), session(TOKENS[1], CallbackURL="https://other.example/")),
    ],
)
def test_wrong_answers_have_no_speed(first: Answer, second: Answer) -> None:
    assert OURS.fault(first, second)


def test_constant_example_is_right_for_those_who_answer_from_the_document() -> None:
    example = session(TOKENS[0])
    assert peer("prism").fault(example, example) == ""
    assert peer("prism").fault(example, session(TOKENS[1]))
    assert peer("prism").fault(Answer(0), example)


def test_any_texts_are_right_for_who_makes_values_up() -> None:
    assert peer("specmatic").fault(session("ABCDE"), session("FGHIJ")) == ""
    assert peer("specmatic").fault(session("ABCDE"), session(5))
    assert peer("specmatic").fault(Answer(500, session("ABCDE").body), session("FGHIJ"))


def test_servers_are_chosen_by_name_in_the_order_of_the_table() -> None:
    assert chosen("") == list(PEERS)
    assert [one.name for one in chosen("bare-wsgi, prism")] == ["prism", "bare-wsgi"]
    with pytest.raises(ValueError, match=r"no server is called prisms; there are anyfast-mockserver, prism, "):
        chosen("prisms,scalar")


@pytest.mark.parametrize("one", PEERS, ids=lambda one: one.name)
def test_command_names_only_what_there_is(one: Peer) -> None:
    places = {"installed": "/i", "python": "/p", "document": str(DOCUMENT), "servers": str(SERVERS), "port": 1}
    words = [word.format_map(places) for word in (*one.command, *(value for _, value in one.environment))]
    for word in words:
        assert not word.startswith(str(SERVERS)) or Path(word).exists()
    if isinstance(one.source, Npm):
        assert one.version in one.source.packages.values()
        assert one.source.script is None or f"/i/{one.source.script.name}" in words


@pytest.mark.parametrize("script", sorted(SERVERS.glob("*.mjs")), ids=lambda path: path.name)
def test_script_of_a_peer_is_used_by_one(script: Path) -> None:
    assert [one.name for one in PEERS if isinstance(one.source, Npm) and one.source.script == script]
