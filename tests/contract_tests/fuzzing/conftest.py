"""What is generated here depends on the seed and on the version of hypothesis alone."""

from __future__ import annotations

import pytest
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants


@pytest.fixture(autouse=True)
def no_constants_of_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep hypothesis from drawing constants of whatever modules are loaded: any change of them would change a test."""
    nothing = Constants()
    monkeypatch.setattr(providers, "_get_local_constants", lambda: nothing)
    providers.CONSTANTS_CACHE.cache.clear()
