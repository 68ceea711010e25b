"""What was said of documents is found again by its place, and from what stands within."""

from __future__ import annotations

from openapi.errors import ContractError, Notice, Place
from openapi.told import Told


def test_what_was_said_is_found_at_its_place_and_from_within_in_the_same_file_alone() -> None:
    told = Told([Notice("warning", "c", "first", Place("a", "/x", 1))])
    told.add([ContractError("second", Place("a", "/x/y")), ContractError("nowhere", None)])
    assert [told.has(*spot) for spot in (("a", "/x"), ("a", "/x/y"), ("a", ""), ("b", "/x"))] == [
        True,
        True,
        False,
        False,
    ]
    assert list(told.around(Place("a", "/x/y/z"))) == ["second", "first"]
    assert list(told.around(Place("a", "/xy"))) == []
