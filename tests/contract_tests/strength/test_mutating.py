"""What makes mutants: changes in one place, operators, rules that excuse, the document that forbids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.strength.answers import Answer, at, leaves, objects, without
from contract_tests.strength.equivalents import RULES, Trial, excuse
from contract_tests.strength.forbidding import forbidden
from contract_tests.strength.measuring import FLAKY, mutants_of
from contract_tests.strength.mutating import OPERATORS, Kind, Mutation, firmest, kinds_of, operator
from contract_tests.strength.rehearsing import Rehearsal
from openapi.contract import packaged_contract
from openapi.samples import MISSING
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json

VALUE: Json = {"a": {"b": [1, {"c": "x"}]}, "d": None}


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    return Rehearsal(packaged_contract())


def kind(rehearsal: Rehearsal, name: str) -> Kind:
    return next(one for one in kinds_of(rehearsal.right) if one.id == name)


# --- values -----------------------------------------------------------------------------------------------------------


def test_every_place_of_a_value_is_found() -> None:
    assert [pointer for pointer, _ in leaves(VALUE)] == ["/a", "/a/b", "/a/b/0", "/a/b/1", "/a/b/1/c", "/d"]
    assert [pointer for pointer, _ in objects(VALUE)] == ["", "/a", "/a/b/1"]


def test_one_place_is_changed_and_nothing_beside_it() -> None:
    assert at(VALUE, "/a/b/1/c", lambda item: f"{item}!") == {"a": {"b": [1, {"c": "x!"}]}, "d": None}
    assert at(VALUE, "/a/x", lambda _: 7) == VALUE
    assert without(VALUE, "/a/b/0") == {"a": {"b": [{"c": "x"}]}, "d": None}
    assert without(VALUE, "/d") == {"a": {"b": [1, {"c": "x"}]}}


def test_headers_are_replaced_added_and_removed_in_any_case() -> None:
    answer = Answer(200, (("Content-Type", "text/plain"), ("Allow", "GET")))
    assert answer.having("content-type", "x").headers == (("Content-Type", "x"), ("Allow", "GET"))
    assert answer.having("ALLOW", None).headers == (("Content-Type", "text/plain"),)
    assert answer.having("X", "y").header("x") == "y"
    assert Answer(200, body=b"{").value is MISSING


# --- operators --------------------------------------------------------------------------------------------------------


def test_an_operator_of_a_known_name_is_refused() -> None:
    def function(_: Kind) -> Iterator[Mutation]:
        """A sentence."""
        yield from ()

    known = len(OPERATORS)
    with pytest.raises(ValueError, match="two operators 'drop'"):
        operator("drop")(function)
    assert len(OPERATORS) == known


def test_every_operator_and_every_rule_has_a_sentence() -> None:
    sentences = [*(one.sentence for one in OPERATORS), *(one.sentence for one in RULES)]
    assert all(sentence.endswith(".") for sentence in sentences)


CHANGED = {
    "createVisualValidateSession/200/drop/H5Link": {"BytedToken", "CallbackURL"},
    "createVisualValidateSession/200/mis-case/BytedToken": {"bytedToken", "CallbackURL", "H5Link"},
    "createVisualValidateSession/200/wrap/upstream": {"ResponseMetadata", "Result"},
    "createVisualValidateSession/200/extra/body": {"BytedToken", "CallbackURL", "H5Link", "Extra"},
    "createVisualValidateSession/401/drop/error/code": {"error"},
}


@pytest.mark.parametrize(("name", "members"), CHANGED.items())
def test_a_mutant_changes_what_its_id_says(name: str, members: set[str], rehearsal: Rehearsal) -> None:
    mutant = next(one for one in mutants_of(rehearsal) if one.id == name)
    moment = mutant.kind.moments[-1]
    changed = mutant.plant(moment).value
    assert isinstance(changed, dict)
    assert set(changed) == members
    others = [one for one in kinds_of(rehearsal.right) if one.id != mutant.kind.id]
    assert all(mutant.plant(one.moments[0]) is one.moments[0].seen.answer for one in others)


def test_a_flaky_mutant_is_wrong_in_every_third_answer(rehearsal: Rehearsal) -> None:
    mutant = next(
        one for one in mutants_of(rehearsal) if one.id.startswith("createVisualValidateSession/200/flaky/drop")
    )
    wrong = [moment.number for moment in mutant.kind.moments if mutant.plant(moment) != moment.seen.answer]
    assert wrong == [number for number in range(len(mutant.kind.moments)) if number % 3 == 2]


def test_a_borrowed_value_is_that_of_the_first_or_of_the_answer_before(rehearsal: Rehearsal) -> None:
    found = {one.id: one for one in mutants_of(rehearsal)}
    moments = found["createVisualValidateSession/200/constant/BytedToken"].kind.moments
    tokens = [dict(leaves(moment.seen.answer.value))["/BytedToken"] for moment in moments]

    def given(name: str) -> list[Json]:
        mutant = found[f"createVisualValidateSession/200/{name}/BytedToken"]
        return [dict(leaves(mutant.plant(moment).value))["/BytedToken"] for moment in moments]

    assert given("constant") == [tokens[0]] * len(tokens)
    assert given("previous") == [tokens[0], *tokens[:-1]]


# --- what is wrong, and what is not -----------------------------------------------------------------------------------


def test_the_firmest_of_some_bases_counts() -> None:
    assert firmest(["assumed", "prose", "elsewhere", ""]) == "prose"
    assert firmest(["asked", "observed"]) == "asked"
    assert firmest([]) == ""


FORBIDDEN = {
    "a status": (Answer(201, (("Content-Type", "application/json"),), b"{}"), "documented"),
    "no media type": (Answer(200, (), b"{}"), "documented"),
    "no JSON": (Answer(200, (("Content-Type", "application/json"),), b"{"), "documented"),
    "a type": (Answer(200, (("Content-Type", "application/json"),), b'{"BytedToken": 1, "H5Link": "x"}'), "documented"),
    "a member": (Answer(200, (("Content-Type", "application/json"),), b"{}"), "example"),
    "a challenge": (Answer(401, (("Content-Type", "application/json"),), b"{}"), "rfc"),
    "nothing": (Answer(500, error="broken"), ""),
}


@pytest.mark.parametrize(("answer", "basis"), FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_the_document_says_by_itself_what_it_forbids(answer: Answer, basis: str, rehearsal: Rehearsal) -> None:
    assert forbidden(kind(rehearsal, "createVisualValidateSession/200"), [answer]) == basis


def trial(of: Kind, name: str, right: Answer, wrong: Answer, clause: str = "body", basis: str = "") -> Trial:
    mutation = Mutation("x", clause, basis, lambda answer, _: answer)
    return Trial(of, name, mutation, ((right, wrong),), forbidden(of, [wrong]))


def test_an_answer_that_was_not_changed_is_right(rehearsal: Rehearsal) -> None:
    of = kind(rehearsal, "createVisualValidateSession/200")
    right = of.seen[0].answer
    assert excuse(trial(of, "drop", right, right)) == "unchanged"


def test_an_error_has_its_own_words_but_not_its_own_schema(rehearsal: Rehearsal) -> None:
    of = kind(rehearsal, "createVisualValidateSession/401")
    right = of.seen[0].answer
    other: Json = {"error": {"message": "no", "type": "x", "code": "y", "more": 1}}
    assert excuse(trial(of, "rename", right, right.saying(other))) == "open-error"
    assert excuse(trial(of, "rename", right, right.saying({"error": "no"}))) == ""


def test_a_link_may_have_anything_inside_as_long_as_it_is_one(rehearsal: Rehearsal) -> None:
    of = kind(rehearsal, "createVisualValidateSession/200")
    right = of.seen[0].answer

    def linked(link: str) -> Answer:
        return right.saying(at(right.value, "/H5Link", lambda _: link))

    assert excuse(trial(of, "truncate", right, linked("https://x.example/?pl=a"), "/H5Link", "example")) == "opaque"
    assert excuse(trial(of, "truncate", right, linked("http://x.example/?pl=a"), "/H5Link", "example")) == ""
    assert excuse(trial(of, "truncate", right, linked("https://x.example/?pl="), "/H5Link", "example")) == ""


def test_a_member_more_is_wrong_unless_the_schema_says_that_there_may_be_any() -> None:
    named: dict[str, Json] = {"type": "object", "properties": {"id": {"type": "string", "example": "x"}}}
    for schema, expected in ((named, ""), ({**named, "additionalProperties": True}, "explicitly-open")):
        responses: Json = {"200": {"description": "x", "content": {"application/json": {"schema": schema}}}}
        made = Rehearsal(contract(operation_tree({"operationId": "read", "responses": responses})))
        (mutant,) = [one for one in mutants_of(made) if one.id == "read/200/extra/body"]
        assert mutant.equivalent == expected


def test_the_manual_has_every_operator_and_every_rule_in_the_same_words() -> None:
    page = (Path(__file__).parents[3] / "docs" / "strength.md").read_text(encoding="utf-8")
    lines = [f"| `{one.name}` | {one.sentence} |" for one in [*OPERATORS, FLAKY]]
    lines += [f"| `{one.name}` | {one.sentence} | {one.source} |" for one in RULES]
    assert [line for line in lines if line not in page.splitlines()] == []
