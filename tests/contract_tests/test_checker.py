"""What a broken item says of itself: no part of the key, however long the text before it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from contract_tests.checker import Checker
from contract_tests.targets import Target

if TYPE_CHECKING:
    from contract_tests.cases import Case
    from contract_tests.run import Run
    from contract_tests.walk import Walk

KEY = "sk-Zq7xKw3vJm9pRt5y"


class Broken:
    target = Target("http://127.0.0.1:9", KEY)

    def check_case(self, _: object) -> None:
        raise LookupError("." * 190 + KEY)


def test_a_bug_is_told_of_without_any_part_of_the_key() -> None:
    node = SimpleNamespace(user_properties=[])
    checker = Checker(cast("Run", Broken()), cast("Walk", None), cast("pytest.Item", node))
    with pytest.raises(pytest.fail.Exception) as failed:
        checker.case(cast("Case", None))
    ((kind, noted),) = node.user_properties
    assert (kind, noted) == ("contract-broken", f"LookupError: {'.' * 190}$ANYFAST_A")
    assert KEY[:8] not in f"{noted}{failed.value}"
