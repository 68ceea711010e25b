"""JSON pointers escape, come back, and lead outwards."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openapi.pointers import child, parents, tokens


@given(st.lists(st.text()))
def test_any_names_come_back_from_a_pointer(names: list[str]) -> None:
    assert tokens(child("", *names)) == names


@given(st.lists(st.text(), max_size=5))
def test_parents_lead_from_the_pointer_to_the_root(names: list[str]) -> None:
    found = list(parents(child("", *names)))
    assert found == [child("", *names[:length]) for length in range(len(names), -1, -1)]


def test_index_is_written_as_a_number() -> None:
    assert child("/tags", 0, "a/b~c") == "/tags/0/a~1b~0c"
